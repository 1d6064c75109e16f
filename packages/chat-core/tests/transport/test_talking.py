"""One connection as a state, with a protocol that is fed: who is told what, and what is to be sent."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from wspeers import LANES, NAMED, asking

from chat_core.codec.wire import Frame, Lane, dump
from chat_core.errors import ChatError, ConfigurationError, DecodeError, TransportError
from chat_core.transport.closings import Closing
from chat_core.transport.talking import Habits, Talking

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chat_core.codec.wire import Outgoing
    from chat_core.transport.lanes import Inbox

HABITS = Habits(max_age=100, ping_interval=20, ping_timeout=5)
ASKED = asking("ws://h/", "hi")


class Fed:
    """A protocol whose messages are the lines of what comes."""

    asking: Mapping[str, str] = {}

    def __init__(self) -> None:
        self.closing: Closing | None = None
        self.failure: TransportError | None = None
        self.said: list[bytes] = []

    def accept(self, headers: Mapping[str, str]) -> None:
        """Agree."""

    def feed(self, data: bytes) -> list[Frame]:
        if not data:
            self.closing = self.closing or Closing(1006)
        return [Frame(line.decode()) for line in data.split(b"\n") if line]

    def say(self, message: bytes, *, text: bool) -> None:
        self.said.append((b"text " if text else b"bytes ") + message)

    def ping(self) -> None:
        self.said.append(b"ping")

    def close(self, code: int) -> None:
        self.said.append(b"close %d" % code)

    def to_send(self) -> bytes:
        said, self.said = self.said, []
        return b"\n".join(said)


def talk(lane: Lane | None = None) -> tuple[Talking, Fed]:
    fed = Fed()
    return Talking(fed, lane, HABITS, "h:80", 0.0), fed


def quiet() -> None:
    """Wake nobody."""


def spoken(inbox: Inbox) -> list[object]:
    return [frame.data for frame in inbox.take() or ()]


def test_a_request_is_the_body_as_it_is_or_with_its_name() -> None:
    talking, _ = talk()
    talking.join(ASKED, quiet)
    assert talking.to_send() == b'text {"text":"hi"}'
    laned, _ = talk(LANES)
    laned.join(ASKED, quiet)
    assert laned.to_send() == b'text {"text":"hi","lane":"1"}'


@pytest.mark.parametrize(("lane", "body"), [(LANES, b"x"), (None, None), (LANES, None)])
def test_what_no_message_can_carry_is_refused_and_takes_no_place(lane: Lane | None, body: bytes | None) -> None:
    talking, fed = talk(lane)
    request: Outgoing = replace(ASKED, wire=replace(ASKED.wire, body=body))
    with pytest.raises(ConfigurationError):
        talking.join(request, quiet)
    assert (fed.said, talking.lanes.busy, talking.lanes.stray) == ([], False, False)


def test_a_request_that_is_done_leaves_the_connection_in_service() -> None:
    talking, _ = talk()
    inbox = talking.join(ASKED, quiet)
    talking.came(b"a", 1)
    inbox.take()
    assert talking.leave(inbox, done=True)
    assert (talking.resting, talking.fit(2)) == (True, True)


@pytest.mark.parametrize("done", [True, False])
def test_what_nobody_took_ends_the_service_of_a_connection_without_lanes(done: bool) -> None:
    talking, _ = talk()
    inbox = talking.join(ASKED, quiet)
    talking.came(b"a\nb", 1)
    assert not talking.leave(inbox, done=done)
    assert not talking.fit(2)


def test_a_lane_that_is_left_is_cancelled_where_that_can_be_said() -> None:
    talking, _ = talk(NAMED)
    inbox = talking.join(ASKED, quiet)
    talking.to_send()
    assert talking.leave(inbox, done=False)
    assert talking.to_send() == b'text {"cancel":"1"}'
    silent, fed = talk(LANES)
    assert not silent.leave(silent.join(ASKED, quiet), done=False)
    assert fed.said == [b'text {"text":"hi","lane":"1"}']


def test_a_lane_that_is_done_is_not_cancelled_whatever_came_beyond() -> None:
    talking, _ = talk(NAMED)
    inbox = talking.join(ASKED, quiet)
    talking.to_send()
    talking.came(b'{"lane":"1"}', 1)
    assert talking.leave(inbox, done=True)
    assert talking.to_send() == b""


def test_age_counts_from_the_handshake() -> None:
    talking, _ = talk()
    assert (talking.fit(99.9), talking.fit(100)) == (True, False)


def test_a_closing_comes_after_the_frames_before_it() -> None:
    talking, fed = talk()
    inbox = talking.join(ASKED, quiet)
    fed.closing = Closing(1012)
    talking.came(b"last", 1)
    assert spoken(inbox) == ["last"]
    with pytest.raises(TransportError, match="starts anew"):
        inbox.take()
    assert talking.over
    assert not talking.fit(2)


def test_each_request_gets_an_error_of_its_own() -> None:
    talking, _ = talk(LANES)
    inboxes = [talking.join(ASKED, quiet) for _ in range(2)]
    talking.broke(TransportError("gone"))
    found: list[ChatError] = []
    for inbox in inboxes:
        with pytest.raises(TransportError, match="gone") as caught:
            inbox.take()
        found.append(caught.value)
    assert found[0] is not found[1]
    with pytest.raises(TransportError, match="gone"):
        talking.join(ASKED, quiet)


def test_a_failure_of_the_protocol_or_of_the_codec_ends_it() -> None:
    talking, fed = talk()
    inbox = talking.join(ASKED, quiet)
    fed.failure = TransportError("too long")
    talking.came(b"x", 1)
    assert spoken(inbox) == ["x"]
    with pytest.raises(TransportError, match="too long"):
        inbox.take()
    laned, _ = talk(LANES)
    other = laned.join(ASKED, quiet)
    laned.came(b"no json", 1)
    with pytest.raises(DecodeError):
        other.take()


def test_silence_is_asked_about_and_then_the_end() -> None:
    talking, _ = talk()
    inbox = talking.join(ASKED, quiet)
    talking.to_send()
    talking.beat(19)
    assert talking.to_send() == b""
    talking.beat(20)
    assert talking.to_send() == b"ping"
    talking.came(b"", 22)
    other, _ = talk()
    waiting = other.join(ASKED, quiet)
    for moment in (20, 25):
        other.beat(moment)
    with pytest.raises(TransportError, match="did not answer a ping"):
        waiting.take()
    assert inbox.ready


def test_a_farewell_says_whether_an_answer_was_wanted() -> None:
    resting, _ = talk()
    assert resting.farewell() == b"close 1000"
    busy, _ = talk()
    inbox = busy.join(ASKED, quiet)
    busy.to_send()
    assert busy.farewell() == b"close 1001"
    with pytest.raises(TransportError, match="closed here"):
        inbox.take()
    left, _ = talk()
    left.leave(left.join(ASKED, quiet), done=False)
    assert left.farewell().endswith(b"close 1001")


def test_the_body_with_its_name_is_written_as_all_json_is() -> None:
    body = {"text": "ü\u2028"}
    talking, _ = talk(LANES)
    talking.join(replace(ASKED, wire=replace(ASKED.wire, body=body)), quiet)
    assert talking.to_send() == b"text " + dump({**body, "lane": "1"})
