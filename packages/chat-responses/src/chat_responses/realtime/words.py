"""The names of the wire's events.

Law: names differ by age and service; what means the same has one name here. The name decides, and nothing else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

EARLIER: Mapping[str, str] = {
    "response.text.delta": "response.output_text.delta",
    "response.text.done": "response.output_text.done",
    "response.audio.delta": "response.output_audio.delta",
    "response.audio.done": "response.output_audio.done",
    "response.audio_transcript.delta": "response.output_audio_transcript.delta",
    "response.audio_transcript.done": "response.output_audio_transcript.done",
}
"""The earlier names of events, and their names today."""

TEXTS: Mapping[str, tuple[str, str]] = {
    "response.output_text.delta": ("delta", "text"),
    "response.output_text.done": ("text", "text"),
    "response.output_audio_transcript.delta": ("delta", "audio"),
    "response.output_audio_transcript.done": ("transcript", "audio"),
}
"""Events that say a text: the member that it is in, and the kind of content that it belongs to."""

OF_ANSWERS = frozenset(
    {
        *TEXTS,
        "response.output_audio.delta",
        "response.output_audio.done",
        "response.content_part.added",
        "response.content_part.done",
        "response.function_call_arguments.delta",
        "response.function_call_arguments.done",
        "response.output_item.added",
        "response.output_item.done",
        "response.done",
    }
)
"""Events that belong to the answer that is on."""

OF_ITEMS = frozenset({"conversation.item.created", "conversation.item.added", "conversation.item.done"})
"""Events that say an item of the conversation, those of answers again."""

CONTENTS: Mapping[str, str] = {"text": "text", "output_text": "text", "audio": "audio", "output_audio": "audio"}
"""The kinds of content of an answer, by the names that they have in parts and in items."""

WORDS: Mapping[str, str] = {"text": "text", "audio": "transcript"}
"""The member that holds the words of content, by its kind."""

ALWAYS = frozenset(
    {
        "type", "event_id", "obfuscation", "previous_item_id", "rid", "ts", "latency", "audio_duration_ms",
    }
)  # fmt: skip
"""Members of events that say nothing about an answer; see `codec.IGNORED`."""

PROVISIONAL = frozenset({"id", "status", "output", "usage"})
"""What the beginning of an answer says for the time being."""
