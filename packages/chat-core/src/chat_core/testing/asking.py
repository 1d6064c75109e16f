"""Laws of requests: what is asked is sent, or a notice or an error says that it is not.

Law: each law is a generator of faults. Values that occur nowhere else are asked for, and looked for in what is sent.
"""

from __future__ import annotations

import copy
from base64 import b64encode
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

from chat_core.codec.wire import dump
from chat_core.errors import ChatError, UnansweredToolCall, UnsupportedContent
from chat_core.messages import Message, assistant, tool_results, user
from chat_core.options import Options
from chat_core.parts import URL, FileID, Inline, Media, Text, ToolCall, ToolResult
from chat_core.request import OutputFormat
from chat_core.testing.leaves import leaves
from chat_core.testing.subject import spelled
from chat_core.tools import Tool, ToolChoice

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from chat_core.codec.wire import WireRequest
    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.parts import MediaKind, Part, Source
    from chat_core.testing.fixtures import Case
    from chat_core.testing.subject import Subject

OPTIONS: Mapping[str, object] = {
    "max_tokens": 7321,
    "temperature": 0.0,
    "top_p": 0.8125,
    "top_k": 4321,
    "min_p": 0.0625,
    "frequency_penalty": 0.5625,
    "presence_penalty": 0.4375,
    "stop": ("canary-stop", "canary-halt"),
    "seed": 8642,
    "logit_bias": {"17": 3.5},
    "logprobs": True,
    "top_logprobs": 5,
    "n": 3,
    "reasoning_effort": "high",
    "reasoning_tokens": 5432,
    "parallel_tool_calls": False,
    "user": "canary-user",
    "service_tier": "canary-tier",
}
"""A value for every portable option; `temperature=0` is a value and no absence."""

SCHEMA: JSONObject = {
    "type": "object",
    "properties": {
        "place": {"$ref": "#/$defs/place"},
        "unit": {"type": "string", "enum": ["celsius", "kelvin"], "description": "canary-unit"},
        "days": {"type": "array", "items": {"type": "object", "properties": {"day": {"type": "integer"}}}},
    },
    "required": ["place"],
    "$defs": {"place": {"type": "object", "properties": {"city": {"type": "string", "pattern": "^[A-Z]"}}}},
}
"""A schema with what is lost when schemas are made flat: references, enumerations, nested objects."""

TOOL = Tool(name="canary_tool", description="canary-description", parameters=SCHEMA)
CALL = ToolCall(id="call_canary", name="canary_tool", arguments={"place": {"city": "Oslo"}})


def option_is_sent(subject: Subject, option: str) -> Iterator[str]:
    """Yield whether an option is dropped without a word."""
    value = OPTIONS[option]
    for stream in (False, True):
        base = replace(subject.hello(), tools=(TOOL,)) if option == "parallel_tool_calls" else subject.hello()
        made = cast("dict[str, JSON]", {option: value})  # the names are those of `Options`
        asked = replace(base, options=Options(**made))  # type: ignore[arg-type] # pyright: ignore[reportArgumentType] - as above
        wire, plain = subject.encode(asked, stream=stream), subject.encode(base, stream=stream)
        if any(notice.feature == option for notice in wire.notices):
            continue
        added = _added(plain, wire)
        if not (added if isinstance(value, bool) else _holds(added, value)):
            yield f"{option}={value!r} is neither sent nor noticed (stream={stream})"


def _added(before: WireRequest, after: WireRequest) -> list[JSON]:
    """Return the leaves of a request that another one has not."""
    old, new = _leaves(before), _leaves(after)
    return [value for path, value in new.items() if path not in old or not _same(old[path], value)]


def _leaves(wire: WireRequest) -> dict[tuple[str | int, ...], JSON]:
    whole: JSON = {"url": wire.url, "headers": dict(wire.headers), "body": spelled(wire)}
    found: dict[tuple[str | int, ...], JSON] = {}
    for path in leaves(whole):
        value: JSON = whole
        for step in path:
            value = cast("dict[str | int, JSON]", value)[step]
        found[path] = value
    return found


def _same(one: JSON, other: JSON) -> bool:
    return one == other and isinstance(one, bool) == isinstance(other, bool)


def _holds(added: list[JSON], value: object) -> bool:
    """Tell whether all that a value says is among the leaves that were added."""
    match value:
        case dict():
            held = cast("dict[str, object]", value)  # `match` finds a dict of anything
            return all(_holds(added, item) for item in held.values())
        case tuple():
            items = cast("tuple[object, ...]", value)  # as above
            return all(_holds(added, item) for item in items)
        case str():
            return any(value in item for item in added if isinstance(item, str))
        case _:
            return any(item == value for item in added if not isinstance(item, bool))


