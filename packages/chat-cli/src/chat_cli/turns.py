"""Turns of a talk, shown while they come, with a human asked on the way.

Law: a turn is taken on until it is complete or nobody decides; what was shown of it stays true.
"""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from chat_cli.calls import Calls
from chat_cli.terminal import DIM, err, waiting, without_echo
from chat_core.messages import Message, assistant
from chat_core.response import FinishReason, Response
from chat_core.turn import Turn

if TYPE_CHECKING:
    from chat_cli.render import Renderer
    from chat_cli.talk import Talk
    from chat_core.approval import Decisions
    from chat_core.flow.drive import Drive


class Turns:
    """Takes turns."""

    def __init__(self, talk: Talk, renderer: Renderer, *, streams: bool, goes_on: bool = False) -> None:
        """Get ready.

        Args:
            talk: whose turns they are.
            renderer: shows the answers.
            streams: whether they are shown while they come.
            goes_on: whether the program goes on after a turn: Ctrl-C ends the turn only, and what is typed meanwhile is
                for later.
        """
        self._talk = talk
        self._renderer = renderer
        self._streams = streams
        self._goes_on = goes_on
        self._calls = Calls(err())

    def asked(self, question: Message) -> Turn[Any]:
        """Say something; raises as `Session.send`."""
        return self._decided(question)

    def resumed(self, decisions: Decisions) -> Turn[Any]:
        """Take up what waits; raises as `Session.resume`."""
        return self._decided(decisions)

    def settled(self) -> Turn[Any] | None:
        """Have decided what an earlier turn has left waiting; `None` = there is nothing.

        Raises:
            UnansweredToolCall: its tools were not named.
        """
        if not self._talk.session.waiting:
            return None
        self._talk.require_tools()
        asks, self._talk.asks = self._talk.asks, True  # whoever left it has said so, and perhaps to another program
        try:
            return self._decided({})
        finally:
            self._talk.asks = asks

    def _decided(self, said: Message | Decisions) -> Turn[Any]:
        """Take a turn on while somebody decides; it has the answers of all its steps."""
        turn = self._step(said)
        responses = turn.responses
        while turn.status == "paused":
            decisions = self._talk.decisions(turn.pending)
            if decisions is None:
                break
            turn = self._step(decisions)
            responses += turn.responses
        return replace(turn, responses=responses)

    def _step(self, said: Message | Decisions) -> Turn[Any]:
        try:
            with without_echo() if self._goes_on else nullcontext():
                return self._streamed(said) if self._streams else self._whole(said)
        finally:
            self._talk.tell()

    def _whole(self, said: Message | Decisions) -> Turn[Any]:
        with waiting():
            turn = self._talk.whole(said)
        for response in turn.responses:
            self._renderer.whole(response)
            self._renderer.aside()
        self._renderer.end()
        return turn

    def _streamed(self, said: Message | Decisions) -> Turn[Any]:
        before = self._renderer.text
        with self._talk.stream(said) as stream:
            try:
                return self._shown(stream)
            except KeyboardInterrupt:
                if not self._goes_on:
                    raise
                stream.close()
                err().line("cancelled", DIM)
                return stream.result if stream.ended else self._cut(said, self._renderer.text[len(before) :])

    def _shown(self, stream: Drive[Turn[Any]]) -> Turn[Any]:
        try:
            with waiting() as begun:
                for event in stream:
                    begun()
                    self._renderer.show(event)
                    self._calls.show(event)
        finally:
            self._renderer.end()
        return stream.result

    def _cut(self, said: Message | Decisions, text: str) -> Turn[Any]:
        """Keep what was shown of an answer that was cancelled while the library could not say how far it was.

        That begins the conversation anew: nobody knows what the old one has written of it.
        """
        session = self._talk.session
        turn = cut_off((*session.messages, said), text) if isinstance(said, Message) else None
        if turn is None:
            return Turn(status="cancelled", messages=session.messages, responses=(), output=None)
        self._talk.begin(turn.messages)
        return turn


def cut_off(messages: tuple[Message, ...], text: str) -> Turn[None] | None:
    """Return the turn of an answer that was cancelled, as far as it was shown; `None` when nothing was."""
    if not text:
        return None
    answer = assistant(text)
    response = Response(message=answer, finish_reason=FinishReason.CANCELLED)
    return Turn(status="cancelled", messages=(*messages, answer), responses=(response,), output=None)
