"""The commands of a conversation: what begins with a slash.

Law: one table, shown by `/help` and in the documentation. A command that fails says so and changes nothing.
"""

from __future__ import annotations

import os
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from chat_cli.answering import counted
from chat_cli.exits import words_of
from chat_cli.terminal import DIM, complain, err, one_line
from chat_core.codec.wire import dump as dump_json
from chat_core.errors import ChatError
from chat_core.frozen import dataclass
from chat_core.history import dump, load
from chat_core.jsonvalue import MAX_BYTES, parse_object
from chat_core.messages import system
from chat_core.turn import total

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from chat_cli.conversation import Conversation


class Left(Exception):
    """The user leaves the conversation."""


@dataclass(frozen=True, slots=True)
class Command:
    """A command.

    Attributes:
        run: what it does, with the words after its name.
        words: what it takes.
        help: what it is for.
    """

    run: Callable[[Conversation, str], None]
    words: str
    help: str


def obey(conversation: Conversation, text: str) -> None:
    """Run the command that a text is; what goes wrong is said.

    Raises:
        Left: the user leaves.
    """
    name, _, rest = text.removeprefix("/").partition(" ")
    command = COMMANDS.get(name)
    if command is None:
        near = get_close_matches(name, COMMANDS, n=1)
        guess = f" Did you mean /{near[0]}?" if near else ""
        complain(f"there is no command /{name}.{guess} /help lists them; a question that begins with a slash: /{text}")
        return
    try:
        command.run(conversation, rest.strip())
    except ChatError as error:
        complain(words_of(error))
    except OSError as error:
        complain(f"{error.filename or rest}: {error.strerror or error}")


def _say(words: str) -> None:
    err().line(words, DIM)


def _help(_: Conversation, __: str) -> None:
    for name, command in COMMANDS.items():
        _say(f"{f'/{name} {command.words}':<16} {command.help}")
    _say(f"{'Alt-Enter':<16} a new line; so does a backslash before Enter")
    _say(f"{'Ctrl-C':<16} cancel the answer, or throw the input away")
    _say(f"{'Ctrl-D':<16} leave")


def _model(conversation: Conversation, name: str) -> None:
    if name:
        conversation.talk.use(name)
    _say(conversation.talk.name)


def _system(conversation: Conversation, text: str) -> None:
    if text:
        conversation.start((system(text), *conversation.history))
    _say("".join(message.text for message in conversation.head) or "no instructions")


def _usage(conversation: Conversation, _: str) -> None:
    answers = len(conversation.usages)
    _say(f"{answers} answer{'' if answers == 1 else 's'}, {counted(total(conversation.usages))}")


def _clear(conversation: Conversation, _: str) -> None:
    conversation.start(conversation.head)
    conversation.question = None


def _undo(conversation: Conversation, _: str) -> None:
    _say("the last exchange is forgotten" if conversation.undo() else "there is nothing to undo")


def _retry(conversation: Conversation, _: str) -> None:
    question = conversation.question
    if question is None:
        _say("there is no question to ask again")
        return
    if conversation.answered:
        conversation.undo()
    conversation.ask(question)


def _save(conversation: Conversation, name: str) -> None:
    if not name:
        complain("/save takes the name of a file")
        return
    path = Path(name).expanduser()
    if path.is_file() and path.resolve() not in conversation.files:
        complain(f"{path} is there already: choose another name")
        return
    with open(path, "wb", opener=_private) as file:
        file.write(dump_json(dump(conversation.messages)) + b"\n")
    conversation.files.add(path.resolve())
    _say(f"saved {len(conversation.messages)} messages to {path}")


def _private(path: str, flags: int) -> int:
    """Open a file; one that is made is its owner's alone."""
    return os.open(path, flags, 0o600)


def _load(conversation: Conversation, name: str) -> None:
    if not name:
        complain("/load takes the name of a file")
        return
    path = Path(name).expanduser()
    with path.open("rb") as file:
        messages = load(parse_object(file.read(MAX_BYTES + 1)), tuple)
    conversation.start(messages)
    conversation.recall()
    conversation.files.add(path.resolve())
    _say(f"loaded {len(messages)} messages from {path}")


def _tools(conversation: Conversation, _: str) -> None:
    from chat_core.tools import Tool  # noqa: PLC0415 - asked for by hand

    tools = conversation.talk.tools
    for tool in tools:
        declared = getattr(tool, "declaration", tool)
        if isinstance(declared, Tool):
            _say(f"{declared.name:<16} {one_line((declared.description or '').partition(chr(10))[0])}".rstrip())
    if not tools:
        _say("no tools: chat -T TOOLS gives some")


def _exit(_: Conversation, __: str) -> None:
    raise Left


COMMANDS: Mapping[str, Command] = {
    "help": Command(_help, "", "list the commands and keys"),
    "model": Command(_model, "[MODEL]", "say which model is asked, or ask another one from now on"),
    "system": Command(_system, "[TEXT]", "show the instructions to the model, or give others"),
    "tools": Command(_tools, "", "list what the model may call"),
    "usage": Command(_usage, "", "say how many tokens the conversation has used"),
    "clear": Command(_clear, "", "begin anew; instructions stay"),
    "save": Command(_save, "FILE", "write the conversation to a file"),
    "load": Command(_load, "FILE", "go on with a conversation from a file"),
    "retry": Command(_retry, "", "ask the last question again"),
    "undo": Command(_undo, "", "forget the last question and its answer; /retry asks it again"),
    "exit": Command(_exit, "", "leave"),
}
"""By name."""
