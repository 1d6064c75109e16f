"""Words spoken aloud: the capability `Speech`.

Law: one request, one reply, whole or streamed. Sound is handed on as it comes, never transcoded.
"""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, Protocol

from chat_core.frozen import dataclass
from chat_core.parts import Meta, no_meta

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chat_core.codec.reader import Reader
    from chat_core.codec.wire import WireRequest, WireResponse
    from chat_core.jsonvalue import JSON
    from chat_core.parts import Media
    from chat_core.response import Notice, Usage


@dataclass(frozen=True, slots=True, kw_only=True, weakref_slot=True)
class SpeechRequest:
    """Words to be spoken.

    Attributes:
        model: the service's name of the model.
        text: the words.
        voice: the service's name of the voice; not every service has one of its own to fall back on.
        instructions: how to speak, in words.
        format: the file format: `mp3`, `wav`, `opus`, ….
        speed: how fast, where 1 is normal.
        language: the language of the words, such as `en`.
        extra: further body fields, sent as they are.
    """

    model: str
    text: str
    voice: str | None = None
    instructions: str | None = None
    format: str | None = None
    speed: float | None = None
    language: str | None = None
    extra: Mapping[str, JSON] = field(default_factory=dict[str, "JSON"], hash=False)


@dataclass(frozen=True, slots=True, kw_only=True, weakref_slot=True)
class SpeechResponse:
    """A sound.

    Attributes:
        audio: the sound; its `mime` is as the service says, else as the bytes or the format asked for do.
        usage: what it cost.
        notices: what was dropped or adapted.
        meta: what else the service said, by origin.
        raw: the reply as parsed, where it is JSON; of a stream its last object.
    """

    audio: Media
    usage: Usage | None = None
    notices: tuple[Notice, ...] = ()
    meta: Meta = field(default_factory=no_meta, hash=False)
    raw: JSON = field(default=None, hash=False, compare=False, repr=False)


class Speech(Protocol):
    """Speaks."""

    def encode(self, request: SpeechRequest, *, stream: bool = False) -> WireRequest:
        """Spell the request; what cannot be streamed is asked for whole, with a notice."""
        ...

    def decode(self, request: SpeechRequest, reply: WireResponse) -> SpeechResponse:
        """Read the sound.

        Raises:
            DecodeError: the reply is malformed, or holds no sound.
            ProviderError: the reply is an error in the guise of a success.
        """
        ...

    def reader(self, request: SpeechRequest, head: WireResponse) -> Reader[SpeechResponse]:
        """Begin to read a streamed reply, whose head has come; its events are `MediaDelta`, at index 0."""
        ...
