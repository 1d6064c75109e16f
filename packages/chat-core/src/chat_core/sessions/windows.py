"""Windows: which part of a history is sent, where a history can be cut, and how long it is by a rule of thumb. Pure.

Law: a call and its results are never parted, system messages always stay, order never changes. The whole history is
never touched: a window only says what stands instead of its beginning.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from chat_core.codec.answers import require_answers
from chat_core.codec.wire import dump
from chat_core.errors import ConfigurationError, UnansweredToolCall
from chat_core.frozen import dataclass
from chat_core.history import dump as saved
from chat_core.parts import Media, ToolResult

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from chat_core.messages import Message

CHARACTERS = 4
"""How many bytes of a saved message, in UTF-8, are taken for a token."""

MEDIA = 1_500
"""How many tokens an image, a sound, a video or a document is taken for, whatever its size."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """What of a history is sent.

    Attributes:
        at: how many messages of the history's beginning are not sent as they are.
        head: what is sent instead of them.
    """

    at: int = 0
    head: tuple[Message, ...] = ()

    def of(self, messages: tuple[Message, ...]) -> tuple[Message, ...]:
        """Return what is sent of a history."""
        return (*self.head, *messages[self.at :]) if self.at else messages

    def fits(self, length: int) -> bool:
        """Tell whether the window is still one of a history that was made shorter."""
        return self.at <= length


WHOLE = Window()


@dataclass(frozen=True, slots=True)
class Cuts:
    """Where a history can be cut, the cut that keeps the most first.

    Attributes:
        messages: the history.
        exchanges: beginnings of exchanges: a user's words, and all that follows up to the next ones.
        steps: beginnings of answers inside the last exchange, for one that is too long alone.
        question: the user's words that the last exchange begins with; they stay when it is cut.
        systems: where system messages stand.
    """

    messages: tuple[Message, ...]
    exchanges: tuple[int, ...]
    steps: tuple[int, ...]
    question: range
    systems: tuple[int, ...]

    def window(self, at: int) -> Window:
        """Return the window that begins at one of the places."""
        kept = [place for place in self.systems if place < at]
        if at not in self.exchanges:
            kept = sorted({*kept, *self.question})
        return Window(at=at, head=tuple(self.messages[place] for place in kept))


def cuts(messages: tuple[Message, ...], after: int) -> Cuts:
    """Return where a history can be cut, behind what was cut before; each cut leaves out a message at least."""
    systems = tuple(place for place, message in enumerate(messages) if message.role == "system")
    first = next((place for place in range(after, len(messages)) if messages[place].role != "system"), len(messages))
    exchanges = exchange_starts(messages)
    begin = exchanges[-1] if exchanges else first
    question = range(begin, _words_end(messages, begin))
    steps = unit_starts(messages, question.stop)
    return Cuts(
        messages,
        tuple(place for place in exchanges if place > first),
        tuple(place for place in steps if place > max(first, question.stop)),
        question,
        systems,
    )


def exchange_starts(messages: Sequence[Message]) -> list[int]:
    """Return where exchanges begin; several user's messages in a row begin one."""
    asks = [message.role == "user" and not _answers(message) for message in messages]
    return [place for place, ask in enumerate(asks) if ask and not (place and asks[place - 1])]


def unit_starts(messages: Sequence[Message], first: int = 0) -> list[int]:
    """Return where units begin: a message, or calls with the results that follow."""
    return [place for place in range(first, len(messages)) if place == 0 or not _answers(messages[place])]


def last_unit(messages: Sequence[Message]) -> int:
    """Return where the last unit begins: a turn of the conversation changes nothing before it."""
    place = max(0, len(messages) - 1)
    while place and _answers(messages[place]):
        place -= 1
    return place


def _answers(message: Message) -> bool:
    """Tell whether a message belongs to the one before: it holds results."""
    return message.role == "tool" or any(isinstance(part, ToolResult) and not part.executed for part in message.parts)


def _words_end(messages: Sequence[Message], begin: int) -> int:
    end = begin
    while end < len(messages) and messages[end].role == "user" and not _answers(messages[end]):
        end += 1
    return end


def require_whole(messages: tuple[Message, ...], kept: tuple[Message, ...]) -> None:
    """Require that what a program has made of a history can be sent instead of it.

    Raises:
        ConfigurationError: it lacks something; the message names it.
    """
    unit = messages[last_unit(messages) :]
    if kept[-len(unit) :] != unit:
        raise ConfigurationError("trim= has to keep the end: the last message, or the last calls with their results")
    _require_systems(messages, kept)
    strangers = _orphans(kept) - _orphans(messages)
    if strangers:
        raise ConfigurationError(f"trim= has parted results from their calls: {', '.join(sorted(strangers))}")
    try:
        require_answers(kept[: -len(unit)])
    except UnansweredToolCall as parted:
        raise ConfigurationError(f"trim= has parted calls from their results: {parted.message}") from None


def _require_systems(messages: Iterable[Message], kept: Iterable[Message]) -> None:
    rest = iter([message for message in kept if message.role == "system"])
    for message in messages:
        if message.role == "system" and message not in rest:  # looks on from where it was
            raise ConfigurationError(
                f"trim= has to keep system messages, in order; this one is missing: {message.text:.80}"
            )


def _orphans(messages: Iterable[Message]) -> set[str]:
    """Return the ids of results whose call is not there."""
    called: set[str] = set()
    orphans: set[str] = set()
    for message in messages:
        called |= {call.id for call in message.tool_calls}
        orphans |= {
            part.call_id
            for part in message.parts
            if isinstance(part, ToolResult) and not part.executed and part.call_id not in called
        }
    return orphans


def estimate(messages: Iterable[Message]) -> int:
    """Estimate the tokens of messages: the bytes of their saved form by `CHARACTERS`, and `MEDIA` for each medium.

    Tools and options are not counted. Real tokenizers differ by a third and more: leave room.
    """
    size = tokens = 0
    for message in messages:
        bare, media = _without_media(message)
        size += len(dump(saved(bare)))
        tokens += media * MEDIA
    return tokens + -(-size // CHARACTERS)


def _without_media(message: Message) -> tuple[Message, int]:
    """Take media out of a message, and count them."""
    parts = message.parts
    if not any(isinstance(part, Media | ToolResult) for part in parts):
        return message, 0
    media = sum(isinstance(part, Media) for part in parts)
    bare = tuple(part for part in parts if not isinstance(part, Media))
    for place, part in enumerate(bare):
        if isinstance(part, ToolResult):
            content = tuple(item for item in part.content if not isinstance(item, Media))
            media += len(part.content) - len(content)
            bare = (*bare[:place], replace(part, content=content), *bare[place + 1 :])
    return replace(message, parts=bare), media
