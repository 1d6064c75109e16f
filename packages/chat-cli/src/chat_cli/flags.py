"""What can be said on the command line about a question: the options of `chat ask`, as one value.

Law: the letters are those that users of other command lines know. Nothing is looked up here.
"""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, Any, TypeVar

import click

from chat_core.frozen import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable

Command = TypeVar("Command", bound="Callable[..., Any]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Flags:
    """The options of a question.

    Attributes:
        model: `provider:model`; `None` = as the environment or the configuration file says.
        system: instructions to the model.
        options: names and values for `chat_core.Options`.
        attachments: files, addresses, or `-` for standard input.
        typed: further ones, each with its media type.
        schema: what the answer has to look like: JSON, a file, or the short form.
        key, base_url: as the arguments of `Chat`.
        timeout: most seconds for the whole call.
        retries: how often a failed attempt is repeated.
        stream: whether the answer is shown while it comes; `None` = as is usual for what is asked.
        json: whether to print one JSON object.
        reasoning: whether reasoning is shown; `None` = on a terminal.
        usage: whether to say what the answer cost.
        extract: whether to print the first block of code only.
        request_file: a file that holds the whole request.
        tools: where the tools come from.
        approve: whether to ask before each call of a tool; otherwise each tool says.
        max_steps: most answers of the model in one turn.
        tool_timeout: seconds for each tool that has no limit of its own.
        takeover: whether to go on with a turn that a program took up which is no more.
        continues: whether to go on with the conversation that was written to last.
        cid: the conversation to go on with.
        keeps: whether the conversation is kept, unless the configuration file says that none is.
        store: where conversations are kept, as `NAME:ADDRESS`.
    """

    model: str | None = None
    system: str | None = None
    options: tuple[tuple[str, str], ...] = ()
    attachments: tuple[str, ...] = ()
    typed: tuple[tuple[str, str], ...] = ()
    schema: str | None = None
    key: str | None = field(default=None, repr=False)
    base_url: str | None = None
    timeout: float | None = None
    retries: int | None = None
    stream: bool | None = None
    json: bool = False
    reasoning: bool | None = None
    usage: bool = False
    extract: bool = False
    request_file: str | None = None
    tools: tuple[str, ...] = ()
    approve: bool = False
    max_steps: int | None = None
    tool_timeout: float | None = None
    takeover: bool = False
    continues: bool = False
    cid: str | None = None
    keeps: bool = True
    store: str | None = field(default=None, repr=False)

    @property
    def goes_on(self) -> bool:
        """Whether an earlier conversation is taken up."""
        return self.continues or self.cid is not None


def complete_model(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:  # noqa: ARG001 - click's signature
    """Complete the provider in `provider:model`."""
    from chat_cli.names import models_like  # noqa: PLC0415 - shells ask, users do not

    return models_like(incomplete)


def service_options(command: Command) -> Command:
    """Add the options about who is asked, and how long."""
    return _added(
        command,
        click.option(
            *("-m", "--model"),
            metavar="MODEL",
            shell_complete=complete_model,
            help="The model, as provider:model. Default: CHAT_MODEL, then the configuration file.",
        ),
        click.option("--key", metavar="KEY", help="The API key. Default: the key file, then the environment."),
        click.option("--base-url", metavar="URL", help="The address of the service."),
        click.option(
            *("--timeout",),
            type=click.FloatRange(min=0, min_open=True),
            metavar="SECONDS",
            help="Most seconds for the whole call.",
        ),
        click.option(
            *("--retries",),
            type=click.IntRange(min=0),
            metavar="N",
            help="How often to repeat an attempt that failed. Default: 2.",
        ),
    )


def question_options(command: Command) -> Command:
    """Add the options about what is asked."""
    return _added(
        command,
        click.option("-s", "--system", metavar="TEXT", help="Instructions to the model."),
        option_option,
        click.option(
            *("-a", "--attachment", "attachments"),
            multiple=True,
            metavar="FILE",
            help="A file, a URL, or - for standard input. Can be repeated.",
        ),
        click.option(
            *("--at", "--attachment-type", "typed"),
            type=(str, str),
            multiple=True,
            metavar="FILE TYPE",
            help="The same, with the media type: --at picture image/png.",
        ),
        schema_option,
        click.option(
            "--request-file", metavar="FILE", help="A whole request as JSON, or - ; prints JSON lines, --stream all."
        ),
    )


def output_options(command: Command) -> Command:
    """Add the options about how the answer is shown."""
    return _added(
        command,
        click.option("--stream/--no-stream", default=None, help="Show the answer while it comes, or when it is whole."),
        click.option("--json", is_flag=True, help="Print one JSON object."),
        click.option("--reasoning/--no-reasoning", default=None, help="Show reasoning. Default: on a terminal."),
        click.option("-u", "--usage", is_flag=True, help="Say on stderr how many tokens were used."),
        click.option("-x", "--extract", is_flag=True, help="Print the first block of code only."),
    )


def tool_options(command: Command) -> Command:
    """Add the options about tools."""
    return _added(
        command,
        click.option(
            *("-T", "--tool", "tools"),
            multiple=True,
            metavar="TOOLS",
            help="What the model may call: module, module:name, module.name, ./file.py[:name], or an installed set.",
        ),
        click.option(
            "--max-steps", type=click.IntRange(min=1), metavar="N", help="Most answers in one turn. Default: 10."
        ),
        click.option(
            *("--tool-timeout",),
            type=click.FloatRange(min=0, min_open=True),
            metavar="SECONDS",
            help="Seconds for each tool that has no limit of its own.",
        ),
        click.option(
            "--takeover", is_flag=True, help="Go on with a turn that was taken up by a program that is no more."
        ),
    )


def log_options(command: Command) -> Command:
    """Add the options about which conversation it is."""
    return _added(
        command,
        click.option("-c", "--continue", "continues", is_flag=True, help="Go on with the last conversation."),
        click.option("--cid", metavar="ID", help="Go on with this conversation; the beginning of its id is enough."),
        store_option,
        click.option(
            "-n", "--no-log", "keeps", is_flag=True, flag_value=False, default=True, help="Keep no conversation."
        ),
    )


def _apart(
    context: click.Context,  # noqa: ARG001 - click's signature
    parameter: click.Parameter,  # noqa: ARG001 - as above
    value: tuple[tuple[str, str], ...],
) -> tuple[tuple[str, str], ...]:
    """Refuse `-o name=value`, which has taken the next word for its value."""
    for name, _ in value:
        if "=" in name:
            raise click.UsageError(f"-o takes a name and a value, with a space between: -o {name.replace('=', ' ', 1)}")
    return value


option_option = click.option(
    *("-o", "--option", "options"),
    type=(str, str),
    multiple=True,
    callback=_apart,
    metavar="NAME VALUE",
    help="How to answer: -o temperature 0.2. Can be repeated.",
)

schema_option = click.option(
    "--schema", metavar="SCHEMA", help="JSON Schema, a file that holds one, or fields: 'name, age int'."
)

store_option = click.option(
    "--store",
    metavar="NAME:ADDRESS",
    help="Where conversations are kept. Default: the configuration file, then a file.",
)


def _added(command: Command, *options: Callable[[Command], Command]) -> Command:
    for option in reversed(options):
        command = option(command)
    return command
