"""`chat transcribe`: what is said in a sound, as text, JSON or subtitles.

Law: the transcript goes to standard output and nothing else does. Subtitles need times: without any there are none.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from chat_cli.files import (
    STDIO,
    client_of,
    field_option,
    fields_of,
    json_option,
    notices_of,
    print_json,
    say,
    set_only,
    usage_of,
)
from chat_cli.flags import service_options

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from chat_core.chat import Chat
    from chat_core.codec.transcription import Segment, TranscriptionResponse
    from chat_core.jsonvalue import JSONObject
    from chat_core.parts import Media


@click.command("transcribe", short_help="Write down what is said in a sound.")
@click.argument("file", metavar="FILE")
@click.option("--language", metavar="LANGUAGE", help="The language that is spoken, such as en.")
@click.option("--prompt", metavar="TEXT", help="Words that help: names, the text before.")
@click.option("--speakers", "diarize", is_flag=True, help="Tell who speaks.")
@click.option("--translate", is_flag=True, help="Write it down in English.")
@json_option
@click.option("--srt", is_flag=True, help="Print subtitles.")
@field_option
@service_options
def transcribe(file: str, *, as_json: bool, srt: bool, **given: Any) -> None:  # noqa: ANN401 - click passes them by name
    """Write down what is said in FILE, or in what is piped in: -."""
    if as_json and srt:
        raise click.UsageError("--json and --srt are two forms of one transcript: choose one")
    chat = client_of(given, "transcribe")
    extra = fields_of(given.pop("extra"))
    asked = set_only(timestamps=("segment",) if srt else (), extra=extra, **given)
    sound = _sound(file)
    if not as_json and not srt:
        say(_streamed(chat, sound, asked).notices)
        return
    response = chat.transcribe(sound, **asked)
    say(response.notices)
    if as_json:
        print_json(transcript_as_json(response))
    else:
        _print_subtitles(response)


def _sound(file: str) -> Media:
    """Read the sound.

    Raises:
        click.UsageError: it cannot be read, or it cannot be told what it is.
    """
    from chat_core import media  # noqa: PLC0415 - `chat --help` needs none of it
    from chat_core.errors import ChatError  # noqa: PLC0415 - as above

    try:
        if file == STDIO:
            return media.from_bytes(sys.stdin.buffer.read(media.MAX_BYTES + 1))
        return media.from_url(file, kind="audio") if "://" in file else media.from_path(file)
    except OSError as error:
        raise click.UsageError(f"{file}: {error.strerror or error}") from None
    except ChatError as error:
        raise click.UsageError(f"{file:.200}: {error.message}") from None


def _streamed(chat: Chat, sound: Media, asked: dict[str, Any]) -> TranscriptionResponse:
    """Print words as they come, or all of them at the end where they come in no pieces."""
    from chat_cli.terminal import out  # noqa: PLC0415 - as above
    from chat_core.events import TextDelta  # noqa: PLC0415 - as above

    screen, shown = out(), False
    with chat.transcribe_stream(sound, **asked) as stream:
        for event in stream:
            if isinstance(event, TextDelta):
                screen.write(event.text if shown else event.text.lstrip())
                shown = shown or bool(event.text.strip())
        result = stream.result
    screen.write("" if shown else _spoken(result))
    screen.send("\n")
    return result


def _spoken(response: TranscriptionResponse) -> str:
    """Return the words, on a line for each speaker where there are some."""
    if any(segment.speaker for segment in response.segments):
        return "\n".join(f"{segment.speaker or '?'}: {segment.text.strip()}" for segment in response.segments)
    return response.text


def transcript_as_json(response: TranscriptionResponse) -> JSONObject:
    """Return a transcript as JSON, with always the same members."""
    return {
        "text": response.text,
        "language": response.language,
        "duration": response.duration,
        "segments": [_as_json(segment) for segment in response.segments],
        "words": [_as_json(word) for word in response.words],
        "model": response.model,
        "usage": usage_of(response.usage),
        "notices": notices_of(response.notices),
    }


def _as_json(segment: Segment) -> JSONObject:
    return {"text": segment.text, "start": segment.start, "end": segment.end, "speaker": segment.speaker}


def _print_subtitles(response: TranscriptionResponse) -> None:
    from chat_cli.exits import INCOMPLETE  # noqa: PLC0415 - as above
    from chat_cli.terminal import RED, err, out  # noqa: PLC0415 - as above

    blocks = list(subtitles(response.segments))
    if not blocks:
        err().line("the service sent no times, so there are no subtitles: ask without --srt, or another model", RED)
        click.get_current_context().exit(INCOMPLETE)
    out().write("\n".join(blocks))


def subtitles(segments: Iterable[Segment]) -> Iterator[str]:
    """Spell the segments that have times as SubRip."""
    timed = [segment for segment in segments if segment.start is not None and segment.end is not None]
    for number, segment in enumerate(timed, start=1):
        who = "" if segment.speaker is None else f"{segment.speaker}: "
        yield f"{number}\n{_clock(segment.start)} --> {_clock(segment.end)}\n{who}{segment.text.strip()}\n"


def _clock(seconds: float | None) -> str:
    milliseconds = round((seconds or 0) * 1000)
    minutes, rest = divmod(milliseconds, 60_000)
    return f"{minutes // 60:02}:{minutes % 60:02}:{rest // 1000:02},{rest % 1000:03}"
