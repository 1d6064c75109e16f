"""`Session`: a blocking conversation. It drives the flows of `sessions`; `AsyncSession` is its twin.

Law: a `Session` holds one conversation and goes one step at a time; what its `Chat` is told may be shared.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar, overload

from chat_core.chat import Chat
from chat_core.flow.drive import Drive, run
from chat_core.sessions.saving import take_up
from chat_core.sessions.shown import Shown, begun, taken_up
from chat_core.setup import blocking

if TYPE_CHECKING:
    from typing import Any, Self, Unpack

    from typing_extensions import TypeForm

    from chat_core.approval import Decisions
    from chat_core.calls import Asking
    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.messages import Message
    from chat_core.outputs import Output
    from chat_core.request import OutputFormat
    from chat_core.sessions.shown import Beginning, Said, Told
    from chat_core.setup import Setup
    from chat_core.stores.protocol import Store
    from chat_core.turn import Turn

T = TypeVar("T")


class Session(Shown):
    """A conversation with one model. `chat_core.sessions.shown.Beginning` explains the arguments."""

    def __init__(self, chat: Chat | str, **told: Unpack[Beginning]) -> None:
        """Begin a conversation with a client, or with a model of this name; no I/O is done."""
        self._dialogue = begun(_setup(chat), told)

    @classmethod
    def open(cls, chat: Chat | str, store: Store, id: str, **told: Unpack[Told]) -> Self:
        """Read a conversation from a store, to go on with it; tools and settings are given again.

        Raises:
            StoreMissing: there is none of this id.
        """
        dialogue = taken_up(_setup(chat), told)
        run(dialogue.read(store, id), blocking(dialogue.setup))
        return cls._of(dialogue)

    @classmethod
    def load(cls, chat: Chat | str, data: JSON, **told: Unpack[Told]) -> Self:
        """Take up what `save` wrote; tools and settings are given again.

        Raises:
            DecodeError: it is damaged, or of a newer version.
        """
        dialogue = taken_up(_setup(chat), told)
        take_up(dialogue, data)
        return cls._of(dialogue)

    @overload
    def send(self, content: Said, *, output: None = None, **asking: Unpack[Asking]) -> Turn[None]: ...
    @overload
    def send(self, content: Said, *, output: OutputFormat | JSONObject, **asking: Unpack[Asking]) -> Turn[JSON]: ...
    @overload
    def send(self, content: Said, *, output: Output[T], **asking: Unpack[Asking]) -> Turn[T]: ...
    @overload
    def send(self, content: Said, *, output: TypeForm[T], **asking: Unpack[Asking]) -> Turn[T]: ...
    def send(self, content: Said, *, output: object = None, **asking: Unpack[Asking]) -> Turn[Any]:
        """Say something, run the tools that the model calls, and wait for the whole answer.

        Args:
            content: a user's words, a message, or several.
            output: the form of the answer: a type, a JSON Schema or an `Output`; `None` = text.
            asking: tools, and what this step is told otherwise than the session.

        Raises:
            UnansweredToolCall: calls wait for decisions: `resume` first.
            StoreError: the store has failed; this session holds the history, and the next step writes it.
        """
        dialogue, asked = self._dialogue, self._dialogue.asked(content, asking)
        return run(dialogue.step(asked, output, stream=False), blocking(asked.setup))

    @overload
    def stream(self, content: Said, *, output: None = None, **asking: Unpack[Asking]) -> Drive[Turn[None]]: ...
    @overload
    def stream(
        self, content: Said, *, output: OutputFormat | JSONObject, **asking: Unpack[Asking]
    ) -> Drive[Turn[JSON]]: ...
    @overload
    def stream(self, content: Said, *, output: Output[T], **asking: Unpack[Asking]) -> Drive[Turn[T]]: ...
    @overload
    def stream(self, content: Said, *, output: TypeForm[T], **asking: Unpack[Asking]) -> Drive[Turn[T]]: ...
    def stream(self, content: Said, *, output: object = None, **asking: Unpack[Asking]) -> Drive[Turn[Any]]:
        """Say something as `send`, and iterate over the events; `result` is the turn. Leaving `with` closes it."""
        dialogue, asked = self._dialogue, self._dialogue.asked(content, asking)
        return Drive(dialogue.step(asked, output, stream=True), blocking(asked.setup))

    @overload
    def resume(self, decisions: Decisions, *, output: None = None, **asking: Unpack[Asking]) -> Turn[None]: ...
    @overload
    def resume(
        self, decisions: Decisions, *, output: OutputFormat | JSONObject, **asking: Unpack[Asking]
    ) -> Turn[JSON]: ...
    @overload
    def resume(self, decisions: Decisions, *, output: Output[T], **asking: Unpack[Asking]) -> Turn[T]: ...
    @overload
    def resume(self, decisions: Decisions, *, output: TypeForm[T], **asking: Unpack[Asking]) -> Turn[T]: ...
    def resume(self, decisions: Decisions, *, output: object = None, **asking: Unpack[Asking]) -> Turn[Any]:
        """Take up the calls that wait, by what was decided about them; those without a decision are judged anew.

        Raises:
            DecisionRefused: a decision does not fit, or nothing waits; nothing has run.
            AlreadyResumed: the journal says that another process has taken it up; nothing has run.
        """
        dialogue, asked = self._dialogue, self._dialogue.asked((), asking)
        return run(dialogue.step(asked, output, stream=False, decisions=decisions), blocking(asked.setup))

    @overload
    def resume_stream(
        self, decisions: Decisions, *, output: None = None, **asking: Unpack[Asking]
    ) -> Drive[Turn[None]]: ...
    @overload
    def resume_stream(
        self, decisions: Decisions, *, output: OutputFormat | JSONObject, **asking: Unpack[Asking]
    ) -> Drive[Turn[JSON]]: ...
    @overload
    def resume_stream(self, decisions: Decisions, *, output: Output[T], **asking: Unpack[Asking]) -> Drive[Turn[T]]: ...
    @overload
    def resume_stream(
        self, decisions: Decisions, *, output: TypeForm[T], **asking: Unpack[Asking]
    ) -> Drive[Turn[T]]: ...
    def resume_stream(
        self, decisions: Decisions, *, output: object = None, **asking: Unpack[Asking]
    ) -> Drive[Turn[Any]]:
        """Take up the calls that wait as `resume`, and iterate over the events; `result` is the turn."""
        dialogue, asked = self._dialogue, self._dialogue.asked((), asking)
        return Drive(dialogue.step(asked, output, stream=True, decisions=decisions), blocking(asked.setup))

    def undo(self, turns: int = 1) -> tuple[Message, ...]:
        """Take the last exchanges back, each from the user's words on, and return what was taken back.

        Raises:
            ValueError: there are not that many.
        """
        return run(self._dialogue.undo(turns), blocking(self._dialogue.setup))

    def fork(self, at: int | None = None, *, id: str | None = None) -> Self:
        """Make a session of its own that shares the first `at` messages, in the store too; `None` = all.

        Raises:
            ValueError: there are not that many.
        """
        return self._of(run(self._dialogue.fork(at, id), blocking(self._dialogue.setup)))


def _setup(chat: Chat | str) -> Setup:
    client = Chat(chat) if isinstance(chat, str) else chat
    return client._setup  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - of one package
