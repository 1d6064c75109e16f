"""A small wire that keeps every law: the sound provider of which `mutants` makes broken ones.

A stream is one event a line: `{"start": {"id", "model"}}`, `{"text"}`, `{"thought", "seal"}`, `{"call": {"at", "id",
"name"}}`, `{"args": {"at", "text"}}`, `{"cite": {"url"}}`, `{"usage": {"in", "out", "cached"}}`, last `{"end": word}`.
A whole reply is `{"events": […]}`.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING

from chat_core.codec.answers import require_answers
from chat_core.codec.decoder import FrameDecoder, frame_object
from chat_core.codec.failure import Dialect, decode_failure, failure
from chat_core.codec.framers import SSE
from chat_core.codec.wire import Frame, WireRequest, dump
from chat_core.errors import DecodeError, RateLimited, UnsupportedContent
from chat_core.events import ResponseEnd
from chat_core.jsonvalue import parse_arguments, parse_object, rest
from chat_core.messages import Message
from chat_core.options import Options
from chat_core.parts import Citation, Json, Opaque, Reasoning, Text, ToolCall, ToolResult
from chat_core.request import Request
from chat_core.response import FinishReason, Notice, Usage
from chat_core.testing import ProviderContract
from chat_core.tools import Tool

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from chat_core.codec.provider import Secret
    from chat_core.codec.wire import Channel, WireResponse
    from chat_core.errors import ProviderError
    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.messages import Role
    from chat_core.parts import Meta, Part
    from chat_core.response import Response

DIALECT = Dialect(codes={"slow_down": RateLimited})
SENT = ("temperature", "max_tokens", "stop", "seed")
REASONS = {reason.value: reason for reason in (FinishReason.STOP, FinishReason.LENGTH, FinishReason.TOOL_CALLS)}
ROLES: Mapping[JSON, Role] = {"system": "system", "user": "user", "assistant": "assistant", "tool": "tool"}
KNOWN = ("start", "text", "thought", "call", "args", "cite", "usage", "end", "error")

IGNORED = {name: "the place among the calls" for at in ("call.at", "args.at") for name in (at, f"events[].{at}")}


@dataclass(frozen=True)
class Tiny:
    """The provider; mutants override what they break."""

    name: str = "tiny"

    @property
    def channels(self) -> frozenset[Channel]:
        return frozenset({"http"})

    @property
    def capabilities(self) -> Mapping[type, object]:
        return {}

    def encode(self, request: Request, *, channel: Channel = "http", stream: bool = False) -> WireRequest:  # noqa: ARG002 - one channel
        notices: list[Notice] = []
        body: JSONObject = {"model": request.model, "stream": stream, **self.settings(request.options, notices)}
        body |= self.asked(request, notices)
        body["messages"] = self.messages(request, notices)
        return WireRequest(
            url="https://tiny.example/chat", body=body, framer=SSE if stream else None, notices=tuple(notices)
        )

    def separable(self, request: Request) -> bool:  # noqa: ARG002 - the protocol's parameter
        return True

    def settings(self, options: Options, notices: list[Notice]) -> JSONObject:
        sent: JSONObject = {}
        for item in fields(Options):
            value: JSON | tuple[str, ...] = getattr(options, item.name)
            if value is None or item.name in {"foreign_reasoning", "native"}:
                continue
            if item.name in SENT:
                sent[item.name] = list(value) if isinstance(value, tuple) else value
            else:
                notices.append(Notice(feature=item.name, reason="the tiny service has none"))
        return sent

    def asked(self, request: Request, notices: list[Notice]) -> JSONObject:
        body: JSONObject = {}
        tools: list[JSON] = [self.tool(item) for item in request.tools if isinstance(item, Tool)]
        if tools:
            body["tools"] = tools
        if request.output is not None:
            body["output"] = request.output.schema
        if request.tool_choice is not None:
            notices.append(Notice(feature="tool_choice", reason="the tiny service decides"))
        return body

    def tool(self, tool: Tool) -> JSONObject:
        return {"name": tool.name, "description": tool.description, "schema": tool.parameters}

    def messages(self, request: Request, notices: list[Notice]) -> list[JSON]:
        self.check(request)
        return [
            {
                "role": message.role,
                "parts": [
                    spelled for part in message.parts if (spelled := self.part(part, request, notices)) is not None
                ],
            }
            for message in request.messages
        ]

    def check(self, request: Request) -> None:
        require_answers(request.messages)

    def part(self, part: Part, request: Request, notices: list[Notice]) -> JSON:
        match part:
            case Text(text, citations=citations):
                return {"text": text, **({"cites": [cite.url for cite in citations]} if citations else {})}
            case Json(value):
                return {"text": dump(value).decode()}
            case Reasoning():
                return self.thought(part, request, notices)
            case ToolCall(id=call, name=name):
                return {"call": {"id": call, "name": name, "args": arguments_of(part)}}
            case ToolResult(call_id=call, content=content):
                return {"result": {"id": call, "parts": [self.part(item, request, notices) for item in content]}}
            case Opaque(origin=origin, data=data) if self.accepts(origin):
                return data
            case Opaque():
                notices.append(Notice(feature="opaque"))
                return None
            case _:
                raise UnsupportedContent(f"the tiny service takes no {type(part).__name__}")

    def thought(self, part: Reasoning, request: Request, notices: list[Notice]) -> JSON:
        if self.own(part.meta):
            return {"thought": part.text, "seal": part.signature}
        policy = request.options.foreign_reasoning
        if policy == "fail":
            raise UnsupportedContent("reasoning of another origin")
        notices.append(Notice(feature="reasoning", applied="text" if policy == "as_text" else None))
        return {"text": part.text} if policy == "as_text" else None

    def own(self, meta: Meta) -> bool:
        return any(map(self.accepts, meta))

    def authorize(self, wire: WireRequest, body: bytes, secret: Secret, now: datetime) -> Mapping[str, str]:  # noqa: ARG002 - the seam's signature
        return {"authorization": f"Bearer {secret.value}"}

    def decode(self, request: Request, reply: WireResponse) -> Response:
        decoder = self.decoder(request)
        data = parse_object(reply.body)
        match data:
            case {"events": list(told)}:
                events = [*decoder.feed(Frame(dump(event)) for event in told), *decoder.finish()]
            case {"error": _}:
                raise failure(data, DIALECT)
            case _:
                raise DecodeError("no tiny reply")
        return next(event.response for event in events if isinstance(event, ResponseEnd))

    def decoder(self, request: Request) -> TinyDecoder:
        return TinyDecoder(self.origin(request.model))

    def decode_error(self, reply: WireResponse) -> ProviderError:
        return decode_failure(reply, DIALECT)

    def origin(self, model: str) -> str:  # noqa: ARG002 - one family
        return "tiny@tiny.example/tiny"

    def accepts(self, origin: str) -> bool:
        return origin == self.origin("")

    def parse(self, body: JSONObject) -> Request:
        """Read the messages of a body again."""
        match body:
            case {"model": str(model), "messages": list(messages)}:
                return Request(model=model, messages=tuple(map(self.message, messages)))
            case _:
                raise DecodeError("no tiny request")

    def message(self, data: JSON) -> Message:
        match data:
            case {"role": role, "parts": list(parts)}:
                return Message(role=ROLES[role], parts=tuple(map(self.parsed, parts)))
            case _:
                raise DecodeError("no tiny message")

    def parsed(self, data: JSON) -> Part:
        match data:
            case {"text": str(text)}:
                return Text(text)
            case {"thought": str(text), "seal": seal}:
                return Reasoning(
                    text, signature=None if seal is None else str(seal), meta={self.origin(""): {"own": True}}
                )
            case {"call": {"id": str(call), "name": str(name), "args": str(args)}}:
                arguments, raw = parse_arguments(args)
                return ToolCall(id=call, name=name, arguments=arguments, raw=raw)
            case {"result": {"id": str(call)}}:
                return ToolResult(call_id=call)
            case _:
                raise DecodeError("no tiny part")


def arguments_of(call: ToolCall) -> str:
    """Return the text of a call's arguments."""
    return call.raw if call.raw is not None else dump(call.arguments).decode()


