"""The three endings of a stream, and what is left of one that fails."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from chat_core.codec.decoder import FrameDecoder, frame_object
from chat_core.codec.fold import fold
from chat_core.codec.wire import Frame
from chat_core.errors import ChatError, DecodeError, ProviderError, StreamTruncated
from chat_core.events import Event, ResponseEnd, TextDelta
from chat_core.response import FinishReason

if TYPE_CHECKING:
    from collections.abc import Iterable


class Toy(FrameDecoder):
    """A wire of four frames: text, `{"stop": …}`, `{"done": …}`, `{"error": …}`."""

    def on_frame(self, frame: Frame) -> None:
        match frame_object(frame):
            case None:
                return
            case {"text": str(text)}:
                self.build.text(0, text)
            case {"stop": str(word)}:
                self.terminal = True
                self.build.finish(FinishReason.STOP, word)
            case {"done": _}:
                self.build.end()
            case {"error": str(words)}:
                raise ProviderError(words)
            case _:
                raise DecodeError("malformed")


TEXT, STOP, DONE = Frame('{"text": "a"}'), Frame('{"stop": "end"}'), Frame('{"done": true}')


def run(frames: Iterable[Frame]) -> tuple[list[Event], ChatError | None]:
    decoder, events = Toy("toy@host/toy"), list[Event]()
    try:
        for event in decoder.feed(frames):
            events.append(event)
        for event in decoder.finish():
            events.append(event)
    except ChatError as error:
        return events, error
    return events, None


def test_a_stream_ends_at_its_last_event() -> None:
    decoder = Toy("toy@host/toy")
    events = list(decoder.feed([TEXT, STOP, DONE]))
    assert isinstance(events[-1], ResponseEnd)
    assert fold(events).raw_finish_reason == "end"
    assert list(decoder.finish()) == []


def test_a_stream_ends_with_the_input_when_a_terminal_signal_came() -> None:
    decoder = Toy("toy@host/toy")
    events = list(decoder.feed([TEXT, STOP]))
    assert not any(isinstance(event, ResponseEnd) for event in events)
    assert fold([*events, *decoder.finish()]).text == "a"


@pytest.mark.parametrize("frames", [[], [TEXT], [TEXT, TEXT], [TEXT, Frame('{"stop": "e', cut=True)]])
def test_a_stream_without_a_terminal_signal_is_truncated(frames: list[Frame]) -> None:
    events, error = run(frames)
    assert isinstance(error, StreamTruncated)
    assert error.retryable
    received = "".join(event.text for event in events if isinstance(event, TextDelta))
    if frames:
        assert error.partial is not None
        assert error.partial.text == received
        assert error.partial.finish_reason is None
    else:
        assert error.partial is None


@pytest.mark.parametrize(
    ("frame", "kind"),
    [
        (Frame('{"error": "busy"}'), ProviderError),
        (Frame('{"text": 1}'), DecodeError),
        (Frame("[]"), DecodeError),
        (Frame(b"\xff"), DecodeError),
    ],
)
def test_what_precedes_a_failure_is_delivered_and_in_the_error(frame: Frame, kind: type[ChatError]) -> None:
    events, error = run([TEXT, TEXT, frame, TEXT])
    assert [event.text for event in events if isinstance(event, TextDelta)] == ["a", "a"]
    assert type(error) is kind
    assert error is not None
    assert error.partial is not None
    assert error.partial.text == "aa"


def test_a_cut_frame_that_is_whole_all_the_same_counts() -> None:
    events, error = run([TEXT, Frame('{"stop": "end"}', cut=True)])
    assert error is None
    assert isinstance(events[-1], ResponseEnd)


def test_events_are_decoded_as_they_are_taken() -> None:
    events = Toy("toy@host/toy").feed(iter([TEXT, Frame("broken")]))
    assert [type(next(events)).__name__ for _ in range(3)] == ["ResponseStart", "PartStart", "TextDelta"]
    with pytest.raises(DecodeError):
        next(events)


@pytest.mark.parametrize("blank", ["", "  ", b" \t"])
def test_a_blank_frame_says_nothing(blank: bytes | str) -> None:
    assert frame_object(Frame(blank)) is None
