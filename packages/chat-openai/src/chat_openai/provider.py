"""OpenAI's own service: answers over the Responses wire, and what it offers beside them.

Law: answers are chat-responses', everything else chat-completions': nothing of a wire is written twice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat_core.codec.capabilities import Embeddings, Models
from chat_core.frozen import dataclass
from chat_responses.presets import OPENAI
from chat_responses.provider import Responses

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chat_completions.provider import Completions
    from chat_responses.preset import Preset


@dataclass(frozen=True, slots=True, weakref_slot=False, init=False)
class OpenAI(Responses):
    """OpenAI; implements `chat_core.codec.provider.Provider`.

    Attributes:
        preset: the row of the service, where a setting changes it.
        base_url: another address, such as a regional one: `https://eu.api.openai.com/v1`.
        name: the name users type before the colon.
        headers: further headers of every request, such as `openai-organization` and `openai-project`.
    """

    def __init__(
        self,
        preset: Preset = OPENAI,
        *,
        base_url: str | None = None,
        name: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Fill in from the row what is not given."""
        Responses.__init__(self, preset, base_url=base_url, name=name, headers=headers)

    @property
    def capabilities(self) -> Mapping[type, object]:
        """What the service offers beside chat, by protocol."""
        from chat_completions.embeddings import CompletionsEmbeddings  # noqa: PLC0415 - asked for seldom
        from chat_completions.models import CompletionsModels  # noqa: PLC0415 - as above
        from chat_completions.offered import media  # noqa: PLC0415 - as above

        beside = self._beside()
        offered = Responses.capabilities.__get__(self)
        two = {Embeddings: CompletionsEmbeddings(beside), Models: CompletionsModels(beside)}
        return {**offered, **two, **media(beside)}

    def _beside(self) -> Completions:
        """Return the same service as the other wire has it, at the same address."""
        from chat_completions.presets import PRESETS  # noqa: PLC0415 - as above
        from chat_completions.provider import Completions  # noqa: PLC0415 - as above

        row = PRESETS["openai-chat"]
        return Completions(row, base_url=self.base_url, name=self.name, headers=self.headers)
