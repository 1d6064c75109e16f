"""Names in snake case."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat_gemini.spelling import camel_object

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSONObject


def test_names_of_the_wire_are_written_in_camel_case_at_all_levels() -> None:
    asked: JSONObject = {"generation_config": {"thinking_config": {"include_thoughts": True}}}
    assert camel_object({**asked, "tools": [{"google_search": {}}]}) == {
        "generationConfig": {"thinkingConfig": {"includeThoughts": True}},
        "tools": [{"googleSearch": {}}],
    }


def test_what_users_name_is_left_alone() -> None:
    call: JSONObject = {"function_call": {"name": "f", "args": {"first_name": "Ada"}}}
    assert camel_object(call) == {"functionCall": {"name": "f", "args": {"first_name": "Ada"}}}
    schema: JSONObject = {"properties": {"first_name": {}}}
    tool: JSONObject = {"parameters_json_schema": schema, "labels": {"cost_centre": "x"}}
    assert camel_object(tool) == {"parametersJsonSchema": schema, "labels": {"cost_centre": "x"}}
