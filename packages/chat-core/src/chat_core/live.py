"""Live sessions: what both sides say over one duplex connection, in no vendor's words.

A live session has no requests: the program says `LiveInput`s whenever it likes, and the service sends `LiveEvent`s
whenever it likes. What the model answers comes as the response streams of `events`, one after another.

Law: one response at a time: `ResponseStart … ResponseEnd` never overlap. A response ends when the model hands over:
with its last word, with calls of tools, or because it was interrupted (`FinishReason.CANCELLED`). Live events may stand
anywhere, also inside of a response.
"""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, Literal, TypeAlias

from chat_core.frozen import dataclass
from chat_core.options import Options
from chat_core.parts import Meta, no_meta

if TYPE_CHECKING:
    from chat_core.errors import ProviderError
    from chat_core.events import Event
    from chat_core.jsonvalue import JSONObject
    from chat_core.messages import Message
    from chat_core.parts import Media, ToolResult
    from chat_core.response import Notice, Usage
    from chat_core.tools import AnyTool, ToolChoice

AudioEncoding: TypeAlias = Literal["pcm16", "mulaw", "alaw"]
"""How sound is written: 16-bit little-endian samples, or 8-bit G.711 ones."""

Modality: TypeAlias = Literal["text", "audio"]
TurnKind: TypeAlias = Literal["silence", "meaning", "manual"]


@dataclass(frozen=True, slots=True, kw_only=True, weakref_slot=True)
class AudioFormat:
    """How the bytes of one channel of sound are to be read.

    Attributes:
        encoding: how a sample is written.
        rate: samples a second.
    """

    encoding: AudioEncoding = "pcm16"
    rate: int = 24_000


@dataclass(frozen=True, slots=True, kw_only=True, weakref_slot=True)
class TurnDetection:
    """How the service finds out that the user has finished; `None` = its own default.

    Attributes:
        kind: by `silence`, by the `meaning` of what was said, or not at all: `manual` turns end with `TurnEnd`.
        threshold: how loud speech has to be, from 0 to 1.
        padding: milliseconds of sound to keep from before speech was noticed.
        silence: milliseconds of silence that end a turn.
        eagerness: the service's word for how soon it believes that a turn has ended.
        interrupts: whether speech of the user cuts the model short.
        responds: whether the model answers by itself when a turn has ended.
    """

    kind: TurnKind = "silence"
    threshold: float | None = None
    padding: int | None = None
    silence: int | None = None
    eagerness: str | None = None
    interrupts: bool | None = None
    responds: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True, weakref_slot=True)
class LiveConfig:
    """What a live session is told when it begins; `None` = the service's own default.

    Attributes:
        model: the service's name of the model.
        messages: instructions (system messages) and the conversation so far.
        tools: what the model may call.
        tool_choice: which of them it may or must call.
        options: how to answer, as for any request.
        modality: what it answers in.
        voice: the service's name of the voice.
        language: of what is spoken, such as `en-US`.
        input_audio, output_audio: how sound is written, both ways.
        input_transcription: whether the words of the user's speech are wanted, or the model that shall write them.
        output_transcription: whether the words of the model's speech are wanted.
        turns: how the end of the user's turn is found.
        resume: the token of an earlier session to go on with, see `ResumeToken`.
        resumable: whether tokens are wanted, so that a later session can go on with this one.
    """

    model: str
    messages: tuple[Message, ...] = ()
    tools: tuple[AnyTool, ...] = ()
    tool_choice: ToolChoice | None = None
    options: Options = field(default_factory=Options)
    modality: Modality | None = None
    voice: str | None = None
    language: str | None = None
    input_audio: AudioFormat | None = None
    output_audio: AudioFormat | None = None
    input_transcription: bool | str | None = None
    output_transcription: bool | None = None
    turns: TurnDetection | None = None
    resume: str | None = field(default=None, repr=False)
    resumable: bool | None = None


@dataclass(frozen=True, slots=True, weakref_slot=True)
class MessageInput:
    """A message of the user, of text or media; `respond` asks for an answer at once."""

    message: Message
    respond: bool = True


@dataclass(frozen=True, slots=True, weakref_slot=True)
class AudioInput:
    """More of what the user's microphone hears, in the session's `input_audio`."""

    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, weakref_slot=True)
class FrameInput:
    """What the user's camera or screen shows now: one image."""

    image: Media


@dataclass(frozen=True, slots=True)
class TurnStart:
    """The user begins to speak; for `manual` turns."""


