"""Round trips: what was decoded can be saved, sent back and read again.

Law: an answer survives `history` unchanged and goes back with all that its service needs; a longer history begins with
the bytes of the shorter one.
"""

from __future__ import annotations

from dataclasses import replace
from inspect import signature
from typing import TYPE_CHECKING, cast

from chat_core import history
from chat_core.codec.prefix import Prefixes
from chat_core.codec.wire import dump
from chat_core.errors import UnsupportedContent
from chat_core.jsonvalue import parse_object
from chat_core.messages import assistant, tool_results, user
from chat_core.parts import Json, Opaque, Reasoning, Refusal, Text, ToolCall, ToolResult, is_local
from chat_core.request import Request
from chat_core.testing.decoding import answer_of
from chat_core.testing.leaves import leaves
from chat_core.testing.subject import object_of, spelled

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from chat_core.jsonvalue import JSON
    from chat_core.messages import Message
    from chat_core.parts import Part
    from chat_core.response import Response
    from chat_core.testing.fixtures import Case
    from chat_core.testing.subject import Subject


def saved_and_loaded(subject: Subject, case: Case) -> Iterator[str]:
    """Yield how a case's request and answers differ after they were saved as JSON text and loaded."""
    for told in subject.evidence(case):
        if told.response is not None and _again(told.response) != told.response:
            yield "load(dump(response)) is another response"
    request = subject.request(case)
    loaded = history.load(parse_object(dump(history.dump(request))), Request)
    if spelled(subject.encode(loaded)) != spelled(subject.encode(request)):
        yield "a saved request is spelled otherwise"


def _again(response: Response) -> object:
    return history.load(parse_object(dump(history.dump(response))))


def answers_go_back(subject: Subject, case: Case) -> Iterator[str]:
    """Yield what of a case's answer is not in the next request."""
    answer = answer_of(subject, case)
    if answer is None or not kinds(answer.message):
        return
    try:
        wire = subject.encode(_next(subject.request(case), answer.message))
    except UnsupportedContent:
        if all(call.arguments is not None for call in answer.tool_calls):
            raise
        return  # a wire may take objects only
    dropped = " ".join(notice.feature for notice in wire.notices)
    there = set(strings(spelled(wire)))
    for part in answer.parts:
        for word in _needed(part):
            if word not in there and not any(word in text for text in there) and "reasoning" not in dropped:
                yield f"{type(part).__name__}: {word[:60]!r} does not go back"


def _needed(part: Part) -> Iterator[str]:
    """Yield the texts that have to come back."""
    match part:
        case Text(text) | Refusal(text) if text:
            yield text
        case Reasoning(text, signature=signature, meta=meta) if signature or any(meta.values()):
            yield from (word for word in (text, signature) if word)
        case Opaque(data=data):
            yield from strings(data)
        case ToolResult(call_id=call):
            yield from () if is_local(call) else (call,)
        case ToolCall(id=call, executed=True):  # the kind of its part may stand for its name
            yield from () if is_local(call) else (call,)
        case ToolCall(id=call, name=name):
            yield from (name,) if is_local(call) else (call, name)  # an id of our own means nothing to a service
        case _:
            return


def strings(value: JSON) -> Iterator[str]:
    """Yield all texts of a document."""
    for path in leaves(value):
        found: JSON = value
        for step in path:
            found = cast("dict[str | int, JSON]", found)[step]
        if isinstance(found, str):
            yield found


def parsed_again(subject: Subject, case: Case) -> Iterator[str]:
    """Yield how an answer differs after it went into a request, and the request was parsed."""
    parse: Callable[..., Request] | None = getattr(subject.provider, "parse", None)
    answer = answer_of(subject, case)
    if parse is None or answer is None or not kinds(answer.message):
        return
    try:
        wire = subject.encode(_next(subject.request(case), answer.message))
    except UnsupportedContent:
        return  # `answers_go_back` judges it
    named = {"model": subject.request(case).model} if "model" in signature(parse).parameters else {}  # in the address
    read = parse(object_of(wire), **named)
    again = [message for message in read.messages if message.role == "assistant"]
    if not again:
        yield "the answer is not in the parsed request"
        return
    dropped = any("reasoning" in notice.feature for notice in wire.notices)
    for name, look in _LOOKS.items():
        one, other = look(answer.message), look(again[-1])
        if one != other and not (dropped and name in {"seals", "kinds"}):
            yield f"{name}: was {one!r}, comes back as {other!r}"
    yield from _arguments(answer.message, again[-1])


