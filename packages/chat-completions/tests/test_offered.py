"""What rows offer for pictures and sound: every row that does keeps the laws of it, and its word decides."""

from __future__ import annotations

import pytest

from chat_completions.offered import OFFERED, media
from chat_completions.preset import CAPABILITIES
from chat_completions.presets import PRESETS
from chat_completions.provider import Completions
from chat_core.testing.laws import LAWS
from chat_core.testing.subject import Subject

LAWFUL = ("offers", "offers_pure", "offers_damage")
NAMES = sorted(name for name, row in PRESETS.items() if row.capabilities & OFFERED.keys())


def provider(name: str) -> Completions:
    preset = PRESETS[name]
    return Completions(preset, base_url="https://llm.example/v1" if preset.base_url is None else None)


def test_every_word_is_one_of_a_row() -> None:
    assert OFFERED.keys() <= {*CAPABILITIES}


def test_a_row_offers_what_its_words_say() -> None:
    for name in PRESETS:
        words = PRESETS[name].capabilities & OFFERED.keys()
        assert media(provider(name)).keys() == {OFFERED[word][0] for word in words}
        assert media(provider(name)).keys() <= provider(name).capabilities.keys()


@pytest.mark.parametrize("law", LAWFUL)
@pytest.mark.parametrize("name", NAMES)
def test_a_row_keeps_the_laws(name: str, law: str) -> None:
    service = provider(name)
    subject = Subject(provider=service, cases=(), model="m", secret="canary-key-0123", load=lambda: service)
    assert list(LAWS[law].judge(subject)) == []
