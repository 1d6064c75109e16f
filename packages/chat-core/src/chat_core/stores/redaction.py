"""The door of a store: what is let in, where content shall not lie on a disk.

Law: what was taken out never reaches the store inside: not as an entry, a title, a search word or a call's result.
Structure, names of tools, models, usage and times stay. What is redacted cannot be taken up again by a model.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from chat_core import history
from chat_core.errors import StoreError
from chat_core.messages import Message, tool_results
from chat_core.parts import (
    URL,
    FileID,
    Inline,
    Json,
    Media,
    Opaque,
    Reasoning,
    Refusal,
    Text,
    ToolCall,
    ToolResult,
)
from chat_core.stores.protocol import FOUND, LISTED

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import assert_never

    from chat_core.jsonvalue import JSONObject
    from chat_core.parts import Part, ResultPart, Source
    from chat_core.response import Response
    from chat_core.stores.protocol import Store
    from chat_core.stores.records import Conversation, Entry, Found, Mark, Node


def without_content(message: Message) -> Message:
    """Return the skeleton of a message: who, which parts, which tools; no text, data, arguments or meta."""
    return Message(role=message.role, parts=tuple(map(_bare, message.parts)))


class Redacted:
    """A store that is told less than was said."""

    def __init__(
        self, inner: Store, *, redact: Callable[[Message], Message] | None = None, content: bool = True
    ) -> None:
        """Put a door before a store.

        Args:
            inner: the store.
            redact: returns what is kept instead of a message; it sees every message, answers and results of tools. What
                else repeats their words is not kept: values in notices, causes of attempts, meta of responses.
            content: `False` keeps the skeleton alone, as `without_content` makes it, and no titles.
        """
        self._inner = inner
        self._redact = redact
        self._content = content

    def create(
        self, *, now: float, id: str | None = None, title: str = "", model: str = "", tags: Sequence[str] = ()
    ) -> Conversation:
        """As `Store.create`."""
        return self._inner.create(now=now, id=id, title=title if self._content else "", model=model, tags=tags)

    def append(self, conversation: str, entries: Sequence[Entry], *, head: str | None, now: float) -> str:
        """As `Store.append`."""
        return self._inner.append(conversation, [self._entry(entry) for entry in entries], head=head, now=now)

    def move(self, conversation: str, to: str | None, *, head: str | None, now: float) -> Conversation:
        """As `Store.move`."""
        return self._inner.move(conversation, to, head=head, now=now)

    def fork(self, conversation: str, at: str | None, *, now: float, id: str | None = None) -> Conversation:
        """As `Store.fork`."""
        return self._inner.fork(conversation, at, now=now, id=id)

    def change(
        self,
        conversation: str,
        *,
        now: float,
        title: str | None = None,
        model: str | None = None,
        tags: Sequence[str] | None = None,
    ) -> Conversation:
        """As `Store.change`."""
        kept = title if self._content else None
        return self._inner.change(conversation, now=now, title=kept, model=model, tags=tags)

    def delete(self, conversation: str) -> None:
        """As `Store.delete`."""
        self._inner.delete(conversation)

    def vacuum(self) -> int:
        """As `Store.vacuum`."""
        return self._inner.vacuum()

    def history(self, head: str | None) -> tuple[Node, ...]:
        """As `Store.history`."""
        return self._inner.history(head)

    def conversation(self, id: str) -> Conversation:
        """As `Store.conversation`."""
        return self._inner.conversation(id)

    def conversations(self, *, tag: str | None = None, limit: int = LISTED, skip: int = 0) -> tuple[Conversation, ...]:
        """As `Store.conversations`."""
        return self._inner.conversations(tag=tag, limit=limit, skip=skip)

    def search(self, words: str, *, limit: int = FOUND, marks: tuple[str, str] = ("[", "]")) -> tuple[Found, ...]:
        """As `Store.search`."""
        return self._inner.search(words, limit=limit, marks=marks)

    def describe(self) -> JSONObject:
        """As `Store.describe`, with what the door does."""
        return {**self._inner.describe(), "content": self._content, "redacted": self._redact is not None}

    def close(self) -> None:
        """As `Store.close`."""
        self._inner.close()

    def claim(self, turn: str, owner: str, *, now: float, until: float) -> bool:
        """As `Journal.claim`."""
        return self._inner.claim(turn, owner, now=now, until=until)

    def end(self, turn: str, owner: str) -> None:
        """As `Journal.end`."""
        self._inner.end(turn, owner)

    def start(self, call: str, *, now: float) -> bool:
        """As `Journal.start`."""
        return self._inner.start(call, now=now)

    def finish(self, call: str, result: JSONObject) -> None:
        """As `Journal.finish`, of a saved `ToolResult`.

        Raises:
            StoreError: `redact` returned something else than one result.
            DecodeError: something is redacted, and the result is no saved `ToolResult`: nobody can say what of it may
                be kept.
        """
        if self._redact is None and self._content:
            self._inner.finish(call, result)
        else:
            kept = self._message(tool_results(history.load(result, ToolResult)))
            self._inner.finish(call, history.dump(_only_result(kept)))

    def marks(self, calls: Sequence[str]) -> Mapping[str, Mark]:
        """As `Journal.marks`."""
        return self._inner.marks(calls)

    def prune(self, *, before: float) -> int:
        """As `Journal.prune`."""
        return self._inner.prune(before=before)

    def _message(self, message: Message) -> Message:
        kept = message if self._redact is None else self._redact(message)
        return kept if self._content else without_content(kept)

    def _entry(self, entry: Entry) -> Entry:
        message = self._message(entry.message)
        if entry.response is None:
            return replace(entry, message=message)
        response = self._response(entry.response)
        if entry.response.message is entry.message:
            response = replace(response, message=message)
        return replace(entry, message=message, response=response)

    def _response(self, response: Response) -> Response:
        kept = replace(
            response,
            message=self._message(response.message),
            alternatives=tuple(map(self._response, response.alternatives)),
            raw=None,
        )
        if self._content and self._redact is None:
            return kept
        attempts = tuple(replace(attempt, cause=None) for attempt in kept.attempts)  # services' words may repeat ours
        notices = tuple(replace(notice, requested=None, applied=None) for notice in kept.notices)
        return replace(kept, attempts=attempts, notices=notices, meta={})


def _only_result(message: Message) -> ToolResult:
    match message.parts:
        case (ToolResult() as result,):
            return result
        case _:
            raise StoreError("redact() has to return one ToolResult for the result of a call: change its content only")


def _bare(part: Part) -> Part:
    match part:
        case Text() | Reasoning() | Refusal():
            return type(part)("")
        case ToolCall():
            return ToolCall(id=part.id, name=part.name, executed=part.executed)
        case ToolResult():
            return ToolResult(
                call_id=part.call_id,
                content=tuple(map(_bare_result, part.content)),
                name=part.name,
                is_error=part.is_error,
                executed=part.executed,
            )
        case Media() | Json() | Opaque():
            return _bare_result(part)
        case other:  # pyright: ignore[reportUnnecessaryComparison] - proves that no case is missing
            if TYPE_CHECKING:
                assert_never(other)
            raise TypeError(f"a {type(other).__name__} is no part")


def _bare_result(part: ResultPart) -> ResultPart:
    match part:
        case Text():
            return Text("")
        case Media():
            return Media(kind=part.kind, mime=part.mime, source=_bare_source(part.source))
        case Json():
            return Json(None)
        case Opaque():
            return Opaque(origin=part.origin, kind=part.kind, data={})
        case other:  # pyright: ignore[reportUnnecessaryComparison] - proves that no case is missing
            if TYPE_CHECKING:
                assert_never(other)
            raise TypeError(f"a {type(other).__name__} is no part of a result")


def _bare_source(source: Source) -> Source:
    match source:
        case Inline():
            return Inline(b"")
        case URL():
            return URL("")
        case FileID():
            return FileID("")
        case other:  # pyright: ignore[reportUnnecessaryComparison] - proves that no case is missing
            if TYPE_CHECKING:
                assert_never(other)
            raise TypeError(f"a {type(other).__name__} is no source of media")
