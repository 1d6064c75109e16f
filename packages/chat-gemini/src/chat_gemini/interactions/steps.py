"""Steps of an answer → parts: what the model says, thoughts, calls, results, and what stays as it is.

Law: what a step says beside its content is in one of its parts' `meta`, under `STEP`; the parts that follow the first
are marked by `SAME`. A step without a name here is `Opaque`; a named one that is malformed is a `DecodeError`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

from chat_core.errors import DecodeError
from chat_core.jsonvalue import excerpt, rest
from chat_core.parts import Media, Opaque, Reasoning, Text, ToolCall, ToolResult
from chat_gemini.interactions.calls import CALLS, RESULTS, decode_call, decode_result
from chat_gemini.interactions.content import decode_piece
from chat_gemini.interactions.overlay import SAME, STEP, SUMMARY, kind_of

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON, JSONObject

OUTPUT, THOUGHT, INPUT = "model_output", "thought", "user_input"
TEXT = "text"

StepPart: TypeAlias = "Text | Media | Reasoning | ToolCall | ToolResult | Opaque"
"""What the steps of an answer are read as."""


def decode_step(data: JSON, origin: str) -> tuple[StepPart, ...]:
    """Read a step of an answer: one part, or several of what the model says.

    Raises:
        DecodeError: it is no object with a type, or a known step is malformed.
    """
    kind, step = kind_of(data, "step")
    match kind, step.get("content"):
        case "model_output", [_, *_] as content:
            return _output(content, step, origin)
        case "model_output", other if other is not None and not isinstance(other, list):
            raise DecodeError(f"malformed model_output: its content is {excerpt(repr(other))}")
        case "thought", _:
            return (_thought(step, origin),)
        case _ if kind in CALLS and (call := decode_call(step, kind, origin)) is not None:
            return (call,)
        case _ if kind in RESULTS and (result := decode_result(step, kind, origin, executed=True)) is not None:
            return (result,)
        case _:
            return (Opaque(origin=origin, kind=kind, data=step),)


def _output(content: list[JSON], step: JSONObject, origin: str) -> tuple[StepPart, ...]:
    parts = [decode_piece(piece, origin) for piece in content]
    left = rest(step, {"type", "content"})
    keeper = next((at for at, part in enumerate(parts) if not isinstance(part, Opaque)), None)
    if keeper is None and left:
        return (Opaque(origin=origin, kind=OUTPUT, data=step),)
    return tuple(
        _marked(part, {**({SAME: True} if at else {}), **({STEP: left} if at == keeper and left else {})}, origin)
        for at, part in enumerate(parts)
    )


def _marked(part: Text | Media | Opaque, marks: JSONObject, origin: str) -> StepPart:
    if not marks or isinstance(part, Opaque):
        return part
    return replace(part, meta={origin: {**part.meta.get(origin, {}), **marks}})


def _thought(step: JSONObject, origin: str) -> Reasoning:
    match step.get("signature"), step.get("summary"):
        case (None | str()) as signature, None:
            text, pieces = "", None
        case (None | str()) as signature, list(summary):
            text, pieces = _summarised(summary)
        case _:
            raise DecodeError(f"malformed thought: {excerpt(repr(step))}")
    meta = rest(step, {"type", "signature", "summary"})
    return Reasoning(text, signature=signature, meta={origin: meta if pieces is None else {**meta, SUMMARY: pieces}})


def _summarised(summary: list[JSON]) -> tuple[str, list[JSON] | None]:
    """Return the text of a summary, and how it is cut where it is not one plain text."""
    texts: list[str] = []
    pieces: list[JSON] = []
    for item in summary:
        match kind_of(item, "summary of a thought"):
            case "text", {"text": str(text)} as piece:
                texts.append(text)
                pieces.append({**piece, "text": len(text)})
            case "text", {"text": other} if other is not None:
                raise DecodeError(f"malformed summary of a thought: {excerpt(repr(item))}")
            case _, piece:
                pieces.append(piece)
    plain = len(texts) == len(pieces) == 1 and texts[0] and pieces == [{"type": TEXT, "text": len(texts[0])}]
    return "".join(texts), None if plain or not pieces else pieces


def encode_thought(part: Reasoning, mine: JSONObject) -> JSONObject:
    """Spell a thought as it came; one whose text was changed has one piece."""
    data: JSONObject = {"type": THOUGHT}
    if part.signature is not None:
        data["signature"] = part.signature
    if summary := _cut(part.text, mine.get(SUMMARY)):
        data["summary"] = summary
    return {**data, **{key: value for key, value in mine.items() if not key.startswith("_")}}


def _cut(text: str, pieces: JSON) -> list[JSON]:
    """Cut a text into the pieces that it was joined of."""
    found: list[JSON] = []
    at = 0
    for piece in pieces if isinstance(pieces, list) else ():
        length = piece.get("text") if isinstance(piece, dict) and piece.get("type") == TEXT else None
        if isinstance(piece, dict) and isinstance(length, int):
            found.append({**piece, "text": text[at : at + length]})
            at += length
        else:
            found.append(piece)
    if at == len(text) and found:
        return found
    return [{"type": TEXT, "text": text}] if text else []


def emptied(part: StepPart) -> StepPart:
    """Return a part without what comes as deltas."""
    match part:
        case Text():
            return replace(part, text="", citations=())
        case Reasoning():
            return replace(part, text="")
        case ToolCall():
            return replace(part, arguments=None, raw=None)
        case _:
            return part
