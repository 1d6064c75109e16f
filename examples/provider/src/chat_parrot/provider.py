"""The parrot's wire: turns in words, answers in lines of JSON."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from chat_core.codec.answers import require_answers
from chat_core.codec.decoder import FrameDecoder, frame_object
from chat_core.codec.failure import Dialect, decode_failure, failure
from chat_core.codec.framers import NDJSON
from chat_core.codec.wire import Frame, WireRequest, dump
from chat_core.errors import DecodeError, RateLimited, UnsupportedContent
from chat_core.events import ResponseEnd
from chat_core.jsonvalue import parse_object, rest
from chat_core.options import Options
from chat_core.parts import Json, Opaque, Reasoning, Refusal, Text
from chat_core.response import FinishReason, Notice, Usage

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from chat_core.codec.provider import Secret
    from chat_core.codec.wire import Channel, WireResponse
    from chat_core.errors import ProviderError
    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.parts import Part
    from chat_core.request import Request
    from chat_core.response import Response

DIALECT = Dialect(codes={"out_of_breath": RateLimited})
NAMES = {"temperature": "mood", "max_tokens": "words"}
"""What the service calls the options that it has."""
REASONS = {"enough": FinishReason.STOP, "breathless": FinishReason.LENGTH}


@dataclass(frozen=True, slots=True, kw_only=True)
class Parrot:
    """The parrot at one address."""

    name: str = "parrot"
    base_url: str = "https://parrot.example"

    @property
    def channels(self) -> frozenset[Channel]:
        """The channels that `encode` knows."""
        return frozenset({"http"})

    @property
    def capabilities(self) -> Mapping[type, object]:
        """Nothing beside chat."""
        return {}

    def encode(self, request: Request, *, channel: Channel = "http", stream: bool = False) -> WireRequest:  # noqa: ARG002 - one channel
        """Spell a request; what cannot be said raises, what is left out is noticed."""
        require_answers(request.messages)
        notices: list[Notice] = []
        body: JSONObject = {"bird": request.model, "lines": stream}
        for item in fields(Options):
            value: JSON = getattr(request.options, item.name)
            if item.name in NAMES and value is not None:
                body[NAMES[item.name]] = value
            elif item.name not in {"native", "foreign_reasoning"} and value is not None:
                notices.append(Notice(feature=item.name, reason="a parrot has no such setting"))
        more = [name for name in ("tools", "tool_choice", "output") if getattr(request, name)]
        notices += [Notice(feature=name, reason="a parrot can only talk") for name in more]
        body["turns"] = [
            {"who": message.role, "says": [words for part in message.parts if (words := _said(part, request, notices))]}
            for message in request.messages
        ]
        framer = NDJSON if stream else None
        return WireRequest(url=f"{self.base_url}/talk", body=body, framer=framer, notices=tuple(notices))

    def authorize(self, wire: WireRequest, body: bytes, secret: Secret, now: datetime) -> Mapping[str, str]:  # noqa: ARG002 - the seam's signature
        """Return the header that holds the key."""
        return {"x-cracker": secret.value}

    def decode(self, request: Request, reply: WireResponse) -> Response:
        """Read a whole reply: the lines of a streamed one, in a list."""
        decoder = self.decoder(request)
        match parse_object(reply.body):
            case {"lines": list(lines)}:
                events = [*decoder.feed(Frame(dump(line)) for line in lines), *decoder.finish()]
            case _:
                raise DecodeError("the parrot's reply has no lines")
        return next(event.response for event in events if isinstance(event, ResponseEnd))

    def decoder(self, request: Request) -> ParrotDecoder:
        """Begin to read a streamed reply."""
        return ParrotDecoder(self.origin(request.model))

    def decode_error(self, reply: WireResponse) -> ProviderError:
        """Read a reply whose status says that it failed; never raises."""
        return decode_failure(reply, DIALECT)

    def origin(self, model: str) -> str:  # noqa: ARG002 - all parrots understand each other
        """Return the name under which parts keep what only this service understands."""
        return "parrot@parrot.example/parrot"

    def accepts(self, origin: str) -> bool:
        """Tell whether private data of another origin may be sent here."""
        return origin == self.origin("")


def _said(part: Part, request: Request, notices: list[Notice]) -> str | None:
    """Spell a part in words; `None` leaves it out."""
    match part:
        case Text(text) | Refusal(text):
            return text
        case Json(value):
            return dump(value).decode()
        case Reasoning(text):
            policy = request.options.foreign_reasoning
            if policy == "fail":
                raise UnsupportedContent("a parrot takes nobody's reasoning")
            notices.append(Notice(feature="reasoning", reason="a parrot takes nobody's reasoning"))
            return text if policy == "as_text" else None
        case Opaque(kind=kind):
            notices.append(Notice(feature=kind, reason="a parrot can only talk"))
            return None
        case _:
            raise UnsupportedContent(f"a parrot can only talk: it takes no {type(part).__name__}")


class ParrotDecoder(FrameDecoder):
    """Reads the lines of one answer."""

    def on_frame(self, frame: Frame) -> None:
        """Read one line."""
        match frame_object(frame):
            case None:
                return
            case late if self.build.ended:
                self.build.unknown("late", late)
            case {"error": _} as line:
                raise failure(line, DIALECT)
            case {"say": str(text)} as line:
                self.build.text("say", text)
                self.build.note(rest(line, {"say"}))
            case {"done": str(word), "heard": int(heard), "said": int(said)} as line:
                self.build.usage = Usage(input_tokens=heard, output_tokens=said)
                self.build.note(rest(line, {"done", "heard", "said"}))
                self.build.finish(REASONS.get(word, FinishReason.OTHER), word)
                self.build.end()
            case line if {"say", "done"} & line.keys():
                raise DecodeError(f"malformed line: {line!r:.80}")
            case line:
                self.build.unknown(next(iter(line), ""), line)
