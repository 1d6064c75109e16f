"""Responses: what a model answered, what it cost, and what was changed on the way."""

from __future__ import annotations

from dataclasses import field
from enum import StrEnum
from typing import TYPE_CHECKING

from chat_core.frozen import dataclass
from chat_core.parts import Media, Meta, Reasoning, no_meta

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.messages import Message
    from chat_core.parts import Citation, Part, ToolCall


class FinishReason(StrEnum):
    """Why the answer ended, in one vocabulary; the service's own word is kept beside it."""

    STOP = "stop"
    LENGTH = "length"
    TOOL_CALLS = "tool_calls"
    CONTENT_FILTER = "content_filter"
    REFUSAL = "refusal"
    PAUSE = "pause"
    CANCELLED = "cancelled"
    ERROR = "error"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True, weakref_slot=True)
class Usage:
    """Tokens used; `None` = not reported, which is not zero.

    Attributes:
        input_tokens: tokens of the prompt, cached ones included.
        output_tokens: tokens of the answer, reasoning included.
        cache_read_tokens: tokens of the prompt that came from a cache.
        cache_write_tokens: tokens of the prompt that were put into a cache.
        reasoning_tokens: tokens of the answer that were reasoning.
        audio_input_tokens, audio_output_tokens: tokens that stand for sound.
        raw: the service's own object.
    """

    input_tokens: int | None = None
    output_tokens: int | None = None
    cache_read_tokens: int | None = None
    cache_write_tokens: int | None = None
    reasoning_tokens: int | None = None
    audio_input_tokens: int | None = None
    audio_output_tokens: int | None = None
    raw: JSONObject = field(default_factory=dict[str, "JSON"], hash=False)


@dataclass(frozen=True, slots=True, kw_only=True, weakref_slot=True)
class Notice:
    """Something that was asked for and is not sent as it was asked.

    Attributes:
        feature: the option, part or tool concerned.
        requested: what was asked.
        applied: what is sent instead; `None` = nothing.
        reason: why.
    """

    feature: str
    requested: JSON = field(default=None, hash=False)
    applied: JSON = field(default=None, hash=False)
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, weakref_slot=True)
class Attempt:
    """One try at a call.

    Attributes:
        number: counted from 1.
        delay: seconds waited before it.
        cause: why the attempt before it failed.
        request_id: the service's id of the request.
        usage: what it cost, where reported.
    """

    number: int
    delay: float = 0.0
    cause: str | None = None
    request_id: str | None = None
    usage: Usage | None = None


@dataclass(frozen=True, slots=True, kw_only=True, weakref_slot=True)
class Response:
    """What a model answered.

    Attributes:
        message: the answer, ready to be appended to the history.
        finish_reason: why it ended; `None` in a partial response.
        raw_finish_reason: the service's own word; `None` when it sent none.
        usage: what it cost; `None` when the service did not say.
        id: the service's id of the answer.
        model: the model that answered, as the service names it.
        alternatives: the other answers when several were asked for.
        notices: what was dropped or adapted.
        attempts: every try, in order.
        headers: headers worth keeping: request id, rate limits.
        meta: what the service says about the reply as a whole and this version has no field for.
        raw: the reply as parsed; of a stream its last object, unless all were asked to be kept.
    """

    message: Message
    finish_reason: FinishReason | None = None
    raw_finish_reason: str | None = None
    usage: Usage | None = None
    id: str | None = None
    model: str | None = None
    alternatives: tuple[Response, ...] = ()
    notices: tuple[Notice, ...] = ()
    attempts: tuple[Attempt, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict[str, str], hash=False)
    meta: Meta = field(default_factory=no_meta, hash=False)
    raw: JSON = field(default=None, hash=False, compare=False, repr=False)

    @property
    def parts(self) -> tuple[Part, ...]:
        """The parts of the answer."""
        return self.message.parts

    @property
    def text(self) -> str:
        """All text of the answer, joined with nothing between."""
        return self.message.text

    @property
    def refusal(self) -> str | None:
        """The words of refusal; `None` when nothing was refused."""
        return self.message.refusal

    @property
    def tool_calls(self) -> tuple[ToolCall, ...]:
        """The calls that the program has to answer."""
        return self.message.tool_calls

    @property
    def reasoning(self) -> str:
        """All reasoning text, joined with nothing between."""
        return "".join(part.text for part in self.parts if isinstance(part, Reasoning))

    @property
    def media(self) -> tuple[Media, ...]:
        """Images, sounds and other media of the answer."""
        return tuple(part for part in self.parts if isinstance(part, Media))

    @property
    def citations(self) -> tuple[Citation, ...]:
        """All citations of the answer's texts."""
        return tuple(citation for part in self.parts for citation in getattr(part, "citations", ()))
