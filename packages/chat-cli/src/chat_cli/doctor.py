"""`chat doctor`: the plugins, the keys and addresses of the providers, and the environment they run in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from chat_cli.exits import SETUP, words_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from chat_core.plugins.report import PluginReport
    from chat_core.survey import ProviderSurvey, Survey

ORDER = ("problem", "ready", "not asked", "not set up")
"""Which providers are told first, by their state."""

SHOWN = 8
"""How many providers with one and the same problem are named."""

_WRONG = frozenset({"broken", "conflict", "outdated"})


@click.command("doctor", short_help="Say what is set up, where it comes from, and what is wrong.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def doctor(as_json: bool) -> None:  # noqa: FBT001 - click passes it by name
    """Say what is set up, where it comes from, and what is wrong; no key is shown.

    The exit code is 3 when a file of the user, a plugin or a provider is broken; what nobody has set up is no fault.
    """
    from chat_cli.events import line  # noqa: PLC0415 - `chat --help` needs none of it
    from chat_cli.terminal import out, visible  # noqa: PLC0415 - as above
    from chat_core import survey  # noqa: PLC0415 - as above
    from chat_core.plugins import report  # noqa: PLC0415 - as above
    from chat_core.plugins.doctor import examine  # noqa: PLC0415 - as above
    from chat_core.plugins.registry import registry  # noqa: PLC0415 - as above

    reports = examine(registry())
    found = survey.survey(registry())
    if as_json:
        out().send(line({**survey.as_json(found), "models": {**_models()}, **report.as_json(reports)}))
    else:
        plugins = report.as_text(_untold(reports, found.problems))
        out().send(visible("\n".join([*_lines(found), "", "plugins", plugins])) + "\n")
    if found.problems or _broken(reports) or any(provider.problem is not None for provider in found.providers):
        click.get_current_context().exit(SETUP)


def _broken(reports: Iterable[PluginReport]) -> bool:
    return any(report.state in _WRONG for report in reports)


def _untold(reports: Iterable[PluginReport], told: tuple[str, ...]) -> tuple[PluginReport, ...]:
    """Leave out what is told already as a problem of the user's files."""
    return tuple(each for each in reports if not each.problems or any(one.why not in told for one in each.problems))


def _lines(found: Survey) -> Iterator[str]:
    """Say what is set up, a line for each thing."""
    source = "" if found.model_source is None else f"  from {found.model_source}"
    yield f"model        {found.model or _unnamed(found)}{source}"
    for task, model in _models().items():
        yield f"  {task:<11}{model}  from {found.config_file}"
    yield f"config file  {found.config_file}"
    yield f"key file     {found.key_file}  keys for: {', '.join(found.keys) or 'none'}"
    yield f"proxies      {', '.join(f'{name}={value}' for name, value in found.proxies.items()) or 'none'}"
    yield f"versions     {', '.join(_version(name, version) for name, version in found.versions.items())}"
    for problem in found.problems:
        yield f"problem      {problem}"
    yield ""
    yield "providers"
    width = max((len(provider.name) for provider in found.providers), default=0)
    told = [provider for provider in found.providers if provider.problem in found.problems]
    for provider in sorted(found.providers, key=lambda each: (ORDER.index(each.state), each.name)):
        if provider not in told:
            yield f"{provider.name:<{width}}  {_state(provider)}"
    if told:
        names = ", ".join(provider.name for provider in told[:SHOWN])
        yield f"{names}{' …' if len(told) > SHOWN else ''}: problem: as above"


def _unnamed(found: Survey) -> str:
    """Say what happens to a question that names no model."""
    from chat_cli.defaults import along, example  # noqa: PLC0415 - `chat --help` needs none of it

    others = f"pass {example(found)}, or set CHAT_MODEL, or `model` in the configuration file"
    model = along(found)
    return f"none: {others}" if model is None else f"none: {model} answers questions, a demonstration model; {others}"


def _models() -> Mapping[str, str]:
    """Return the models of single tasks; of a file that is broken none, for what is wrong with it is told beside."""
    from chat_core.errors import ConfigurationError  # noqa: PLC0415 - `chat --help` needs none of it
    from chat_core.plugins.settings import user_settings  # noqa: PLC0415 - as above

    try:
        return user_settings().models
    except ConfigurationError:
        return {}


def _version(name: str, version: str) -> str:
    return version if version.startswith(name) else f"{name} {version}"


def _before(provider: ProviderSurvey) -> str:
    return "" if provider.key_before is None else f", before {provider.key_before}, which is set too"


def _state(provider: ProviderSurvey) -> str:
    match provider.state:
        case "problem":
            return f"problem: {words_of(provider.problem or '')}"
        case "not set up" if provider.missing is not None:
            return f"not set up: {words_of(provider.missing)}"
        case "not set up":
            return f"not set up: set {' or '.join(provider.variables)}, or run `chat keys set {provider.name}`"
        case state:
            found = "".join(f"; {words}" for words in provider.found)
            key = "needs no key" if provider.key is None else f"key from {provider.key}{_before(provider)}"
            where = "" if provider.base_url is None else f", {provider.base_url} ({provider.base_url_source})"
            return f"{state}: {key}{where}{found}"
