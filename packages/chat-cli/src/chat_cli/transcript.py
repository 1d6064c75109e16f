"""Conversations as text: for people, as Markdown, and as JSON with what each answer cost.

Law: every part of a message shows, by its text or by its name.
"""

from __future__ import annotations

from time import localtime, strftime
from typing import TYPE_CHECKING

from chat_cli.calls import arguments, content
from chat_cli.events import usage_as_json
from chat_core.history import dump
from chat_core.parts import Json, Media, Opaque, Reasoning, Refusal, Text, ToolCall, ToolResult

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from chat_core.jsonvalue import JSONObject
    from chat_core.messages import Message
    from chat_core.parts import Part
    from chat_core.stores.records import Conversation, Node


def moment(seconds: float) -> str:
    """Write a moment as the user's clock shows it."""
    return strftime("%Y-%m-%d %H:%M", localtime(seconds))


def about(node: Node) -> str:
    """Say who speaks, when, and what an answer cost."""
    entry = node.entry
    words: list[str] = [entry.message.role]
    if entry.at is not None:
        words.append(moment(entry.at))
    if (response := entry.response) is not None:
        from chat_cli.answering import counted  # noqa: PLC0415 - answers only

        words += [response.model or "", counted(response.usage)]
    return ", ".join(filter(None, words))


def lines(message: Message) -> Iterator[str]:
    """Write what is said, part by part."""
    for part in message.parts:
        yield from _words(part).splitlines()


def as_markdown(conversation: Conversation, nodes: Iterable[Node]) -> str:
    """Write a conversation as Markdown, a section for each message."""
    sections = [f"# {conversation.title or conversation.id}\n\n{conversation.model}"]
    for node in nodes:
        parts = "\n\n".join(filter(None, map(_markdown, node.message.parts)))
        sections.append(f"## {node.message.role}\n\n{parts}".rstrip())
    return "\n\n".join(sections) + "\n"


def entry_as_json(node: Node) -> JSONObject:
    """Return an entry: its message as `chat_core.load` reads it, and the facts of an answer."""
    entry = node.entry
    found: JSONObject = {"id": node.id, "at": entry.at, "message": dump(entry.message)}
    response = entry.response
    if response is None:
        return found
    return {
        **found,
        "model": response.model,
        "finish_reason": None if response.finish_reason is None else response.finish_reason.value,
        "usage": None if response.usage is None else usage_as_json(response.usage),
    }


def _words(part: Part) -> str:
    match part:
        case Text(text) | Refusal(text):
            return text
        case Reasoning(text):
            return f"[thinks] {text}" if text else "[thinks; not shown]"
        case ToolCall():
            return f"[calls {part.name}({arguments(part)})]"
        case ToolResult():
            return f"[{part.name or part.call_id} {'failed' if part.is_error else 'gave'}] {content(part)}"
        case Media(kind=kind, transcript=transcript):
            return transcript or f"[{kind} {part.name or part.mime or ''}]"
        case Json() | Opaque():
            return f"[{type(part).__name__}]"


def _markdown(part: Part) -> str:
    """Write a part; what is no text is quoted, and code that holds fences gets longer ones."""
    match part:
        case Text(text) | Refusal(text):
            return text
        case Reasoning(text):
            return "\n".join(f"> {line}".rstrip() for line in text.splitlines())
        case ToolCall():
            return f"**{part.name}**\n\n{_fenced(arguments(part), 'json')}"
        case ToolResult():
            return (
                f"**{part.name or part.call_id}**{' failed' if part.is_error else ''}\n\n{_fenced(content(part), '')}"
            )
        case _:
            return _words(part)


def _fenced(text: str, language: str) -> str:
    fence = "```"
    while fence in text:
        fence += "`"
    return f"{fence}{language}\n{text}\n{fence}"
