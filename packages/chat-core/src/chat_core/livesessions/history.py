"""The history of a live session, in words: what a chat with any model can go on with.

Law: pure. Sound becomes its words: the bytes are not kept, and what nobody wrote down is left out; nothing is made up.
Things stand in the order in which they began: the words of a spoken turn come late, and go to their place. A call
stands with its result, or at the end.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeAlias

from chat_core.messages import Message
from chat_core.parts import Media, Reasoning, Text, ToolCall, ToolResult
from chat_core.response import FinishReason

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chat_core.parts import Meta, Part
    from chat_core.response import Response


@dataclass(slots=True, eq=False)
class _Spoken:
    """A turn of the user, whose words may still come."""

    item: str | None
    message: Message | None = None


@dataclass(slots=True, eq=False)
class _Answered:
    """An answer of the model, which may still come, with the results of its calls by their ids."""

    message: Message | None = None
    over: bool = False
    results: dict[str, ToolResult] = field(default_factory=dict[str, ToolResult])

    @property
    def open(self) -> set[str]:
        """The ids of the calls that have no result yet."""
        calls = () if self.message is None else self.message.tool_calls
        return {call.id for call in calls} - self.results.keys()


_Entry: TypeAlias = "Message | _Spoken | _Answered"


class LiveHistory:
    """What was said, by both sides."""

    def __init__(self, messages: Iterable[Message] = ()) -> None:
        """Begin with what was said before."""
        self._entries: list[_Entry] = list(messages)

    @property
    def messages(self) -> tuple[Message, ...]:
        """The history so far."""
        entries = tuple(self._entries)  # it may grow meanwhile, in another thread
        last = next((entry for entry in reversed(entries) if _shown(entry)), None)
        return tuple(message for entry in entries for message in _messages(entry, whole=entry is last))

    def say(self, message: Message) -> None:
        """Append a message of the user."""
        self._entries.append(message)

    def instruct(self, messages: Iterable[Message]) -> None:
        """Put other instructions in place of the old ones."""
        others = [e for e in self._entries if not (isinstance(e, Message) and e.role == "system")]
        self._entries = [*messages, *others]

    def speech(self, item: str | None) -> None:
        """Keep a place for the words of a turn that has begun."""
        if item is None or self._spoken(item) is None:
            self._entries.append(_Spoken(item))

    def words(self, text: str, item: str | None, meta: Meta) -> None:
        """Put the words of a turn in their place: before the answer that is under way, if it was not announced."""
        if not text:
            return
        message = Message(role="user", parts=(Text(text),), meta=meta)
        spoken = self._spoken(item)
        if spoken is None:
            spoken = _Spoken(item)
            under_way = self._under_way()
            at = len(self._entries) if under_way is None else self._entries.index(under_way)
            self._entries.insert(at, spoken)
        spoken.message = message

    def begin(self) -> None:
        """Keep a place for an answer that has begun."""
        self._entries.append(_Answered())

    def end(self, response: Response) -> None:
        """Put an answer in its place, as far as it came."""
        answered = self._under_way()
        if answered is None:
            answered = _Answered()
            self._entries.append(answered)
        parts = [part for part in map(_in_words, response.parts) if part is not None]
        if response.finish_reason is FinishReason.CANCELLED:
            parts = _uncut(parts)
        answered.message = replace(response.message, parts=tuple(parts)) if parts else None
        answered.over = True

    def answer(self, result: ToolResult) -> None:
        """Put a result to the newest call of its id that has none."""
        for entry in reversed(self._entries):
            if isinstance(entry, _Answered) and result.call_id in entry.open:
                entry.results[result.call_id] = result
                return

    def edit(self, call: ToolCall) -> None:
        """Let a call that is open have been made as it was approved; what the service had attached to it goes."""
        for entry in reversed(self._entries):
            if isinstance(entry, _Answered) and entry.message is not None and call.id in entry.open:
                bare = replace(call, meta={})
                parts = tuple(bare if isinstance(p, ToolCall) and p.id == call.id else p for p in entry.message.parts)
                entry.message = replace(entry.message, parts=parts)
                return

    def _spoken(self, item: str | None) -> _Spoken | None:
        """Return the turn that words belong to: of its item, or the first that waits for some."""
        turns = (entry for entry in self._entries if isinstance(entry, _Spoken))
        if item is None:
            return next((turn for turn in turns if turn.item is None and turn.message is None), None)
        return next((turn for turn in turns if turn.item == item), None)

    def _under_way(self) -> _Answered | None:
        return next((e for e in reversed(self._entries) if isinstance(e, _Answered) and not e.over), None)


def _shown(entry: _Entry) -> bool:
    return isinstance(entry, Message) or entry.message is not None


def _messages(entry: _Entry, *, whole: bool) -> tuple[Message, ...]:
    """Return what an entry says; calls without a result are left out unless it is the last one."""
    if isinstance(entry, Message):
        return (entry,)
    if entry.message is None:
        return ()
    if isinstance(entry, _Spoken):
        return (entry.message,)
    message, results = entry.message, entry.results
    if not whole:
        parts = [p for p in message.parts if not (isinstance(p, ToolCall) and not p.executed and p.id not in results)]
        message = replace(message, parts=tuple(parts))
    told = tuple(results[call.id] for call in message.tool_calls if call.id in results)
    said = (message,) if message.parts else ()
    return (*said, Message(role="tool", parts=told)) if told else said


def _in_words(part: Part) -> Part | None:
    match part:
        case Media(kind="audio", transcript=str(words)) if words:
            return Text(words, meta=part.meta)
        case Media(kind="audio") | Text(""):
            return None
        case _:
            return part


def _uncut(parts: list[Part]) -> list[Part]:
    """Return what of an answer that was cut short can be sent back: no half calls, no thoughts that lead nowhere."""
    whole = [part for part in parts if not (isinstance(part, ToolCall) and part.arguments is None)]
    while whole and isinstance(whole[-1], Reasoning):
        whole.pop()
    return whole
