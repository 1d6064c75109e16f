from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from chat_completions.options import CompletionsOptions
from chat_completions.presets import COMPATIBLE, PRESETS
from chat_completions.provider import Completions
from chat_core.codec.framers import SSE
from chat_core.errors import UnsupportedTransport
from chat_core.messages import user
from chat_core.options import NativeOptions, Options
from chat_core.request import Request

if TYPE_CHECKING:
    from chat_completions.preset import Preset
    from chat_core.codec.wire import WireRequest
    from chat_core.jsonvalue import JSON

EVERY = Options(
    max_tokens=10,
    temperature=0,
    top_p=0.5,
    top_k=3,
    min_p=0.1,
    frequency_penalty=0.2,
    presence_penalty=0.3,
    stop=("a", "b"),
    seed=0,
    logit_bias={"5": -1.0},
    logprobs=False,
    top_logprobs=2,
    n=2,
    reasoning_effort="low",
    reasoning_tokens=64,
    parallel_tool_calls=False,
    user="u",
    service_tier="flex",
)
FIELDS = {name for name in EVERY.__dataclass_fields__ if name not in {"native", "foreign_reasoning"}}


def wire(options: Options, preset: Preset = PRESETS["openai-chat"], *, stream: bool = False) -> WireRequest:
    return Completions(preset, base_url="https://a.test/v1").encode(
        Request(model="m", messages=(user("Hi"),), options=options), stream=stream
    )


def body(options: Options, preset: Preset = PRESETS["openai-chat"], *, stream: bool = False) -> dict[str, object]:
    sent = wire(options, preset, stream=stream).body
    assert isinstance(sent, dict)
    return {**sent}


@pytest.mark.parametrize("preset", PRESETS.values(), ids=lambda row: row.name)
def test_every_option_is_sent_or_noticed(preset: Preset) -> None:
    for name in FIELDS:
        sent = wire(replace(Options(), **{name: getattr(EVERY, name)}), preset)
        assert isinstance(sent.body, dict)
        noticed = [notice.feature for notice in sent.notices]
        assert (noticed == [name]) != bool(sent.body.keys() - {"model", "messages"}), name


def test_zero_and_false_are_values() -> None:
    sent = body(Options(temperature=0, seed=0, logprobs=False, max_tokens=0))
    assert sent == {
        "model": "m",
        "max_completion_tokens": 0,
        "temperature": 0,
        "seed": 0,
        "logprobs": False,
        "messages": [{"role": "user", "content": "Hi"}],
    }


def test_messages_come_last() -> None:
    native = CompletionsOptions(store=True, extra={"later": 1})
    assert [*body(replace(EVERY, native=(native,)), stream=True)][-1] == "messages"


def test_presets_name_fields_otherwise() -> None:
    assert body(Options(seed=7), PRESETS["mistral"])["random_seed"] == 7
    assert body(Options(max_tokens=7), PRESETS["deepseek"])["max_tokens"] == 7
    assert body(Options(reasoning_tokens=7), PRESETS["openrouter"])["reasoning"] == {"max_tokens": 7}


def test_a_model_can_want_the_other_token_field() -> None:
    native = CompletionsOptions(max_tokens_field="max_tokens")
    assert body(Options(max_tokens=7, native=(native,)))["max_tokens"] == 7


def test_native_options_are_sent_and_merged() -> None:
    native = CompletionsOptions(
        store=False, verbosity="low", modalities=("text",), reasoning={"exclude": True}, extra={"odd": [1]}
    )
    sent = body(Options(reasoning_tokens=7, native=(native,)), PRESETS["openrouter"])
    assert sent["reasoning"] == {"max_tokens": 7, "exclude": True}
    assert (sent["store"], sent["verbosity"], sent["modalities"], sent["odd"]) == (False, "low", ["text"], [1])


def test_options_of_others_are_left_alone_without_a_word() -> None:
    class Others(NativeOptions):
        provider = "others"

    sent = wire(Options(native=(Others(extra={"a": 1}),)))
    assert sent.body == {"model": "m", "messages": [{"role": "user", "content": "Hi"}]}
    assert sent.notices == ()


def test_a_stream_is_asked_for_its_usage_where_that_is_known() -> None:
    assert body(Options(), stream=True)["stream_options"] == {"include_usage": True}
    sent = body(Options(), COMPATIBLE, stream=True)
    assert sent["stream"] is True
    assert "stream_options" not in sent
    more = CompletionsOptions(stream_options={"include_obfuscation": False})
    assert body(Options(native=(more,)), stream=True)["stream_options"] == {
        "include_usage": True,
        "include_obfuscation": False,
    }


def test_the_wire_request_has_address_headers_and_framer() -> None:
    provider = Completions(PRESETS["groq"], headers={"x-team": "t"})
    request = Request(model="m", messages=())
    sent = provider.encode(request, stream=True)
    assert sent.url == "https://api.groq.com/openai/v1/chat/completions"
    assert sent.headers == {"content-type": "application/json", "x-team": "t"}
    assert sent.framer is SSE
    assert provider.encode(request).framer is None


def test_other_channels_are_refused() -> None:
    with pytest.raises(UnsupportedTransport):
        Completions(PRESETS["groq"]).encode(Request(model="m", messages=()), channel="websocket")


def test_an_address_may_name_the_model() -> None:
    sent = Completions(PRESETS["groq"]).encode(Request(model="", messages=())).body
    expected: dict[str, JSON] = {"messages": []}
    assert sent == expected


def test_messages_of_the_native_options_are_sent() -> None:
    said: JSON = [{"role": "user", "content": "Mine"}]
    assert body(Options(native=(CompletionsOptions(extra={"messages": said}),)))["messages"] == said
