"""What the commands beside questions have in common: the files that they write, further fields, notices.

Law: a file is whole, or it is not there. Bytes never go to a terminal, and that is said before anything is asked.
"""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar, cast

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable
    from typing import BinaryIO

    from chat_cli.flags import Flags
    from chat_core.chat import Chat
    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.response import Notice, Usage

Command = TypeVar("Command", bound="Callable[..., Any]")

STDIO = "-"
MAX_TEXT = 4 * 1024 * 1024
"""Most bytes of standard input that are words."""

output_option = click.option(
    *("-o", "--output"), metavar="FILE", help="Where to write it. Default: standard output, if that is no terminal."
)

field_option = click.option(
    *("-f", "--field", "extra"),
    type=(str, str),
    multiple=True,
    metavar="NAME VALUE",
    help="A further field of the request, sent as it is: JSON, or else text. Can be repeated.",
)

json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")


def client_of(given: dict[str, Any], task: str) -> Chat:
    """Take the options about the service out of what click passed, and make the client.

    Args:
        given: what click passed.
        task: what it is for: see `chat_cli.defaults.model_of`.
    """
    from chat_cli.defaults import model_of  # noqa: PLC0415 - `chat --help` needs none of it
    from chat_cli.flags import Flags  # noqa: PLC0415 - as above
    from chat_cli.requests import client  # noqa: PLC0415 - as above

    names = ("model", "key", "base_url", "timeout", "retries")
    flags: Flags = cast("Callable[..., Flags]", Flags)(**{name: given.pop(name) for name in names})
    return client(flags, model_of(flags.model, task))


def fields_of(extra: Iterable[tuple[str, str]]) -> JSONObject:
    """Read further fields: JSON, or else text."""
    return {name: _value(text) for name, text in extra}


def _value(text: str) -> JSON:
    from chat_core.errors import DecodeError  # noqa: PLC0415 - as above
    from chat_core.jsonvalue import parse  # noqa: PLC0415 - as above

    try:
        return parse(text)
    except DecodeError:
        return text


def set_only(**given: object) -> dict[str, Any]:
    """Return what was said on the command line."""
    return {name: value for name, value in given.items() if value is not None and value != () and value is not False}


def words_of(words: tuple[str, ...], example: str) -> str:
    """Return the words on the command line, after those that are piped in.

    Raises:
        click.UsageError: there are none, or what is piped in is no text.
    """
    piped = "" if sys.stdin.isatty() else _read()
    text = "\n\n".join(part for part in (piped, " ".join(words)) if part.strip())
    if not text:
        raise click.UsageError(f"there are no words: {example}")
    return text


def _read() -> str:
    data = sys.stdin.buffer.read(MAX_TEXT + 1)
    if len(data) > MAX_TEXT:
        raise click.UsageError(f"standard input is longer than {MAX_TEXT} bytes")
    try:
        return data.decode("utf-8-sig").strip("\n")
    except UnicodeDecodeError:
        raise click.UsageError("standard input is no UTF-8 text") from None


def require_place(output: str | None, what: str) -> None:
    """Refuse to write bytes to a terminal, or to what can be no file, before anything is asked.

    Raises:
        click.UsageError: there is no file, and standard output is a terminal; or no file can be there.
    """
    if output is None or output == STDIO:
        if sys.stdout.isatty():
            raise click.UsageError(f"{what} is no text: name a file with -o FILE, or pipe it into a program")
        return
    from pathlib import Path  # noqa: PLC0415 - `chat --help` needs none of it

    if Path(output).is_dir():
        raise click.UsageError(f"-o {output}: Is a directory")
    if not Path(output).parent.is_dir():
        raise click.UsageError(f"-o {output}: No such file or directory")


@contextmanager
def written(output: str | None) -> Generator[BinaryIO]:
    """Open the file, which takes its place when all is written, or standard output.

    Raises:
        click.UsageError: the file cannot be written.
    """
    if output is None or output == STDIO:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    from pathlib import Path  # noqa: PLC0415 - `chat --help` needs none of it
    from tempfile import NamedTemporaryFile  # noqa: PLC0415 - as above

    path = Path(output)
    try:
        file = NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False)  # noqa: SIM115 - closed below
    except OSError as error:
        raise click.UsageError(f"-o {output}: {error.strerror or error}") from None
    try:
        with file:
            yield cast("BinaryIO", file)
        Path(file.name).chmod(0o666 & ~_umask())
        Path(file.name).replace(path)
    except OSError as error:
        Path(file.name).unlink(missing_ok=True)
        raise click.UsageError(f"-o {output}: {error.strerror or error}") from None
    except BaseException:
        Path(file.name).unlink(missing_ok=True)
        raise


def _umask() -> int:
    """Return the rights that new files shall not have; there is no way to look without setting it."""
    import os  # noqa: PLC0415 - as above

    mask = os.umask(0)
    os.umask(mask)
    return mask


def say(notices: tuple[Notice, ...]) -> None:
    """Say on stderr what was not sent as asked."""
    from chat_cli.answering import notify  # noqa: PLC0415 - as above
    from chat_core.messages import assistant  # noqa: PLC0415 - as above
    from chat_core.response import Response  # noqa: PLC0415 - as above

    notify(Response(message=assistant(), notices=notices), set())


def print_json(value: JSONObject) -> None:
    """Print one JSON object on one line."""
    from chat_cli.events import line  # noqa: PLC0415 - as above
    from chat_cli.terminal import out  # noqa: PLC0415 - as above

    out().send(line(value))


def usage_of(usage: Usage | None) -> JSON:
    """Spell usage as `chat ask --json` does."""
    from chat_cli.events import usage_as_json  # noqa: PLC0415 - as above

    return None if usage is None else usage_as_json(usage)


def notices_of(notices: tuple[Notice, ...]) -> JSON:
    """Spell notices as `chat ask --json` does."""
    return [
        {"feature": item.feature, "requested": item.requested, "applied": item.applied, "reason": item.reason}
        for item in notices
    ]
