from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from running import DEMO

from chat_cli.transcribe import subtitles
from chat_core.codec.transcription import Segment

if TYPE_CHECKING:
    from pathlib import Path

    from running import Chat

WAV = b"RIFF\x00\x00\x00\x00WAVE"
TEXT = "This is a recording. Nobody listened."


@pytest.fixture
def sound(tmp_path: Path) -> str:
    (tmp_path / "talk.wav").write_bytes(WAV)
    return str(tmp_path / "talk.wav")


def test_the_words_are_printed(chat: Chat, sound: str) -> None:
    done = chat("transcribe", sound, "-m", DEMO, "--language", "en", "--speakers")
    assert (done.returncode, done.stdout) == (0, f"{TEXT}\n")
    assert [line.split(":")[1].strip() for line in done.stderr.splitlines()] == ["language", "diarize"]


def test_a_sound_can_be_piped_in(chat: Chat) -> None:
    assert chat("transcribe", "-", "-m", DEMO, stdin=WAV).stdout == f"{TEXT}\n"


def test_a_transcript_is_also_json(chat: Chat, sound: str) -> None:
    found = json.loads(chat("transcribe", sound, "-m", DEMO, "--json").stdout)
    assert list(found) == ["text", "language", "duration", "segments", "words", "model", "usage", "notices"]
    assert found["text"] == TEXT
    assert found["segments"][0] == {"text": "This is a recording.", "start": 0.0, "end": 1.5, "speaker": None}


def test_a_transcript_is_also_subtitles(chat: Chat, sound: str) -> None:
    done = chat("transcribe", sound, "-m", DEMO, "--srt")
    assert done.stdout == (
        "1\n00:00:00,000 --> 00:00:01,500\nThis is a recording.\n\n2\n00:00:01,500 --> 00:00:03,000\nNobody listened.\n"
    )


def test_subtitles_have_hours_and_speakers_and_leave_out_what_has_no_time() -> None:
    late = Segment(text=" Late ", start=3725.0015, end=3726.9999, speaker="A")
    assert list(subtitles([Segment(text="never"), late])) == ["1\n01:02:05,002 --> 01:02:07,000\nA: Late\n"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("nothing.wav",), "nothing.wav: No such file or directory"),
        ((__file__, "--json", "--srt"), "choose one"),
        (("-",), "no bytes, nothing to send"),
    ],
)
def test_what_is_wrong_is_said_with_the_fix(chat: Chat, arguments: tuple[str, ...], words: str) -> None:
    done = chat("transcribe", *arguments, "-m", DEMO)
    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr
