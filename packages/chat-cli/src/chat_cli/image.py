"""`chat image`: a picture made from words, or from pictures and words.

Law: files are written when all pictures have come. An address that the service sends is printed, and not fetched.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from chat_cli.files import (
    STDIO,
    client_of,
    field_option,
    fields_of,
    json_option,
    notices_of,
    output_option,
    print_json,
    require_place,
    say,
    set_only,
    usage_of,
    words_of,
    written,
)
from chat_cli.flags import service_options

if TYPE_CHECKING:
    from chat_core.codec.images import ImageResponse
    from chat_core.jsonvalue import JSONObject
    from chat_core.parts import Media


@click.command("image", short_help="Make a picture from words, or change one.")
@click.argument("words", nargs=-1, metavar="[PROMPT]...")
@output_option
@click.option("-a", "--attachment", "pictures", multiple=True, metavar="FILE", help="A picture to change, or to go by.")
@click.option("--mask", metavar="FILE", help="A picture whose transparent places say what may change.")
@click.option("--number", type=click.IntRange(min=1), metavar="N", help="How many: FILE becomes FILE-1, FILE-2, ….")
@click.option("--size", metavar="SIZE", help="Pixels, such as 1024x1024, or the service's word.")
@click.option("--aspect", metavar="RATIO", help="Width to height, such as 16:9.")
@click.option("--quality", metavar="WORD", help="The service's word, such as low or high.")
@click.option("--format", "form", metavar="FORMAT", help="The file format: png, jpeg, webp.")
@field_option
@json_option
@service_options
def image(words: tuple[str, ...], output: str | None, *, as_json: bool, **given: Any) -> None:  # noqa: ANN401 - click passes them by name
    """Make a picture.

    What is piped in comes before the words, or is the words.
    """
    if as_json and output in {None, STDIO}:
        raise click.UsageError("--json says which files were written: name one with -o FILE")
    require_place(output, "a picture")
    if output in {None, STDIO} and (given["number"] or 1) > 1:
        raise click.UsageError("several pictures are several files: name them with -o FILE")
    chat = client_of(given, "image")
    prompt = words_of(words, "chat image 'a cat in the sun' -o cat.png")
    extra = fields_of(given.pop("extra"))
    asked = set_only(
        images=tuple(_picture(item) for item in given["pictures"]),
        mask=None if given["mask"] is None else _picture(given["mask"]),
        n=given["number"],
        size=given["size"],
        aspect=given["aspect"],
        quality=given["quality"],
        format=given["form"],
    )
    _keep(chat.image(prompt, extra=extra, **asked), output, as_json=as_json)


def _picture(item: str) -> Media:
    """Make a picture of a file or an address.

    Raises:
        click.UsageError: it cannot be read, or is none.
    """
    from chat_core import media  # noqa: PLC0415 - `chat --help` needs none of it
    from chat_core.errors import ChatError  # noqa: PLC0415 - as above

    try:
        return media.from_url(item) if "://" in item or item.startswith("data:") else media.from_path(item)
    except OSError as error:
        raise click.UsageError(f"{item}: {error.strerror or error}") from None
    except ChatError as error:
        raise click.UsageError(f"{item:.200}: {error.message}") from None


def _keep(response: ImageResponse, output: str | None, *, as_json: bool) -> None:
    """Write what came, and say what could not be written."""
    from chat_cli.exits import INCOMPLETE  # noqa: PLC0415 - as above
    from chat_cli.terminal import RED, err, out  # noqa: PLC0415 - as above
    from chat_core.parts import Inline  # noqa: PLC0415 - as above

    say(response.notices)
    rows: list[JSONObject] = []
    for at, picture in enumerate(response.images):
        place = _place(output, at if len(response.images) > 1 else None)
        if isinstance(picture.source, Inline):
            with written(place) as file:
                file.write(picture.source.data)
        rows.append({"file": place if isinstance(picture.source, Inline) else None, **_row(picture)})
    elsewhere = [row["url"] for row in rows if row["url"] is not None]
    if as_json:
        print_json({"images": [*rows], "usage": usage_of(response.usage), "notices": notices_of(response.notices)})
    else:
        for url in elsewhere:
            out().line(str(url))
    if elsewhere or not rows:
        words = "an address instead of the picture: fetch it, or ask for bytes with -f" if rows else "no picture"
        err().line(f"the service sent {words}", RED)
        click.get_current_context().exit(INCOMPLETE)


def _place(output: str | None, at: int | None) -> str | None:
    if output is None or output == STDIO or at is None:
        return output
    from pathlib import Path  # noqa: PLC0415 - as above

    path = Path(output)
    return str(path.with_name(f"{path.stem}-{at + 1}{path.suffix}"))


def _row(picture: Media) -> JSONObject:
    from chat_core.parts import URL  # noqa: PLC0415 - as above

    said = {name: value for data in picture.meta.values() for name, value in data.items()}
    return {
        "url": picture.source.url if isinstance(picture.source, URL) else None,
        "mime": picture.mime,
        "revised_prompt": said.get("revised_prompt"),
    }
