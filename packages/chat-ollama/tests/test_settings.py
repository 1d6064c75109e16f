from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from chat_core import Chat, add_provider
from chat_core.errors import ConfigurationError
from chat_ollama.plugin import chat_providers
from chat_ollama.provider import Ollama
from chat_ollama.settings import ALLOWED, configured

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON


def test_what_is_not_said_is_as_ollamas_own_server_has_it() -> None:
    assert configured({}) == Ollama()
    assert configured({}, base_url="http://gpu:1", name="gpu") == Ollama(base_url="http://gpu:1", name="gpu")
    assert configured({"headers": {"x-a": "b"}}).headers == {"x-a": "b"}


@pytest.mark.parametrize("value", ["x", {"x-a": 3}, ["canary"]])
def test_headers_of_the_wrong_type_are_an_error_that_does_not_show_them(value: JSON) -> None:
    with pytest.raises(ConfigurationError, match="headers takes a table of texts") as caught:
        configured({"headers": value})
    assert "canary" not in str(caught.value)


def test_an_unknown_setting_is_an_error_that_lists_the_known_ones() -> None:
    with pytest.raises(ConfigurationError, match=r"no setting 'surface'\. Known: headers"):
        configured({"surface": "x"})


def test_the_plugin_lists_the_settings() -> None:
    (spec,) = chat_providers()
    assert spec.settings == ALLOWED.keys()
    assert spec.key_optional


def test_a_further_server_is_a_provider_of_its_own() -> None:
    add_provider("ollama-settings-test", like="ollama", base_url="http://gpu.example:11434")
    assert repr(Chat("ollama-settings-test:llama3.2:3b")) == "Chat(ollama-settings-test:llama3.2:3b)"
