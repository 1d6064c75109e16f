from __future__ import annotations

from dataclasses import fields

from chat_completions.options import PLAIN, CompletionsOptions, custom_tool, grammar, native_tool
from chat_core.options import Options, StoredOptions


def test_every_option_has_a_place_in_the_body() -> None:
    elsewhere = {"extra", "max_tokens_field", "response_format", "stream_options", "tool_choice"}
    assert {item.name for item in fields(CompletionsOptions)} == {*PLAIN} | elsewhere


def test_stored_options_are_restored() -> None:
    stored = StoredOptions(name="completions", values={"modalities": ["text"], "extra": {"a": 1}})
    assert Options(native=(stored,)).native_of(CompletionsOptions) == CompletionsOptions(
        modalities=("text",), extra={"a": 1}
    )


def test_a_free_form_tool_may_have_a_grammar() -> None:
    assert custom_tool("g", description="d", format=grammar("start: /a/")).data == {
        "type": "custom",
        "custom": {
            "name": "g",
            "description": "d",
            "format": {"type": "grammar", "grammar": {"syntax": "lark", "definition": "start: /a/"}},
        },
    }


def test_a_native_tool_is_this_wires() -> None:
    assert native_tool({"type": "x"}).provider == CompletionsOptions.provider
