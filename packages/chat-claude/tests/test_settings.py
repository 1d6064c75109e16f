from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from chat_claude.plugin import chat_providers
from chat_claude.provider import ANTHROPIC, VERTEX, Claude
from chat_claude.settings import ALLOWED, SURFACES, configured
from chat_core.errors import ConfigurationError
from chat_core.plugins.spec import ProviderConfig

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON

CANARY = "canary-f00dcafe"


def test_without_settings_it_is_anthropics_own_host() -> None:
    assert configured({}) == Claude()


def test_each_setting_is_taken() -> None:
    settings: dict[str, JSON] = {
        "version": "2026-10-21",
        "family": "mimo",
        "surface": "vertex",
        "headers": {"x-team": "a"},
    }
    assert settings.keys() == ALLOWED.keys()
    claude = configured(settings, base_url="https://a.example", name="mine")
    assert claude == Claude(
        name="mine",
        base_url="https://a.example",
        version="2026-10-21",
        family="mimo",
        surface=VERTEX,
        headers={"x-team": "a"},
    )
    assert claude.headers == {"x-team": "a"}
    assert set(SURFACES.values()) == {ANTHROPIC, VERTEX}


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"surface": "moon"}, "surface takes 'anthropic' or 'vertex', not 'moon'"),
        ({"surface": 3}, "surface takes"),
        ({"version": ""}, "version takes a text, such as '2023-06-01', not ''"),
        ({"family": None}, "family takes a text"),
        ({"headers": {"x": 1}}, "headers takes a table of texts, not something else"),
        ({"colour": "red"}, "there is no setting 'colour'. Known: family, headers, surface, version"),
    ],
)
def test_a_wrong_value_is_told_with_the_field_the_value_and_what_is_allowed(
    settings: dict[str, JSON], words: str
) -> None:
    with pytest.raises(ConfigurationError, match=words):
        configured(settings)


def test_a_headers_value_is_not_shown() -> None:
    with pytest.raises(ConfigurationError) as error:
        configured({"headers": {"x-key": [CANARY]}})
    assert CANARY not in str(error.value)


def test_the_plugin_reads_what_its_spec_says() -> None:
    (spec,) = chat_providers()
    assert spec.settings == ALLOWED.keys()
    assert spec.base_url_env == ("ANTHROPIC_BASE_URL",)
    config = ProviderConfig(base_url="https://a.example", name="mine", settings={"family": "mimo"})
    assert spec.load(config) == Claude(name="mine", base_url="https://a.example", family="mimo")
    assert spec.load(ProviderConfig()) == Claude()
