"""Who may take up a paused turn: a journal says it, and each turn is taken up once.

Law: a turn that was taken to where it cannot be taken up again says so; one that failed or was left is given back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat_core.codec.effects import now, run
from chat_core.errors import AlreadyResumed
from chat_core.flow.rules import LEASE
from chat_core.response import Notice
from chat_core.stores.thread import thread_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from chat_core.codec.effects import Flow
    from chat_core.flow.pausing import OpenTurn
    from chat_core.flow.rules import Rules
    from chat_core.stores.protocol import Journal

UNNAMED = Notice(
    feature="journal",
    requested=True,
    reason="the turn was paused without a journal, which does not know it: nothing keeps its calls from running twice",
)
"""Said of a turn that a journal cannot guard."""


class Claim:
    """What this process has taken of a conversation."""

    __slots__ = ("_held", "_rules")

    def __init__(self, rules: Rules) -> None:
        """Begin with nothing taken."""
        self._rules = rules
        self._held: tuple[str, str] | None = None

    def take(self, turn: OpenTurn) -> Flow[tuple[Notice, ...]]:
        """Take a paused turn for this process, where a journal keeps that; return what is to be said of it.

        Raises:
            AlreadyResumed: another process has it.
        """
        if self._rules.journal is None:
            return ()
        if turn.turn_id is None:
            return (UNNAMED,)
        if self._rules.takeover:
            return ()
        key = f"{turn.turn_id}:{','.join(map(str, sorted(turn.results)))}"
        owner = self._rules.fresh()
        moment = (yield from now()).wall
        taken = yield from self._journal(lambda journal: journal.claim(key, owner, now=moment, until=moment + LEASE))
        if taken is not True:
            raise AlreadyResumed(
                "this paused turn was taken up before: carry on with the history that came of it. If that process is "
                "no more, pass takeover=True; tools that it ran are not run again"
            )
        self._held = key, owner
        return ()

    def end(self) -> Flow[None]:
        """Say that the turn was taken to where it cannot be taken up again."""
        if (held := self._held) is not None:
            self._held = None
            yield from self._journal(lambda journal: journal.end(*held))

    def release(self) -> Flow[None]:
        """Give a turn back that has failed or was left, so that it can be taken up again at once."""
        if (held := self._held) is not None:
            self._held = None
            moment = (yield from now()).wall
            yield from self._journal(lambda journal: journal.claim(*held, now=moment, until=moment))

    def _journal(self, what: Callable[[Journal], object]) -> Flow[object]:
        journal = self._rules.journal
        if journal is None:
            return None
        (done,) = yield from run((thread_of(journal).job("journal", lambda: what(journal)),))
        if done is not None and done.error is not None:
            raise done.error
        return done.value if done is not None else None
