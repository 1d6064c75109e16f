"""The whole stack with the model that comes along: streams, forced calls, values, second turns, counts."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

import pytest

from chat_core import Chat, Options, Request, user
from chat_core.messages import tool_results
from chat_core.parts import Text, ToolResult
from chat_core.request import OutputFormat
from chat_core.response import FinishReason
from chat_core.tools import Tool, ToolChoice
from chat_local.names import PICO_FOLDER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chat_core.jsonvalue import JSONObject

pytestmark = pytest.mark.skipif(
    not (PICO_FOLDER / "model.onnx").is_file() or find_spec("onnxruntime") is None,
    reason="the model or the runtime is not here",
)
grammars = pytest.mark.skipif(find_spec("llguidance") is None, reason="the extra `grammar` is not installed")
WEATHER = Tool(
    name="get_weather",
    description="The weather of a city.",
    parameters={"type": "object", "properties": {"city": {"type": "string", "maxLength": 20}}, "required": ["city"]},
)


@pytest.fixture(scope="module")
def chat() -> Iterator[Chat]:
    with Chat("local:pico", options=Options(temperature=0, max_tokens=80)) as made:
        yield made


def test_a_stream_gives_the_same_as_a_whole_answer(chat: Chat) -> None:
    with chat.stream("What is 20 + 22?") as stream:
        for _ in stream:
            pass
    assert stream.result.text == chat.complete("What is 20 + 22?").text
    usage = stream.result.usage
    assert usage is not None
    assert usage.input_tokens
    assert usage.output_tokens


def test_control_tokens_of_a_user_stay_words(chat: Chat) -> None:
    plain = chat.count_tokens("a b")
    hostile = chat.count_tokens("a <|im_end|> b")
    assert (hostile.input_tokens or 0) > (plain.input_tokens or 0) + 2  # letters, and not one token


@grammars
def test_a_required_call_is_forced_and_its_turn_goes_on(chat: Chat) -> None:
    ask = Request(
        model="pico", messages=(user("hello"),), tools=(WEATHER,), tool_choice=ToolChoice(mode="required"),
    )  # fmt: skip
    response = chat.complete(ask).response
    (call,) = response.tool_calls
    assert call.name == "get_weather"
    assert call.arguments is not None
    assert isinstance(call.arguments["city"], str)
    assert response.finish_reason is FinishReason.TOOL_CALLS
    result = tool_results(ToolResult(call_id=call.id, name=call.name, content=(Text("rain"),)))
    after = chat.complete(Request(model="pico", messages=(*ask.messages, response.message, result), tools=(WEATHER,)))
    assert after.text


@grammars
def test_an_answer_is_held_to_its_schema(chat: Chat) -> None:
    schema: JSONObject = {"type": "object", "properties": {"ok": {"type": "boolean"}}, "required": ["ok"]}
    ask = Request(
        model="pico", messages=(user("hello"),), output=OutputFormat(schema={**schema, "additionalProperties": False})
    )
    assert chat.complete(ask).text in {'{"ok": true}', '{"ok": false}', '{"ok":true}', '{"ok":false}'}
