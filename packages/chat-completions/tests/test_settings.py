from __future__ import annotations

import typing
from dataclasses import fields
from typing import TYPE_CHECKING

import pytest

from chat_completions import preset as preset_module
from chat_completions.plugin import chat_providers
from chat_completions.preset import Preset
from chat_completions.presets import COMPATIBLE, PRESETS
from chat_completions.provider import Completions
from chat_completions.settings import SETTINGS, WORDS, changed
from chat_core.codec.rows import GENERAL
from chat_core.codec.wire import Outgoing
from chat_core.errors import ConfigurationError
from chat_core.messages import user
from chat_core.plugins.spec import ProviderConfig
from chat_core.request import Request

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON, JSONObject

CANARY = "canary-ba5eba11"

GOOD: JSONObject = {
    "auth_header": "x-key",
    "auth_scheme": "",
    "headers": {"x-team": "a"},
    "path": "/chat",
    "models_path": "/all-models",
    "capabilities": ["embeddings", "token_count"],
    "embeddings": "voyage",
    "counting": "vllm",
    "routed": True,
    "sisters": ["b.example"],
    "names": {"max_tokens": "max_completion_tokens", "top_k": "top_k"},
    "unsupported": {"seed": "it has none"},
    "system_role": "developer",
    "stream_usage": False,
    "reasoning_field": "reasoning",
    "replays_reasoning": False,
    "media": ["image"],
    "tool_media": True,
    "plain_strings": True,
    "empty_content": "",
    "strict_tools": False,
    "json_schema": False,
    "json_object": False,
    "forced_tools": False,
    "allowed_tools": True,
}


def test_every_field_of_a_row_but_the_general_ones_is_a_setting() -> None:
    assert {field.name for field in fields(Preset)} == SETTINGS | GENERAL
    assert GOOD.keys() <= SETTINGS


def test_each_setting_is_taken() -> None:
    row = changed(Preset(name="plain"), GOOD)
    for name, value in GOOD.items():
        held = getattr(row, name)
        assert held == (frozenset(value) if isinstance(value, list) else value), name
        assert held != getattr(Preset(name="plain"), name), name


def test_the_words_are_those_of_the_fields_type() -> None:
    hints = typing.get_type_hints(Preset, vars(preset_module) | {"Mapping": dict})
    for name, words in WORDS.items():
        allowed = {word for arm in (hints[name], *typing.get_args(hints[name])) for word in typing.get_args(arm)}
        strings = {word for word in allowed if isinstance(word, str)}
        if strings:  # capabilities are any text as a type
            assert set(words) == strings, name


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"routed": "yes"}, "routed takes true or false, not 'yes'"),
        ({"routed": 1}, "routed takes true or false, not 1"),
        ({"path": 3}, "path takes a text, not 3"),
        ({"system_role": "boss"}, "system_role takes 'system' or 'developer', not 'boss'"),
        ({"empty_content": "x"}, "empty_content takes '', not 'x'"),
        ({"capabilities": ["chat"]}, "capabilities takes a list of 'completions' or 'embeddings' or .*not ..chat"),
        ({"capabilities": "models"}, "capabilities takes a list"),
        ({"sisters": [1]}, "sisters takes a list of texts"),
        ({"names": {"top_k": 3}}, "names takes a table of texts"),
        ({"names": {"topk": "k"}}, r"names.topk is no option. Options: .*top_k"),
        ({"unsupported": {"tools": "no"}}, "unsupported.tools is no option"),
        ({"headers": {"x": 1}}, "headers takes a table of texts, not something else"),
        ({"headers": "x"}, "headers takes a table of texts"),
        ({"colour": "red"}, "there is no setting 'colour'. Known: allowed_tools, "),
        ({"name": "x"}, "there is no setting 'name'"),
    ],
)
def test_a_wrong_value_is_told_with_the_field_the_value_and_what_is_allowed(
    settings: dict[str, JSON], words: str
) -> None:
    with pytest.raises(ConfigurationError, match=words):
        changed(COMPATIBLE, settings)


def test_a_headers_value_is_not_shown() -> None:
    with pytest.raises(ConfigurationError) as error:
        changed(COMPATIBLE, {"headers": {"x-key": [CANARY]}})
    assert CANARY not in str(error.value)


def test_a_header_shows_in_no_repr() -> None:
    provider = Completions(changed(PRESETS["openai-chat"], {"headers": {"x-gateway": CANARY}}))
    wire = provider.encode(Request(model="m", messages=(user("Hi"),)))
    assert wire.headers["x-gateway"] == CANARY
    assert CANARY not in repr((provider, wire, Outgoing(wire=wire, headers=wire.headers)))


def test_headers_add_to_the_rows_and_tables_replace_them() -> None:
    row = Preset(name="row", headers={"a": "1", "b": "2"}, names={"top_k": "top_k"})
    new = changed(row, {"headers": {"b": "3"}, "names": {"min_p": "min_p"}})
    assert new.headers == {"a": "1", "b": "3"}
    assert new.names == {"min_p": "min_p"}


def test_the_plugin_reads_the_settings_the_name_and_the_address() -> None:
    specs = {spec.name: spec for spec in chat_providers()}
    assert specs["vllm"].settings == SETTINGS
    config = ProviderConfig(base_url="http://gpu.example/v1", name="mine", settings={"system_role": "developer"})
    provider = specs["vllm"].load(config)
    assert isinstance(provider, Completions)
    assert provider == Completions(
        changed(PRESETS["vllm"], {"system_role": "developer"}), base_url="http://gpu.example/v1", name="mine"
    )
    assert provider.name == "mine"


def test_a_key_is_an_option_where_the_address_is_the_users_own() -> None:
    optional = {spec.name for spec in chat_providers() if spec.key_optional}
    assert optional == {"compatible", "litellm", "llamacpp", "lmstudio", "mistralrs", "ollama-openai", "vllm"}
