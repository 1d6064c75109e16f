from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from chat_core.codec.rows import RowSettings
from chat_core.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chat_core.jsonvalue import JSON


@dataclass(frozen=True)
class Row:
    name: str
    base_url: str = ""
    path: str = ""
    role: str = "system"
    lists: bool = True
    media: frozenset[str] = frozenset()
    names: Mapping[str, str] = field(default_factory=dict[str, str])
    headers: Mapping[str, str] = field(default_factory=dict[str, str])


SETTINGS = RowSettings(Row(name=""), {"role": ("system", "developer"), "media": ("image", "audio")})
TOY = Row(name="toy", headers={"a": "1"})


def test_every_field_but_the_general_ones_is_a_setting() -> None:
    assert SETTINGS.names == {"path", "role", "lists", "media", "names", "headers"}


def test_what_is_said_replaces_what_a_row_says_and_headers_add_to_it() -> None:
    said: dict[str, JSON] = {
        "path": "/x", "role": "developer", "lists": False, "media": ["image"], "names": {"stop": "stops"},
        "headers": {"b": "2"},
    }  # fmt: skip
    assert SETTINGS.changed(TOY, said) == Row(
        name="toy", path="/x", role="developer", lists=False, media=frozenset({"image"}), names={"stop": "stops"},
        headers={"a": "1", "b": "2"},
    )  # fmt: skip
    assert SETTINGS.changed(TOY, {}) == TOY


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("colour", "red", r"there is no setting 'colour'\. Known: headers, lists, media, names, path, role"),
        ("name", "toy", "there is no setting 'name'"),
        ("path", 1, "path takes a text, not 1"),
        ("role", "user", "role takes 'system' or 'developer', not 'user'"),
        ("lists", "yes", "lists takes true or false, not 'yes'"),
        ("media", "image", "media takes a list of 'image' or 'audio', each once, not 'image'"),
        ("media", ["image", "image"], "each once"),
        ("media", ["film"], "media takes a list of"),
        ("names", {"stop": 1}, "names takes a table of texts"),
        ("names", {"halt": "stop"}, r"names\.halt is no option\. Options: .*stop"),
    ],
)
def test_what_a_field_does_not_take_is_named_with_what_it_takes(name: str, value: JSON, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        SETTINGS.changed(TOY, {name: value})


def test_a_value_that_may_be_a_secret_is_not_shown() -> None:
    with pytest.raises(ConfigurationError, match="headers takes a table of texts, not something else"):
        SETTINGS.changed(TOY, {"headers": {"authorization": ["s3cret"]}})
