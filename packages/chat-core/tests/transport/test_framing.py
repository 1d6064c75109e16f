"""Reads become frames: what each gives, and how the input ends."""

from __future__ import annotations

import pytest

from chat_core.codec.framers import NDJSON, SSE, JSONArray
from chat_core.codec.wire import Frame
from chat_core.errors import DecodeError
from chat_core.transport.framing import Framing


def test_a_read_gives_the_frames_it_completes() -> None:
    framing = Framing(SSE)
    assert framing.frames(b"data: 1\n\ndata: 2\n\nda") == (Frame(b"1"), Frame(b"2"))
    assert framing.frames(b"ta: 3\n\n") == (Frame(b"3"),)


def test_a_read_without_a_whole_frame_is_empty_and_no_end() -> None:
    framing = Framing(SSE)
    assert framing.frames(b": ping\n\n") == ()
    assert framing.frames(b"") == ()
    assert not framing.ended


def test_what_the_input_ended_in_comes_before_the_end() -> None:
    framing = Framing(NDJSON)
    assert framing.frames(b'{"a":1}\n{"b"') == (Frame(b'{"a":1}'),)
    assert framing.frames(None) == (Frame(b'{"b"', cut=True),)
    assert framing.ended
    assert framing.frames(None) is None


def test_an_input_that_ended_cleanly_ends_at_once() -> None:
    framing = Framing(SSE)
    framing.frames(b"data: 1\n\n")
    assert framing.frames(None) is None
    assert framing.ended


def test_messages_that_are_frames_already_pass() -> None:
    frames = (Frame("a"), Frame("b"))
    framing = Framing(SSE)
    assert framing.frames(frames) == frames
    assert framing.frames(()) == ()
    assert framing.frames(None) is None


def test_without_a_framer_the_body_is_one_frame() -> None:
    framing = Framing(None)
    assert framing.frames(b'{"a":') == ()
    assert framing.frames(b"1}") == ()
    assert framing.frames(None) == (Frame(b'{"a":1}'),)
    assert framing.frames(None) is None


def test_a_document_in_place_of_events_is_one_whole_frame() -> None:
    framing = Framing(SSE)
    assert framing.frames(b'{"error":\n\n') == ()
    assert framing.frames(b'"x"}') == ()
    assert framing.frames(None) == (Frame(b'{"error":\n\n"x"}'),)


def test_broken_framing_is_an_error() -> None:
    with pytest.raises(DecodeError):
        Framing(JSONArray).frames(b"]")
