"""`chat ollama`: fetch, list, show, copy and delete the models of a server.

Law: progress goes to stderr, as a bar on a terminal and as plain lines elsewhere; what was asked for goes to stdout. An
interrupted pull closes its connection, and what was fetched stays.
"""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeVar

import click

from chat_cli.tables import json_option, print_json, print_rows, size
from chat_ollama.addresses import address

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable

    from chat_core.chat import Chat
    from chat_core.flow.service import Operation
    from chat_core.jsonvalue import JSONObject
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


@ollama.command("pull", short_help="Fetch a model.")
@click.argument("model")
@_on_server
def pull(model: str, **server: str | None) -> None:
    """Fetch MODEL from the registry. A pull that was interrupted goes on where it was."""
    from chat_cli.terminal import out  # noqa: PLC0415 - `chat --help` needs none of it
    from chat_cli.transfers import show as show_transfer  # noqa: PLC0415 - as above
    from chat_ollama import transfers  # noqa: PLC0415 - as above

    with _client(**server) as chat, chat.drive(transfers.pull(model)) as task:
        show_transfer(task)
    out().line(f"{model} is there")


@ollama.command("list", short_help="List the models on the server.")
@_on_server
@json_option
def list_(*, as_json: bool, **server: str | None) -> None:
    """List the models on the server."""
    with _client(**server) as chat:
        found = chat.models()
    rows: list[JSONObject] = [{"model": model.id, **_first(model.meta)} for model in found]
    if as_json:
        print_json({"models": [*rows]})
    else:
        print_rows((str(row["model"]), size(row.get("size")), str(row.get("modified_at", ""))[:10]) for row in rows)


@ollama.command("show", short_help="Show what is known about a model.")
@click.argument("model")
@_on_server
@json_option
def show(model: str, *, as_json: bool, **server: str | None) -> None:
    """Show what the server knows about MODEL."""
    from chat_ollama import local_models  # noqa: PLC0415 - as above

    shown = _run(local_models.show(model), server)
    if as_json:
        facts: JSONObject = {"details": shown.details, "model_info": shown.info}
        print_json({"model": model, "capabilities": [*shown.capabilities], **facts, **_first(shown.meta)})
    else:
        print_rows(_facts(shown))


@ollama.command("ps", short_help="List the models that are loaded.")
@_on_server
@json_option
def ps(*, as_json: bool, **server: str | None) -> None:
    """List the models that are loaded, and until when."""
    from chat_ollama import local_models  # noqa: PLC0415 - as above

    loaded = _run(local_models.running(), server)
    if as_json:
        rows: list[JSONObject] = [
            {"model": item.model, "size": item.size, "size_vram": item.size_vram, **_first(item.meta)}
            for item in loaded
        ]
        print_json({"models": [*rows]})
    else:
        print_rows((item.model, size(item.size), _until(item.expires)) for item in loaded)


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


def _until(expires: float | None) -> str:
    if expires is None:
        return ""
    return f"until {datetime.fromtimestamp(expires, tz=UTC).astimezone():%Y-%m-%d %H:%M}"
