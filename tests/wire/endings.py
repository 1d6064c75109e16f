"""The three endings of a stream: clean, a terminal signal without the final event, truncated.

Law: the recordings hold no truncation, so each stream is cut here, and made to fail. Before any terminal signal a cut
is `StreamTruncated` with what had come; after one it is an end like any other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.wire.cuts import frames_of, reads
from tests.wire.outcome import streamed

from chat_core.codec.framers import SSE
from chat_core.codec.wire import Frame
from chat_core.errors import DecodeError, ProviderError, StreamTruncated
from chat_core.jsonvalue import parse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from random import Random

    from tests.wire.outcome import Outcome

    from chat_core.codec.provider import Decoder
    from chat_core.codec.wire import Framer
    from chat_core.jsonvalue import JSONObject
    from chat_core.response import Response

PLACES = 6


def terminated(frames: Iterable[Frame]) -> bool:
    """Tell whether frames let their stream end: a finish reason of every answer, a last event, or `[DONE]`."""
    seen, finished = set[str](), set[str]()
    for frame in frames:
        if bytes_of(frame).strip() == b"[DONE]":
            return True
        try:
            data = parse(frame.data)
        except DecodeError:
            continue
        match data:
            case {"type": "message_stop"} | {"type": "message_delta", "delta": {"stop_reason": str()}} | {"done": True}:
                return True
            case {"type": "response.completed" | "response.incomplete" | "response.done"}:
                return True
            case {"event_type": "interaction.completed"} | {"interaction_id": _, "status": "requires_action"}:
                return True
            case {"choices": list(choices)}:
                numbered = [choice for choice in choices if isinstance(choice, dict)]
                seen |= {_number(choice) for choice in numbered}
                finished |= {_number(choice) for choice in numbered if choice.get("finish_reason")}
            case {"promptFeedback": {"blockReason": _}}:
                return True
            case {"candidates": list(candidates)}:
                numbered = [candidate for candidate in candidates if isinstance(candidate, dict)]
                seen |= {_number(candidate) for candidate in numbered}
                finished |= {_number(candidate) for candidate in numbered if candidate.get("finishReason")}
            case _:
                pass
    return bool(finished) and finished == seen


def _number(choice: JSONObject) -> str:
    return str(choice.get("index"))


def bytes_of(frame: Frame) -> bytes:
    """Return a frame's payload as bytes."""
    return frame.data if isinstance(frame.data, bytes) else frame.data.encode()


def differences(
    body: bytes, begin: Callable[[], Decoder], whole: Outcome, random: Random, framer: Callable[[], Framer] = SSE
) -> Iterator[str]:
    """Yield where an ending is not what it has to be, for a stream that ends well as recorded.

    Raises:
        Crash: a cut made the decoder raise what it must not.
    """
    if whole.error is not None or whole.response is None:
        return
    frames = frames_of(body, framer)
    yield from _without_last(frames, begin, whole.response)
    for at in sorted(random.sample(range(len(frames)), min(PLACES, len(frames)))):
        if not terminated(frames[:at]):
            yield from _failing(frames[:at], begin, whole.response)
    for at in sorted(random.sample(range(1, len(body)), min(PLACES, len(body) - 1))):
        yield from _cut(body[:at], begin, whole.response, framer)


FAILURE = Frame(
    b'{"type":"error","error":{"type":"server_error","code":"out_of_magic","message":"The spell broke."}}',
    event="error",
)
"""An error as all wires spell it inside a stream, or take it; few recorded streams hold one."""


def _failing(frames: list[Frame], begin: Callable[[], Decoder], whole: Response) -> Iterator[str]:
    """Let the service fail after some frames: what had come is kept, as where the stream is cut there."""
    failed = streamed(begin(), [[*frames, FAILURE]]).error
    if not isinstance(failed, ProviderError) or (failed.type, failed.message) != ("server_error", "The spell broke."):
        yield f"ending: an error after {len(frames)} events is {failed!r}"
        return
    cut = streamed(begin(), [frames]).error
    if cut is None or failed.partial != cut.partial:
        yield f"ending: after {len(frames)} events an error keeps other things than a cut"
    elif failed.partial is not None and not whole.text.startswith(failed.partial.text):
        yield f"ending: an error after {len(frames)} events keeps other text"


def _without_last(frames: list[Frame], begin: Callable[[], Decoder], whole: Response) -> Iterator[str]:
    *rest, _ = frames
    outcome = streamed(begin(), [rest])
    if terminated(rest):
        if outcome.error is not None or outcome.response is None:
            yield f"ending: without its last event, after a terminal signal: {outcome.error!r}"
        elif outcome.response.parts != whole.parts:
            yield "ending: without its last event the parts are others"
    elif not isinstance(outcome.error, StreamTruncated):
        yield f"ending: without its last event, before any terminal signal: {outcome.error!r}"


def _cut(body: bytes, begin: Callable[[], Decoder], whole: Response, framer: Callable[[], Framer]) -> Iterator[str]:
    cut = reads(body, [len(body)], framer)
    outcome = streamed(begin(), cut)
    if terminated(frame for read in cut for frame in read):
        if outcome.error is not None:
            yield f"ending: cut at byte {len(body)}, after a terminal signal: {outcome.error!r}"
        return
    if not isinstance(outcome.error, StreamTruncated):
        yield f"ending: cut at byte {len(body)}, before any terminal signal: {outcome.error!r}"
        return
    partial = outcome.error.partial
    if partial is not None and not whole.text.startswith(partial.text):
        yield f"ending: cut at byte {len(body)}, `partial` has other text"
    if partial is not None and not whole.reasoning.startswith(partial.reasoning):
        yield f"ending: cut at byte {len(body)}, `partial` has other reasoning"