class TinyDecoder(FrameDecoder):
    """Reads events; mutants override what they break."""

    def __init__(self, origin: str) -> None:
        super().__init__(origin)
        self.origin = origin

    def on_frame(self, frame: Frame) -> None:
        data = frame_object(frame)
        match data:
            case None:
                return
            case _ if self.build.ended:
                self.build.unknown("late", data)
            case {"error": _}:
                raise failure(data, DIALECT)
            case {"text": str(text)}:
                self.build.text("text", text)
            case {"thought": str(text)}:
                self.thought(text, data.get("seal"))
            case {"call": {"at": int(at), "id": str(call), "name": str(name)}} if not self.build.is_open(at):
                self.call(at, call, name)
            case {"args": {"at": int(at), "text": str(text)}} if self.build.is_open(at):
                self.build.arguments(at, text)
            case {"cite": {"url": str(url)}}:
                self.build.citation("text", Citation(url=url))
            case {"usage": dict(usage)}:
                self.usage(usage)
            case {"start": {"id": str(id), "model": str(model)}}:
                self.build.id, self.build.model = id, model
            case {"end": str(word)}:
                self.end(word)
            case _ if set(KNOWN) & data.keys():
                raise DecodeError("malformed tiny event")
            case _:
                self.unknown(data)
        self.build.note({key: value for key, value in rest(data, (*KNOWN, "seal")).items() if set(KNOWN) & data.keys()})

    def thought(self, text: str, seal: JSON) -> None:
        self.build.reasoning("thought", text)
        part = self.build.part("thought")
        if isinstance(part, Reasoning) and isinstance(seal, str):
            self.build.update("thought", replace(part, signature=seal, meta={self.origin: {"own": True}}))

    def call(self, at: int, call: str, name: str) -> None:
        self.build.open(at, ToolCall(id=call, name=name))

    def usage(self, usage: JSONObject) -> None:
        match usage:
            case {"in": int(given), "out": int(made)}:
                cached = usage.get("cached")
                self.build.usage = Usage(
                    input_tokens=given,
                    output_tokens=made,
                    cache_read_tokens=cached if isinstance(cached, int) else None,
                    raw=usage,
                )
            case _:
                raise DecodeError("malformed tiny usage")

    def end(self, word: str) -> None:
        self.build.finish(REASONS.get(word, FinishReason.OTHER), word)
        self.build.end()

    def unknown(self, data: JSONObject) -> None:
        self.build.unknown(next(iter(data), ""), data)


class Sound(ProviderContract):
    """The contract of the sound provider, as data for tests of single laws."""

    provider = Tiny()
    fixtures = Path(__file__).with_name("testing") / "fixtures"
    ignored = IGNORED


SUBJECT = Sound.subject()
