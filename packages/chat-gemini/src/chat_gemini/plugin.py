"""What this package offers to chat-core; importing it loads nothing heavy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat_core.plugins.hooks import hookimpl

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chat_core.codec.provider import Provider
    from chat_core.plugins.spec import ProviderConfig, ProviderSpec

KEYS = ("GOOGLE_API_KEY", "GEMINI_API_KEY")
"""Variables that hold a key of the developer API, the one that wins first."""

TOKENS = ("GOOGLE_OAUTH_ACCESS_TOKEN", "CLOUDSDK_AUTH_ACCESS_TOKEN")
"""Variables that hold a token of Google Cloud, which lasts an hour."""


@hookimpl
def chat_providers() -> Iterator[ProviderSpec]:
    """Offer Gemini: its developer API, the same on Vertex AI, and the Interactions API."""
    from chat_core.plugins.spec import ProviderSpec
    from chat_gemini.settings import ALLOWED

    yield ProviderSpec(
        name="gemini",
        load=_load,
        env=KEYS,
        settings=frozenset({"headers", "version"}),
        base_url_env=("GOOGLE_GEMINI_BASE_URL",),
        api=1,
    )
    yield ProviderSpec(
        name="vertex",
        load=_load_vertex,
        env=(*TOKENS, "GOOGLE_API_KEY"),
        settings=frozenset({"express", "headers", "location", "project", "version"}),
        base_url_env=("GOOGLE_VERTEX_BASE_URL",),
        api=1,
    )
    yield ProviderSpec(
        name="gemini-interactions",
        load=_load_interactions,
        env=KEYS,
        settings=frozenset(ALLOWED),
        base_url_env=("GOOGLE_GEMINI_BASE_URL",),
        key_names=("gemini",),
        api=1,
    )


def _load(config: ProviderConfig) -> Provider:
    from chat_gemini.provider import Gemini
    from chat_gemini.settings import placed

    place, headers = placed(config.settings, base_url=config.base_url)
    return Gemini(name=config.name if config.name is not None else "gemini", place=place, headers=headers)


def _load_vertex(config: ProviderConfig) -> Provider:
    from chat_gemini.provider import Gemini
    from chat_gemini.settings import placed

    place, headers = placed(config.settings, base_url=config.base_url, on_vertex=True)
    return Gemini(name=config.name if config.name is not None else "vertex", place=place, headers=headers)


def _load_interactions(config: ProviderConfig) -> Provider:
    from chat_gemini.interactions.provider import Interactions
    from chat_gemini.settings import placed

    place, headers = placed(config.settings, base_url=config.base_url)
    name = config.name if config.name is not None else "gemini-interactions"
    return Interactions(name=name, place=place, headers=headers)