def schemas_travel_whole(subject: Subject) -> Iterator[str]:
    """Yield whether the schema of a tool or of an answer is changed or dropped without a word."""
    for name, asked in (
        ("tools", replace(subject.hello(), tools=(TOOL,))),
        ("output", replace(subject.hello(), output=OutputFormat(schema=SCHEMA, name="canary", strict=None))),
    ):
        wire = subject.encode(asked)
        noticed = any(name.removesuffix("s") in notice.feature for notice in wire.notices)
        if not noticed and not _contains(spelled(wire), SCHEMA):
            yield f"{name}: the schema is not in the request as it was given, and no notice says so"
    wire = subject.encode(replace(subject.hello(), tools=(TOOL,)))
    noticed = any("tool" in notice.feature for notice in wire.notices)
    sent = text_of(wire)
    for word in () if noticed else (TOOL.name, TOOL.description):
        if word is not None and word not in sent:
            yield f"tools: {word!r} is not sent"


def choice_is_sent(subject: Subject) -> Iterator[str]:
    """Yield which choice of tools is dropped without a word."""
    plain = subject.encode(replace(subject.hello(), tools=(TOOL,)))
    for choice in (
        ToolChoice(mode="required"),
        ToolChoice(mode="none"),
        ToolChoice(mode="required", names=(TOOL.name,)),
    ):
        wire = subject.encode(replace(subject.hello(), tools=(TOOL,), tool_choice=choice))
        if spelled(wire) == spelled(plain) and not any("tool" in notice.feature for notice in wire.notices):
            yield f"{choice} is neither sent nor noticed"


def _contains(value: JSON, wanted: JSON) -> bool:
    match value:
        case dict():
            return value == wanted or any(_contains(item, wanted) for item in value.values())
        case list():
            return any(_contains(item, wanted) for item in value)
        case _:
            return False


def text_of(wire: WireRequest) -> str:
    """Return all that is sent as one text."""
    return dump({"url": wire.url, "headers": dict(wire.headers), "body": spelled(wire)}).decode()


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPart:
    """A part of a newer core, which no provider knows."""

    canary: str = "canary-part"


def new_parts_are_refused(subject: Subject) -> Iterator[str]:
    """Yield where a part that the provider does not know is dropped or makes it crash."""
    stranger = cast("Part", NewPart())
    for message in (user("Hi", stranger), assistant("Hi", stranger)):
        asked = replace(subject.hello(), messages=(user("Hello"), message, user("And?")))
        try:
            subject.encode(asked)
        except UnsupportedContent:
            continue
        except Exception as error:  # noqa: BLE001 - whatever it is, it is the wrong one
            yield f"in a message of the {message.role}: {error!r} instead of UnsupportedContent"
        else:
            yield f"in a message of the {message.role}: sent without a word"


_DATA = b"\x89PNG\r\n\x1a\n canary"
_MEDIA: tuple[tuple[MediaKind, str], ...] = (
    ("image", "image/png"), ("audio", "audio/wav"), ("video", "video/mp4"), ("document", "application/pdf"),
)  # fmt: skip
_SOURCES: Mapping[str, Source] = {
    b64encode(_DATA).decode(): Inline(_DATA),
    "https://media.example/canary": URL("https://media.example/canary"),
    "file-canary": FileID("file-canary"),
}


def media_is_sent(subject: Subject) -> Iterator[str]:
    """Yield which media are dropped without a word."""
    for kind, mime in _MEDIA:
        for wanted, source in _SOURCES.items():
            part = Media(kind=kind, source=source, mime=mime, name="canary")
            try:
                wire = subject.encode(replace(subject.hello(), messages=(user("Look:", part),)))
            except UnsupportedContent:
                continue
            except Exception as error:  # noqa: BLE001 - whatever it is, it is the wrong one
                yield f"{kind} as {type(source).__name__}: {error!r} instead of UnsupportedContent"
                continue
            if wanted not in text_of(wire) and not wire.notices:
                yield f"{kind} as {type(source).__name__}: neither sent nor refused"


def unanswered_calls_are_refused(subject: Subject) -> Iterator[str]:
    """Yield whether a turn that is half answered would reach the service."""
    for name, messages in (
        ("at the end", (user("Hi"), assistant(CALL))),
        ("before other words", (user("Hi"), assistant(CALL), user("Well?"))),
        ("beside an answered one", (user("Hi"), assistant(CALL, replace(CALL, id="call_2")), result("call_2"))),
    ):
        try:
            subject.encode(replace(subject.hello(), tools=(TOOL,), messages=messages))
        except UnansweredToolCall:
            continue
        except ChatError as error:
            yield f"{name}: {error!r} instead of UnansweredToolCall"
        else:
            yield f"a call {name} without its result is sent"


def result(call: str) -> Message:
    """Return the answer to a call."""
    return tool_results(ToolResult(call_id=call, name=CALL.name, content=(Text("done"),)))


def encoding_is_pure(subject: Subject, case: Case) -> Iterator[str]:
    """Yield where encoding a case's request twice gives other bytes, or changes the request."""
    request = subject.request(case)
    before = copy.deepcopy(request)
    for stream in (False, True):
        one, other = subject.encode(request, stream=stream), subject.encode(before, stream=stream)
        if text_of(one) != text_of(other):
            yield "equal requests are spelled in other bytes"
        if not one.url.startswith(("http://", "https://", "ws://", "wss://", "local:")):
            yield f"the address {one.url!r} is not absolute"
    if request != before:
        yield "encoding changes the request"
