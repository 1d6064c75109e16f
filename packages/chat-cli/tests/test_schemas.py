from __future__ import annotations

from typing import TYPE_CHECKING

import click
import pytest

from chat_cli.schemas import read

if TYPE_CHECKING:
    from pathlib import Path


def test_the_short_form_names_fields_types_and_descriptions() -> None:
    assert read("name, age int, bio: a short one, ok bool") == {
        "type": "object",
        "properties": {
            "name": {"type": "string"},
            "age": {"type": "integer"},
            "bio": {"type": "string", "description": "a short one"},
            "ok": {"type": "boolean"},
        },
        "required": ["name", "age", "bio", "ok"],
        "additionalProperties": False,
    }


def test_with_line_breaks_descriptions_may_hold_commas() -> None:
    schema = read("\nname: first, then last\nscore float\n")
    assert schema["properties"] == {
        "name": {"type": "string", "description": "first, then last"},
        "score": {"type": "number"},
    }


def test_json_is_taken_as_it_is_from_the_argument_or_a_file(tmp_path: Path) -> None:
    text = '{"type": "object", "properties": {}}'
    (tmp_path / "s.json").write_text(text)
    assert read(text) == read(str(tmp_path / "s.json")) == {"type": "object", "properties": {}}


@pytest.mark.parametrize("text", ["", "age integer", "a b c", "9lives", "{broken"])
def test_what_is_no_schema_is_refused(text: str) -> None:
    with pytest.raises(click.UsageError):
        read(text)
