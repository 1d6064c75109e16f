from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from chat_core.errors import ConfigurationError
from chat_huggingface.plugin import chat_providers
from chat_huggingface.presets import HUGGINGFACE, ROWS
from chat_huggingface.provider import HuggingFace
from chat_huggingface.settings import OWN, SETTINGS, configured

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON


def test_a_row_says_what_is_not_said() -> None:
    assert configured("huggingface", {}) == HuggingFace()
    for name, (preset, server) in ROWS.items():
        assert configured(name, {}) == HuggingFace(preset, server=server)


def test_settings_of_this_package_and_of_the_wire_stand_beside_each_other() -> None:
    meant: JSON = {"LABEL_0": "contradiction", "LABEL_1": "entailment"}
    found = configured(
        "huggingface",
        {"server": "endpoint", "batch": 8, "pooling": "mean", "classes": meant, "system_role": "developer"},
        base_url="https://e.test/v1",
        name="mine",
    )
    assert (found.server, found.batch, found.pooling, found.classes) == ("endpoint", 8, "mean", meant)
    assert (found.base_url, found.name, found.preset.system_role) == ("https://e.test", "mine", "developer")


def test_who_pays_is_a_header_of_every_request() -> None:
    found = configured("huggingface", {"bill_to": "my-org", "headers": {"x-a": "b"}})
    assert found.headers == {"x-a": "b", "x-hf-bill-to": "my-org"}
    assert "my-org" not in repr(found)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("server", "vllm"),
        ("server", 3),
        ("bill_to", ""),
        ("bill_to", 3),
        ("batch", 0),
        ("batch", True),
        ("batch", "8"),
        ("pooling", "max"),
        ("classes", ["entailment"]),
        ("classes", {"LABEL_0": "yes"}),
        ("classes", {"LABEL_0": 3}),
    ],
)
def test_a_value_that_a_setting_does_not_take_is_an_error_that_says_what_it_takes(name: str, value: JSON) -> None:
    with pytest.raises(ConfigurationError, match=f"^{name} takes ") as raised:
        configured("huggingface", {name: value})
    assert OWN[name] in str(raised.value)


def test_an_unknown_setting_is_an_error() -> None:
    with pytest.raises(ConfigurationError, match="no setting 'task'"):
        configured("huggingface", {"task": "x"})


def test_the_plugin_offers_every_row_with_all_settings() -> None:
    specs = {spec.name: spec for spec in chat_providers()}
    assert specs.keys() == ROWS.keys()
    assert all(spec.settings == SETTINGS for spec in specs.values())
    assert [spec.name for spec in specs.values() if not spec.key_optional] == [HUGGINGFACE.name]
