"""The command line: its commands, and what happens to a word that is none.

Law: the first word decides. Where it names no command, all words are a question. Commands of plugins are looked up by
their metadata; only the one that is asked for is imported, and a broken one is its own trouble and nobody else's.
"""

from __future__ import annotations

import os
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from chat_cli.ask import ask
from chat_cli.classify import classify
from chat_cli.doctor import doctor
from chat_cli.embed import embed
from chat_cli.entail import entail
from chat_cli.exits import INTERRUPTED, LOG, OTHER, PIPE, code_of, unexpected, words_of
from chat_cli.image import image
from chat_cli.keys import keys
from chat_cli.logs import logs
from chat_cli.meant import require_question
from chat_cli.models import models
from chat_cli.plugins import plugins
from chat_cli.rerank import rerank
from chat_cli.resume import resume
from chat_cli.speak import speak
from chat_cli.stance import stance
from chat_cli.tokens import tokens
from chat_cli.transcribe import transcribe

if TYPE_CHECKING:
    from collections.abc import Generator

    from click.shell_completion import CompletionItem

_NAME = re.compile(r"[a-z][a-z0-9_-]*")


class Commands(click.Group):
    """The group of all commands; what is no command is a question."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put `ask` before what begins with no command and no option of the group."""
        if args or not ctx.resilient_parsing:
            args = args if self._begins(ctx, args) else ["ask", *self._meant(ctx, args)]
        return super().parse_args(ctx, args)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Find a command, here or in a plugin."""
        return super().get_command(ctx, cmd_name) or _of_plugin(cmd_name)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """List the names of the commands; nothing is imported."""
        return [*super().list_commands(ctx), *_names()]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's signature
        """Show the commands; one whose plugin is broken says so and hides no other."""
        own = [(name, command.get_short_help_str()) for name, command in self.commands.items()]
        with formatter.section("Commands"):
            formatter.write_dl([*own, *((name, _help(name)) for name in _names())])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Complete the first word: a command, or an option of a question."""
        from click.shell_completion import CompletionItem  # noqa: PLC0415 - shells ask, users do not

        if incomplete.startswith("-"):
            return [*super().shell_complete(ctx, incomplete), *ask.shell_complete(ctx, incomplete)]
        return [CompletionItem(name) for name in self.list_commands(ctx) if name.startswith(incomplete)]

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - click's signature
        """Run a command and turn what goes wrong into one line and an exit code."""
        with _mapped(ctx):
            return super().invoke(ctx)

    def _begins(self, ctx: click.Context, args: list[str]) -> bool:
        first = args[0] if args else ""
        own = {name for option in self.get_params(ctx) for name in option.opts}
        return first in own or first in self.commands or (_NAME.fullmatch(first) is not None and first in _names())

    def _meant(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Return the words of a question.

        Raises:
            click.UsageError: they are meant as a command.
        """
        if args and not ctx.resilient_parsing and _NAME.fullmatch(args[0]):
            require_question(args, self.list_commands(ctx))
        return args


@contextmanager
def _mapped(ctx: click.Context) -> Generator[None]:
    from chat_cli.terminal import complain, err, visible  # noqa: PLC0415 - `chat --help` needs none of it
    from chat_core.errors import ChatError  # noqa: PLC0415 - as above

    try:
        yield
    except KeyboardInterrupt:
        ctx.exit(INTERRUPTED)
    except BrokenPipeError:
        ctx.exit(PIPE)
    except ChatError as error:
        complain(words_of(error))
        ctx.exit(code_of(error))
    except OSError as error:
        complain(error.strerror or type(error).__name__)
        ctx.exit(OTHER)
    except click.ClickException as error:
        if isinstance(error, click.UsageError):
            _explain(ctx, error)
        if err().is_terminal:  # click shows it as it is, and it may name a call as a service did
            error.message = visible(error.message)  # type: ignore[misc] # pyright: ignore[reportAttributeAccessIssue] - final to subclasses' authors only
        raise
    except click.Abort as error:
        if isinstance(error.__context__, KeyboardInterrupt):  # at a prompt of click's
            ctx.exit(INTERRUPTED)
        raise
    except click.exceptions.Exit:
        raise
    except Exception as error:
        if os.environ.get(LOG):
            raise
        complain(unexpected(error))
        ctx.exit(OTHER)


def _explain(ctx: click.Context, error: click.UsageError) -> None:
    """Name `chat ask` where words after a command are none that it takes, and `-o` where an option is a model's."""
    if isinstance(error, click.NoSuchOption) and (name := _meant_for_model(error)) is not None:
        words = f"there is no {error.option_name}: write -o {name} VALUE"
        error.message = words  # type: ignore[misc,unused-ignore] # pyright: ignore[reportAttributeAccessIssue] - as below
        return
    of_command = error.ctx is not None and error.ctx.parent is ctx and error.ctx.command.name != ask.name
    if of_command and error.message.startswith(("Got unexpected extra argument", "No such command")):
        words = f"{error.message.rstrip('.')}. A question that begins with the name of a command: chat ask WORDS"
        error.message = words  # type: ignore[misc,unused-ignore] # pyright: ignore[reportAttributeAccessIssue] - final to subclasses' authors only


def _meant_for_model(error: click.NoSuchOption) -> str | None:
    """Return the option that is said to the model under this name, where a command takes such."""
    from chat_cli.requests import KINDS  # noqa: PLC0415 - for an error

    name = error.option_name.lstrip("-").replace("-", "_")
    takes = error.ctx is not None and any(each.name == "options" for each in error.ctx.command.params)
    return name if takes and name in KINDS else None


# commands of plugins


def _names() -> list[str]:
    from chat_cli.names import command_names  # noqa: PLC0415 - asked for by --help and by single words

    return [name for name in command_names() if name not in cli.commands]


def _of_plugin(name: str) -> click.Command | None:
    """Import the plugin that lists a command, and no other one.

    Raises:
        ConfigurationError: it is broken, or several plugins list the command.
    """
    from chat_core.errors import BrokenPlugin, ConfigurationError  # noqa: PLC0415 - as above
    from chat_core.plugins.loading import Fault  # noqa: PLC0415 - as above
    from chat_core.plugins.registry import registry  # noqa: PLC0415 - as above

    rivals = registry().rivals(f"command.{name}") if name in _names() else ()
    if len(rivals) > 1:
        packages = " and ".join(sorted(entry.package for entry in rivals))
        raise ConfigurationError(f"the command {name!r} is claimed by {packages}: uninstall one")
    for entry in rivals:
        found = click.Group()  # of its own: a plugin sees and changes no other command
        try:
            registry().load(entry).call("chat_commands", cli=found)
        except Fault as fault:
            raise BrokenPlugin(f"{entry.package}: {fault.why}. Fix: {fault.fix}") from fault.__cause__
        if name not in found.commands:
            raise BrokenPlugin(f"{entry.package} adds no command {name!r}, though its metadata says so")
        return found.commands[name]
    return None


def _help(name: str) -> str:
    from chat_core.errors import ChatError  # noqa: PLC0415 - as above

    try:
        command = _of_plugin(name)
    except ChatError:
        return "(broken: `chat plugins` says why)"
    return "" if command is None else command.get_short_help_str()


HELP = """Ask language models.

\b
chat "Why is the sky blue?"      one answer, as it comes
chat                             a conversation
chat -c "And at night?"          goes on with the last conversation
git diff | chat "Review this"    standard input comes before the question
chat -m claude:MODEL -a a.pdf "Summarize"

Options of questions: chat ask --help. A question that begins with the name of a command: chat ask WORDS.
"""


@click.group(
    cls=Commands,
    help=HELP,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    subcommand_metavar="[QUESTION | COMMAND] [OPTIONS]",
)
@click.version_option(package_name="chat-cli", message="chat %(version)s")
def cli() -> None:
    """Ask language models."""


for _command in (
    *(ask, resume, logs),
    *(image, speak, transcribe),
    *(embed, classify, stance, entail, rerank, tokens),
    *(models, plugins, doctor, keys),
):
    cli.add_command(_command)
