"""What a row of the table offers for pictures and sound, and to judge, order and cut texts, by protocol.

Law: a row's word decides, and nothing else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat_completions.images import CompletionsImages
from chat_completions.moderation import CompletionsModeration
from chat_completions.rerank import CompletionsRerank
from chat_completions.speech import CompletionsSpeech
from chat_completions.tokenization import CompletionsTokenization
from chat_completions.transcription import CompletionsTranscription
from chat_core.codec.images import Images
from chat_core.codec.moderation import Moderation
from chat_core.codec.rerank import Rerank
from chat_core.codec.speech import Speech
from chat_core.codec.tokenization import Tokenization
from chat_core.codec.transcription import Transcription

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from chat_completions.provider import Completions

OFFERED: Mapping[str, tuple[type, Callable[[Completions], object]]] = {
    "images": (Images, CompletionsImages),
    "speech": (Speech, CompletionsSpeech),
    "transcription": (Transcription, CompletionsTranscription),
    "moderation": (Moderation, CompletionsModeration),
    "rerank": (Rerank, CompletionsRerank),
    "tokenization": (Tokenization, CompletionsTokenization),
}
"""Protocols and what implements them, by the word of a row."""


def media(provider: Completions) -> dict[type, object]:
    """Return the capabilities of a service that its row names."""
    words = provider.preset.capabilities
    return {protocol: make(provider) for word, (protocol, make) in OFFERED.items() if word in words}
