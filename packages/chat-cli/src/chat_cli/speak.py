"""`chat speak`: words spoken aloud, into a file or a program.

Law: what goes into a program goes as it comes; a file is there when all of it has come.
"""

from __future__ import annotations

from typing import Any

import click

from chat_cli.files import (
    client_of,
    field_option,
    fields_of,
    output_option,
    require_place,
    say,
    set_only,
    words_of,
    written,
)
from chat_cli.flags import service_options

FORMATS = frozenset({"aac", "flac", "mp3", "opus", "pcm", "wav"})
"""What the end of a file name can say."""


@click.command("speak", short_help="Speak words aloud, into a file or a program.")
@click.argument("words", nargs=-1, metavar="[TEXT]...")
@output_option
@click.option("--voice", metavar="VOICE", help="The service's name of a voice.")
@click.option("--instructions", metavar="TEXT", help="How to speak, in words.")
@click.option("--format", "form", metavar="FORMAT", help="mp3, wav, …. Default: as the name of the file says.")
@click.option("--speed", type=click.FloatRange(min=0, min_open=True), metavar="X", help="How fast; 1 is normal.")
@click.option("--language", metavar="LANGUAGE", help="The language of the words, such as en.")
@field_option
@service_options
def speak(words: tuple[str, ...], output: str | None, **given: Any) -> None:  # noqa: ANN401 - click passes them by name
    """Speak words aloud.

    What is piped in comes before the words, or is the words: chat speak "Hello" | mpv -
    """
    from chat_core.events import MediaDelta  # noqa: PLC0415 - `chat --help` needs none of it

    require_place(output, "sound")
    chat = client_of(given, "speak")
    text = words_of(words, "chat speak 'Hello' -o hello.mp3")
    form = given.pop("form") or _form(output)
    asked = set_only(format=form, extra=fields_of(given.pop("extra")), **given)
    with written(output) as file, chat.speak_stream(text, **asked) as stream:
        heard = 0
        for event in stream:
            if isinstance(event, MediaDelta):
                file.write(event.data)
                file.flush()
                heard += len(event.data)
        result = stream.result
        whole = getattr(result.audio.source, "data", b"")
        file.write(whole[heard:])  # of a service that sends its sound at the end
    say(result.notices)


def _form(output: str | None) -> str | None:
    """Return what the end of a file name says."""
    from pathlib import Path  # noqa: PLC0415 - as above

    suffix = "" if output is None else Path(output).suffix.removeprefix(".").lower()
    return suffix if suffix in FORMATS else None
