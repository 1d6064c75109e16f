"""What a live session is told: arguments become its configuration and rules.

Law: everything that can be wrong with them is an error here, before any I/O, and its message names the fix.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypedDict, TypeVar, cast

from chat_core.calls import ToolSource, declared, required, rules_of, told
from chat_core.codec.live import Live
from chat_core.codec.provider import capability
from chat_core.errors import ConfigurationError
from chat_core.frozen import dataclass
from chat_core.live import AudioFormat, AudioInput, LiveConfig, LiveInput, MessageInput, Modality, TurnDetection
from chat_core.livesessions.dialogue import LiveDialogue
from chat_core.messages import Message, system, user
from chat_core.setup import Changes, merged

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import UnionType

    from chat_core.codec.wire import WireRequest
    from chat_core.flow.rules import Rules
    from chat_core.options import Options
    from chat_core.setup import Setup
    from chat_core.tools import ToolChoice


T = TypeVar("T")


class LiveSettings(TypedDict, total=False):
    """What can be said at the beginning of a live session, and otherwise in the middle: see `LiveConfig`.

    `instructions` are a system message, `tools` as for any call.
    """

    instructions: str | None
    tools: Sequence[ToolSource]
    tool_choice: ToolChoice | None
    modality: Modality | None
    voice: str | None
    language: str | None
    input_audio: AudioFormat | None
    output_audio: AudioFormat | None
    input_transcription: bool | str | None
    output_transcription: bool | None
    turns: TurnDetection | None


class LiveUpdate(LiveSettings, total=False):
    """What can be changed in the middle of a live session; what is not named stays."""

    options: Options


class LiveAsking(Changes, LiveSettings, total=False):
    """What a live session can be told beside its client.

    `messages` is what was said before. `resume` is the token of an earlier session. With `reconnect` the session goes
    on over another connection when one is lost or about to be closed, if the service gave a token. `idle` is how many
    seconds may pass in which the service says nothing; `None` = any. Middleware goes around calls, and there are none:
    it does not apply.
    """

    messages: Sequence[Message]
    resume: str | None
    resumable: bool | None
    reconnect: bool
    idle: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Beginning:
    """A live session, ready to be begun.

    Attributes:
        setup: the client.
        live: translates.
        config: what the service is told.
        rules: who decides about calls, and what runs.
        reconnect, idle: as in `LiveAsking`.
    """

    setup: Setup
    live: Live
    config: LiveConfig
    rules: Rules
    reconnect: bool = False
    idle: float | None = None

    def resumed(self, config: LiveConfig, token: str) -> LiveConfig:
        """Return what the service is told on another connection."""
        return replace(config, resume=token)

    def wire(self, config: LiveConfig) -> WireRequest:
        """Return the handshake."""
        return self.live.connect(config)

    def dialogue(self, wire: WireRequest, hide: Callable[[Exception], None]) -> LiveDialogue:
        """Begin the session's logic; `hide` takes secrets out of errors."""
        return LiveDialogue(self.config, self.rules, self.live.codec(self.config), wire.notices, hide)


def begin(setup: Setup, asking: LiveAsking) -> Beginning:
    """Return a live session that was not begun yet.

    Raises:
        UnsupportedCapability: the provider has no live sessions; the message says who has.
        ConfigurationError: two tools have one name, or a setting makes no sense.
        TypeError: there is no such setting.
    """
    _require_names(asking, LiveAsking)
    own = told(setup, asking)
    live = required(own, Live, capability(own.provider, Live))
    idle, reconnect = asking.get("idle"), asking.get("reconnect", False)
    if idle is not None and idle <= 0:
        raise ConfigurationError("idle= is a number of seconds above 0, or None")
    config, rules = _configured(
        LiveConfig(model=own.model, messages=_messages(asking.get("messages", ())), options=own.options),
        rules_of(own.given, {}),
        asking,
    )
    resumable = asking.get("resumable")
    config = replace(
        config, resume=asking.get("resume"), resumable=True if reconnect and resumable is None else resumable
    )
    return Beginning(setup=own, live=live, config=config, rules=rules, reconnect=reconnect, idle=idle)


def updated(config: LiveConfig, rules: Rules, changes: LiveUpdate) -> tuple[LiveConfig, Rules]:
    """Return a configuration and rules that are told otherwise.

    Raises:
        ConfigurationError: two tools have one name.
        TypeError: there is no such setting.
    """
    _require_names(changes, LiveUpdate)
    options = changes.get("options")
    if options is not None:
        config = replace(config, options=merged(config.options, options))
    return _configured(config, rules, changes)


def input_of(said: str | Message | LiveInput) -> LiveInput:
    """Return what was said as an input.

    Raises:
        TypeError: it is none.
    """
    match said:
        case str():
            return MessageInput(user(said))
        case Message():
            return MessageInput(said)
        case _:
            return _required(said, LiveInput, "send() takes a text, a message, or an input of chat_core.live")


def audio_of(data: bytes | bytearray | memoryview) -> AudioInput:
    """Return sound as an input; raises as `input_of`."""
    return AudioInput(bytes(_required(data, (bytes, bytearray, memoryview), "send_audio() takes the bytes of samples")))


_PLAIN = frozenset(LiveSettings.__annotations__) - {"instructions", "tools"}


def _configured(config: LiveConfig, rules: Rules, told: LiveSettings) -> tuple[LiveConfig, Rules]:
    """Lay settings over a configuration."""
    values = {name: value for name, value in told.items() if name in _PLAIN}
    config = cast("Callable[..., LiveConfig]", replace)(config, **values)  # the names were checked
    if "tools" in told:
        declarations, functions = declared(told["tools"])
        config, rules = replace(config, tools=declarations), replace(rules, functions=functions)
    if "instructions" in told:
        words = told["instructions"]
        others = tuple(message for message in config.messages if message.role != "system")
        config = replace(config, messages=others if words is None else (system(words), *others))
    return config, rules


def _messages(messages: Sequence[Message]) -> tuple[Message, ...]:
    if not all(isinstance(message, Message) for message in cast("Sequence[object]", messages)):
        raise TypeError("messages= takes a history: make its messages with user(), assistant() …")
    return tuple(messages)


def _required(value: T, kinds: UnionType | tuple[type, ...], words: str) -> T:
    if not isinstance(value, kinds):
        raise TypeError(f"{words}, not {type(value).__name__}")
    return value


def _require_names(given: LiveSettings, kind: type) -> None:
    for name in given.keys() - kind.__annotations__.keys():
        raise TypeError(f"a live session has no setting {name}=")
