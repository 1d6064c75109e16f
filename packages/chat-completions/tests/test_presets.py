from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from chat_completions.encode import NAMES
from chat_completions.presets import COMPATIBLE, PRESETS, ROWS
from chat_completions.provider import Completions
from chat_core.codec.members import PORTABLE

if TYPE_CHECKING:
    from chat_completions.preset import Preset

each = pytest.mark.parametrize("preset", PRESETS.values(), ids=lambda row: row.name)


def test_names_are_unique() -> None:
    assert len(PRESETS) == len(ROWS) + 1
    assert PRESETS["compatible"] is COMPATIBLE


@each
def test_a_row_speaks_of_options_that_exist(preset: Preset) -> None:
    assert {*preset.names, *preset.unsupported} <= {*PORTABLE}
    assert not preset.names.keys() & preset.unsupported.keys()
    assert {*NAMES} <= {*PORTABLE}


@each
def test_an_address_is_absolute_and_has_no_slash_at_its_end(preset: Preset) -> None:
    if preset.base_url is not None:
        assert preset.base_url.startswith(("https://", "http://localhost:"))
        assert not preset.base_url.endswith("/")


@each
def test_a_remote_service_names_the_variables_of_its_key(preset: Preset) -> None:
    local = preset.base_url is not None and preset.base_url.startswith("http://localhost:")
    assert preset.env or local or preset is COMPATIBLE


def test_a_server_of_the_users_is_started_with_a_command_at_its_usual_address_only() -> None:
    assert Completions(PRESETS["vllm"]).serve == "vllm serve MODEL"
    assert Completions(PRESETS["llamacpp"]).serve == "llama-server -m MODEL.gguf"
    assert Completions(PRESETS["vllm"], base_url="http://elsewhere.example/v1").serve is None
    served = {row.base_url for row in PRESETS.values() if row.serve is not None}
    assert all(url is not None and url.startswith("http://localhost:") for url in served)
