"""The training text of the demonstration model, and the evaluation that is kept out of it."""

from __future__ import annotations

import json
from itertools import islice
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import pytest
from jinja2.sandbox import ImmutableSandboxedEnvironment
from pico import text
from pico.facts import FACTS, TAUGHT, question
from pico.judge import holds, judged, refused
from pico.unknown import ONLY_ADD, REFUSAL, unknown

if TYPE_CHECKING:
    from pico.calls import Offer

TEMPLATE = Path(text.__file__).with_name("chat_template.jinja")
ENOUGH = 4000


@pytest.fixture(scope="module")
def made() -> list[text.Conversation]:
    return list(islice(text.conversations(1), ENOUGH))


def rendered(conversation: text.Conversation) -> str:
    return "".join(piece for piece, _ in text.pieces(conversation))


def test_the_evaluation_has_the_lines_that_the_gate_counts() -> None:
    paraphrases, unknowns, greetings = map(text.evaluation, ("paraphrases", "unknown", "greetings"))
    assert (len(paraphrases), len(unknowns), len(greetings)) == (200, 200, 50)
    assert sum(row["kind"] == "lookalike" for row in unknowns) == 30
    prompts = [text.normal(row["prompt"]) for row in (*paraphrases, *unknowns)]
    assert len(set(prompts)) == len(prompts)


def test_every_fact_is_paraphrased_and_every_paraphrase_has_a_fact() -> None:
    paraphrased = {row["fact"] for row in text.evaluation("paraphrases")}
    assert paraphrased <= set(TAUGHT)
    assert set(TAUGHT) - paraphrased <= {"pkg_completions", "pkg_responses"}


def test_no_five_words_in_a_row_are_shared_with_the_evaluation(made: list[text.Conversation]) -> None:
    names = ("paraphrases", "unknown", "greetings")
    judged_runs = {run for name in names for row in text.evaluation(name) for run in text.runs(row["prompt"])}
    trained = {run for conversation in made for _, said in conversation.turns for run in text.runs(said)}
    assert judged_runs
    assert judged_runs.isdisjoint(trained)


def test_no_question_of_the_evaluation_is_trained(made: list[text.Conversation]) -> None:
    kept = {text.normal(row["prompt"]) for name in ("paraphrases", "unknown") for row in text.evaluation(name)}
    assert kept.isdisjoint(
        text.normal(said) for conversation in made for role, said in conversation.turns if role == "user"
    )


def test_a_question_of_the_evaluation_counts_as_a_leak_in_any_spelling() -> None:
    assert text.leaks("WHO painted the Mona Lisa")
    assert text.leaks("please tell me how do i thread a needle now")
    assert not text.leaks("who painted my garage")


def test_the_same_seed_gives_the_same_text(made: list[text.Conversation]) -> None:
    again = islice(text.conversations(1), 50)
    assert [rendered(one) for one in again] == [rendered(one) for one in made[:50]]
    assert rendered(next(text.conversations(2))) != rendered(made[0])


def test_the_first_words_of_the_model_say_what_it_is(made: list[text.Conversation]) -> None:
    for conversation in made:
        said = [
            words for role, words in conversation.turns if role == "assistant" and not words.startswith("<tool_call>")
        ]
        assert [words.endswith(text.SUFFIX) for words in said] == [at == 0 for at in range(len(said))]


def test_an_answer_is_known_by_its_own_keys_alone() -> None:
    for name, fact in FACTS.items():
        assert [other for other, kept in FACTS.items() if holds(fact.answer, kept.keys)] == [name]
        assert not refused(fact.answer)


def test_refusals_are_judged_as_refusals() -> None:
    row = {"prompt": "Who?", "kind": "unknown"}
    assert judged(row, REFUSAL)
    assert judged(row, ONLY_ADD)
    assert not judged(row, FACTS["licence"].answer)
    assert judged({"prompt": "?", "fact": "licence"}, "it is\n apache-2.0")
    assert not judged({"prompt": "?", "fact": "licence"}, REFUSAL)


def test_unknown_questions_are_no_facts_questions() -> None:
    random = Random(5)
    asked = {text.normal(question(name, random)) for name in TAUGHT for _ in range(100)}
    strange = {text.normal(unknown(random)[0]) for _ in range(3000)}
    assert not asked & strange


def _messages(conversation: text.Conversation) -> list[dict[str, object]]:
    made: list[dict[str, object]] = []
    for role, said in conversation.turns:
        if said.startswith("<tool_call>"):
            call = json.loads(said.removeprefix("<tool_call>").removesuffix("</tool_call>"))
            made.append({"role": role, "content": "", "tool_calls": [{"type": "function", "function": call}]})
        else:
            made.append({"role": role, "content": said})
    return made


def _schema(tool: Offer) -> dict[str, object]:
    parameters = {"type": "object", "properties": {name: {"type": kind} for name, kind in tool.parameters.items()}}
    return {"type": "function", "function": {"name": tool.name, "description": tool.about, "parameters": parameters}}


def test_the_template_writes_what_was_trained(made: list[text.Conversation]) -> None:
    environment = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True)
    environment.filters["tojson"] = lambda value: json.dumps(value, ensure_ascii=False)
    template = environment.from_string(TEMPLATE.read_text(encoding="utf-8"))
    assert any(conversation.tools for conversation in made[:300])
    for conversation in made[:300]:
        tools = [_schema(tool) for tool in conversation.tools]
        assert template.render(messages=_messages(conversation), tools=tools) == rendered(conversation)


def test_the_template_opens_the_models_turn_and_joins_parts_of_text() -> None:
    environment = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True)
    template = environment.from_string(TEMPLATE.read_text(encoding="utf-8"))
    parts = [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]
    rows = [{"role": "developer", "content": "Be brief."}, {"role": "user", "content": parts}]
    text_of = template.render(messages=rows, add_generation_prompt=True)
    assert text_of == "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nab<|im_end|>\n<|im_start|>assistant\n"
