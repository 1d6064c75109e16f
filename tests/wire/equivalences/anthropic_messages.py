"""Freedoms of spelling in requests of the Messages wire, as Anthropic documents them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.wire.equivalences import Equivalence

if TYPE_CHECKING:
    from collections.abc import Callable

    from chat_core.jsonvalue import JSON, JSONObject


_NOT_THE_SERVICE_S = frozenset({"input", "input_schema", "schema"})
"""Members that hold a tool's arguments or a schema: a null there is a value."""


AS_THEY_ARE = frozenset({"input", "input_schema", "schema"})
"""Members whose content is the caller's own: a null in it says something."""


def _without_nulls(value: JSON) -> JSON:
    match value:
        case dict():
            return {
                key: item if key in _NOT_THE_SERVICE_S else _without_nulls(item)
                for key, item in value.items()
                if item is not None
            }
        case list():
            return [_without_nulls(item) for item in value]
        case _:
            return value


def nulls(body: JSONObject) -> JSONObject:
    """Leave out null members, except inside inputs of tools and schemas."""
    cleaned = _without_nulls(body)
    return cleaned if isinstance(cleaned, dict) else body


def _texts(content: JSON) -> JSON:
    return [{"type": "text", "text": content}] if isinstance(content, str) else content


def _no_empty_text(content: JSON) -> JSON:
    if not isinstance(content, list):
        return content
    return [block for block in content if not (isinstance(block, dict) and block.get("text") == "")]


def _each_block(body: JSONObject, change: Callable[[JSONObject], JSONObject]) -> JSONObject:
    match body.get("messages"):
        case list(messages):
            return {**body, "messages": [_changed(message, change) for message in messages]}
        case _:
            return body


def _changed(message: JSON, change: Callable[[JSONObject], JSONObject]) -> JSON:
    if not isinstance(message, dict) or not isinstance(blocks := message.get("content"), list):
        return message
    changed: list[JSON] = [change(block) if isinstance(block, dict) else block for block in blocks]
    return {**message, "content": changed}


def text_content(body: JSONObject) -> JSONObject:
    """Write every text as a list of text blocks without empty ones."""
    match body.get("messages"):
        case list(messages):
            lists: list[JSON] = [
                {**message, "content": _no_empty_text(_texts(message.get("content")))}
                if isinstance(message, dict)
                else message
                for message in messages
            ]
            body = {**body, "messages": lists}
        case _:
            pass
    if "system" in body:
        body = {**body, "system": _no_empty_text(_texts(body["system"]))}
    return _each_block(body, _result_text)


def _result_text(block: JSONObject) -> JSONObject:
    if block.get("type") != "tool_result" or "content" not in block:
        return block
    content = _no_empty_text(_texts(block["content"]))
    return {**block, "content": content} if content else {key: block[key] for key in block if key != "content"}


def defaults(body: JSONObject) -> JSONObject:
    """Leave out what says what is so anyway."""
    body = {key: value for key, value in body.items() if (key, value) not in (("stream", False), ("tools", []))}
    return _each_block(body, _default_members)


def _default_members(block: JSONObject) -> JSONObject:
    if block.get("type") == "tool_result" and block.get("is_error") is False:
        return {key: value for key, value in block.items() if key != "is_error"}
    return {key: value for key, value in block.items() if not (key == "citations" and value == [])}


def tool_results(body: JSONObject) -> JSONObject:
    """Join neighbouring user messages that hold nothing but results of tools."""
    messages = body.get("messages")
    if not isinstance(messages, list):
        return body
    joined: list[JSON] = []
    before: list[JSON] | None = None
    for message in messages:
        results = _only_results(message)
        if results is not None and before is not None:
            before = [*before, *results]
            joined[-1] = {"role": "user", "content": before}
        else:
            before = results
            joined.append(message)
    return {**body, "messages": joined}


def _only_results(message: JSON) -> list[JSON] | None:
    if not isinstance(message, dict) or message.keys() != {"role", "content"}:
        return None
    match message:
        case {"role": "user", "content": [_, *_] as blocks}:
            whole = all(isinstance(block, dict) and block.get("type") == "tool_result" for block in blocks)
            return list(blocks) if whole else None
        case _:
            return None


def output_format(body: JSONObject) -> JSONObject:
    """Write the answer's form where it stands since the end of its beta."""
    config: JSONObject
    match body:
        case {"output_format": dict(form), "output_config": dict(config)} if "format" not in config:
            config = {**config, "format": form}
        case {"output_format": dict(form)} if "output_config" not in body:
            config = {"format": form}
        case _:
            return body
    return {**{key: value for key, value in body.items() if key != "output_format"}, "output_config": config}


EQUIVALENCES: tuple[Equivalence, ...] = (
    Equivalence("nulls", "a member that is null is a member that is absent", nulls),
    Equivalence("text", "a text is a list of one text block; empty ones are refused", text_content),
    Equivalence("defaults", "`false` and `[]` say what absence says", defaults),
    Equivalence("tool results", "neighbouring user messages are one turn", tool_results),
    Equivalence("output format", "`output_format` was the beta's name of `output_config.format`", output_format),
)
