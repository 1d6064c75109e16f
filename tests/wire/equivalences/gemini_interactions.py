"""Spellings of an interaction that mean the same to the service."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.wire.equivalences import Equivalence

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON, JSONObject

_CONTENTS = frozenset({"text", "image", "audio", "video", "document"})


def _input(body: JSONObject) -> JSONObject:
    body = {key: value for key, value in body.items() if key != "stream"}
    match body.get("input"):
        case None:
            return body
        case str(text):
            return {**body, "input": _said([{"type": "text", "text": text}])}
        case dict(content):
            return {**body, "input": _said([content])}
        case list(items) if any(_is_content(item) for item in items):
            return {**body, "input": _said(items)}
        case _:
            return body


def _said(content: list[JSON]) -> list[JSON]:
    return [{"type": "user_input", "content": content}]


def _is_content(item: JSON) -> bool:
    match item:
        case {"type": str(kind)}:
            return kind in _CONTENTS
        case _:
            return False


EQUIVALENCES: tuple[Equivalence, ...] = (
    Equivalence(
        "input",
        "a text, a content and a list of contents are one `user_input`; `stream` is an argument of encode",
        _input,
    ),
)
