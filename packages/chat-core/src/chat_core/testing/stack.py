"""The whole stack over a real server: what a program sees is what the decoder says, in both colours.

Law: each law is a generator of faults. The server answers with the bytes of the fixtures, cut where a law wants it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from chat_core.codec.framers import Whole
from chat_core.errors import TimedOut, TransportError
from chat_core.events import (
    CitationDelta,
    MediaDelta,
    PartEnd,
    PartStart,
    ReasoningDelta,
    RefusalDelta,
    TextDelta,
    ToolCallDelta,
    UnknownEvent,
)
from chat_core.flow.retry import Retry
from chat_core.flow.timeouts import Timeouts
from chat_core.testing.endings import places
from chat_core.testing.loopback import PATIENCE, Answer, Loopback, Redirected
from chat_core.testing.outcome import outcome_of
from chat_core.testing.subject import every, pieces
from chat_core.tools import Tool

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from chat_core.errors import ChatError
    from chat_core.events import Event
    from chat_core.request import Request
    from chat_core.response import Response
    from chat_core.testing.colours import Make
    from chat_core.testing.fixtures import Case
    from chat_core.testing.loopback import Ending
    from chat_core.testing.outcome import Outcome
    from chat_core.testing.subject import Subject

EVERY_BYTE = 160
"""Longest stream that is cut at every byte over the whole stack, in bytes; longer ones at `PLACES`."""
PLACES = 10
BRIEF = 0.15
"""Seconds that a law waits for a timeout of its own."""


def as_decoded(subject: Subject, case: Case, make: Make) -> Iterator[str]:
    """Yield how what a program sees differs from what the decoder says."""
    with Loopback(Answer()) as server, make(subject, Redirected(server.address)) as client:
        if (whole := subject.whole(case)) is not None and whole.value is not None and case.reply is not None:
            server.answers([Answer.of(case.reply)])
            if not _same(client.complete(asking(subject, case)), whole.value):
                yield "the whole answer is another one over HTTP"
        if case.stream is not None:
            server.answers([_stream(case, len(case.stream))])
            found, expected = client.events(asking(subject, case)), subject.events(case, case.stream)
            yield from _compared(outcome_of(*found), outcome_of(*expected), "complete")
            if _contents(found[0]) != _contents(expected[0]):
                yield "the stream has other events over HTTP"


def _contents(events: Iterable[Event]) -> list[Event]:
    """Pick what the decoder alone says: a call amends the start and the end, and a conversation adds to it."""
    return [event for event in events if isinstance(event, CONTENTS)]


CONTENTS = (
    PartStart, TextDelta, ReasoningDelta, ToolCallDelta, MediaDelta, CitationDelta, RefusalDelta, PartEnd, UnknownEvent,
)  # fmt: skip
"""Events that nothing but the decoder makes."""


def cut_anywhere(subject: Subject, case: Case, make: Make) -> Iterator[str]:
    """Yield at which bytes a stream that breaks off ends otherwise than it has to: all three endings."""
    if case.stream is None:
        return
    request = asking(subject, case)
    with Loopback(Answer()) as server, make(subject, Redirected(server.address)) as client:
        for at in places(subject, case, EVERY_BYTE, PLACES):
            body = case.stream[:at]
            endings: dict[Ending, Outcome] = {
                "complete": subject.streamed(case, body),
                "lost": subject.arrived(case, body),
            }
            for ending, expected in endings.items():
                server.answers([_stream(case, at, ending)])
                found = outcome_of(*client.events(request))
                yield from (f"cut at byte {at}, {fault}" for fault in _compared(found, expected, ending))


def asking(subject: Subject, case: Case) -> Request:
    """Return what was asked in a case, with the tools declared that are called: a program then answers, and no flow."""
    request = subject.request(case)
    called = [call.name for told in subject.evidence(case) if told.response for call in told.response.tool_calls]
    declared = {tool.name for tool in request.tools if isinstance(tool, Tool)}
    more = [Tool(name=name) for name in dict.fromkeys(called) if name not in declared]
    return replace(request, tools=(*request.tools, *more))


def _stream(case: Case, size: int, ending: Ending = "complete") -> Answer:
    body = case.stream[:size] if case.stream is not None else b""
    half = len(body) // 2
    return Answer(headers={"content-type": case.content_type}, pieces=(body[:half], body[half:]), ending=ending)


def _compared(found: Outcome, expected: Outcome, ending: Ending) -> Iterator[str]:
    """Judge an outcome by what the decoder alone makes of the same bytes."""
    where = "input ended" if ending == "complete" else "connection lost"
    if expected.error is None:
        if found.value is None or expected.value is None or not _same(found.value, expected.value):
            yield f"{where}: {found.error!r} or another answer, where the decoder has a complete one"
        return
    kind = type(expected.error) if ending == "complete" else (type(expected.error), TransportError)
    if found.error is None or not isinstance(found.error, kind):
        yield f"{where}: {found.error!r}, where the decoder says {expected.error!r}"
    elif not _partly(found.error.partial, expected.error.partial):
        yield f"{where}: `partial` is not what had come"


def _same(one: Response, other: Response) -> bool:
    """Compare answers without what the call adds."""
    return replace(one, attempts=(), headers={}, notices=()) == replace(other, attempts=(), headers={}, notices=())


def _partly(one: Response | None, other: Response | None) -> bool:
    return one is other if one is None or other is None else _same(one, other)


def retry_after_is_honoured(subject: Subject, case: Case, make: Make) -> Iterator[str]:
    """Yield whether a service that asks to come back at once has to wait, or is not asked again."""
    answered = next((other for other in subject.cases if other.reply is not None), None)
    if case.error is None or answered is None or answered.reply is None:
        yield "no case has a whole reply to answer with in the end"
        return
    busy = replace(Answer.of(case.error), headers={**case.error.headers, "retry-after": "0"})
    retry = Retry(attempts=2, first=10 * PATIENCE, longest=10 * PATIENCE)
    with Loopback(busy, Answer.of(answered.reply)) as server:
        with make(subject, Redirected(server.address), Timeouts(total=PATIENCE), retry) as client:
            response = client.complete(asking(subject, answered))
        if len(server.asked) != retry.attempts or len(response.attempts) != retry.attempts:
            yield f"after retry-after 0: {len(server.asked)} requests, attempts {response.attempts}"


def timeouts_are_named(subject: Subject, case: Case, make: Make) -> Iterator[str]:
    """Yield which phase an error does not name when nothing more comes."""
    request = asking(subject, case)
    with Loopback(Answer(headless=True, ending="silent")) as server:
        with make(subject, Redirected(server.address), Timeouts(first_byte=BRIEF)) as client:
            yield from _late(client.events(request)[1], "first_byte")
        if (size := visible(subject, case)) is None:
            return
        server.answers([_stream(case, size, "silent")])
        with make(subject, Redirected(server.address), Timeouts(between_content=BRIEF)) as client:
            yield from _late(client.events(request)[1], "between_content")


def _late(error: ChatError | None, phase: str) -> Iterator[str]:
    if not isinstance(error, TimedOut) or error.phase != phase:
        yield f"{phase}: {error!r} instead of TimedOut"
    elif phase == "between_content" and error.partial is None:
        yield f"{phase}: the error has no `partial`"


def visible(subject: Subject, case: Case) -> int | None:
    """Return how many bytes of a stream hold some content and not all; `None` when none do."""
    if case.stream is None:
        return None
    make = subject.framer(case)
    framer = Whole() if make is None else make()
    for at, byte in enumerate(pieces(case.stream, every(1)), start=1):
        if framer.feed(byte):  # with this byte a frame is complete
            told = subject.arrived(case, case.stream[:at])
            if told.error is not None and told.response is not None and told.response.parts:
                return at
    return None


def leaving_closes(subject: Subject, case: Case, make: Make) -> Iterator[str]:
    """Yield whether a stream that is left goes on."""
    size = visible(subject, case)
    if size is None:
        return
    with Loopback(_stream(case, size, "silent")) as server, make(subject, Redirected(server.address)) as client:
        if client.leave(asking(subject, case)) is None:
            yield "no event came"
        if not server.left.wait(PATIENCE):
            yield "the connection stays open when a program leaves the stream"
