"""Encodings of long histories, kept: a turn more costs the turn, not the history.

Law: invisible. What comes out is what the provider's own `encode` gives, byte for byte, and where that is not certain
it is asked for the whole. Histories are told by the identity of their messages, which are frozen; few are kept.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import takewhile
from operator import is_
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from chat_core.codec.wire import Encoded, dump
from chat_core.errors import ChatError
from chat_core.frozen import dataclass
from chat_core.parts import ToolCall, ToolResult

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chat_core.codec.provider import Provider
    from chat_core.codec.wire import Channel, WireJSON, WireRequest
    from chat_core.messages import Message
    from chat_core.request import Request

LONG = 200
"""From how many messages on a history is kept: below, encoding all of them costs less."""

MOST = 16
"""How many histories are kept."""

MAX_BYTES = 32 * 1024 * 1024
"""How long their encodings may be, all together."""


@runtime_checkable
class Separable(Protocol):
    """A provider whose requests can be encoded in two halves."""

    def separable(self, request: Request) -> bool:
        """Tell whether messages can be spelled in two halves: the second, from a user's words on, ignores the first.

        The last member of the body is then the list of the messages, and it alone holds anything of them but for the
        leading instructions.
        """
        ...


@dataclass(frozen=True, slots=True, eq=False)
class _Kept:
    """The first messages of a history, encoded.

    Attributes:
        provider, asked, stream: what was asked of whom, but for the messages.
        messages: the messages.
        frame: the request without them, but with the leading instructions.
        data: the items of the list, without its brackets.
    """

    provider: Provider
    asked: Request
    stream: bool
    messages: tuple[Message, ...]
    frame: WireRequest
    data: bytes

    def begins(self, messages: tuple[Message, ...]) -> bool:
        """Tell whether a history begins with these very messages."""
        mine = self.messages
        return len(mine) <= len(messages) and mine[-1] is messages[len(mine) - 1] and all(map(is_, mine, messages))


class Prefixes:
    """Encodes requests, and keeps the encodings of what will come again."""

    def __init__(self, *, long: int = LONG) -> None:
        """Begin with nothing; `long` is from how many messages on a history is kept."""
        self._long = long
        self._kept: list[_Kept] = []  # replaced, never changed: threads that meet here lose an encoding at most

    def encode(self, provider: Provider, request: Request, *, channel: Channel, stream: bool) -> WireRequest:
        """Spell a request as `Provider.encode` does; raises as that does."""
        at = _last_turn(request.messages) if channel == "http" and len(request.messages) >= self._long else 0
        if at and isinstance(provider, Separable) and provider.separable(request):
            try:
                joined = self._joined(provider, request, at, stream=stream)
            except ChatError:  # of one half only, perhaps
                joined = None
            if joined is not None:
                return joined
        return provider.encode(request, channel=channel, stream=stream)

    def _joined(self, provider: Provider, request: Request, at: int, *, stream: bool) -> WireRequest | None:
        """Encode the messages from `at` on, and put what is kept of the others before them."""
        leading = tuple(takewhile(lambda message: message.role == "system", request.messages))

        def encoded(messages: tuple[Message, ...]) -> WireRequest:
            whole = replace(request, messages=(*leading, *messages))
            return provider.encode(whole, channel="http", stream=stream)

        before, asked = request.messages[:at], replace(request, messages=())
        kept = self._found(provider, asked, before, stream=stream)
        if kept is None:
            kept = _Kept(provider, asked, stream, leading, encoded(()), b"")
        if more := before[len(kept.messages) :]:
            grown = _grown(kept, encoded(more), before)
            if grown is None:
                return None
            self._keep(kept, grown)
            kept = grown
        last = encoded(request.messages[at:])
        items = _items(last, kept.frame)
        if not items or not isinstance(last.body, dict):
            return None
        *_, member = last.body
        whole = b"".join((b"[", kept.data, b",", dump(items)[1:]))
        return replace(last, body={**last.body, member: Encoded(whole)})

    def _found(
        self, provider: Provider, asked: Request, messages: tuple[Message, ...], *, stream: bool
    ) -> _Kept | None:
        for each in reversed(self._kept):
            same = each.provider is provider and each.stream == stream
            if same and each.begins(messages) and each.asked == asked:
                return each
        return None

    def _keep(self, old: _Kept, new: _Kept) -> None:
        """Keep an encoding in the place of the one that it has grown from."""
        kept = [*(each for each in self._kept if each is not old), new][-MOST:]
        while sum(len(each.data) for each in kept) > MAX_BYTES:
            del kept[0]
        self._kept = kept


def _last_turn(messages: tuple[Message, ...]) -> int:
    """Return where the last turn begins that is a user's words after words of the model; 0 when there is none."""
    for at in range(len(messages) - 1, 0, -1):
        message, before = messages[at], messages[at - 1]
        turns = message.role == "user" and before.role == "assistant" and not message.meta
        if turns and _speaks(message) and _speaks(before):
            return at
    return 0


def _speaks(message: Message) -> bool:
    """Tell whether a message has words, and neither calls nor answers tools."""
    return bool(message.text) and not any(isinstance(part, ToolCall | ToolResult) for part in message.parts)


def _grown(kept: _Kept, wire: WireRequest, messages: tuple[Message, ...]) -> _Kept | None:
    """Add the items of a request to what is kept; `None` when its messages have changed more than the list."""
    items = _items(wire, kept.frame)
    if items is None or _rest(wire, wire) != _rest(kept.frame, wire):
        return None
    first = _list(kept.frame, wire) if not kept.data else []
    data = dump([*first, *items])[1:-1] if first or items else b""
    return replace(kept, messages=messages, data=b",".join(each for each in (kept.data, data) if each))


def _items(wire: WireRequest, frame: WireRequest) -> list[WireJSON] | None:
    """Return the items of a request's list without the leading instructions; `None` when it has no such list."""
    first, items = _list(frame, wire), _list(wire, wire)
    return items[len(first) :] if items[: len(first)] == first and items else None


def _list(wire: WireRequest, like: WireRequest) -> list[WireJSON]:
    """Return the list that is the last member of the body `like` has, empty where there is none."""
    if not isinstance(wire.body, dict) or not isinstance(like.body, dict):
        return []
    *_, member = like.body
    items = wire.body.get(member)
    return items if isinstance(items, list) else []


def _rest(wire: WireRequest, like: WireRequest) -> WireRequest:
    """Return a request without that list."""
    body: Mapping[str, WireJSON] = wire.body if isinstance(wire.body, dict) else {}
    *_, member = like.body if isinstance(like.body, dict) and like.body else ("",)
    return replace(wire, body={name: value for name, value in body.items() if name != member})
