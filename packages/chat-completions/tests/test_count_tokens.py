from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from chat_completions.count_tokens import DIALECTS, CompletionsTokenCounter
from chat_completions.options import CompletionsOptions
from chat_completions.preset import COUNTINGS
from chat_completions.presets import PRESETS
from chat_completions.provider import Completions
from chat_core.codec.capabilities import TokenCount, TokenCounter
from chat_core.codec.provider import capability
from chat_core.codec.wire import WireRequest, WireResponse, dump
from chat_core.errors import DecodeError, ProviderError, UnansweredToolCall
from chat_core.messages import assistant, system, user
from chat_core.options import Options
from chat_core.parts import ToolCall
from chat_core.request import Request
from chat_core.tools import Tool

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON, JSONObject

LLAMA = CompletionsTokenCounter(Completions(PRESETS["llamacpp"]))
VLLM = CompletionsTokenCounter(Completions(PRESETS["vllm"]))
ASKED = Request(
    model="m",
    messages=(system("Be brief."), user("Hi")),
    tools=(Tool(name="t", parameters={"type": "object"}),),
    options=Options(
        max_tokens=5,
        temperature=0,
        native=(CompletionsOptions(extra={"chat_template_kwargs": {"enable_thinking": False}}),),
    ),
)

both = pytest.mark.parametrize(("counter", "field"), [(LLAMA, "input_tokens"), (VLLM, "count")], ids=["llama", "vllm"])


def body_of(wire: WireRequest) -> JSONObject:
    assert isinstance(wire.body, dict)
    body: JSONObject = json.loads(dump(wire.body))
    return body


def decode(counter: CompletionsTokenCounter, body: JSON) -> TokenCount:
    return counter.decode(ASKED, WireResponse(body=json.dumps(body).encode()))


def test_servers_that_count_offer_it_and_others_do_not() -> None:
    offering = {name for name in PRESETS if capability(_at(name), TokenCounter) is not None}
    assert offering == {"llamacpp", "vllm"}
    assert {*COUNTINGS} == {*DIALECTS}


def _at(name: str) -> Completions:
    return Completions(PRESETS[name], base_url="https://a.example/v1")


def test_llama_counts_the_chat_request_as_it_is() -> None:
    chat = LLAMA.provider.encode(ASKED)
    wire = LLAMA.encode(ASKED)
    assert wire.url == "http://localhost:8080/v1/chat/completions/input_tokens"
    assert body_of(wire) == body_of(chat)
    assert [*body_of(wire)] == [*body_of(chat)]
    assert (wire.method, wire.headers) == (chat.method, chat.headers)


def test_vllm_counts_what_is_rendered_at_the_servers_root() -> None:
    assert VLLM.encode(ASKED).url == "http://localhost:8000/tokenize"
    body = body_of(VLLM.encode(ASKED))
    assert body.keys() == {"model", "messages", "tools", "chat_template_kwargs"}
    assert body["messages"] == body_of(VLLM.provider.encode(ASKED))["messages"]


def test_vllm_is_asked_below_a_path_of_a_proxy() -> None:
    proxied = CompletionsTokenCounter(Completions(PRESETS["vllm"], base_url="https://proxy.example/gpu/v1"))
    assert proxied.encode(ASKED).url == "https://proxy.example/gpu/tokenize"
    rootless = CompletionsTokenCounter(Completions(PRESETS["vllm"], base_url="https://proxy.example"))
    assert rootless.encode(ASKED).url == "https://proxy.example/tokenize"


def test_a_request_that_cannot_be_sent_cannot_be_counted() -> None:
    with pytest.raises(UnansweredToolCall):
        LLAMA.encode(Request(model="m", messages=(assistant(ToolCall(id="c", name="t", arguments={})), user("Well?"))))


def test_counts_are_read() -> None:
    count = decode(LLAMA, {"input_tokens": 321, "object": "response.input_tokens"})
    assert (count.input_tokens, count.meta) == (321, {})
    count = decode(VLLM, {"count": 3, "max_model_len": 4096, "tokens": [1, 2, 3], "token_strs": None})
    assert (count.input_tokens, count.meta) == (3, {VLLM.provider.origin("m"): {"max_model_len": 4096}})
    assert count.raw == {"count": 3, "max_model_len": 4096, "tokens": [1, 2, 3], "token_strs": None}


@both
def test_a_count_of_nothing_is_a_count(counter: CompletionsTokenCounter, field: str) -> None:
    assert decode(counter, {field: 0}).input_tokens == 0


@both
@pytest.mark.parametrize("value", [None, True, "3", 3.5])
def test_a_reply_without_a_count_is_malformed(counter: CompletionsTokenCounter, field: str, value: JSON) -> None:
    with pytest.raises(DecodeError, match=f"without `{field}`"):
        decode(counter, {field: value})


@both
def test_an_error_in_the_guise_of_a_success_is_one(counter: CompletionsTokenCounter, field: str) -> None:
    assert field
    with pytest.raises(ProviderError, match="no template"):
        decode(counter, {"error": {"message": "no template", "code": 400, "type": "invalid_request_error"}})
