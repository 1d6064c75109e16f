"""The files of the demonstration model, and what it reaches."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING

import pytest
from pico.evaluate import Case, answers, cases, scores
from pico.places import EVALUATION, SHIPPED
from pico.text import SUFFIX, evaluation

if TYPE_CHECKING:
    from pico.decode import Model

FILES = {"model.onnx", "config.json", "tokenizer.json", "chat_template.jinja", "generation_config.json", "README.md"}
REPORT = json.loads((EVALUATION / "scores.json").read_text(encoding="utf-8"))
SLACK = 0.02  # other processors round otherwise: an answer or two


@cache
def model() -> Model:
    pytest.importorskip("onnxruntime")
    from pico.decode import Model  # noqa: PLC0415 - after the look for the runtime

    return Model(SHIPPED)


def test_the_model_is_smaller_than_five_megabytes_with_all_that_it_needs() -> None:
    found = {path.name: path.stat().st_size for path in SHIPPED.iterdir() if path.is_file() and path.suffix != ".py"}
    assert set(found) == FILES
    assert sum(found.values()) < 5_000_000


def test_the_tokenizer_spells_every_text_and_ends_turns_with_one_token() -> None:
    tokenizers = pytest.importorskip("tokenizers")
    tokenizer = tokenizers.Tokenizer.from_file(str(SHIPPED / "tokenizer.json"))
    config = json.loads((SHIPPED / "config.json").read_text(encoding="utf-8"))
    text = "Grüße 123 \u2028 🙂 <tool_call>"
    assert tokenizer.decode(tokenizer.encode(text).ids, skip_special_tokens=False) == text
    assert tokenizer.encode("<|im_end|>").ids == [config["eos_token_id"]]
    assert tokenizer.get_vocab_size() == config["vocab_size"]


def test_it_says_in_its_first_answer_what_it_is_and_how_to_reach_a_real_model() -> None:
    said = model().answer("Hello")
    assert said == f"Hello!{SUFFIX}"
    assert "demonstration" in SUFFIX
    assert "claude:MODEL" in SUFFIX


@pytest.mark.parametrize("line", sorted(REPORT["int8"]))
def test_it_reaches_what_its_scores_say(line: str) -> None:
    model()
    found = _measured()[line]
    assert found["of"] == REPORT["int8"][line]["of"]
    assert found["share"] >= REPORT["int8"][line]["share"] - SLACK


@cache
def _measured() -> dict[str, dict[str, float]]:
    made: list[Case] = cases()
    return scores(made, answers(model(), made))


def test_the_card_tells_every_score() -> None:
    card = (SHIPPED / "README.md").read_text(encoding="utf-8")
    for line, found in REPORT["int8"].items():
        assert f"| {line} | {found['right']} of {found['of']} |" in card


def test_every_line_of_the_evaluation_is_one_question() -> None:
    for name in ("greetings", "paraphrases", "unknown"):
        assert all(row["prompt"].strip() and "\n" not in row["prompt"] for row in evaluation(name))
