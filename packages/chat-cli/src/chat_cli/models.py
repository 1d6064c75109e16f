"""`chat models`: which models the services list.

Law: each provider is asked by itself, all at once; one that fails is named with its reason and hides no other.
"""

from __future__ import annotations

import os
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, cast

import click

from chat_cli.exits import LOG, unexpected
from chat_cli.flags import Flags, service_options
from chat_core.frozen import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from chat_core.codec.capabilities import Model
    from chat_core.errors import ChatError
    from chat_core.jsonvalue import JSONObject

SECONDS = 20.0
"""Most seconds for one provider's list, unless --timeout says otherwise."""

WORKERS = 8


@dataclass(frozen=True, slots=True)
class Listed:
    """What one provider listed, or why it did not."""

    provider: str
    models: tuple[Model, ...] = ()
    error: ChatError | None = None


@click.command("models", short_help="List the models that can be asked.")
@click.argument("query", required=False)
@service_options
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def models(query: str | None, *, as_json: bool, **given: Any) -> None:  # noqa: ANN401 - click passes them by name
    """List the models of a provider (-m), or of all that have a key or run on this machine.

    QUERY keeps the models whose names hold it.
    """
    flags = cast("Callable[..., Flags]", Flags)(**given)
    if flags.model is None and (flags.key or flags.base_url):
        raise click.UsageError("--key and --base-url belong to one provider: name it with -m")
    listed = _all(flags) if flags.model is None else [_listed(flags, flags.model.partition(":")[0])]
    found = [replace(item, models=_matching(item.models, query)) for item in listed]
    if as_json:
        _print_json(found)
    else:
        _print(found)
    errors = [item.error for item in found if item.error is not None]
    if errors and (flags.model is not None or not any(item.models for item in listed)):
        from chat_cli.exits import code_of  # noqa: PLC0415 - `chat --help` needs none of it

        click.get_current_context().exit(code_of(errors[0]))


def _all(flags: Flags) -> list[Listed]:
    """Ask every provider that lacks nothing; one that has no list, or needs no key and does not run, is left out.

    Raises:
        ConfigurationError: the key file is refused, so that nobody knows who has a key.
    """
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 - as above

    from chat_core.errors import ConfigurationError, ConnectFailed, UnsupportedCapability  # noqa: PLC0415 - as above
    from chat_core.keys import KeyFile  # noqa: PLC0415 - as above
    from chat_core.plugins.registry import registry  # noqa: PLC0415 - as above
    from chat_core.survey import survey  # noqa: PLC0415 - as above

    KeyFile().names()
    found = survey(registry()).providers
    asked = [provider for provider in found if provider.ready]
    wrong = [
        Listed(provider.name, error=ConfigurationError(provider.problem))
        for provider in found
        if provider.problem is not None
    ]
    with ThreadPoolExecutor(WORKERS) as pool:
        answers = list(pool.map(partial(_listed, flags), [provider.name for provider in asked]))
    return wrong + [
        answer
        for provider, answer in zip(asked, answers, strict=True)
        if not isinstance(answer.error, UnsupportedCapability)
        and (provider.key is not None or not isinstance(answer.error, ConnectFailed))
    ]


def _listed(flags: Flags, provider: str) -> Listed:
    from chat_cli.requests import client  # noqa: PLC0415 - as above
    from chat_core.errors import BrokenPlugin, ChatError  # noqa: PLC0415 - as above

    asked = replace(
        flags,
        timeout=SECONDS if flags.timeout is None else flags.timeout,
        retries=0 if flags.retries is None else flags.retries,  # a list is asked for by hand, and can be again
    )
    try:
        return Listed(provider, client(asked, f"{provider}:*").models())  # a list has no model, a client needs one
    except ChatError as error:
        return Listed(provider, error=error)
    except Exception as error:
        if os.environ.get(LOG):
            raise
        return Listed(provider, error=BrokenPlugin(unexpected(error)))


def _matching(models: Iterable[Model], query: str | None) -> tuple[Model, ...]:
    wanted = "" if query is None else query.lower()
    return tuple(model for model in models if wanted in f"{model.id} {model.name or ''}".lower())


def _print(listed: Iterable[Listed]) -> None:
    """Print a line for each model; on a terminal with what is known about it."""
    from chat_cli.exits import words_of  # noqa: PLC0415 - as above
    from chat_cli.terminal import DIM, RED, err, one_line, out  # noqa: PLC0415 - as above

    screen = out()
    for item in listed:
        for model in item.models:
            screen.write(one_line(f"{item.provider}:{model.id}"))
            screen.line(f"  {_details(model)}".rstrip() if screen.is_terminal else "", DIM)
        if item.error is not None:
            err().line(f"{item.provider}: {words_of(item.error)}", RED)


def _details(model: Model) -> str:
    tokens = "" if model.context_tokens is None else f"{model.context_tokens} tokens"
    return "  ".join(filter(None, (model.name if model.name != model.id else None, tokens)))


def _print_json(listed: Iterable[Listed]) -> None:
    from chat_cli.events import error_as_json, line  # noqa: PLC0415 - as above
    from chat_cli.terminal import out  # noqa: PLC0415 - as above

    rows = [_row(item.provider, model) for item in listed for model in item.models]
    errors = [{"provider": item.provider, **error_as_json(item.error)} for item in listed if item.error is not None]
    out().send(line({"models": [*rows], "errors": [*errors]}))


def _row(provider: str, model: Model) -> JSONObject:
    return {
        "model": f"{provider}:{model.id}",
        "provider": provider,
        "id": model.id,
        "name": model.name,
        "created": model.created,
        "context_tokens": model.context_tokens,
        "max_output_tokens": model.max_output_tokens,
    }
