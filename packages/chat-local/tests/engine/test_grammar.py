"""Answers are held to schemas and grammars, whatever the model wants to say."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, cast

import numpy as np
import pytest
from tinytokens import write_tokens

from chat_core.errors import ConfigurationError, UnsupportedContent
from chat_local.engine import grammar
from chat_local.engine.sampling import Sampler, Sampling
from chat_local.engine.tokens import Tokens

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from chat_core.jsonvalue import JSONObject
    from chat_local.engine.answer import Constraint

pytest.importorskip("llguidance")

WIDTH = 128
"""More logits than the tokenizer has tokens, as graphs often give."""

SCHEMA: JSONObject = {
    "type": "object",
    "properties": {"a": {"type": "integer", "minimum": 3, "maximum": 250}, "b": {"enum": ["x", "yy"]}},
    "required": ["a", "b"],
    "additionalProperties": False,
}


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("tokens") / "tokenizer.json"
    write_tokens(path)
    return path


def written(tokenizer: Path, make: Callable[[], Constraint], seed: int, most: int = 200) -> str:
    """Return what the worst of models writes: one that draws any allowed token."""
    tokens, constraint = Tokens(tokenizer), make()
    end = tokens.id_of("<|im_end|>")
    sampler, said = Sampler(Sampling(temperature=1.0, seed=seed), ()), tokens.stream()
    text = ""
    for _ in range(most):
        drawn = sampler.draw(np.zeros(WIDTH, np.float32), constraint.allowed()).token
        if drawn == end:
            break
        constraint.accept(drawn)
        text += said.add(drawn)
        if constraint.complete:
            break
    return text


def made(tokenizer: Path, schema: JSONObject) -> Callable[[], Constraint]:
    end = Tokens(tokenizer).id_of("<|im_end|>")
    return grammar.by_schema(tokenizer, schema, width=WIDTH, end=end or 0)


@pytest.mark.parametrize("seed", range(8))
def test_whatever_is_drawn_fits_the_schema(tokenizer: Path, seed: int) -> None:
    found = json.loads(written(tokenizer, made(tokenizer, SCHEMA), seed))
    assert found.keys() == {"a", "b"}
    assert 3 <= found["a"] <= 250
    assert found["b"] in {"x", "yy"}


def test_without_a_schema_it_is_an_object(tokenizer: Path) -> None:
    constraint = made(tokenizer, {})()
    allowed = constraint.allowed()
    assert allowed is not None
    tokens = Tokens(tokenizer)
    assert [tokens.text_of(int(token)) for token in np.flatnonzero(allowed)] == ["{"]


def test_the_mask_is_as_wide_as_the_logits(tokenizer: Path) -> None:
    allowed = cast("np.ndarray", made(tokenizer, SCHEMA)().allowed())
    assert allowed.shape == (WIDTH,)
    assert not allowed[Tokens(tokenizer).size :].any()


def test_a_grammar_in_the_words_of_lark_may_name_control_tokens(tokenizer: Path) -> None:
    end = Tokens(tokenizer).id_of("<|im_end|>") or 0
    text = 'start: <tool_call> "ab" </tool_call>'
    assert written(tokenizer, grammar.by_lark(tokenizer, text, width=WIDTH, end=end), 1) == "<tool_call>ab</tool_call>"


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "object", "properties": {"a": {"type": "string", "format": "no-such-format"}}, "required": ["a"]},
        {"type": "nonsense"},
        {"type": "object", "properties": {"a": False}, "required": ["a"]},
    ],
)
def test_a_schema_that_no_grammar_can_be_made_of_is_refused(tokenizer: Path, schema: JSONObject) -> None:
    with pytest.raises(UnsupportedContent, match="no grammar can be made of the schema"):
        made(tokenizer, schema)


def test_a_token_that_was_not_allowed_is_an_error(tokenizer: Path) -> None:
    constraint = made(tokenizer, SCHEMA)()
    constraint.allowed()
    with pytest.raises(UnsupportedContent, match="leads nowhere"):
        constraint.accept(Tokens(tokenizer).id_of("<|im_start|>") or 0)


def test_without_the_library_the_way_to_get_it_is_said(tokenizer: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr(grammar, "import_module", missing)
    with pytest.raises(ConfigurationError, match=r"chat-local\[grammar\]"):
        grammar.by_schema(tokenizer, {"type": "string"}, width=WIDTH, end=1)
