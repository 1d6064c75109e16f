"""Cassettes keep everything and read back equal."""

from __future__ import annotations

import contextlib
import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat_core.codec.wire import Frame
from chat_core.errors import ConfigurationError, ConnectFailed, TimedOut, TransportError
from chat_core.transport.cassette import (
    Cassette,
    Exchange,
    Fault,
    Received,
    Sent,
    dumps,
    fault,
    first_line,
    load,
    loads,
)

if TYPE_CHECKING:
    from pathlib import Path

seconds = st.integers(0, 10**9).map(lambda micro: micro / 10**6)
headers = st.dictionaries(st.text(), st.text(), max_size=3)
bodies = st.binary() | st.sampled_from([b'{"a":1}', b'{ "a": 1}', b'{"text":"x"}', b'{"base64":"!"}', b"[1]", b"null"])
frames = st.builds(
    Frame,
    st.binary() | st.text(),
    event=st.none() | st.text(),
    id=st.none() | st.text(),
    cut=st.booleans(),
)
reads = st.builds(Received, seconds, st.none() | st.binary() | st.lists(frames, max_size=3).map(tuple))
faults = st.builds(
    Fault,
    kind=st.sampled_from(["connect", "broken"]),
    message=st.text(),
    after=seconds,
) | st.builds(
    Fault, kind=st.just("time"), message=st.text(), after=seconds, phase=st.sampled_from(["read"]), seconds=seconds
)
exchanges = st.builds(
    Exchange,
    request=st.builds(Sent, method=st.text(), url=st.text(), headers=headers, body=bodies),
    began=seconds,
    whole=st.booleans(),
    status=st.none(),
    reads=st.lists(reads, max_size=4).map(tuple),
    end=st.sampled_from(["complete", "left"]) | faults,
) | st.builds(
    Exchange,
    request=st.builds(Sent, method=st.text(), url=st.text(), headers=headers, body=bodies),
    status=st.integers(100, 599),
    headers=headers,
    reads=st.lists(reads, max_size=4).map(tuple),
)


@given(exchanges)
def test_an_exchange_reads_back_equal(exchange: Exchange) -> None:
    line = dumps(exchange)
    assert line.count(b"\n") == 1
    assert loads(first_line("http") + line) == Cassette((exchange,))


def test_a_json_body_is_readable_and_comes_back_byte_for_byte() -> None:
    body = '{"messages":[{"role":"user","content":"grüß"}]}'.encode()
    line = json.loads(dumps(Exchange(request=Sent(method="POST", url="u", body=body))))
    assert line["request"]["body"] == {"messages": [{"role": "user", "content": "grüß"}]}
    spaced = json.loads(dumps(Exchange(request=Sent(method="POST", url="u", body=b'{"a": 1}'))))
    assert spaced["request"]["body"] == {"text": '{"a": 1}'}


def test_exchanges_come_in_the_order_in_which_they_began() -> None:
    late, early = (
        Exchange(request=Sent(method="GET", url=url), began=at) for url, at in (("late", 2.0), ("early", 1.0))
    )
    assert [e.request.url for e in loads(dumps(late) + b"\n" + dumps(early)).exchanges] == ["early", "late"]


def test_the_channel_is_kept() -> None:
    assert loads(first_line("websocket")).channel == "websocket"


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (b"{", "not valid JSON"),
        (b"[]", "lacks"),
        (b'{"cassette":2,"channel":"http"}', "upgrade"),
        (b'{"request":{},"began":0,"whole":false,"reads":[],"end":"complete"}', "lacks"),
        (dumps(Exchange(request=Sent(method="GET", url="u"))).replace(b'"complete"', b'"odd"'), "end"),
        (dumps(Exchange(request=Sent(method="GET", url="u"))).replace(b"[]", b"[1]"), "read"),
        (dumps(Exchange(request=Sent(method="GET", url="u"))).replace(b"[]", b'[[0,{"base64":"!"}]]'), "base64"),
    ],
)
def test_a_line_that_cannot_be_read_is_named(line: bytes, why: str) -> None:
    with pytest.raises(ConfigurationError, match=f"tape, line 2: .*{why}"):
        loads(first_line("http") + line, name="tape")


@given(st.binary())
def test_whatever_a_file_holds_only_a_configuration_error_comes_out(data: bytes) -> None:
    with contextlib.suppress(ConfigurationError):
        loads(data)


def test_a_file_that_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="No such file"):
        load(tmp_path / "none.jsonl")


@pytest.mark.parametrize(
    "error",
    [ConnectFailed("no"), TransportError("broken"), TimedOut("late", phase="connect", seconds=2.5)],
)
def test_an_error_of_the_transport_comes_back_as_it_was(error: TransportError) -> None:
    back = fault(error, 0.5).error()
    assert type(back) is type(error)
    assert vars(back) == vars(error)
