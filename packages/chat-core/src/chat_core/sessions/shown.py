"""What sessions of both colours have in common: what they are told, and what they show of their conversation."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias, cast

from chat_core.calls import Asking
from chat_core.messages import system as instructed
from chat_core.sessions.dialogue import Dialogue
from chat_core.sessions.saving import saved

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, Self

    from chat_core.approval import Pending
    from chat_core.jsonvalue import JSONObject
    from chat_core.messages import Message
    from chat_core.parts import ToolCall
    from chat_core.response import Usage
    from chat_core.sessions.trimming import Trimming
    from chat_core.setup import Setup
    from chat_core.stores.protocol import Store
    from chat_core.turn import Turn

Said: TypeAlias = "str | Message | Sequence[Message]"
"""What can be said in a step: a user's words, a message, or several; the session holds the history."""

_OWN = frozenset({"system", "messages", "store", "id", "title"})
"""What only a new session is told."""


class Told(Asking, total=False):
    """What a session is told when it is taken up: what each step is told, and `trim`.

    `trim` says what is left out of what is sent when it grows too long: `DropOldest`, `Summarise` or a function; `None`
    = nothing.
    """

    trim: Trimming


class Beginning(Told, total=False):
    """What a new session can be told beside its client.

    `system` are instructions, `messages` what was said before. `store` keeps the conversation from its first answer on,
    and the journal of its tools. `id` and `title` are what it is called; without an `id` it gets one. All else holds
    for each step, and a step can be told otherwise.
    """

    system: str | None
    messages: Sequence[Message]
    store: Store | None
    id: str | None
    title: str


def begun(setup: Setup, told: Beginning) -> Dialogue:
    """Begin a conversation.

    Raises:
        TypeError: there is no such setting.
    """
    dialogue = taken_up(setup, cast("Told", {name: value for name, value in told.items() if name not in _OWN}))
    system = told.get("system")
    words = () if system is None else (instructed(system),)
    history = (*words, *told.get("messages", ()))
    dialogue.begin(history, told.get("id"), told.get("title", ""), told.get("store"))
    return dialogue


def taken_up(setup: Setup, told: Told) -> Dialogue:
    """Make a conversation that is about to be read.

    Raises:
        TypeError: there is no such setting.
    """
    asking = {name: value for name, value in told.items() if name != "trim"}
    return Dialogue(setup, cast("Asking", asking), told.get("trim"))


class Shown:
    """What sessions of both colours show of their conversation."""

    _dialogue: Dialogue

    @classmethod
    def _of(cls, dialogue: Dialogue) -> Self:
        session = object.__new__(cls)
        session._dialogue = dialogue
        return session

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._dialogue.setup!r}, {len(self._dialogue.messages)} messages)"

    @property
    def id(self) -> str:
        """The conversation's name."""
        return self._dialogue.id

    @property
    def messages(self) -> tuple[Message, ...]:
        """The whole history, whatever of it is sent."""
        return self._dialogue.messages

    @property
    def waiting(self) -> tuple[ToolCall, ...]:
        """The calls at the end of the history that have no result: `resume` answers them."""
        return self._dialogue.waiting

    @property
    def pending(self) -> tuple[Pending, ...]:
        """What the last step said about `waiting`; nothing where none has, as after `open`: `resume({})` says it."""
        return self._dialogue.pending

    @property
    def last(self) -> Turn[Any] | None:
        """What the last step gave; `None` before the first, and after `undo`."""
        return self._dialogue.last

    @property
    def usage(self) -> Usage:
        """What the session has cost, summaries and what was undone included; of an opened one, what its history has."""
        return self._dialogue.usage

    @property
    def head(self) -> str | None:
        """The node of the store at which the session stands; `None` without a store, and before the first answer."""
        return self._dialogue.shelf.head if self._dialogue.shelf is not None else None

    def save(self) -> JSONObject:
        """Write the session down, for `load`; one with a store needs no saving."""
        return saved(self._dialogue)
