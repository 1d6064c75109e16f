"""Grammars force calls in each family's own spelling, and JSON after a thought."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tokenizers import Tokenizer, decoders, models, pre_tokenizers

from chat_local.engine import grammar
from chat_local.engine.tokens import Tokens
from chat_local.forcing import Forced, closed
from chat_local.forcing import grammar as forced
from chat_local.literals import Call
from chat_local.marking import Piece
from chat_local.regions import reader

if TYPE_CHECKING:
    from pathlib import Path

    from chat_core.jsonvalue import JSON, JSONObject

pytest.importorskip("llguidance", reason="the extra `grammar` is not installed")

MARKS = (
    "<tool_call>", "</tool_call>", "[TOOL_CALLS]", "[ARGS]", "<|channel|>", "<|constrain|>", "<|message|>", "<|call|>",
    "</think>",
)  # fmt: skip
PLACE: JSONObject = {"type": "object", "properties": {"city": {"enum": ["Oslo", "Rome"]}}, "required": ["city"]}
REFERS: JSONObject = {
    "type": "object",
    "properties": {"city": {"$ref": "#/$defs/city"}},
    "required": ["city"],
    "$defs": {"city": {"enum": ["Oslo"]}},
}
HELD_TO: JSONObject = {"output": {"kind": "schema", "schema": PLACE}}
HELD = '{"city":"Oslo"}'
CALLS = {
    "hermes": f'<tool_call>\n{{"name":"weather","arguments":{HELD}}}\n</tool_call>',
    "llama": f'{{"name":"weather","parameters":{HELD}}}',
    "plain": f'{{"name":"weather","parameters":{HELD}}}',
    "mistral": f"[TOOL_CALLS]weather[ARGS]{HELD}",
    "harmony": f"<|channel|>commentary to=functions.weather <|constrain|>json<|message|>{HELD}<|call|>",
    "phi": f'<|tool_call|>[{{"name":"weather","arguments":{HELD}}}]<|/tool_call|>',
    "granite": f'<|tool_call|>[{{"name":"weather","arguments":{HELD}}}]<|end_of_text|>',
    "cohere": f'<|START_ACTION|>[{{"name":"weather","arguments":{HELD}}}]<|END_ACTION|>',
    "nemotron": f'<TOOLCALL>[{{"name":"weather","arguments":{HELD}}}]</TOOLCALL>',
}


@pytest.fixture(scope="module", params=[True, False], ids=["marks are tokens", "marks are letters"])
def tokens(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Tokens, Path]:
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    made = Tokenizer(models.BPE(vocab={letter: number for number, letter in enumerate(letters)}, merges=[]))
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    made.add_special_tokens(["<end>", *(MARKS if request.param else ())])  # pyright: ignore[reportUnknownMemberType] - the library says not of what
    path = tmp_path_factory.mktemp("tokens") / "tokenizer.json"
    made.save(str(path))
    return Tokens(path), path


def tool(name: str, parameters: JSONObject) -> JSON:
    return {"type": "function", "function": {"name": name, "parameters": parameters}}


def asked(**more: JSON) -> JSONObject:
    return {"tools": [tool("weather", PLACE), tool("other", REFERS)], **more}


def takes(found: Forced, tokens: tuple[Tokens, Path], text: str) -> bool:
    """Tell whether a grammar takes a text to its end."""
    assert found.grammar is not None
    words, path = tokens
    end = words.id_of("<end>")
    assert end is not None
    made = grammar.by_lark(path, found.grammar, width=words.size, end=end)()
    for token in words.encode([Piece(text)]):
        allowed = made.allowed()
        if allowed is not None and not allowed[token]:
            return False
        made.accept(token)
    if made.complete:
        return True
    allowed = made.allowed()
    return allowed is not None and bool(allowed[end])


REQUIRED: JSONObject = {"mode": "required"}


@pytest.mark.parametrize("form", CALLS)
def test_a_call_is_forced_in_the_familys_spelling(form: str, tokens: tuple[Tokens, Path]) -> None:
    found = forced(form, asked(tool_choice=REQUIRED), "", tokens[0])
    assert takes(found, tokens, CALLS[form])
    assert not takes(found, tokens, CALLS[form].replace("Oslo", "Paris"))
    assert not takes(found, tokens, "Hello.")


@pytest.mark.parametrize("form", CALLS)
def test_what_is_forced_is_read_as_a_call(form: str) -> None:
    reading = reader(form, "", {"weather": PLACE})
    assert [*reading.feed(CALLS[form]), *reading.finish()] == [Call("weather", {"city": "Oslo"})]


def test_a_thought_that_the_prompt_began_comes_to_its_end_first(tokens: tuple[Tokens, Path]) -> None:
    found = forced("hermes", asked(tool_choice=REQUIRED), "<think>\n", tokens[0])
    assert takes(found, tokens, "I look.\n</think>\n\n" + CALLS["hermes"])
    assert not takes(found, tokens, CALLS["hermes"])
    schema = forced("hermes", HELD_TO, "<think>\n", tokens[0])
    assert takes(schema, tokens, "Hm.\n</think>\n\n" + HELD)
    assert not takes(schema, tokens, "Hm.\n</think>\n\nHello.")


def test_named_tools_are_the_only_ones(tokens: tuple[Tokens, Path]) -> None:
    found = forced("hermes", asked(tool_choice={**REQUIRED, "names": ["other"]}), "", tokens[0])
    assert not takes(found, tokens, CALLS["hermes"])
    assert takes(found, tokens, CALLS["hermes"].replace("weather", "other"))


@pytest.mark.parametrize("form", ["glm", "qwen-coder", "gemma", "deepseek", "minimax", "olmo", {"fields": {}}])
def test_a_family_whose_calls_cannot_be_forced_is_noticed(form: str, tokens: tuple[Tokens, Path]) -> None:
    found = forced(form, asked(tool_choice=REQUIRED), "", tokens[0])
    assert found.grammar is None
    assert [notice["feature"] for notice in found.notices if isinstance(notice, dict)] == ["tool_choice"]


def test_nothing_is_forced_where_nothing_is_required(tokens: tuple[Tokens, Path]) -> None:
    assert forced("hermes", asked(tool_choice={"mode": "auto"}), "", tokens[0]) == Forced()
    assert forced("hermes", {"tool_choice": REQUIRED}, "", tokens[0]) == Forced()
    assert forced("hermes", HELD_TO, "", tokens[0]) == Forced()


def test_objects_are_closed_unless_the_schema_keeps_them_open() -> None:
    inner: JSONObject = {"type": "object", "properties": {"additionalProperties": {"type": "string"}}}
    schema: JSONObject = {"properties": {"a": inner, "b": {"type": "array", "items": inner}, "c": {"allOf": [inner]}}}
    shut: JSONObject = {**inner, "additionalProperties": False}
    assert closed(schema) == {
        "properties": {"a": shut, "b": {"type": "array", "items": shut}, "c": {"allOf": [inner]}},
        "additionalProperties": False,
    }
    kept_open: JSONObject = {**inner, "additionalProperties": True}
    assert closed(kept_open) == kept_open
