"""A model's own response template is read as transformers reads it; one that could do harm is not read.

The messages in `response_templates.json` are what transformers 5.24 makes of the same texts, but for one: words between
two fields are kept here.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from models_here import CHATML, Words, files

from chat_core.errors import UnsupportedContent
from chat_local import pieces
from chat_local.prompts import prompt_of
from chat_local.regions import reader
from chat_local.response_template import read_template

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON, JSONObject

CASES: list[dict[str, Any]] = json.loads(
    Path(__file__).with_name("response_templates.json").read_text(encoding="utf-8")
)
SCHEMAS: dict[str, JSONObject] = {"add": {"properties": {"a": {"type": "integer"}, "s": {"type": "string"}}}}
CONTENT: JSONObject = {"close": "<|im_end|>"}


def message(case: dict[str, Any], size: int) -> dict[str, Any]:
    reading, text = reader(case["template"], case["tail"], SCHEMAS), case["text"]
    found = [piece for at in range(0, len(text), size) for piece in reading.feed(text[at : at + size])]
    out: dict[str, Any] = {}
    for piece in [*found, *reading.finish()]:
        match piece:
            case pieces.Words(words):
                out["content"] = out.get("content", "") + words
            case pieces.Thought(words):
                out["thinking"] = out.get("thinking", "") + words
            case call:
                function = {"name": call.name, "arguments": call.arguments}
                out.setdefault("tool_calls", []).append({"type": "function", "function": function})
    return out


@pytest.mark.parametrize("size", [1000, 1, 2, 3, 7])
@pytest.mark.parametrize("case", CASES, ids=[case["case"] for case in CASES])
def test_a_template_is_read_as_transformers_reads_it(case: dict[str, Any], size: int) -> None:
    assert message(case, size) == case["message"]


def test_a_call_that_was_not_offered_is_text() -> None:
    case = {**CASES[0], "text": '<tool_call>{"name": "rm", "arguments": {}}</tool_call>'}
    assert message(case, 5) == {"content": case["text"]}


@pytest.mark.parametrize(
    "template",
    [
        None,
        {},
        {"version": 2, "fields": {"content": CONTENT}},
        {"fields": {"content": CONTENT, "other": CONTENT}},
        {"fields": {"content": {"open": 1}}},
        {"fields": {"tool_calls": {"open": "<a>", "content": "pickle"}}},
        {"fields": {"tool_calls": {"open_pattern": "(a+)+b"}}},
        {"fields": {"tool_calls": {"open_pattern": "<a>(?P<n>(x*)*)"}}},
        {"fields": {"tool_calls": {"open_pattern": ".*<a>"}}},
        {"fields": {"tool_calls": {"open_pattern": "<a>" + ".*" * 9}}},
        {"fields": {"tool_calls": {"open": "<a>", "content": "xml-inline", "content_args": {"tag_pattern": "(.*)+"}}}},
    ],
)
def test_a_template_that_is_malformed_or_could_take_long_is_not_read(template: JSON) -> None:
    with pytest.raises(UnsupportedContent, match="response template"):
        read_template(template)


def asked(response_template: JSON, **options: JSON) -> tuple[JSON, str]:
    model = files(CHATML, response_template=response_template)
    found = prompt_of(model, {"messages": [{"role": "user", "content": "Hi"}], "options": options}, Words())
    return found.format, str(found.notices)


def test_the_models_own_template_goes_before_what_its_prompts_show_and_the_users_word_before_both() -> None:
    own = CASES[0]["template"]
    assert asked(own) == (own, "()")
    assert asked(own, format="llama") == ("llama", "()")


def test_a_template_that_cannot_be_read_is_noticed() -> None:
    form, notices = asked({"version": 2})
    assert form == "hermes"
    assert "response_template" in notices
