"""Fold a stream into its response, and check the grammar of `chat_core.events` on the way.

Law: one start, first; every part that starts ends; its joined deltas equal it; the response holds the parts that
ended, in order; nothing but `UnknownEvent` comes after the end. In a conversation one response follows another, and
tools run between them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat_core.errors import GrammarError
from chat_core.events import (
    ApprovalRequest,
    CitationDelta,
    Event,
    MediaDelta,
    OutputDelta,
    PartEnd,
    PartStart,
    ReasoningDelta,
    RefusalDelta,
    ResponseEnd,
    ResponseStart,
    TextDelta,
    ToolCallDelta,
    ToolEnd,
    ToolProgress,
    ToolStart,
    UnknownEvent,
)
from chat_core.jsonvalue import parse_arguments, same
from chat_core.parts import Inline, Media, Part, Reasoning, Refusal, Text, ToolCall

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chat_core.events import Delta
    from chat_core.parts import Citation
    from chat_core.response import Response


def fold(events: Iterable[Event]) -> Response:
    """Return the response of a whole stream.

    Raises:
        GrammarError: the events break the grammar, or the stream has no end.
    """
    folding = Fold()
    for event in events:
        folding.feed(event)
    if folding.response is None:
        raise GrammarError("the stream has no ResponseEnd")
    return folding.response


def fold_conversation(events: Iterable[Event]) -> tuple[Response, ...]:
    """Return the responses of a conversation's stream, in order.

    Raises:
        GrammarError: as `fold`; or a tool speaks inside a response, or ends or reports without having begun.
    """
    responses: list[Response] = []
    folding: Fold | None = None
    running: set[str] = set()
    for event in events:
        match event:
            case OutputDelta():
                pass
            case ToolStart() | ToolProgress() | ToolEnd() | ApprovalRequest():
                _require(folding is None, f"{type(event).__name__} inside a response")
                _follow(event, running)
            case _:
                folding = Fold() if folding is None else folding
                folding.feed(event)
                if folding.response is not None:
                    responses.append(folding.response)
                    folding = None
    _require(folding is None, "the stream has no ResponseEnd")
    _require(not running, f"tools have not ended: {', '.join(sorted(running))}")
    return tuple(responses)


def _follow(event: ToolStart | ToolProgress | ToolEnd | ApprovalRequest, running: set[str]) -> None:
    match event:
        case ToolStart(call):
            running.add(call.id)
        case ToolProgress(call_id):
            _require(call_id in running, f"ToolProgress of {call_id}, which does not run")
        case ToolEnd(call):
            running.discard(call.id)
        case ApprovalRequest():
            pass


class Fold:
    """An incremental fold.

    Attributes:
        response: the complete response, once `ResponseEnd` was fed.
    """

    def __init__(self) -> None:
        """Begin before the start of a stream."""
        self.response: Response | None = None
        self._started = False
        self._open: dict[tuple[int, int], _OpenPart] = {}
        self._done: dict[tuple[int, int], Part] = {}

    def feed(self, event: Event) -> None:
        """Take the next event.

        Raises:
            GrammarError: the grammar does not allow this event here.
        """
        match event:
            case ResponseStart():
                _require(not self._started, "a second ResponseStart")
                self._started = True
                return
            case UnknownEvent():
                _require(self._started, "UnknownEvent before ResponseStart")
                return
            case _:
                _require(self._started, f"{type(event).__name__} before ResponseStart")
                _require(self.response is None, f"{type(event).__name__} after ResponseEnd")
        match event:
            case PartStart():
                self._start(event)
            case PartEnd():
                self._end(event)
            case ResponseEnd():
                self._finish(event.response)
            case ToolStart() | ToolProgress() | ToolEnd() | ApprovalRequest() | OutputDelta():
                raise GrammarError(f"stream grammar: {type(event).__name__} belongs to a conversation")
            case _:
                place = (event.choice, event.index)
                _require(place in self._open, f"{type(event).__name__} outside a part, at {place}")
                self._open[place].add(event)

    def _start(self, event: PartStart) -> None:
        place = (event.choice, event.index)
        _require(place not in self._open and place not in self._done, f"a second PartStart at {place}")
        before = sum(choice == event.choice for choice, _ in (*self._open, *self._done))
        _require(event.index == before, f"PartStart at {place}, expected index {before}")
        self._open[place] = _OpenPart(event.part)

    def _end(self, event: PartEnd) -> None:
        place = (event.choice, event.index)
        _require(place in self._open, f"PartEnd outside a part, at {place}")
        self._open.pop(place).check(event.part)
        self._done[place] = event.part

    def _finish(self, response: Response) -> None:
        _require(not self._open, f"ResponseEnd while parts are open: {sorted(self._open)}")
        ended: dict[int, tuple[Part, ...]] = {}
        for (choice, _), part in sorted(self._done.items(), key=_place):
            ended[choice] = (*ended.get(choice, ()), part)
        answers = [answer.parts for answer in (response, *response.alternatives) if answer.parts]
        _require(answers == list(ended.values()), "the parts of the answers are not the ones that ended")
        _require(response.finish_reason is not None, "ResponseEnd without a finish reason")
        self.response = response


def _place(item: tuple[tuple[int, int], Part]) -> tuple[int, int]:
    return item[0]


class _OpenPart:
    """The deltas of one part."""

    __slots__ = ("_bytes", "_citations", "_part", "_text")

    def __init__(self, part: Part) -> None:
        self._part = part
        self._text: list[str] = []
        self._bytes: list[bytes] = []
        self._citations: list[Citation] = []

    def add(self, event: Delta) -> None:
        match self._part, event:
            case (Text(), TextDelta(text=text)) | (Reasoning(), ReasoningDelta(text=text)):
                self._text.append(text)
            case (Refusal(), RefusalDelta(text=text)) | (ToolCall(), ToolCallDelta(arguments=text)):
                self._text.append(text)
            case Text(), CitationDelta(citation=citation):
                self._citations.append(citation)
            case Media(), MediaDelta(data=data, transcript=text):
                self._bytes.append(data)
                self._text.append(text)
            case _:
                raise GrammarError(f"{type(event).__name__} inside a {type(self._part).__name__}")

    def check(self, part: Part) -> None:
        _require(type(part) is type(self._part), f"a {type(self._part).__name__} ended as {type(part).__name__}")
        joined = "".join(self._text)
        match part:
            case Text(text, citations=citations):
                _require(text == joined, "the text is not its joined deltas")
                _require(citations == tuple(self._citations), "the citations are not the ones that came")
            case Reasoning(text) | Refusal(text):
                _require(text == joined, "the text is not its joined deltas")
            case ToolCall(arguments=arguments, raw=raw):
                whole = raw == joined or (raw is None and same(arguments or {}, parse_arguments(joined)[0] or {}))
                _require(whole, "the arguments are not the joined deltas")
            case Media(source=Inline(data), transcript=transcript) if self._bytes or (data and _is_empty(self._part)):
                _require(data == b"".join(self._bytes), "the bytes are not the joined deltas")
                _require((transcript or "") == joined, "the transcript is not its joined deltas")
            case _:
                _require(not joined, f"deltas inside a {type(part).__name__}")


def _is_empty(part: Part) -> bool:
    return isinstance(part, Media) and part.source == Inline(b"")


def _require(holds: bool, otherwise: str) -> None:  # noqa: FBT001 - reads as a sentence
    if not holds:
        raise GrammarError(f"stream grammar: {otherwise}")
