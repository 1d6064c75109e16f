"""Round trips: what was decoded can be saved, sent back and read again; what was asked is asked again unchanged.

Law: a recorded request and its re-encoding are equal up to the equivalences that are stated per wire, and a longer
history's messages begin with the bytes of the shorter one's.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tests.wire.seals import seals, strings

from chat_core import history
from chat_core.codec.wire import Multipart, dump
from chat_core.errors import ChatError, UnansweredToolCall, UnsupportedContent
from chat_core.jsonvalue import parse, parse_object
from chat_core.messages import Message, tool_results, user
from chat_core.parts import Json, Opaque, Refusal, Text, ToolResult
from chat_core.request import Request

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.wire.codecs import Chat
    from tests.wire.equivalences import Equivalence

    from chat_core.codec.wire import FormField, WireJSON, WireRequest
    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.parts import Part, ToolCall
    from chat_core.response import Response


def saved(response: Response) -> Iterator[str]:
    """Yield how a response differs after it was saved as JSON text and loaded."""
    loaded = history.load(parse_object(dump(history.dump(response))))
    if loaded != response:
        yield "saved: load(dump(response)) is another response"


def saved_request(chat: Chat) -> Iterator[str]:
    """Yield how a request is encoded otherwise after it was saved as JSON text and loaded."""
    try:
        before = encoded(chat, chat.request, stream=False)
    except ChatError:
        return  # the check `request` says so
    loaded = history.load(parse_object(dump(history.dump(chat.request))), Request)
    after = encoded(chat, loaded, stream=False)
    yield from (f"saved request: {item}" for item in unequal(before, after))


@cache
def equivalences(family: str) -> tuple[Equivalence, ...]:
    """Return the stated equivalences of a wire."""
    try:
        module = import_module(f"tests.wire.equivalences.{family}")
    except ModuleNotFoundError as error:
        if error.name is None or not error.name.startswith("tests.wire.equivalences"):
            raise
        return ()
    found: tuple[Equivalence, ...] = module.EQUIVALENCES
    return found


def normalised(body: JSONObject, family: str) -> JSONObject:
    """Write a body in the spelling to which its equivalences lead."""
    for row in equivalences(family):
        body = row.normalise(body)
    return body


def encoded(chat: Chat, request: Request, *, stream: bool) -> JSONObject:
    """Encode a request and read the body's bytes again.

    Raises:
        ChatError: the request cannot be spelled.
    """
    return parse_object(dump(_object(chat.provider.encode(request, channel="http", stream=stream))))


def request_differences(chat: Chat, asked: JSONObject) -> Iterator[str]:
    """Yield how a recorded request differs from the same one, parsed and encoded."""
    if chat.fault is not None:
        yield f"request: cannot be parsed: {chat.fault!r}"
        return
    try:
        ours = encoded(chat, chat.request, stream=chat.streams(asked))
    except ChatError as error:
        yield f"request: cannot be encoded: {error!r}"
        return
    found = list(unequal(normalised(asked, chat.family), normalised(ours, chat.family)))
    yield from (f"request: {difference}" for difference in found[:8])


def unequal(theirs: JSON, ours: JSON, path: str = "") -> Iterator[str]:
    """Yield the places at which two documents differ."""
    match theirs, ours:
        case dict(), dict():
            for key in dict.fromkeys((*theirs, *ours)):
                place = f"{path}.{key}" if path else key
                if key not in ours:
                    yield f"{place}: recorded {theirs[key]!r}, ours lacks it"
                elif key not in theirs:
                    yield f"{place}: ours adds {ours[key]!r}"
                else:
                    yield from unequal(theirs[key], ours[key], place)
        case list(), list():
            if len(theirs) != len(ours):
                yield f"{path}: recorded {len(theirs)} items, ours {len(ours)}"
            for index, pair in enumerate(zip(theirs, ours, strict=False)):
                yield from unequal(*pair, f"{path}[{index}]")
        case _ if theirs != ours or isinstance(theirs, bool) != isinstance(ours, bool):
            yield f"{path}: recorded {theirs!r}, ours {ours!r}"
        case _:
            pass


def appended_differences(chat: Chat, response: Response) -> Iterator[str]:
    """Append an answer to its request and send that: the answer survives, and earlier bytes stay as they were."""
    before = chat.request
    after = replace(before, messages=(*before.messages, response.message, _reply(response.message)))
    try:
        short = chat.provider.encode(before, channel="http", stream=False)
        wire = chat.provider.encode(after, channel="http", stream=False)
        body = parse_object(dump(_object(wire)))
        again = chat.parse_body(body)
    except UnsupportedContent as error:
        if all(call.arguments is not None for call in response.tool_calls):
            yield f"appended: cannot be encoded: {error!r}"
        return
    except ChatError as error:
        yield f"appended: {error!r}"
        return
    first, second = _messages(short), _messages(wire)
    if not second.startswith(first[:-1]):
        yield "prefix: appending a turn changes earlier bytes"
    yield from _survives(response.message, again, wire)


def prefix_differences(chat: Chat) -> Iterator[str]:
    """Yield at which earlier turn a request's messages are other bytes than in the whole request."""
    messages = chat.request.messages
    try:
        whole = _messages(chat.provider.encode(chat.request, channel="http", stream=False))
    except ChatError:
        return  # the check `request` says so
    for at, message in enumerate(messages):
        if message.role == "assistant" and at:
            try:
                wire = chat.provider.encode(replace(chat.request, messages=messages[:at]), channel="http", stream=False)
            except UnansweredToolCall:
                continue
            if not whole.startswith(_messages(wire)[:-1]):
                yield f"prefix: the first {at} messages are other bytes than in the whole request"


