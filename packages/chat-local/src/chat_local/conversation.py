"""Conversations as templates want them: one usual form, and what to try when a template takes it badly.

Law: nothing of a conversation may be missing from its prompt: what tools were called with, and what they gave, is
looked for in it. A template that leaves it out is given the same as plain turns, which is said.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, TypeAlias

from chat_core.errors import UnsupportedContent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from chat_core.jsonvalue import JSON, JSONObject

Messages: TypeAlias = "list[JSONObject]"


def usual(messages: Messages) -> Messages:
    """Return messages in the form that most templates know."""
    return [_usual(message) for message in messages]


def _usual(message: JSONObject) -> JSONObject:
    role = message.get("role")
    form: JSONObject = {"role": role, "content": _text(message.get("content"))}
    if (thought := message.get("reasoning_content")) is not None:
        form |= {"reasoning_content": thought, "thinking": thought}
    if role == "tool":
        form |= {name: message[name] for name in ("name", "tool_call_id") if message.get(name) is not None}
    match message.get("tool_calls"):
        case [_, *_] as calls:
            form["tool_calls"] = [_call(call) for call in calls]
        case _:
            pass
    return form


def _text(content: JSON) -> str:
    match content:
        case None:
            return ""
        case str():
            return content
        case list():
            return "".join(_part(part) for part in content)
        case _:
            raise UnsupportedContent(f"a message's content is text, not {type(content).__name__}")


def _part(part: JSON) -> str:
    match part:
        case {"type": "text", "text": str(text)}:
            return text
        case _:
            raise UnsupportedContent("a local model takes text only: leave images and other media out")


def _call(call: JSON) -> JSONObject:
    if not isinstance(call, dict) or not call.keys() >= {"name", "arguments"}:
        raise UnsupportedContent("a tool call without a name and arguments")
    function: JSONObject = {"name": call["name"], "arguments": call["arguments"]}
    return {"type": "function", "function": function, **({"id": call["id"]} if "id" in call else {})}


def with_ids(messages: Messages, length: int) -> Messages:
    """Return messages in which the ids of calls are letters and digits, so many of them: some templates want that."""
    fits = re.compile(f"[A-Za-z0-9]{{{length}}}")
    names: dict[str, str] = {}

    def named(value: JSON) -> JSON:
        if not isinstance(value, str) or fits.fullmatch(value):
            return value
        return names.setdefault(value, f"{len(names):0{length}d}")

    def called(call: JSON) -> JSON:
        if not isinstance(call, dict) or "id" not in call:
            return call
        return {**call, "id": named(call["id"])}

    told: Messages = []
    for message in messages:
        form = dict(message)
        if isinstance(calls := form.get("tool_calls"), list):
            form["tool_calls"] = [called(call) for call in calls]
        if "tool_call_id" in form:
            form["tool_call_id"] = named(form["tool_call_id"])
        told.append(form)
    return told


def last_words(messages: Messages) -> str:
    """Return how the last message ends, as its prompt has it; empty where that cannot be told."""
    plain = _text(messages[-1]["content"]).strip() if messages else ""
    return plain[-40:]


def arguments_as_text(messages: Messages) -> Messages:
    """Return messages with the arguments of calls written as JSON: some templates take texts only."""

    def spelled(call: JSON) -> JSON:
        function = call.get("function") if isinstance(call, dict) else None
        if not isinstance(call, dict) or not isinstance(function, dict):
            return call
        text = json.dumps(function["arguments"], ensure_ascii=False)
        return {**call, "function": {**function, "arguments": text}}

    return [
        {**message, "tool_calls": [spelled(call) for call in calls]}
        if isinstance(calls := message.get("tool_calls"), list)
        else message
        for message in messages
    ]


def without_system(messages: Messages) -> Messages:
    """Return messages whose instructions stand before the first words of the user: some models know no others."""
    told = "\n\n".join(_text(message["content"]) for message in messages if message["role"] == "system")
    others = [message for message in messages if message["role"] != "system"]
    if not told:
        return others
    for number, message in enumerate(others):
        if message["role"] == "user":
            words = f"{told}\n\n{_text(message['content'])}"
            return [*others[:number], {**message, "content": words}, *others[number + 1 :]]
    return [{"role": "user", "content": told}, *others]


def plain_turns(messages: Messages) -> Messages:
    """Return messages in which calls and results of tools are ordinary text; neighbours of one role are joined."""
    turns: Messages = []
    for message in messages:
        role, words = message["role"], _text(message["content"])
        match message.get("tool_calls"):
            case [_, *_] as calls:
                words = "\n".join(filter(None, [words, *map(_as_words, calls)]))
            case _:
                pass
        if role == "tool":
            role, words = "user", f"<tool_response>\n{words}\n</tool_response>"
        if turns and turns[-1]["role"] == role and role != "system":
            turns[-1] = {**turns[-1], "content": f"{turns[-1]['content']}\n{words}"}
        else:
            turns.append({"role": role, "content": words})
    return turns


def _as_words(call: JSON) -> str:
    match call:
        case {"function": dict(function)}:
            return f"<tool_call>\n{json.dumps(function, ensure_ascii=False)}\n</tool_call>"
        case _:
            return ""


LADDER: tuple[tuple[str, Callable[[Messages], Messages]], ...] = (
    ("", lambda messages: messages),
    ("arguments of calls as text", arguments_as_text),
    ("instructions in the first message of the user", without_system),
    ("calls and results of tools as plain text", plain_turns),
    (
        "calls and results of tools as plain text, instructions in the first message",
        lambda found: without_system(plain_turns(found)),
    ),
)
"""What is tried, in order, and what is said of it."""


def missing(messages: Messages, prompt: str) -> bool:
    """Tell whether a prompt lacks what was said, what a tool was called with, or what it gave.

    The words of answers are not looked for: templates leave earlier thoughts out, and some take them from there.
    """
    return any(text not in prompt and json.dumps(text)[1:-1] not in prompt for text in _must_be_in(messages))


def _must_be_in(messages: Messages) -> Iterator[str]:
    for message in messages:
        if message["role"] != "assistant":
            yield from filter(None, [_first_words(_text(message["content"]))])
        match message.get("tool_calls"):
            case [_, *_] as calls:
                for call in calls:
                    yield from _words_of(call)
            case _:
                pass


def _words_of(call: JSON) -> Iterator[str]:
    match call:
        case {"function": {"name": str(name), "arguments": dict(arguments)}}:
            yield name
            yield from (_first_words(value) for value in arguments.values() if isinstance(value, str) and value)
        case _:
            pass


def _first_words(text: str) -> str:
    """Return the beginning of a text that no template writes otherwise: before anything that JSON would escape."""
    plain = text.strip()
    cut = min((place for mark in '"\\\n\r\t' if (place := plain.find(mark)) >= 0), default=len(plain))
    return plain[:cut][:40].strip()
