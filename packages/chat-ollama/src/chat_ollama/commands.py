"""`chat ollama`: fetch, list, show, copy and delete the models of a server.

Law: progress goes to stderr, as a bar on a terminal and as plain lines elsewhere; what was asked for goes to stdout. An
interrupted pull closes its connection, and what was fetched stays.
"""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeVar

import click

from chat_ollama.addresses import address

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable

    from chat_core.chat import Chat
    from chat_core.events import Event
    from chat_core.flow.service import Operation
    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.parts import Meta
    from chat_ollama.local_models import Shown

T = TypeVar("T")

ANY = "*"
"""The model of a client that is asked about the server: a client has one."""


@click.group("ollama", short_help="Fetch and manage the models of an Ollama server.")
def ollama() -> None:
    """Fetch and manage the models of an Ollama server.

    The server is the one that OLLAMA_HOST names, or the one on this machine.
    """


def _on_server(command: Callable[..., None]) -> Callable[..., None]:
    """Let a command be told which server it speaks to."""
    host = click.option("--host", metavar="HOST", help="The server, spelled as in OLLAMA_HOST.")
    provider = click.option(
        "--provider", default="ollama", show_default=True, metavar="NAME", help="A provider that is like ollama."
    )
    return host(provider(command))


def _as_json(command: Callable[..., None]) -> Callable[..., None]:
    return click.option("--json", "as_json", is_flag=True, help="Print JSON.")(command)


@ollama.command("pull", short_help="Fetch a model.")
@click.argument("model")
@_on_server
def pull(model: str, **server: str | None) -> None:
    """Fetch MODEL from the registry. A pull that was interrupted goes on where it was."""
    from chat_cli.terminal import err, out  # noqa: PLC0415 - `chat --help` needs none of it
    from chat_ollama import transfers  # noqa: PLC0415 - as above

    screen = err()
    with _client(**server) as chat, chat.drive(transfers.pull(model)) as task:
        try:
            _show_bars(task) if screen.is_terminal else _show_lines(task)
        except KeyboardInterrupt:
            screen.line("Interrupted. What was fetched is kept; the same command goes on with it.")
            raise
    out().line(f"{model} is there")


@ollama.command("list", short_help="List the models on the server.")
@_on_server
@_as_json
def list_(*, as_json: bool, **server: str | None) -> None:
    """List the models on the server."""
    with _client(**server) as chat:
        found = chat.models()
    rows: list[JSONObject] = [{"model": model.id, **_first(model.meta)} for model in found]
    if as_json:
        _print_json({"models": [*rows]})
    else:
        _print_rows((str(row["model"]), _size(row.get("size")), str(row.get("modified_at", ""))[:10]) for row in rows)


@ollama.command("show", short_help="Show what is known about a model.")
@click.argument("model")
@_on_server
@_as_json
def show(model: str, *, as_json: bool, **server: str | None) -> None:
    """Show what the server knows about MODEL."""
    from chat_ollama import local_models  # noqa: PLC0415 - as above

    shown = _run(local_models.show(model), server)
    if as_json:
        facts: JSONObject = {"details": shown.details, "model_info": shown.info}
        _print_json({"model": model, "capabilities": [*shown.capabilities], **facts, **_first(shown.meta)})
    else:
        _print_rows(_facts(shown))


@ollama.command("ps", short_help="List the models that are loaded.")
@_on_server
@_as_json
def ps(*, as_json: bool, **server: str | None) -> None:
    """List the models that are loaded, and until when."""
    from chat_ollama import local_models  # noqa: PLC0415 - as above

    loaded = _run(local_models.running(), server)
    if as_json:
        rows: list[JSONObject] = [
            {"model": item.model, "size": item.size, "size_vram": item.size_vram, **_first(item.meta)}
            for item in loaded
        ]
        _print_json({"models": [*rows]})
    else:
        _print_rows((item.model, _size(item.size), _until(item.expires)) for item in loaded)


@ollama.command("copy", short_help="Give a model a second name.")
@click.argument("source")
@click.argument("destination")
@_on_server
def copy(source: str, destination: str, **server: str | None) -> None:
    """Give the model SOURCE the second name DESTINATION."""
    from chat_ollama import local_models  # noqa: PLC0415 - as above

    _run(local_models.copy(source, destination), server)