@dataclass(frozen=True, slots=True)
class TurnEnd:
    """The user has finished speaking, or the microphone is off; `respond` asks for an answer at once."""

    respond: bool = True


@dataclass(frozen=True, slots=True, weakref_slot=True)
class ResultsInput:
    """What tools gave; `respond` asks the model to go on."""

    results: tuple[ToolResult, ...]
    respond: bool = True


@dataclass(frozen=True, slots=True, weakref_slot=True)
class ResponseRequest:
    """Ask for an answer now, `instructions` being for this one only."""

    instructions: str | None = None


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Interruption:
    """Cut the model short.

    Attributes:
        heard: milliseconds of the answer's sound that the user has heard, so that the model knows what was not;
            `None` = unknown.
    """

    heard: int | None = None


@dataclass(frozen=True, slots=True, weakref_slot=True)
class ConfigUpdate:
    """Go on with other instructions, tools or settings; the model and what was said stay."""

    config: LiveConfig


@dataclass(frozen=True, slots=True, weakref_slot=True)
class NativeInput:
    """A message in the words of one service's wire, sent as it is.

    Attributes:
        provider: the wire that understands `data`, such as `realtime`; others refuse it.
        data: the message.
    """

    provider: str
    data: JSONObject = field(hash=False)


LiveInput: TypeAlias = (
    MessageInput
    | AudioInput
    | FrameInput
    | TurnStart
    | TurnEnd
    | ResultsInput
    | ResponseRequest
    | Interruption
    | ConfigUpdate
    | NativeInput
)
"""What a program says in a live session."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionStart:
    """The service is ready.

    Attributes:
        id: the service's id of the session.
        model: the model that listens.
        notices: what of the configuration was dropped or adapted.
        meta: what else the service says about the session, by origin.
    """

    id: str | None = None
    model: str | None = None
    notices: tuple[Notice, ...] = ()
    meta: Meta = field(default_factory=no_meta)


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionUpdate:
    """The service has taken a `ConfigUpdate`, or changed the session by itself."""

    notices: tuple[Notice, ...] = ()
    meta: Meta = field(default_factory=no_meta)


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeechStart:
    """The service hears the user speak.

    Attributes:
        item: the service's id of what is being said.
        at: milliseconds of sound since the session began.
    """

    item: str | None = None
    at: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeechEnd:
    """The service hears that the user has stopped; as `SpeechStart`."""

    item: str | None = None
    at: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InputTranscriptDelta:
    """More of the words that the user spoke; `item` as in `SpeechStart`."""

    text: str
    item: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InputTranscript:
    """All the words of what the user spoke.

    Attributes:
        text: the words; they may differ from what the deltas said.
        final: whether they stand; otherwise later ones of the same `item` replace them.
        item: as in `SpeechStart`.
        usage: what writing them down cost.
        meta: what else the service says about them, by origin.
    """

    text: str
    item: str | None = None
    final: bool = True
    usage: Usage | None = None
    meta: Meta = field(default_factory=no_meta)


@dataclass(frozen=True, slots=True)
class Interrupted:
    """The model was cut short: sound that waits to be played shall not be. The end of its response follows."""


@dataclass(frozen=True, slots=True)
class CallsCancelled:
    """The model no longer waits for these calls of tools."""

    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ResumeToken:
    """With this token a later session can go on from here; `None` = for now it cannot.

    A service sends one as often as it likes; the last one counts.
    """

    token: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class SessionEnding:
    """The service is about to close the connection.

    Attributes:
        seconds: how long it will still listen; `None` = it does not say.
    """

    seconds: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconnected:
    """The session goes on over another connection: what was being said may be lost. Not the service says this.

    Attributes:
        cause: why the last connection ended; `None` = the service had said that it would.
    """

    cause: Exception | None = None


@dataclass(frozen=True, slots=True)
class SessionUsage:
    """Tokens used beside those of any response."""

    usage: Usage


@dataclass(frozen=True, slots=True)
class SessionError:
    """The service could not do what one input asked; the session goes on.

    Attributes:
        error: what it said, as an error that nobody raised.
    """

    error: ProviderError


SessionEvent: TypeAlias = (
    SessionStart
    | SessionUpdate
    | SpeechStart
    | SpeechEnd
    | InputTranscriptDelta
    | InputTranscript
    | Interrupted
    | CallsCancelled
    | ResumeToken
    | SessionEnding
    | Reconnected
    | SessionUsage
    | SessionError
)

LiveEvent: TypeAlias = "Event | SessionEvent"
"""What a live session is made of."""
