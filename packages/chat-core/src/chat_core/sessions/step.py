"""One step of a session: what is sent, what comes back, and what of it stays, whichever way the step ends.

Law: a step that gave nothing changes nothing; what was received, and what tools did, is kept.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from chat_core import calls
from chat_core.codec.effects import now
from chat_core.errors import ChatError, StoreError
from chat_core.flow.call import provider_call
from chat_core.flow.compose import compose
from chat_core.flow.pausing import open_turn
from chat_core.response import FinishReason
from chat_core.sessions.trimming import Means
from chat_core.sessions.windows import WHOLE, estimate, last_unit
from chat_core.stores.records import Entry
from chat_core.turn import Turn

if TYPE_CHECKING:
    from chat_core.approval import Decisions
    from chat_core.calls import Asked
    from chat_core.codec.effects import Flow
    from chat_core.messages import Message
    from chat_core.response import Response
    from chat_core.sessions.dialogue import Dialogue


class Step:
    """One step at work.

    What the conversation's flow gives back begins with what was sent. All but its last unit, which a resumed turn may
    replace, is what it was: so the unit and what follows it take the place of the history's.
    """

    def __init__(self, dialogue: Dialogue, history: tuple[Message, ...], asked: Asked) -> None:
        """Take the history with what is said now, and what is asked but for it."""
        self._dialogue = dialogue
        self._history = history
        self._asked = asked
        self._at = min(last_unit(history), len(dialogue.messages))
        self._sent = 0
        self._first: tuple[Message, ...] = ()
        self._counted = 0
        self._turn: Turn[Any] | None = None

    def run(self, output: object, *, stream: bool, decisions: Decisions | None) -> Flow[Turn[Any]]:
        """Go to the end of a turn."""
        asked = yield from self._trimmed()
        self._first = asked.request.messages[: self._sent if decisions is not None else None]
        try:
            turn = yield from calls.complete(asked, output, stream=stream, decisions=decisions)
        except ChatError as error:
            yield from self._failed(error)
            raise
        self._take(turn.messages, turn.responses, (yield from now()).wall)
        self._dialogue.said_pending = turn.pending
        self._turn = self._dialogue.last = replace(turn, messages=self._dialogue.messages)
        try:
            yield from self._dialogue.stored()
        except StoreError as error:
            error.messages, error.responses = self._dialogue.messages, turn.responses
            raise
        return self._turn

    def _trimmed(self) -> Flow[Asked]:
        """Return what is asked with as much of the history as is sent."""
        dialogue, asked, rules = self._dialogue, self._asked, replace(self._asked.rules, keep=self._kept)
        if dialogue.window.at > last_unit(self._history):  # it was cut for words that were never answered
            dialogue.window = WHOLE
        if dialogue.trim is not None and not (dialogue.waiting and rules.signer is not None):  # tokens know the place
            try:
                told = yield from dialogue.trim.trimmed(self._history, dialogue.window, _means(asked))
            except ChatError as error:
                dialogue.spent(*(each for each in (error.partial,) if each is not None))
                error.messages = dialogue.messages
                raise
            dialogue.spent(*told.responses)
            dialogue.window, rules = told.window, replace(rules, notices=told.notices)
        sent = dialogue.window.of(self._history)
        self._sent = len(sent) - (len(self._history) - last_unit(self._history))
        return replace(asked, request=replace(asked.request, messages=sent), rules=rules)

    def left(self) -> Turn[Any]:
        """Return the turn of a step that was left while nothing was asked."""
        if self._turn is None:
            messages = self._dialogue.messages
            self._turn = self._dialogue.last = Turn(status="cancelled", messages=messages, responses=(), output=None)
        return self._turn

    def _kept(self, messages: tuple[Message, ...], responses: tuple[Response, ...]) -> Flow[None]:
        """Keep what the model has said, before tools run and after."""
        self._take(messages, responses, (yield from now()).wall)
        yield from self._dialogue.stored()

    def _failed(self, error: ChatError) -> Flow[None]:
        """Keep what a step has given that failed; a store that fails too is a note."""
        if error.messages[: len(self._first)] == self._first:  # else it is of another conversation
            self._take(error.messages, error.responses, (yield from now()).wall)
        if error.partial is not None and not any(error.partial is each for each in error.responses):
            self._dialogue.spent(error.partial)
        error.messages = self._dialogue.messages
        if isinstance(error, StoreError):
            return
        try:
            yield from self._dialogue.stored()
        except StoreError as failed:
            error.add_note(f"the store has failed too: {failed}")

    def _take(self, messages: tuple[Message, ...], responses: tuple[Response, ...], at: float) -> None:
        """Take the history as far as it has come; if nothing has come, it stays as it was."""
        self._dialogue.spent(*responses[self._counted :])
        self._counted = max(self._counted, len(responses))
        tail = (*self._history[self._at : last_unit(self._history)], *messages[self._sent :])
        if tail == self._history[self._at :]:
            return
        while tail and tail[-1].role in {"user", "system"}:  # said, and never answered
            tail = tail[:-1]
        held = self._dialogue.entries[self._at :]
        new = (
            _entry(held[place] if place < len(held) else None, message, responses, at)
            for place, message in enumerate(tail)
        )
        self._dialogue.put(self._at, tuple(new))


def _entry(held: Entry | None, message: Message, responses: tuple[Response, ...], at: float) -> Entry:
    """Return the entry of a message: the one that is there, or one with the answer that it came from."""
    if held is not None and held.message.role == message.role:
        return held if held.message == message else replace(held, message=message)
    for response in responses:
        cut = response.finish_reason is FinishReason.CANCELLED and response is responses[-1]
        if response.message is message or (cut and message.role == "assistant"):
            return Entry(message=message, response=replace(response, raw=None), at=at)
    return Entry(message=message, at=at)


def _means(asked: Asked) -> Means:
    setup = asked.setup
    channel, instead = setup.channels
    call = provider_call(setup.provider, setup.settings, channel=channel, instead=instead, stream=False)
    return Means(
        request=asked.request,
        call=compose(call, *setup.given.middleware),
        count=lambda messages: _counted(asked, messages),
    )


def _counted(asked: Asked, messages: tuple[Message, ...]) -> Flow[int]:
    """Have the service count; calls that wait for their results, which it would refuse, are estimated."""
    turn = open_turn(messages)
    waiting = turn is not None and len(turn.results) < len(turn.calls)
    end = last_unit(messages) if waiting else len(messages)
    if not end:
        return estimate(messages)
    counted = yield from calls.count_tokens(replace(asked, request=replace(asked.request, messages=messages[:end])))
    return counted.input_tokens + estimate(messages[end:])