def _survives(message: Message, again: Request, wire: WireRequest) -> Iterator[str]:
    dropped = " ".join(notice.feature for notice in wire.notices)
    if set(_kinds(message)) <= ({"Reasoning"} if "reasoning" in dropped else set[str]()):
        return  # a request cannot hold an answer without content
    answers = [other for other in again.messages if other.role == "assistant"]
    if not answers:
        yield "appended: the answer is not in the request"
        return
    last = answers[-1]
    for name, ours, theirs in (
        ("text", _text(message), _text(last)),
        ("refusal", message.refusal, last.refusal),
        ("calls", _calls(message), _calls(last)),
        ("seals", seals_of(message), seals_of(last)),
        ("part kinds", _kinds(message), _kinds(last)),
    ):
        if ours != theirs and not ("reasoning" in dropped and name in {"seals", "part kinds"}):
            yield f"appended: {name} was {ours!r}, comes back as {theirs!r}"


def seals_of(message: Message) -> set[str]:
    """Return what of a message must come back unchanged, beside call ids."""
    from chat_core.response import Response as Answer  # noqa: PLC0415 - only to look into a message alone

    return seals(Answer(message=message))


def _calls(message: Message) -> list[tuple[object, ...]]:
    return [
        (call.id, call.name, call.arguments, call.raw if call.arguments is None else None)
        for call in message.tool_calls
    ]


def _text(message: Message) -> str:
    """Return the text, with an answer's object as the text that stands for it in a request."""
    objects = [dump(part.value).decode() for part in message.parts if isinstance(part, Json)]
    return message.text or "".join(objects)


def _kinds(message: Message) -> list[str]:
    """Name the parts, sorted: not every wire has an order. Empty texts are left out: no request can hold them."""
    parts = [part for part in message.parts if not (_is_empty(part) or _is_of_others(part))]
    return sorted("Text" if isinstance(part, Json) else type(part).__name__ for part in parts)


def _is_empty(part: Part) -> bool:
    return isinstance(part, (Text, Refusal)) and not part.text


def _is_of_others(part: Part) -> bool:
    """Tell whether a part is a message of somebody else inside an answer, as a compacted history has them."""
    return isinstance(part, Opaque) and part.kind == "message"


def _reply(message: Message) -> Message:
    """Say what may follow an answer: the results of its calls, or a user's next words."""
    results = [ToolResult(call_id=call.id, name=call.name, content=(_result(call),)) for call in message.tool_calls]
    return tool_results(*results) if results else user("Go on.")


def _result(call: ToolCall) -> Text | Json:
    """Say what a tool gave: a search for tools gives tools."""
    return Json([]) if call.name == "tool_search" else Text("done")


def _object(wire: WireRequest) -> WireJSON:
    if not isinstance(wire.body, dict):
        raise TypeError(f"the body of a chat request is a JSON object, not {type(wire.body).__name__}")
    return wire.body


def _messages(wire: WireRequest) -> bytes:
    match _object(wire):
        case {"messages": messages} | {"input": messages} | {"contents": messages}:
            return dump(messages)
        case _:
            return b"[]"


def replay_differences(response: Response, chat: Chat, asked: JSONObject) -> Iterator[str]:
    """Yield what of an answer the recorded next request of its case repeats, and ours does not.

    Args:
        response: the answer.
        chat: the codec of the next exchange.
        asked: the next exchange's recorded body.
    """
    must = (seals(response) | {call.id for call in response.tool_calls}) & set(strings(asked))
    if not must or chat.fault is not None:
        return
    stream = chat.streams(asked)
    for name, request in (("parsed", chat.request), ("with our answer", _with_ours(chat.request, response))):
        if request is None:
            continue
        try:
            ours = set(strings(encoded(chat, request, stream=stream)))
        except ChatError as error:
            yield f"replay, {name}: {error!r}"
            continue
        for missing in sorted(must - ours):
            yield f"replay, {name}: {missing[:60]!r} of the answer does not go back"


def _with_ours(request: Request, response: Response) -> Request | None:
    """Put our decoded answer in the place of the recorded one, found by its call ids or seals."""
    ids, sealed = {call.id for call in response.tool_calls}, seals(response)
    for at, message in enumerate(request.messages):
        same_calls = ids and {call.id for call in message.tool_calls} == ids
        if message.role == "assistant" and (same_calls or (not ids and sealed & seals_of(message))):
            return replace(request, messages=(*request.messages[:at], response.message, *request.messages[at + 1 :]))
    return None


def body_differences(wire: WireRequest, asked: JSONObject, family: str) -> Iterator[str]:
    """Yield how the body of a request beside chat differs from the recorded one."""
    ours = parse(dump(_object(wire)))
    theirs = normalised(asked, family)
    yield from (
        f"request: {item}" for item in unequal(theirs, normalised(ours if isinstance(ours, dict) else {}, family))
    )


def path_differences(wire: WireRequest, path: str) -> Iterator[str]:
    """Yield whether a request beside chat goes elsewhere: the last two steps of its path count."""
    ours = urlsplit(wire.url).path
    if ours.split("/")[-2:] != path.split("/")[-2:]:
        yield f"request: recorded {path!r}, ours goes to {ours!r}"


def form_differences(wire: WireRequest, form: tuple[FormField, ...]) -> Iterator[str]:
    """Yield how a form differs from the recorded one, field by field, whatever their order."""
    ours = wire.body.fields if isinstance(wire.body, Multipart) else ()
    for name, one, other in (("recorded", form, ours), ("ours", ours, form)):
        for field in one:
            if field not in other:
                value = field.data[:40] if field.filename is None else len(field.data)
                yield f"request: only {name} has {field!r}, {value!r}"
