"""What the program says → events of the wire, in an order that the service takes.

Law: one answer at a time is asked for: while one comes, the wish for another is kept until it has ended, and while a
call has no result, the wish that came with another one's of the same answer. Everything else is sent at once.
"""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chat_core.codec.answers import require_answers
from chat_core.errors import UnsupportedContent
from chat_core.jsonvalue import same
from chat_core.live import (
    AudioInput,
    ConfigUpdate,
    FrameInput,
    Interruption,
    MessageInput,
    NativeInput,
    ResponseRequest,
    ResultsInput,
    TurnEnd,
    TurnStart,
)
from chat_core.messages import user
from chat_responses.realtime.encode import ItemEncoder, added
from chat_responses.realtime.options import RealtimeOptions
from chat_responses.realtime.session import encode_session, form_of, spoken

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from chat_core.jsonvalue import JSONObject
    from chat_core.live import LiveConfig, LiveInput
    from chat_core.parts import ToolResult
    from chat_core.response import Notice
    from chat_responses.provider import Responses
    from chat_responses.realtime.sound import Sound

ASK = "response.create"


@dataclass(slots=True, eq=False)
class _Calls:
    """The calls of one answer that have no result yet, and whether one is asked for when all have."""

    open: set[str]
    wished: bool = False


class Saying:
    """Spells what is said in one session, and takes turns with the service.

    Attributes:
        notices: what of the configuration was not sent as asked.
        busy: whether an answer comes.
        hearing: whether the service hears the user speak.
    """

    def __init__(self, provider: Responses, origin: str, config: LiveConfig) -> None:
        """Begin with the configuration and the conversation so far.

        Raises:
            UnsupportedContent: the wire cannot spell something of the conversation.
            UnansweredToolCall: a call of the conversation has no result.
        """
        self.notices: list[Notice] = []
        self.busy = False
        self.hearing = False
        self._provider = provider
        self._config = config
        self._items = ItemEncoder(origin, config.options.foreign_reasoning, self.notices)
        self._session: JSONObject = {}
        self._out: list[JSONObject] = []
        self._asked = False
        self._wanted: JSONObject | None = None
        self._after_results = False
        self._waiting: list[_Calls] = []
        self._early = _Calls(set())
        self._heard_sound = False
        self._sounds: tuple[Sound, ...] = ()
        self._begin(config)

    def take(self) -> tuple[JSONObject, ...]:
        """Return what is to be sent, once."""
        out, self._out = tuple(self._out), []
        return out

    def say(self, said: LiveInput) -> None:
        """Say something.

        Raises:
            UnsupportedContent: the wire cannot spell it; nothing is sent.
        """
        match said:
            case AudioInput(data):
                self._heard_sound = True
                self._out.append({"type": "input_audio_buffer.append", "audio": b64encode(data).decode("ascii")})
            case MessageInput(message, respond):
                self._out += self._items.events(message)
                self._ask_if(respond)
            case FrameInput(image):
                self._out += self._items.events(user(image))
            case ResultsInput(results, respond):
                self._answer(results, respond=respond)
            case TurnStart() | TurnEnd():
                self._turn(said)
            case ResponseRequest(instructions):
                self._ask({"type": ASK, "response": {"instructions": instructions}} if instructions else {"type": ASK})
            case Interruption(heard):
                self._interrupt(heard)
            case ConfigUpdate(config):
                self._change(config)
            case NativeInput(provider=RealtimeOptions.provider, data=data):
                self._as_it_is(data)
            case NativeInput(provider=provider):
                raise UnsupportedContent(f"a message of {provider} is none of the Realtime wire")

    def began(self) -> None:
        """Note that an answer begins."""
        self.busy, self._asked = True, False

    def ended(self, calls: Iterable[str], sounds: tuple[Sound, ...]) -> None:
        """Note that an answer has ended, with calls that wait for results, and sound that is played."""
        self.busy = False
        self._wait_for(set(calls))
        self._sounds = sounds
        self._ask_now()

    def committed(self) -> None:
        """Note that the service has taken the sound so far for a turn."""
        self._heard_sound = False

    def refused(self) -> None:
        """Note that the service could not do something: a wish for an answer may be lost with it."""
        self._asked = False

    def _begin(self, config: LiveConfig) -> None:
        _, messages = spoken(config.messages)
        require_answers(messages)
        self._session = encode_session(self._provider, config, self.notices)
        self._out.append({"type": "session.update", "session": self._session})
        if config.resume is not None and "resumable" in form_of(self._provider).places:
            return  # the service knows what was said
        for message in messages:
            self._out += self._items.events(message)

    def _change(self, config: LiveConfig) -> None:
        """Send what is set otherwise than before; what is not set any more is emptied where it can be."""
        before, begins = self._session, self._session.get("type")
        session = encode_session(self._provider, config, self.notices)
        new = {key: value for key, value in session.items() if key not in before or not same(before[key], value)}
        if "tools" in before and "tools" not in session:
            new["tools"] = []
        if "instructions" in before and "instructions" not in session:
            new["instructions"] = ""
        self._config, self._session = config, session
        self._out.append({"type": "session.update", "session": {"type": begins, **new} if begins else new})

    def _answer(self, results: Sequence[ToolResult], *, respond: bool) -> None:
        items = [self._items.result(result) for result in results]
        self._out += [added(item) for item in items]
        answered = {result.call_id for result in results}
        calls = [group for group in self._waiting if group.open & answered]
        for group in calls:
            group.open -= answered
            group.wished = group.wished or respond
        if not calls and self.busy:  # the answer that they belong to has not ended
            self._early.open |= answered
            self._early.wished = self._early.wished or respond
        elif any(group.wished and not group.open for group in calls) or (respond and not calls):
            self._after_results = True
        self._waiting = [group for group in self._waiting if group.open]
        self._ask_now()

    def _wait_for(self, calls: set[str]) -> None:
        """Wait for the results of an answer's calls, but for those that have come before its end."""
        early, self._early = self._early, _Calls(set())
        if left := calls - early.open:
            self._waiting.append(_Calls(left, early.wished))
        else:
            self._after_results = self._after_results or early.wished

    def _turn(self, said: TurnStart | TurnEnd) -> None:
        turns = self._config.turns
        manual = turns is not None and turns.kind == "manual"
        match said:
            case TurnStart() if manual:
                self._heard_sound = False
                self._out.append({"type": "input_audio_buffer.clear"})
            case TurnStart():
                raise UnsupportedContent("the service finds out when a turn begins: set TurnDetection(kind='manual')")
            case TurnEnd(respond) if manual or self.hearing:
                if self._heard_sound:
                    self._out.append({"type": "input_audio_buffer.commit"})
                    self._heard_sound = False
                self._ask_if(respond)
            case TurnEnd():
                pass  # the service has found the end of the last turn by itself

    def _interrupt(self, heard: int | None) -> None:
        self._wanted, self._after_results = None, False
        for group in (*self._waiting, self._early):
            group.wished = False
        if self.busy or self._asked:
            self._out.append({"type": "response.cancel"})
        if self._config.options.native_of(RealtimeOptions).call_id is not None:
            self._out.append({"type": "output_audio_buffer.clear"})
        if heard is None:
            return
        for sound in self._sounds:
            if heard < sound.milliseconds:
                self._out.append(sound.cut(max(heard, 0)))
            heard -= sound.milliseconds
        self._sounds = ()

    def playing(self, sounds: tuple[Sound, ...]) -> None:
        """Note what sound of the answer has come so far."""
        self._sounds = sounds

    def _as_it_is(self, data: JSONObject) -> None:
        match data.get("type"):
            case "response.create":
                self._ask(data)
            case _:
                self._out.append(data)

    def _ask_if(self, respond: bool) -> None:  # noqa: FBT001 - the field as it is
        if respond:
            self._ask({"type": ASK})

    def _ask(self, event: JSONObject) -> None:
        if self.busy or self._asked:
            self._wanted = event
            return
        self._asked, self._wanted, self._after_results = True, None, False
        self._out.append(event)

    def _ask_now(self) -> None:
        """Ask for the answer that had to wait."""
        if self._wanted is not None:
            self._ask(self._wanted)
        elif self._after_results and not self.busy and not self._asked:
            self._ask({"type": ASK})
