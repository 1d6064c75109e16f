"""HTTP/1.1 as it is read: however it is cut, within bounds, and as another implementation reads it."""

from __future__ import annotations

import contextlib
import time
from itertools import pairwise

import h11
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat_core.errors import TransportError
from chat_core.transport.exchange import Address, Message
from chat_core.transport.http11 import MAX_HEAD, MAX_SIZE_LINE, Incoming, spelled

CHUNKED = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
TO = Address("http", "h", 80, b"/a?b=c", "h")


def read(pieces: list[bytes], method: str = "POST", *, ends: bool = False) -> tuple[Incoming, bytes]:
    """Feed pieces, and the end of input if the connection ends behind them."""
    incoming = Incoming(method, "h:80")
    body = b"".join([incoming.feed(piece) for piece in pieces])
    return incoming, body + (incoming.feed(b"") if ends else b"")


def bytewise(data: bytes) -> list[bytes]:
    return [data[at : at + 1] for at in range(len(data))]


WHOLE = [
    (b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello", b"hello", True),
    (b"HTTP/1.1 200\r\nContent-Length:5  \r\n\r\nhello", b"hello", True),
    (b"HTTP/1.1 200 OK\ncontent-length: 5\n\nhello", b"hello", True),
    (b"HTTP/1.1 200 OK\r\ncontent-length: 5, 5\r\n\r\nhello", b"hello", True),
    (b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 5\r\n\r\nhello", b"hello", True),
    (b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n", b"", True),
    (b"HTTP/1.1 204 No Content\r\n\r\n", b"", True),
    (b"HTTP/1.1 304 Not Modified\r\ncontent-length: 5\r\n\r\n", b"", True),
    (b"HTTP/1.0 200 OK\r\ncontent-length: 5\r\n\r\nhello", b"hello", False),
    (b"HTTP/1.1 200 OK\r\nconnection: keep-alive, Close\r\ncontent-length: 5\r\n\r\nhello", b"hello", False),
    (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\na: b\r\n\r\nHTTP/1.1 204 OK\r\n\r\n", b"", True),
    (CHUNKED + b"5\r\nhello\r\n0\r\n\r\n", b"hello", True),
    (CHUNKED + b"2\r\nhe\r\n3 \r\nllo\r\n00\r\n\r\n", b"hello", True),
    (CHUNKED + b"5;a=b;c\r\nhello\r\n0\r\nx: y\r\nz: w\r\n\r\n", b"hello", True),
    (CHUNKED + b"00000A\r\n0123456789\r\n0\r\n\r\n", b"0123456789", True),
    (CHUNKED + b"4\r\n\r\n\r\n\r\n0\r\n\r\n", b"\r\n\r\n", True),
    (CHUNKED.replace(b"\r\n\r\n", b"\r\ncontent-length: 9\r\n\r\n") + b"5\r\nhello\r\n0\r\n\r\n", b"hello", False),
]


@pytest.mark.parametrize(("data", "body", "reusable"), WHOLE)
@pytest.mark.parametrize("cut", ["whole", "bytewise"])
def test_a_reply_is_the_same_however_it_was_cut(data: bytes, body: bytes, reusable: bool, cut: str) -> None:
    incoming, came = read([data] if cut == "whole" else bytewise(data))
    assert (came, incoming.over, incoming.reusable) == (body, True, reusable)
    again, same = read([data], ends=True)
    assert (same, again.over, again.reusable) == (body, True, False)


@pytest.mark.parametrize(("data", "body", "reusable"), WHOLE)
def test_a_reply_that_ends_early_is_never_whole(data: bytes, body: bytes, reusable: bool) -> None:  # noqa: ARG001 - as above
    for end in range(len(data)):
        incoming, came = read([data[:end]] if end else [])
        assert body.startswith(came)
        assert not incoming.over or end == len(data)
        with pytest.raises(TransportError, match="h:80 ended before the reply was complete"):
            incoming.feed(b"")


def test_a_body_without_a_length_ends_with_the_connection() -> None:
    incoming, came = read([b"HTTP/1.1 200 OK\r\n\r\nhel", b"lo"])
    assert (came, incoming.over) == (b"hello", False)
    assert incoming.feed(b"") == b""
    assert (incoming.over, incoming.reusable) == (True, False)


def test_the_answer_to_a_head_has_no_body() -> None:
    incoming, came = read([b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n"], "HEAD")
    assert (came, incoming.over, incoming.reusable) == (b"", True, True)


@pytest.mark.parametrize("reply", [WHOLE[0][0], WHOLE[6][0], WHOLE[11][0]])
def test_what_comes_unasked_is_no_body_and_ends_the_connection(reply: bytes) -> None:
    for pieces in ([reply + b"x"], [reply, b"x"]):
        incoming, came = read(pieces)
        assert came in {b"hello", b""}
        assert (incoming.over, incoming.reusable) == (True, False)


def test_all_that_one_read_held_comes_in_one_piece() -> None:
    incoming = Incoming("POST", "h:80")
    assert incoming.feed(CHUNKED + b"1\r\na\r\n1\r\nb\r\n2\r\nc") == b"abc"
    assert incoming.feed(b"d\r\n0") == b"d"
    assert incoming.feed(b"\r\n\r\n") == b""
    assert incoming.over


def test_headers_have_names_in_lower_case_and_are_joined() -> None:
    incoming, _ = read([b"HTTP/1.1 200 OK\r\nA: 1\r\na:\t2 \r\nX-Y: \xe9\r\nfolded: a\r\n  b\r\nempty:\r\n\r\n"])
    assert incoming.headers == {"a": "1, 2", "x-y": "é", "folded": "a b", "empty": ""}


@pytest.mark.parametrize(
    "data",
    [
        b"HTTP/2 200 OK\r\n\r\n",
        b"HTTP/1.1 20 OK\r\n\r\n",
        b"HTTP/1.1 2000 OK\r\n\r\n",
        b"ICY 200 OK\r\n\r\n",
        b"\r\nHTTP/1.1 200 OK\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n connection: close\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n \r\n\r\n",
        b"HTTP/1.1 200 OK\r\n: nameless\r\n\r\n",
        b"HTTP/1.1 200 OK\r\na b: c\r\n\r\n",
        b"HTTP/1.1 200 OK\r\na : c\r\n\r\n",
        b"HTTP/1.1 200 OK\r\na: \x00\r\n\r\n",
        b"HTTP/1.1 200 OK\r\na: b\rc: d\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 5, 6\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: -5\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: +5\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 0x5\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: \xb2\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length:\r\n\r\n",
        CHUNKED + b"zz\r\n",
        CHUNKED + b"\r\n",
        CHUNKED + b"-1\r\n",
        CHUNKED + b"0x1\r\na\r\n",
        CHUNKED + b"1_0\r\n",
        CHUNKED + b"1\n",
        CHUNKED + b"11111111111111111\r\n",
        CHUNKED + b"1\r\nab\r\n",
        CHUNKED + b"1\r\naxx0\r\n\r\n",
        CHUNKED + b"1\r\na\n1\r\n",
    ],
)
@pytest.mark.parametrize("cut", ["whole", "bytewise"])
def test_what_is_not_http_is_an_error_that_quotes_nothing(data: bytes, cut: str) -> None:
    with pytest.raises(TransportError, match=r"^what came from h:80 is not HTTP: [a-z ]+$"):
        read([data] if cut == "whole" else bytewise(data))


@pytest.mark.parametrize(
    "start",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nx: ",
        CHUNKED + b"0\r\nx: ",
        CHUNKED + b"1;",
    ],
)
def test_a_head_a_trailer_and_the_line_before_a_chunk_are_bounded(start: bytes) -> None:
    incoming = Incoming("POST", "h:80")
    incoming.feed(start or b"H")
    began = time.process_time()
    with pytest.raises(TransportError, match=r"too long|no size"):
        incoming_in_pieces(incoming, 16)
    assert time.process_time() - began < 5


def incoming_in_pieces(incoming: Incoming, size: int) -> None:
    for _ in range(1 + (MAX_HEAD + MAX_SIZE_LINE) // size):
        incoming.feed(b"x" * size)


def test_a_long_run_of_spaces_costs_no_more_than_it_is_long() -> None:
    began = time.process_time()
    incoming, _ = read([b"HTTP/1.1 200 OK\r\na: b" + b" " * 90_000 + b"c\r\ncontent-length: 0\r\n\r\n"])
    assert (incoming.over, len(incoming.headers["a"])) == (True, 90_002)
    assert time.process_time() - began < 1


@pytest.mark.parametrize("row", [b"a" * 90_000, b"a:" * 45_000, b"a: b" + b"\r" * 90_000 + b"c"])
def test_a_long_line_that_is_no_header_costs_no_more_than_it_is_long(row: bytes) -> None:
    began = time.process_time()
    with contextlib.suppress(TransportError):
        read([b"HTTP/1.1 200 OK\r\n" + row + b"\r\ncontent-length: 0\r\n\r\n"])
    assert time.process_time() - began < 1


sizes = st.integers(0, 40)
replies = st.tuples(
    st.sampled_from([b"200 OK", b"204 None", b"404 Not Found", b"503 "]),
    st.lists(
        st.tuples(
            st.from_regex(rb"[a-zA-Z-]{1,8}", fullmatch=True).filter(
                lambda name: name.lower() not in {b"connection", b"te", b"upgrade"}
            ),
            st.from_regex(rb"([!-~]([ -~]{0,10}[!-~])?)?", fullmatch=True),
        ),
        max_size=4,
    ),
    st.binary(max_size=60),
    st.sampled_from(["chunked", "length", "nothing"]),
    sizes,
)


@given(replies, st.lists(st.integers(0, 400), max_size=8))
def test_it_is_read_as_another_implementation_reads_it(
    reply: tuple[bytes, list[tuple[bytes, bytes]], bytes, str, int], cuts: list[int]
) -> None:
    status, headers, body, framing, size = reply
    data = b"HTTP/1.1 " + status + b"\r\n" + b"".join(b"%b: %b\r\n" % header for header in headers)
    if framing == "chunked":
        step = size + 1
        parts = [body[at : at + step] for at in range(0, len(body), step)]
        data += b"transfer-encoding: chunked\r\n\r\n" + b"".join(b"%x\r\n%b\r\n" % (len(p), p) for p in (*parts, b""))
    else:
        data += (b"content-length: %d\r\n" % len(body) if framing == "length" else b"") + b"\r\n" + body
    edges = sorted({0, len(data), *(cut for cut in cuts if cut < len(data))})
    pieces = [data[start:end] for start, end in pairwise(edges)]
    assert ours(pieces) == theirs(pieces)


def ours(pieces: list[bytes]) -> object:
    try:
        incoming, body = read(pieces, ends=True)
    except TransportError:
        return "error"
    return incoming.status, incoming.headers, body


def theirs(pieces: list[bytes]) -> object:
    connection = h11.Connection(h11.CLIENT)
    connection.send(h11.Request(method="POST", target="/", headers=[("host", "h"), ("content-length", "0")]))
    connection.send(h11.EndOfMessage())
    head, body = (0, dict[str, str]()), b""
    try:
        for piece in (*pieces, b""):
            connection.receive_data(piece)
            while (event := connection.next_event()) not in (h11.NEED_DATA, h11.PAUSED):
                match event:
                    case h11.Response():
                        joined: dict[str, str] = {}
                        for name, value in event.headers:
                            word = name.decode()
                            joined[word] = f"{joined[word]}, {value.decode()}" if word in joined else value.decode()
                        head = event.status_code, joined
                    case h11.Data():
                        body += event.data
                    case h11.EndOfMessage():
                        return *head, body
                    case _:
                        pass
    except h11.RemoteProtocolError:
        pass
    return "error"


def test_a_request_as_bytes() -> None:
    message = Message(TO, "POST", [(b"host", b"h"), (b"X", b"\xe9")], b"ignored: it follows")
    assert spelled(message) == b"POST /a?b=c HTTP/1.1\r\nhost: h\r\nX: \xe9\r\n\r\n"
