"""Prompts tell the whole conversation, in a form that the model's template takes, or say what they could not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from models_here import CHATML, Words, files

from chat_core.errors import ConfigurationError, UnsupportedContent
from chat_local.prompts import Prompt, prompt_of

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON, JSONObject

USER: JSONObject = {"role": "user", "content": "What is the weather?"}
SYSTEM: JSONObject = {"role": "system", "content": "Be brief."}
TOOL: JSONObject = {
    "type": "function",
    "function": {"name": "weather", "parameters": {"type": "object", "properties": {"city": {"type": "string"}}}},
}
CALL: JSONObject = {"id": "call_1", "name": "weather", "arguments": {"city": "Oslo"}}
TRAFFIC: list[JSON] = [
    USER,
    {"role": "assistant", "content": "", "tool_calls": [CALL]},
    {"role": "tool", "tool_call_id": "call_1", "name": "weather", "content": "rain all day"},
]
LOOP = "{% for m in messages %}<|im_start|>{{ m.role }}\n"


def prompt(template: str, messages: list[JSON], **more: JSON) -> Prompt:
    return prompt_of(files(template), {"model": "m", "messages": messages, **more}, Words())


def text_of(found: Prompt) -> str:
    return "".join(piece.text for piece in found.pieces)


def test_a_conversation_is_told_by_the_models_template() -> None:
    found = prompt(CHATML, [SYSTEM, USER])
    assert text_of(found) == (
        "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nWhat is the weather?<|im_end|>\n"
        "<|im_start|>assistant\n"
    )
    assert found.notices == ()
    assert found.tail == "<|im_end|>\n<|im_start|>assistant\n"


def test_control_tokens_of_people_are_told_from_the_templates() -> None:
    found = prompt(CHATML, [{"role": "user", "content": "a<|im_end|>b"}])
    assert [piece.text for piece in found.pieces if not piece.trusted] == ["<|im_end|>"]


def test_control_tokens_in_instructions_and_tools_are_words_as_well() -> None:
    named: JSONObject = {"type": "function", "function": {"name": "f", "description": "<|im_end|>"}}
    found = prompt(CHATML, [{"role": "system", "content": "<|im_end|>"}, USER], tools=[named])
    assert [piece.text for piece in found.pieces if not piece.trusted] == ["<|im_end|>"] * 2


def test_a_mark_in_the_users_words_begins_no_thought() -> None:
    found = prompt(CHATML, [{"role": "user", "content": "what is <think>"}])
    assert "<think>" not in found.tail


def test_a_thought_that_the_template_begins_is_in_the_tail() -> None:
    assert prompt(CHATML + "<think>\n ", [USER]).tail.endswith("<think>\n ")


def test_calls_and_results_are_told_by_a_template_that_knows_them() -> None:
    found = prompt(CHATML, TRAFFIC, tools=[TOOL])
    assert '<tool_call>{"name": "weather", "arguments": {"city": "Oslo"}}</tool_call>' in text_of(found)
    assert "rain all day" in text_of(found)
    assert found.notices == ()
    assert found.format == "hermes"


@pytest.mark.parametrize(
    ("template", "how"),
    [
        (LOOP + "{{ m.content }}{% endfor %}", "calls and results of tools as plain text"),
        (
            LOOP + "{% for c in m.tool_calls or [] %}{{ c.function.name + c.function.arguments }}{% endfor %}"
            "{{ m.content }}{% endfor %}",
            "arguments of calls as text",
        ),
    ],
)
def test_a_template_that_takes_calls_badly_is_given_another_form(template: str, how: str) -> None:
    found = prompt(template, TRAFFIC, tools=[TOOL])
    assert "Oslo" in text_of(found)
    assert "rain all day" in text_of(found)
    assert [notice["applied"] for notice in found.notices if isinstance(notice, dict)] == [how]


@pytest.mark.parametrize(
    "refuses",
    [
        "{{ raise_exception('no system') if m.role == 'system' }}",
        "{% if m.role == 'system' %}{% continue %}{% endif %}",
    ],
)
def test_instructions_that_a_template_does_not_take_go_before_the_users_words(refuses: str) -> None:
    found = prompt("{% for m in messages %}" + refuses + "{{ m.role }}: {{ m.content }}\n{% endfor %}", [SYSTEM, USER])
    assert text_of(found) == "user: Be brief.\n\nWhat is the weather?\n"
    assert len(found.notices) == 1


def test_a_model_whose_template_knows_no_tools_is_told_of_them() -> None:
    found = prompt(LOOP + "{{ m.content }}{% endfor %}", [USER], tools=[TOOL])
    assert '"name": "weather"' in text_of(found)
    assert found.format == "plain"


def test_a_template_that_refuses_in_every_form_says_why() -> None:
    with pytest.raises(ConfigurationError, match="refuses this conversation: never"):
        prompt("{{ raise_exception('never') }}", [USER])


def test_a_model_without_a_template_is_no_chat_model() -> None:
    with pytest.raises(ConfigurationError, match="no chat template"):
        prompt_of(files(None), {"messages": [USER]}, Words())


def test_tools_have_a_template_of_their_own() -> None:
    several = files("plain {{ messages[0].content }}", tool_use="tools {{ tools|length }} {{ messages[0].content }}")
    asked: JSONObject = {"messages": [USER], "tools": [TOOL]}
    assert text_of(prompt_of(several, asked, Words())).startswith("tools 1")
    assert text_of(prompt_of(several, {"messages": [USER]}, Words())).startswith("plain")


def test_media_are_refused() -> None:
    with pytest.raises(UnsupportedContent, match="text only"):
        prompt(CHATML, [{"role": "user", "content": [{"type": "image_url"}]}])


def test_tools_that_may_not_be_called_are_not_offered() -> None:
    assert "weather" not in text_of(prompt(CHATML, [SYSTEM], tools=[TOOL], tool_choice={"mode": "none"}))


def test_words_for_the_template_are_told_or_noticed() -> None:
    template = CHATML + "{{ 'think' if enable_thinking }}"
    options: JSONObject = {"template": {"enable_thinking": True, "reasoning_effort": "high", "style": "x"}}
    found = prompt(template, [USER], options=options)
    assert text_of(found).endswith("think")
    assert [notice["feature"] for notice in found.notices if isinstance(notice, dict)] == ["style"]


def test_ids_of_calls_fit_the_model() -> None:
    calls = "{% for c in m.tool_calls or [] %}[TOOL_CALLS]{{ c.function|tojson }}{{ c.id }}{% endfor %}"
    template = "{{ tools|tojson }}" + LOOP + "{{ m.content }}" + calls + "{{ m.tool_call_id }}{% endfor %}"
    told = text_of(prompt(template, TRAFFIC, tools=[TOOL]))
    assert told.count("000000000") == 2
    assert "call_1" not in told


def test_the_user_may_name_the_format() -> None:
    assert prompt(CHATML, [USER], options={"format": "llama"}).format == "llama"
    with pytest.raises(UnsupportedContent, match="no format 'lama': write one of harmony"):
        prompt(CHATML, [USER], options={"format": "lama"})


def test_a_call_that_cannot_be_forced_is_noticed() -> None:
    template = CHATML.replace("<tool_call>", "<arg_key>")
    found = prompt(template, [USER], tools=[TOOL], tool_choice={"mode": "required"})
    assert found.grammar is None
    assert "cannot be forced" in str(found.notices)
