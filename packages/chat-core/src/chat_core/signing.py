"""Signed approvals: proof that a decision is about the call that was shown, at the place where it was shown.

Law: a token binds the tool's name, the fingerprint of its schema, the arguments, the place in the conversation with
the name that a journal knows it by, and an end. Whoever changes one of them needs another token. The key shows nowhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat_core.codec.wire import dump
from chat_core.errors import ConfigurationError, DecisionRefused
from chat_core.history import dump as saved

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chat_core.jsonvalue import JSON
    from chat_core.messages import Message
    from chat_core.parts import ToolCall
    from chat_core.tools import Tool

WEEK = 7 * 24 * 3600.0
SHORTEST = 16
"""Fewest bytes that a key may have."""
_VERSION = "1"


class Signer:
    """Makes and checks the tokens of paused calls; safe to share between threads and tasks."""

    def __init__(self, key: bytes | str, *older: bytes | str, lifetime: float = WEEK) -> None:
        """Take the key to sign with.

        Args:
            key: a secret of at least 16 bytes, such as `secrets.token_bytes(32)`; the same in every process.
            older: keys whose tokens are still taken, while the key is being changed.
            lifetime: seconds for which a token is good.

        Raises:
            ConfigurationError: a key is too short.
        """
        self._keys = [item.encode() if isinstance(item, str) else item for item in (key, *older)]
        self._lifetime = lifetime
        if any(len(item) < SHORTEST for item in self._keys):
            raise ConfigurationError(f"a signing key has at least {SHORTEST} bytes: use secrets.token_bytes(32)")

    def __repr__(self) -> str:
        return "Signer(…)"

    def token(self, call: ToolCall, tool: Tool | None, place: str, now: float) -> str:
        """Sign a call that is about to be shown; `now` is in seconds since 1970."""
        end = str(int(now + self._lifetime))
        return f"{_VERSION}.{end}.{_mac(self._keys[0], call, tool, place, end)}"

    def check(self, token: str | None, call: ToolCall, tool: Tool | None, place: str, now: float) -> None:
        """Require that a token was made for this call, at this place, and is still good.

        Raises:
            DecisionRefused: it was not, or is not; the message says which.
        """
        import hmac  # noqa: PLC0415 - for those who sign

        what = f"the decision about {call.name} ({call.id})"
        match (token or "").split("."):
            case [version, end, mac] if version == _VERSION and end.isascii() and end.isdigit():
                known = any(
                    hmac.compare_digest(mac, _mac(key, call, tool, place, end)) if mac.isascii() else False
                    for key in self._keys
                )
            case _:
                raise DecisionRefused(f"{what} has no valid token: pass the token of its `Pending`, as token=")
        if not known:
            raise DecisionRefused(f"{what} has the token of another call: its arguments, tool or place have changed")
        if int(end) < now:
            raise DecisionRefused(f"{what} comes too late: its token has expired; pause the turn again and ask anew")


def place_of(messages: Sequence[Message], position: int, turn: str | None = None) -> str:
    """Return the place of a call.

    Args:
        messages: what was said before its message.
        position: which of the message's calls it is.
        turn: what a journal calls the message; under another name the call could run again.
    """
    from hashlib import sha256  # noqa: PLC0415 - for those who sign

    place = f"{sha256(dump(saved(tuple(messages)))).hexdigest()}/{position}"
    return place if turn is None else f"{place}/{turn}"


def _mac(key: bytes, call: ToolCall, tool: Tool | None, place: str, end: str) -> str:
    import hmac  # noqa: PLC0415 - for those who sign
    from hashlib import sha256  # noqa: PLC0415 - as above

    schema: JSON = tool.parameters if tool is not None else None
    fingerprint = sha256(dump(schema)).hexdigest()
    bound: list[JSON] = [_VERSION, end, place, call.id, call.name, fingerprint, call.arguments, call.raw]
    return hmac.new(key, dump(bound), sha256).hexdigest()
