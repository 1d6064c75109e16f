"""From a wire request to what leaves: bytes, headers, credentials; and how secrets are kept out of errors.

Law: pure. A header of the program that may hold a secret is treated as one: it is sent, and shown nowhere.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from chat_core.codec.wire import Multipart, Outgoing, dump
from chat_core.errors import ProviderError
from chat_core.transport.redaction import HIDDEN, SHORTEST, sensitive

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from chat_core.codec.provider import Provider, Secret
    from chat_core.codec.wire import WireRequest
    from chat_core.errors import ChatError
    from chat_core.jsonvalue import JSON


def merged(*layers: Mapping[str, str]) -> dict[str, str]:
    """Merge headers, whose names ignore case; later ones win."""
    found: dict[str, tuple[str, str]] = {}
    for layer in layers:
        for name, value in layer.items():
            found[name.lower()] = name, value
    return dict(found.values())


class Sender:
    """Makes what leaves out of one wire request, attempt after attempt.

    Attributes:
        wire: the request with the program's headers, before credentials.
    """

    __slots__ = ("_body", "_private", "_provider", "wire")

    def __init__(
        self, provider: Provider, wire: WireRequest, headers: Mapping[str, str], chance: Callable[[], float]
    ) -> None:
        """Serialise the request once; `chance` makes its idempotency key."""
        self._provider = provider
        self._body, kind = _serialised(wire)
        plain = {name: value for name, value in headers.items() if not sensitive(name)}
        self._private = {name: value for name, value in headers.items() if sensitive(name)}
        own = {"content-type": kind} if kind is not None else {}
        if wire.idempotency_header is not None:
            from hashlib import sha256  # noqa: PLC0415 - loads the whole of OpenSSL

            own[wire.idempotency_header] = sha256(f"{chance()} {chance()}".encode()).hexdigest()[:32]
        self.wire = replace(wire, headers=merged(own, wire.headers, plain))

    @property
    def size(self) -> int:
        """The body's length in bytes."""
        return len(self._body)

    def outgoing(self, secret: Secret | None, wall: float, *, connect: float | None, pool: float | None) -> Outgoing:
        """Return what to send; `wall` is the time for signatures, in seconds since 1970."""
        proof: Mapping[str, str] = {}
        if secret is not None:
            proof = self._provider.authorize(self.wire, self._body, secret, datetime.fromtimestamp(wall, UTC))
        return Outgoing(
            wire=self.wire,
            body=self._body,
            headers=self.wire.headers,
            credentials=merged(proof, self._private),
            connect=connect,
            pool=pool,
        )

    def hide(self, error: ChatError, secret: Secret | None) -> None:
        """Take out of an error what the service repeated of our secrets."""
        conceal(error, [*self._private.values(), *([secret.value] if secret is not None else [])])


def conceal(error: ChatError, secrets: Iterable[str]) -> None:
    """Take secrets out of an error, also without a word such as `Bearer` before them."""
    for value in (word for text in secrets for word in {text, text.rpartition(" ")[2]} if len(word) >= SHORTEST):
        error.message = error.message.replace(value, HIDDEN)
        error.args = tuple(_hidden_text(item, value) for item in error.args)
        if isinstance(error, ProviderError):
            error.body = error.body.replace(value, HIDDEN)
            error.details = _hidden(error.details, value)
            for name in ("type", "code", "param", "request_id", "fix"):
                setattr(error, name, _hidden_text(getattr(error, name), value))


def _serialised(wire: WireRequest) -> tuple[bytes, str | None]:
    """Return the body's bytes, and its content type where the body decides it."""
    match wire.body:
        case None:
            return b"", None
        case bytes(body):
            return body, None
        case Multipart() as form:
            return _form(form)
        case body:
            return dump(body), "application/json"


def _form(form: Multipart) -> tuple[bytes, str]:
    """Spell a form; the boundary is made from the content, so that equal forms give equal bytes."""
    from hashlib import sha256  # noqa: PLC0415 - as above

    digest = sha256()
    for field in form.fields:
        digest.update(repr((field.name, field.filename, field.mime)).encode("utf-8", "backslashreplace") + field.data)
    boundary = digest.hexdigest()[:32]
    pieces: list[bytes] = []
    for field in form.fields:
        head = f'--{boundary}\r\ncontent-disposition: form-data; name="{_quoted(field.name)}"'
        if field.filename is not None:
            head += f'; filename="{_quoted(field.filename)}"'
        if field.mime is not None:
            head += f"\r\ncontent-type: {_quoted(field.mime)}"
        pieces += [head.encode("utf-8", "backslashreplace"), b"\r\n\r\n", field.data, b"\r\n"]
    return b"".join([*pieces, f"--{boundary}--\r\n".encode()]), f"multipart/form-data; boundary={boundary}"


def _quoted(text: str) -> str:
    """Write a name as the WHATWG's form encoding does."""
    return text.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")


def _hidden(value: JSON, secret: str) -> JSON:
    match value:
        case str():
            return value.replace(secret, HIDDEN)
        case list():
            return [_hidden(item, secret) for item in value]
        case dict():
            return {key.replace(secret, HIDDEN): _hidden(item, secret) for key, item in value.items()}
        case _:
            return value


def _hidden_text(value: object, secret: str) -> object:
    return value.replace(secret, HIDDEN) if isinstance(value, str) else value
