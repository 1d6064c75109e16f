"""Laws of what belongs to another service: private data, reasoning, and blocks that have no name here.

Law: as in `asking`. What another service needs back goes to nobody else, and what is left out is told.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, cast

from chat_core.errors import UnsupportedContent
from chat_core.messages import Message, assistant, tool_results, user
from chat_core.options import Options
from chat_core.parts import Opaque, Reasoning, Text, ToolCall, ToolResult
from chat_core.testing.asking import CALL, TOOL, result, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from chat_core.jsonvalue import JSONObject
    from chat_core.options import ForeignReasoning
    from chat_core.parts import Part
    from chat_core.response import Notice
    from chat_core.testing.subject import Subject

FOREIGN = "stranger@elsewhere.example/stranger"
"""An origin that no service is."""


def foreign_data_stays(subject: Subject) -> Iterator[str]:
    """Yield which private data of another origin would be sent."""
    provider = subject.provider
    own = provider.origin(subject.model)
    if not provider.accepts(own):
        yield f"the provider does not accept its own origin {own}"
    if provider.accepts(FOREIGN):
        yield f"the provider accepts the origin {FOREIGN}"
    private = {FOREIGN: cast("JSONObject", {"canary_key": "canary-private", "id": "canary-private"})}
    parts: Mapping[str, Part] = {
        "text": Text("hello", meta=private),
        "a call": replace(CALL, meta=private),
        "reasoning": Reasoning("", signature="canary-private", meta=private),
    }
    for name, part in parts.items():
        answer = Message(role="assistant", parts=(Text("Well."), part), meta=private)
        after = (result(CALL.id),) if isinstance(part, ToolCall) else (user("Go on."),)
        try:
            wire = subject.encode(replace(subject.hello(), messages=(user("Hi"), answer, *after)))
        except UnsupportedContent:
            continue  # what is refused is not sent
        if "canary-private" in text_of(wire) or "canary_key" in text_of(wire):
            yield f"{name}: what belongs to {FOREIGN} is sent to {own}"


def foreign_reasoning_follows_its_policy(subject: Subject) -> Iterator[str]:
    """Yield where reasoning of another origin is not dropped, sent as text or refused as was asked."""
    thought = Reasoning("canary-thought", signature="canary-seal", meta={FOREIGN: {"seal": "canary-seal"}})
    history = (user("Hi"), assistant(thought, "Well."), user("Go on."))
    policies: tuple[ForeignReasoning | None, ...] = (None, "drop", "as_text")
    for policy in policies:
        asked = replace(subject.hello(), messages=history, options=Options(foreign_reasoning=policy))
        wire = subject.encode(asked)
        if ("canary-thought" in text_of(wire)) is not (policy == "as_text"):
            yield f"{policy}: the words are {'not ' if policy == 'as_text' else ''}sent"
        if "canary-seal" in text_of(wire):
            yield f"{policy}: the seal is sent"
        if not any("reasoning" in notice.feature for notice in wire.notices):
            yield f"{policy}: no notice says what became of it"
    try:
        subject.encode(replace(subject.hello(), messages=history, options=Options(foreign_reasoning="fail")))
    except UnsupportedContent:
        return
    yield "fail: it is sent"


_SHAPES: Sequence[tuple[str, JSONObject]] = (
    ("canary", {"canary_key": "canary-private"}),
    ("text", {"type": "text", "text": "canary-private"}),
    ("message", {"type": "message", "role": "user", "content": [{"type": "text", "text": "canary-private"}]}),
    ("content.image", {"type": "image", "data": "canary-private"}),
)
"""Blocks of a shape that nobody knows, and of some that services take."""


def foreign_blocks_are_told(subject: Subject) -> Iterator[str]:
    """Yield where a block of another service is sent, or dropped without a word."""
    for kind, data in _SHAPES:
        block = Opaque(origin=FOREIGN, kind=kind, data=data)
        for place, with_it, without in _places(block):
            try:
                wire = subject.encode(replace(subject.hello(), tools=(TOOL,), messages=with_it))
            except UnsupportedContent:
                continue
            if "canary-private" in text_of(wire):
                yield f"in {place}: a block {kind!r} of {FOREIGN} is sent"
            elif len(wire.notices) <= len(_noticed(subject, without)):
                yield f"in {place}: a block {kind!r} of {FOREIGN} is dropped without a word"


def _places(block: Opaque) -> Iterator[tuple[str, tuple[Message, ...], tuple[Message, ...]]]:
    """Yield where a block can stand: in words, with it, and without it."""
    yield "a user's message", (user("Hi", block),), (user("Hi"),)
    before, after = user("Hi"), user("Go on.")
    plain = (before, assistant("Well."), after)
    yield "an answer", (before, assistant("Well.", block), after), plain
    yield "an answer of nothing else", (before, assistant(block), after), plain
    called = result(CALL.id)
    given = ToolResult(call_id=CALL.id, name=CALL.name, content=(Text("done"), block))
    yield "a result", (before, assistant(CALL), tool_results(given)), (before, assistant(CALL), called)


def _noticed(subject: Subject, messages: tuple[Message, ...]) -> Sequence[Notice]:
    return subject.encode(replace(subject.hello(), tools=(TOOL,), messages=messages)).notices
