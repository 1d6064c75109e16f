"""What the counterpart sends is what services send: whole documents, whole events, cut as the recipe says."""

from __future__ import annotations

import json
from base64 import b64decode

import pytest

from benchmarks import frames, replies
from benchmarks.asking import ASKING, Reading
from benchmarks.replies import Recipe
from benchmarks.roster import WIRES
from benchmarks.upstream import end_of, streams


@pytest.mark.parametrize("wire", WIRES)
def test_a_stream_says_its_text_however_it_is_cut(wire: str) -> None:
    whole = b"".join(replies.events(wire, Recipe("text", 20)))
    for size in (1, 7, 1000, len(whole)):
        texts: list[str] = []
        reading = Reading(wire, json.loads, texts.append)
        for at in range(0, len(whole), size):
            reading.feed(whole[at : at + size])
        assert texts == [("\n" if number in {0, 12} else " ") + f"w{number:03}" for number in range(20)]


@pytest.mark.parametrize("wire", WIRES)
def test_a_whole_reply_is_a_document_of_the_wire(wire: str) -> None:
    head, _, body = replies.unary(wire).partition(b"\r\n\r\n")
    assert f"content-length: {len(body)}".encode() in head
    assert ASKING[wire].text(json.loads(body)) == replies.ANSWER.decode()


@pytest.mark.parametrize("together", [1, 4, 16])
def test_so_many_events_are_in_an_http_chunk(together: int) -> None:
    _, _, rest = replies.streamed("chat", Recipe("text", 29, together)).partition(b"\r\n\r\n")
    counts: list[int] = []
    while rest:
        size, _, after = rest.partition(b"\r\n")
        body, rest = after[: int(size, 16)], after[int(size, 16) + 2 :]
        counts.append(body.count(b"data: "))
    assert counts[-1] == 0
    assert sum(counts) == 29 + 4
    assert set(counts[:-2]) == {together}


@pytest.mark.parametrize("count", [1, 4, 1000])
def test_the_fragments_of_a_call_are_a_document(count: int) -> None:
    pieces = replies.fragments(count)
    rows = json.loads("".join(pieces))["rows"]
    assert [row["id"] for row in rows] == list(range(len(rows)))
    assert count - 1 <= len(pieces) <= count


@pytest.mark.parametrize("base64", [False, True])
def test_embeddings_are_as_many_numbers_as_asked(base64: bool) -> None:
    _, _, body = replies.embedded(3, base64=base64).partition(b"\r\n\r\n")
    rows = [item["embedding"] for item in json.loads(body)["data"]]
    assert [len(b64decode(row)) // 4 if base64 else len(row) for row in rows] == [replies.DIMENSIONS] * 3


def test_a_recipe_is_what_its_path_says() -> None:
    recipe = Recipe("call", 20, 16, 200)
    assert replies.read(str(recipe)) == recipe


def test_a_request_ends_where_its_head_says() -> None:
    head = b"POST / HTTP/1.1\r\nContent-Length: 3\r\n"
    assert end_of(head + b"\r\nabcX", head, len(head) + 2) == len(head) + 5
    assert end_of(head + b"\r\nab", head, len(head) + 2) is None
    head = b"POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n"
    assert end_of(head + b"\r\n1\r\na\r\n0\r\n\r\nX", head, len(head) + 2) == len(head) + 2 + 11


@pytest.mark.parametrize(
    ("wire", "path", "body", "wanted"),
    [
        ("chat", "v1/chat/completions", b'{"stream": true}', True),
        ("chat", "v1/chat/completions", b"{}", False),
        ("ollama", "api/chat", b"{}", True),
        ("ollama", "api/chat", b'{"stream":false}', False),
        ("gemini", "v1/models/m:streamGenerateContent", b"{}", True),
        ("gemini", "v1/models/m:generateContent", b"{}", False),
    ],
)
def test_a_stream_is_sent_where_one_is_asked_for(wire: str, path: str, body: bytes, wanted: bool) -> None:
    assert streams(wire, path, body) is wanted


@pytest.mark.parametrize("size", [0, 5, 125, 126, 65_536])
def test_frames_of_a_client_are_read_back(size: int) -> None:
    payload = bytes(number % 251 for number in range(size))
    sent = bytearray(frames.frame(payload))
    head = len(sent) - size
    sent[1] |= 0x80
    mask = b"\x01\x02\x03\x04"
    masked = bytes(byte ^ mask[at % 4] for at, byte in enumerate(payload))
    message = bytes(sent[:head]) + mask + masked
    assert frames.unframed(message + b"more") == (frames.FIN_TEXT, payload, b"more")
    assert frames.unframed(message[:-1] if size else message[:3]) is None