@ollama.command("delete", short_help="Delete models from the server.")
@click.argument("models", nargs=-1, required=True)
@_on_server
def delete(models: tuple[str, ...], **server: str | None) -> None:
    """Delete MODELS from the server."""
    from chat_ollama import local_models  # noqa: PLC0415 - as above

    for model in models:
        _run(local_models.delete(model), server)


@contextmanager
def _client(host: str | None = None, provider: str | None = None) -> Generator[Chat]:
    """Give a client of the server; one that does not run is named with what starts it."""
    from chat_core.chat import Chat  # noqa: PLC0415 - as above
    from chat_core.errors import ConnectFailed  # noqa: PLC0415 - as above

    base_url = None if host is None else address("OLLAMA_HOST", host)
    try:
        yield Chat(f"{provider}:{ANY}", base_url=base_url)
    except ConnectFailed as error:
        raise ConnectFailed(f"{error.message}. Is the server running? Start it: ollama serve") from None


def _run(operation: Operation[T], server: dict[str, str | None]) -> T:
    with _client(**server) as chat:
        return chat.drive(operation).finish()


def _show_lines(events: Iterable[Event]) -> None:
    """Print what the server does, each thing once."""
    from chat_cli.terminal import err  # noqa: PLC0415 - as above
    from chat_ollama.transfers import Progress  # noqa: PLC0415 - as above

    screen, before = err(), ""
    for event in events:
        if isinstance(event, Progress) and event.status != before:
            before = event.status
            screen.line(f"{before} ({_size(event.total)})" if event.total is not None else before)


def _show_bars(events: Iterable[Event]) -> None:
    """Draw a bar for each layer, and below them what the server does."""
    from rich import progress  # noqa: PLC0415 - as above
    from rich.console import Console  # noqa: PLC0415 - as above

    from chat_cli.terminal import one_line  # noqa: PLC0415 - as above
    from chat_ollama.transfers import Progress  # noqa: PLC0415 - as above

    columns = (
        progress.TextColumn("{task.description}", markup=False),
        progress.BarColumn(),
        progress.DownloadColumn(),
        progress.TransferSpeedColumn(),
        progress.TimeRemainingColumn(),
    )
    bars: dict[str, progress.TaskID] = {}
    with progress.Progress(*columns, console=Console(stderr=True)) as display:
        for event in events:
            if not isinstance(event, Progress):
                continue
            if event.digest is None:
                display.console.print(one_line(event.status), markup=False, highlight=False)
                continue
            if event.digest not in bars:
                bars[event.digest] = display.add_task(one_line(event.status), total=event.total)
            display.update(bars[event.digest], completed=event.completed or 0)


def _facts(shown: Shown) -> Iterable[tuple[str, str]]:
    yield "model", shown.model
    yield "capabilities", ", ".join(shown.capabilities)
    if shown.context_tokens is not None:
        yield "context", f"{shown.context_tokens} tokens"
    for key in ("family", "parameter_size", "quantization_level", "format"):
        if (value := shown.details.get(key)) is not None:
            yield key.replace("_", " "), str(value)
    if isinstance(parameters := _first(shown.meta).get("parameters"), str):
        yield "parameters", ", ".join(" ".join(line.split()) for line in parameters.splitlines())


def _first(meta: Meta) -> JSONObject:
    """Return what the server said beyond the typed fields."""
    return next(iter(meta.values())) if meta else {}


def _size(size: JSON) -> str:
    from rich.filesize import decimal  # noqa: PLC0415 - as above

    return decimal(size) if isinstance(size, int) else ""


def _until(expires: float | None) -> str:
    if expires is None:
        return ""
    return f"until {datetime.fromtimestamp(expires, tz=UTC).astimezone():%Y-%m-%d %H:%M}"


def _print_rows(rows: Iterable[tuple[str, ...]]) -> None:
    """Print cells, in columns on a terminal and with tabs between them elsewhere."""
    from chat_cli.terminal import one_line, out  # noqa: PLC0415 - as above

    screen, cells = out(), [tuple(one_line(cell) for cell in row) for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for row in cells:
        padded = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        screen.line(padded.rstrip() if screen.is_terminal else "\t".join(row))


def _print_json(value: JSONObject) -> None:
    from chat_cli.events import line  # noqa: PLC0415 - as above
    from chat_cli.terminal import out  # noqa: PLC0415 - as above

    out().send(line(value))
