"""A conversation on a terminal: its history, and what becomes of each turn.

Law: what happens in a turn ends the turn and never the conversation: an answer that is cancelled, a service that is
gone, a disk that is full. The history holds whole exchanges, and answers that were cancelled after they had begun.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from chat_cli import requests
from chat_cli.answering import report
from chat_cli.exits import unexpected, words_of
from chat_cli.log import title_of
from chat_cli.render import Streamed
from chat_cli.slash import Left, obey
from chat_cli.talk import begun
from chat_cli.terminal import DIM, complain, err, out
from chat_cli.turns import Turns
from chat_core.errors import ChatError
from chat_core.messages import user
from chat_core.response import FinishReason

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from chat_cli.flags import Flags
    from chat_cli.talk import Talk
    from chat_core.messages import Message
    from chat_core.response import Usage
    from chat_core.turn import Turn


def converse(flags: Flags) -> None:
    """Hold a conversation until the user leaves it."""
    conversation = Conversation(flags, begun(flags, ""))
    from chat_cli.prompt import reader  # noqa: PLC0415 - heavy, and not needed if the set-up is wrong

    err().line(f"{conversation.talk.name} - /help lists commands, Ctrl-D leaves", DIM)
    if conversation.history:
        err().line(f"goes on after {len(conversation.history)} messages", DIM)
    conversation.run(reader())


class Conversation:
    """One conversation.

    Attributes:
        talk: what is said, and what it is said with.
        question: what was asked last, whether there is an answer to it or not, or what was taken back.
        answered: whether the history has it.
        usages: what each answer cost.
        files: the files that the conversation was saved to or loaded from.
    """

    def __init__(self, flags: Flags, talk: Talk) -> None:
        """Begin, or go on.

        Raises:
            click.UsageError: as `requests.attachments`.
        """
        self.talk = talk
        self.question: Message | None = None
        self.answered = False
        self.recall()
        self.usages: list[Usage | None] = []
        self.files: set[Path] = set()
        self._flags = flags
        self._has_title = bool(self.history)
        self._attached = requests.attachments(flags)  # they go with the first question

    @property
    def messages(self) -> tuple[Message, ...]:
        """The whole history, instructions first."""
        return self.talk.session.messages

    @property
    def head(self) -> tuple[Message, ...]:
        """The instructions that the history begins with."""
        return self.messages[: _first(self.messages)]

    @property
    def history(self) -> tuple[Message, ...]:
        """What was said, instructions left out."""
        return self.messages[_first(self.messages) :]

    def run(self, read: Callable[[], str]) -> None:
        """Take what the user says until he leaves.

        Args:
            read: returns the next input; raises `EOFError` at its end, `KeyboardInterrupt` when it is thrown away.
        """
        while True:
            try:
                self.take(read())
            except KeyboardInterrupt:
                continue
            except (EOFError, Left):
                return

    def take(self, text: str) -> None:
        """Take one input: a question, or a command; a question that begins with a slash begins with two.

        Raises:
            Left: the user leaves.
        """
        words = text.strip()
        if words.startswith("/") and not words.startswith("//"):
            obey(self, words)
        elif words:
            attached, self._attached = self._attached, ()
            self.ask(user(words.removeprefix("/") if words.startswith("//") else text, *attached))

    def ask(self, question: Message) -> None:
        """Ask, show the answer, and keep both; a turn that fails is not kept, and can be asked for again."""
        self.question, before = question, self.history.count(question)
        try:
            self._answer(question)
        except ChatError as error:
            complain(words_of(error))
            err().line("The question is not kept: /retry asks it again", DIM)
        except click.ClickException as error:
            complain(error.format_message())
        except Exception as error:  # noqa: BLE001 - a plugin may raise anything, and the conversation goes on
            complain(unexpected(error))
        finally:
            self.answered = self.history.count(question) > before
            err().send("\n")

    def start(self, messages: Sequence[Message]) -> None:
        """Begin a conversation with what was said in another one; the log keeps both."""
        self.talk.begin(messages)
        self._has_title = bool(self.history)

    def recall(self) -> None:
        """Let the last question be the one that the history has."""
        self.question = next((message for message in reversed(self.history) if message.role == "user"), None)
        self.answered = self.question is not None

    def undo(self) -> bool:
        """Take back the last exchange, whose question can be asked again; tell whether there was one."""
        asked = any(message.role == "user" for message in self.history)
        if asked:
            self.question, *_ = self.talk.session.undo()
            self.answered = False
            self.talk.tell()
        return asked

    def _answer(self, question: Message) -> None:
        """Take a turn, after what an earlier one has left waiting was decided."""
        turns = Turns(self.talk, self._renderer(), streams=True, goes_on=True)
        before = turns.settled()
        if before is not None and not self._goes_on(before):
            return
        if not self._has_title:
            self.talk.begin(self.head, title_of(question.text))
        turn = turns.asked(question)
        self._has_title = True
        if self._goes_on(turn) and turn.responses and not turn.response.parts:
            self.undo()  # services refuse a history with an empty answer

    def _goes_on(self, turn: Turn[Any]) -> bool:
        """Say what there is to know about a turn; tell whether the next one can begin."""
        self.usages += [response.usage for response in turn.responses]
        told: set[str] = set()
        for response in turn.responses:
            if response.finish_reason is not FinishReason.CANCELLED:
                report(response, told, usage=self._flags.usage)
        if turn.status == "paused":
            err().line("calls wait: the next question has them decided first; /undo takes them back", DIM)
        return turn.status == "complete"

    def _renderer(self) -> Streamed:
        return Streamed(out(), reasoning=self._flags.reasoning, calls=not self._flags.tools)


def _first(messages: Sequence[Message]) -> int:
    """Return the place of the first message that is no instruction."""
    return next((place for place, message in enumerate(messages) if message.role != "system"), len(messages))
