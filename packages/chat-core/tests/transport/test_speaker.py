"""The protocol of one connection, against the server's side of the same library, without sockets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.frames import Frame as WSFrame
from websockets.frames import Opcode
from websockets.http11 import Request
from websockets.server import ServerProtocol

from chat_core.codec.wire import Frame
from chat_core.errors import ConnectFailed
from chat_core.transport.closings import Closing
from chat_core.transport.speaker import Speaker

if TYPE_CHECKING:
    from random import Random


def agreed(speaker: Speaker) -> ServerProtocol:
    """Answer a handshake."""
    server = ServerProtocol()
    rows = "".join(f"{name}: {value}\r\n" for name, value in {"Host": "h", **speaker.asking}.items())
    server.receive_data(f"GET / HTTP/1.1\r\n{rows}\r\n".encode())
    (asked,) = server.events_received()
    assert isinstance(asked, Request)
    answer = server.accept(asked)
    speaker.accept({name.lower(): value for name, value in answer.headers.raw_items()})
    server.send_response(answer)
    server.data_to_send()
    return server


def said(server: ServerProtocol) -> bytes:
    return b"".join(server.data_to_send())


def test_the_handshake_has_the_headers_of_the_protocol_and_no_host() -> None:
    asking = {name.lower() for name in Speaker("ws://h/x", "h:80").asking}
    assert asking == {"upgrade", "connection", "sec-websocket-key", "sec-websocket-version"}


@given(st.lists(st.one_of(st.text(max_size=300), st.binary(max_size=300)), max_size=8), st.randoms())
def test_however_bytes_are_cut_the_messages_are_the_same(messages: list[str | bytes], chance: Random) -> None:
    speaker = Speaker("ws://h/", "h:80")
    server = agreed(speaker)
    for message in messages:
        if isinstance(message, str):
            server.send_text(message.encode())
        else:
            half = len(message) // 2
            server.send_binary(message[:half], fin=False)
            server.send_ping(b"?")
            server.send_continuation(message[half:], fin=True)
    data, found = said(server), list[Frame]()
    while data:
        size = chance.randrange(1, 50)
        found += speaker.feed(data[:size])
        data = data[size:]
    assert [frame.data for frame in found] == messages
    assert (speaker.closing, speaker.failure) == (None, None)
    assert bool(speaker.to_send()) is any(isinstance(message, bytes) for message in messages)  # answers to pings


def test_messages_reach_the_other_side_in_order() -> None:
    speaker = Speaker("ws://h/", "h:80")
    server = agreed(speaker)
    speaker.say(b"one", text=True)
    speaker.say(b"two", text=False)
    speaker.ping()
    server.receive_data(speaker.to_send())
    frames = [event for event in server.events_received() if isinstance(event, WSFrame)]
    assert [(frame.opcode, bytes(frame.data)) for frame in frames] == [
        (Opcode.TEXT, b"one"),
        (Opcode.BINARY, b"two"),
        (Opcode.PING, b""),
    ]
    assert speaker.to_send() == b""


def test_a_closing_is_answered_and_known() -> None:
    speaker = Speaker("ws://h/", "h:80")
    server = agreed(speaker)
    server.send_text(b"last")
    server.send_close(1012, "soon")
    assert [frame.data for frame in speaker.feed(said(server))] == ["last"]
    assert speaker.closing == Closing(1012, "soon")
    assert speaker.failure is None
    server.receive_data(speaker.to_send())
    assert server.close_rcvd is not None


def test_an_end_without_a_farewell_is_abnormal_and_feeding_goes_on_without_effect() -> None:
    speaker = Speaker("ws://h/", "h:80")
    agreed(speaker)
    assert speaker.feed(b"") == []
    assert speaker.closing == Closing(1006)
    assert speaker.feed(b"x") == []


def test_a_message_beyond_the_bound_is_a_failure_also_in_pieces() -> None:
    for pieces in (1, 3):
        speaker = Speaker("ws://h/", "h:80", max_message=100)
        server = agreed(speaker)
        server.send_text(b"first")
        for number in range(pieces):
            piece = b"x" * (150 // pieces)
            send = server.send_text if number == 0 else server.send_continuation
            send(piece, fin=number == pieces - 1)
        assert [frame.data for frame in speaker.feed(said(server))] == ["first"]
        assert speaker.failure is not None
        assert "more than 100 bytes" in speaker.failure.message


@pytest.mark.parametrize("data", [b"\xff\xff", b"\x81\x02\xff\xfe", b"\x83\x00"])
def test_what_is_not_the_protocol_is_a_failure(data: bytes) -> None:
    speaker = Speaker("ws://h/", "h:80")
    agreed(speaker)
    speaker.feed(data)
    assert speaker.failure is not None
    assert speaker.failure.retryable is False


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"upgrade": "websocket", "connection": "upgrade", "sec-websocket-accept": "x"},
        {"upgrade": "h2c", "connection": "upgrade"},
    ],
)
def test_an_answer_that_proves_nothing_is_refused(headers: dict[str, str]) -> None:
    with pytest.raises(ConnectFailed):
        Speaker("ws://h/", "h:80").accept(headers)


def test_a_farewell_is_said_once() -> None:
    speaker = Speaker("ws://h/", "h:80")
    agreed(speaker)
    speaker.close(1001)
    assert speaker.to_send() != b""
    speaker.close(1000)
    assert speaker.to_send() == b""
