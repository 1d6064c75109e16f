"""The steps of `input` → messages: the inverse of `turns.TurnEncoder`.

Law: steps of an answer that stand together are one message, and so are results of functions. An unknown member is in
`meta`, an unknown step or block is `Opaque`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from chat_core.codec.leftovers import meta_of
from chat_core.errors import DecodeError
from chat_core.jsonvalue import rest
from chat_core.messages import Message
from chat_core.parts import Opaque
from chat_gemini.interactions.calls import ANSWER, decode_result
from chat_gemini.interactions.content import decode_piece, is_content
from chat_gemini.interactions.overlay import INSIDE, kind_of
from chat_gemini.interactions.steps import decode_step

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.parts import Part


def parse_input(data: JSON, origin: str) -> tuple[Message, ...]:
    """Read `input`: a text, one content, contents, or steps.

    Raises:
        DecodeError: it is malformed.
    """
    match data:
        case None:
            return ()
        case str(text):
            return (_user([{"type": "text", "text": text}], {}, origin),)
        case dict():
            return parse_input([data], origin)
        case list() if any(is_content(item) for item in data):
            return (_user(data, {}, origin),)
        case list():
            return _joined([_message(step, origin) for step in data])
        case _:
            raise DecodeError(f"input is neither a text nor a list but {type(data).__name__}")


def _joined(messages: list[Message]) -> tuple[Message, ...]:
    """Join answers, and results, that stand together."""
    found: list[Message] = []
    for message in messages:
        if found and found[-1].role == message.role and message.role in {"assistant", "tool"}:
            found[-1] = replace(found[-1], parts=found[-1].parts + message.parts)
        else:
            found.append(message)
    return tuple(found)


def _message(data: JSON, origin: str) -> Message:
    kind, step = kind_of(data, "step")
    match kind, step.get("content"):
        case "user_input", [_, *_] as content if all(_is_result(item) for item in content) and not _more(step):
            return Message(role="tool", parts=tuple(_result(item, origin, inside=True) for item in content))
        case "user_input", list(content):
            return _user(content, _more(step), origin)
        case "user_input", _:
            return Message(role="user", parts=(Opaque(origin=origin, kind=kind, data=step),))
        case "function_result", _:
            return Message(role="tool", parts=(_result(step, origin),))
        case _:
            return Message(role="assistant", parts=decode_step(step, origin))


def _more(step: JSONObject) -> JSONObject:
    return rest(step, {"type", "content"})


def _user(content: list[JSON], more: JSONObject, origin: str) -> Message:
    parts: tuple[Part, ...] = tuple(decode_piece(piece, origin) for piece in content)
    return Message(role="user", parts=parts, meta=meta_of(origin, more))


def _is_result(item: JSON) -> bool:
    return isinstance(item, dict) and item.get("type") == ANSWER


def _result(data: JSON, origin: str, *, inside: bool = False) -> Part:
    """Read the result of a function; one that stands in a user's input goes back there."""
    kind, step = kind_of(data, "result")
    result = decode_result(step, kind, origin, executed=False)
    if result is None:
        return Opaque(origin=origin, kind=kind, data=step)
    return replace(result, meta={origin: {**result.meta.get(origin, {}), INSIDE: True}}) if inside else result