def kinds(message: Message) -> list[str]:
    """Name the parts, sorted: not every wire has an order. Empty texts are left out: no request can hold them."""
    parts = [part for part in message.parts if not (isinstance(part, (Text, Refusal)) and not part.text)]
    return sorted("Text" if isinstance(part, Json) else type(part).__name__ for part in parts)


def _text(message: Message) -> str:
    """Return the text, with an answer's object as the text that stands for it in a request."""
    objects = [dump(part.value).decode() for part in message.parts if isinstance(part, Json)]
    return message.text or "".join(objects)


def _calls(message: Message) -> list[object]:
    return [(call.id, call.name) for call in message.tool_calls]


def _arguments(one: Message, other: Message) -> Iterator[str]:
    """Yield which arguments come back otherwise; some wires take broken ones inside of an object only."""
    for call, again in zip(one.tool_calls, other.tool_calls, strict=False):
        if call.arguments is None:
            words = (again.raw, *strings(again.arguments))
            if not any(word is not None and call.raw is not None and call.raw in word for word in words):
                yield f"arguments: were {call.raw!r}, come back as {again!r}"
        elif call.arguments != again.arguments:
            yield f"arguments: were {call.arguments!r}, come back as {again.arguments!r}"


def _seals(message: Message) -> list[tuple[str, str | None]]:
    return [(part.text, part.signature) for part in message.parts if isinstance(part, Reasoning)]


_LOOKS: dict[str, Callable[[Message], object]] = {
    "text": _text,
    "refusal": lambda message: message.refusal,
    "calls": _calls,
    "seals": _seals,
    "kinds": kinds,
}
"""What of an answer has to come back."""


def _next(request: Request, answer: Message) -> Request:
    """Append an answer, and what may follow it: the results of its calls, or a user's next words."""
    results = [ToolResult(call_id=call.id, name=call.name, content=(Text("done"),)) for call in answer.tool_calls]
    return replace(request, messages=(*request.messages, answer, tool_results(*results) if results else user("Go on.")))


def earlier_bytes_stay(subject: Subject, case: Case) -> Iterator[str]:
    """Yield where a longer history is spelled in other bytes than the shorter one that it begins with."""
    request, answer = subject.request(case), answer_of(subject, case)
    if answer is None:
        return
    try:
        longer = spelled(subject.encode(_next(request, answer.message)))
    except UnsupportedContent:
        return  # `answers_go_back` judges it
    yield from (
        f"{place} changes when a turn is appended" for place in _changed(spelled(subject.encode(request)), longer)
    )
    yield from _halves(subject, _next(request, answer.message))


def _halves(subject: Subject, request: Request) -> Iterator[str]:
    """Yield where a conversation that is spelled in halves is not the whole one; see `codec.prefix`."""
    prefixes, provider, messages = Prefixes(long=2), subject.provider, list(request.messages)
    for _ in range(3):
        messages += [assistant("Fine."), user("And now?")]
        asked = replace(request, messages=tuple(messages))
        for stream in (False, True):
            whole = provider.encode(asked, channel=subject.channel, stream=stream)
            joined = prefixes.encode(provider, asked, channel=subject.channel, stream=stream)
            if spelled(joined) != spelled(whole):
                yield "a conversation in two halves is spelled otherwise than the whole: see `separable`"
            elif replace(joined, body=None) != replace(whole, body=None):
                yield "the address, the headers or the notices of a conversation in two halves are others"


def _changed(before: JSON, after: JSON, path: str = "body") -> Iterator[str]:
    """Yield the places at which a document is more than another one with longer lists."""
    match before, after:
        case dict(), dict():
            if list(before) != list(after):
                yield path
            for key in before.keys() & after.keys():
                yield from _changed(before[key], after[key], f"{path}.{key}")
        case list(), list():
            if [dump(item) for item in before] != [dump(item) for item in after[: len(before)]]:
                yield path
        case _ if before != after:
            yield path
        case _:
            return
