"""What a live session decides: which tools begin and stop, what is said and in which order, what the program is told.

Law: pure: no socket, no clock, no lock; each colour calls it from one place at a time, and does what it finds in
`tasks`, `stops`, `outbox` and `inbox`. Every call is answered to the model, but for one that it has cancelled itself.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from chat_core.errors import DecisionRefused, UnsupportedContent
from chat_core.events import ApprovalRequest, ResponseEnd, ResponseStart, ToolEnd
from chat_core.functions import failed
from chat_core.live import (
    CallsCancelled,
    ConfigUpdate,
    InputTranscript,
    Interruption,
    MessageInput,
    Reconnected,
    ResultsInput,
    ResumeToken,
    SessionEnding,
    SessionError,
    SessionStart,
    SessionUsage,
    SpeechStart,
)
from chat_core.livesessions.history import LiveHistory
from chat_core.livesessions.inbox import Inbox
from chat_core.livesessions.open_calls import OpenCalls
from chat_core.livesessions.outbox import Outbox
from chat_core.livesessions.work import decided
from chat_core.parts import Text, ToolResult
from chat_core.response import FinishReason, Usage
from chat_core.turn import total

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from chat_core.approval import Decision
    from chat_core.codec.live import LiveCodec
    from chat_core.codec.wire import Frame
    from chat_core.events import Event
    from chat_core.flow.rules import Rules
    from chat_core.live import LiveConfig, LiveEvent, LiveInput
    from chat_core.livesessions.open_calls import Group, OpenCall
    from chat_core.livesessions.work import Outcome, Task
    from chat_core.parts import ToolCall
    from chat_core.response import Notice, Response

INTERRUPTED = "stopped: the user interrupted before the tool had ended; it is not known whether it took effect"
NOT_RUN = "not run: the answer was interrupted"
WITHDRAWN = "stopped: the call was cancelled by the model"
FLOODED = "stopped: it reported more than anybody takes"


class LiveDialogue:
    """One live session, whatever the colour.

    Attributes:
        config: what the service was told last.
        outbox, inbox: what is to be sent, and what has happened.
        history: what was said.
        id, usage: as `LiveSession` shows them.
        rules: who decides about calls, and what runs.
        leaving: whether the service is about to close the connection.
        heard: whether the service has said anything on this connection.
    """

    def __init__(
        self,
        config: LiveConfig,
        rules: Rules,
        codec: LiveCodec,
        notices: tuple[Notice, ...] = (),
        hide: Callable[[Exception], None] | None = None,
    ) -> None:
        """Begin.

        Args:
            config: what the service is told first.
            rules: who decides about calls, and what runs.
            codec: translates.
            notices: what of the handshake was not sent as asked.
            hide: takes out of an error what the service repeats of our secrets.
        """
        self.config = config
        self.outbox = Outbox()
        self.inbox = Inbox()
        self.history = LiveHistory(config.messages)
        self.id: str | None = None
        self.usage = Usage()
        self.leaving = False
        self.heard = False
        self.rules = rules
        self._codec = codec
        self._notices = notices
        self._hide = hide
        self._answering = False
        self._token: str | None = None
        self._calls = OpenCalls()
        self._flush(None)

    @property
    def resume_token(self) -> str | None:
        """What a later session can go on with; on another connection what led there, until the service says more."""
        token = self._codec.resume_token
        return self._token if token is None else token

    @property
    def quiet(self) -> bool:
        """Whether the model is not answering at the moment."""
        return not self._answering

    # What the program says

    def say(self, said: LiveInput) -> None:
        """Say something.

        Raises:
            UnsupportedContent: the wire cannot spell it; nothing is said.
        """
        self._codec.send(said)
        self._flush(said)
        match said:
            case MessageInput(message):
                self.history.say(message)
            case ResultsInput(results):
                for result in results:
                    for entry in self._calls.named((result.call_id,)):  # the program has answered it itself
                        self._calls.close(entry)
                    self.history.answer(result)
            case ConfigUpdate(config):
                self.config = config
                self.history.instruct(m for m in config.messages if m.role == "system")
            case Interruption():
                self._interrupt()
            case _:
                pass

    def update(self, config: LiveConfig, rules: Rules) -> None:
        """Go on with other instructions, tools or settings; raises as `say`."""
        self.say(ConfigUpdate(config))
        self.rules = rules

    def decide(self, call_id: str, decision: Decision, moment: float) -> None:
        """Carry out what was decided about a call that waits; `moment` is in seconds since 1970.

        Raises:
            DecisionRefused: no such call waits, or the decision does not fit.
        """
        waiting = {entry.task.call.id: entry for entry in self._calls.all("pending")}
        if call_id not in waiting:
            raise DecisionRefused(f"no call {call_id!r} waits for a decision; waiting: {', '.join(waiting) or 'none'}")
        entry = waiting[call_id]
        entry.task = decided(entry.task, decision, moment)
        self._calls.line_up(entry)

    # What the service says

    def feed(self, frames: Iterable[Frame]) -> None:
        """Take what has come.

        Raises:
            DecodeError: a known event is malformed.
            ProviderError: the service ended the session with an error.
        """
        try:
            for frame in frames:
                self._take(self._codec.feed(frame))
        finally:
            self._flush(None)

    def finish(self, error: Exception | None = None) -> None:
        """End the session; what was under way ends as cancelled, and tools stop."""
        try:
            self.hang_up()
        except Exception as failure:  # noqa: BLE001 - whatever a codec raises, the session ends
            error = error or failure
        self.stop()
        self.inbox.end(error)

    def hang_up(self) -> None:
        """Note that the connection has ended."""
        self._take(self._codec.finish())

    def move(self, codec: LiveCodec, cause: Exception | None) -> None:
        """Go on over another connection; what was not begun to be sent is said there."""
        unsent, self._token = self.outbox.left(), self.resume_token
        self._codec = codec
        self.leaving = self.heard = self._answering = False
        self._flush(None)
        for said in unsent:
            codec.send(said)
            self._flush(said)
        self.inbox.put(Reconnected(cause=cause))

    # What tools do

    def tasks(self) -> Iterator[Task]:
        """Yield the calls that are to begin now."""
        return self._calls.begin(self.rules.concurrency)

    def stops(self) -> tuple[int, ...]:
        """Return the numbers of the calls that are to stop now, once."""
        return self._calls.stops()

    def reported(self, number: int, event: Event) -> None:
        """Take what a running call says; its end is for `done` to tell."""
        entry = self._calls.get(number)
        if entry is None or isinstance(event, ToolEnd):
            return
        if self.inbox.flooded:
            self._close(entry, FLOODED, tell=True)
        else:
            self.inbox.put(event)

    def done(self, number: int, outcome: Outcome) -> None:
        """Take what became of a call."""
        entry = self._calls.get(number)
        if entry is None:  # it was cancelled meanwhile
            return
        if outcome.pending is not None:
            entry.state = "pending"
            self.inbox.put(ApprovalRequest(outcome.pending))
            return
        if outcome.call != entry.task.call:
            self.history.edit(outcome.call)
        entry.group.respond = entry.group.respond and not outcome.ends
        result = failed(outcome.call, NOT_RUN) if outcome.result is None else outcome.result
        self._calls.ended(entry)
        self.inbox.put(ToolEnd(outcome.call, result))
        self._tell(entry.group, ResultsInput((_named(result, outcome.call),)))

    def stop(self) -> None:
        """Stop all tools: the session is over."""
        for entry in self._calls.all("in_line", "runs", "pending"):
            self._close(entry, NOT_RUN, tell=False)

    # Inside

    def _take(self, events: Iterator[LiveEvent]) -> None:
        for event in events:
            self.heard = True
            if isinstance(event, SessionError) and self._hide is not None:
                self._hide(event.error)
            self.inbox.put(self._greeted(event) if isinstance(event, SessionStart) else event)
            self._note(event)

    def _greeted(self, event: SessionStart) -> SessionStart:
        """Say in the greeting, too, what of the handshake was not sent as asked."""
        more = tuple(notice for notice in self._notices if notice not in event.notices)
        return replace(event, notices=(*event.notices, *more))

    def _note(self, event: LiveEvent) -> None:
        """Do what an event leads to, once the program was told of it."""
        match event:
            case ResponseStart():
                self._answering = True
                self.history.begin()
            case ResponseEnd(response):
                self._answering = False
                self._add(response.usage)
                self.history.end(response)
                self._begin(response)
            case SpeechStart(item=item):
                self.history.speech(item)
            case InputTranscript(text=text, item=item, usage=usage, meta=meta):
                self._add(usage)
                self.history.words(text, item, meta)
            case SessionUsage(usage):
                self._add(usage)
            case CallsCancelled(ids):
                self._withdraw(ids)
            case SessionStart(id=str(name)):
                self.id = name
            case SessionEnding():
                self.leaving = True
            case ResumeToken():
                self._token = None
            case _:
                pass

    def _add(self, usage: Usage | None) -> None:
        self.usage = total((self.usage, usage))

    def _begin(self, response: Response) -> None:
        """Let the calls of an answer begin; those of one that was cut short are answered without running."""
        if not response.tool_calls:
            return
        cut = response.finish_reason is FinishReason.CANCELLED
        for entry in self._calls.add(response.tool_calls, self.config.tools, self.rules, self.history.messages):
            if cut:
                entry.group.respond = False
                self._close(entry, NOT_RUN, tell=entry.task.call.arguments is not None)
            else:
                self._calls.line_up(entry)

    def _interrupt(self) -> None:
        """Stop the tools that run or are about to; a human's decision is still waited for."""
        for entry in self._calls.all("in_line", "runs"):
            entry.group.respond = False
            self._close(entry, INTERRUPTED, tell=True)

    def _withdraw(self, ids: tuple[str, ...]) -> None:
        for entry in self._calls.named(ids):
            self._close(entry, WITHDRAWN, tell=False)

    def _close(self, entry: OpenCall, why: str, *, tell: bool) -> None:
        """Stop a call, and answer it with an error; `tell`: to the model as well."""
        self._calls.close(entry)
        result = failed(entry.task.call, why)
        self.inbox.put(ToolEnd(entry.task.call, result))
        if tell:
            self._tell(entry.group, ResultsInput((result,)))
        else:
            self.history.answer(result)

    def _tell(self, group: Group, said: ResultsInput) -> None:
        """Tell the model a result; it goes on when it has all of that answer's."""
        said = replace(said, respond=group.respond and not group.open)
        try:
            self._codec.send(said)
        except UnsupportedContent as error:
            said = replace(said, results=tuple(_unspoken(result, error) for result in said.results))
            self._codec.send(said)
        self._flush(said)
        for result in said.results:
            self.history.answer(result)

    def _flush(self, said: LiveInput | None) -> None:
        """Let wait what the codec has to say; nothing overtakes what begins a session."""
        outbox, messages = self.outbox, self._codec.to_send()
        if said is not None and not messages and not self._codec.ready:
            outbox.keep(said)
        else:
            ready = self._codec.ready
            outbox.put(said, messages, outbox.place(said, answering=self._answering) if ready else "in_order")


def _named(result: ToolResult, call: ToolCall) -> ToolResult:
    """Return a result with its tool's name, which a connection that never heard of the call may have to say."""
    return result if result.name is not None else replace(result, name=call.name)


def _unspoken(result: ToolResult, error: UnsupportedContent) -> ToolResult:
    """Return the result that says why the one there is cannot be told."""
    text = Text(f"the tool has run, and what it gave cannot be sent: {error}")
    return ToolResult(call_id=result.call_id, name=result.name, content=(text,), is_error=True)
