"""Settings in the body, and those that have no place there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import pytest
from hosting import gemini

from chat_core import Chat, tool
from chat_core.errors import UnsupportedContent
from chat_core.messages import system, user
from chat_core.options import Options
from chat_core.request import OutputFormat, Request
from chat_core.testing.loopback import Answer, Loopback
from chat_core.tools import Tool, ToolChoice
from chat_gemini.options import GeminiOptions, image, safety, voice
from chat_gemini.provider import Gemini

if TYPE_CHECKING:
    from chat_core.codec.wire import WireRequest
    from chat_core.jsonvalue import JSON, JSONObject

GEMINI = Gemini()
ANSWERED = b'{"candidates": [{"content": {"role": "model", "parts": [{"text": "Hi."}]}, "finishReason": "STOP"}]}'
NEW, OLD = "gemini-3.8-flash", "gemini-2.5-flash"
SCHEMA: JSONObject = {"type": "object", "properties": {"a": {"$ref": "#/$defs/A"}}, "$defs": {"A": {"type": "string"}}}


@tool
def act(n: int) -> int:
    return n


def encode(options: Options | None = None, *, model: str = NEW, output: OutputFormat | None = None) -> WireRequest:
    request = Request(model=model, messages=(user("Hi"),), output=output, options=options or Options())
    return GEMINI.encode(request)


def body(wire: WireRequest) -> dict[str, Any]:
    assert isinstance(wire.body, dict)
    assert list(wire.body)[-1] == "contents"
    return {key: value for key, value in cast("dict[str, Any]", wire.body).items() if key != "contents"}


def test_portable_options_are_sent() -> None:
    options = Options(
        max_tokens=9, temperature=0, top_p=0.5, top_k=3, frequency_penalty=0.1, presence_penalty=0.2, stop=("a",),
        seed=1, logprobs=True, top_logprobs=2, n=2, reasoning_effort="low", service_tier="flex",
    )  # fmt: skip
    wire = encode(options)
    assert body(wire) == {
        "generationConfig": {
            "maxOutputTokens": 9, "temperature": 0, "topP": 0.5, "topK": 3, "frequencyPenalty": 0.1,
            "presencePenalty": 0.2, "stopSequences": ["a"], "seed": 1, "responseLogprobs": True, "logprobs": 2,
            "candidateCount": 2, "thinkingConfig": {"thinkingLevel": "LOW"},
        },
        "serviceTier": "flex",
    }  # fmt: skip
    assert wire.notices == ()


def test_what_the_wire_has_not_is_noticed() -> None:
    wire = encode(Options(min_p=0.1, logit_bias={"1": 2.0}, parallel_tool_calls=False, user="u1"))
    assert body(wire) == {}
    assert [notice.feature for notice in wire.notices] == ["min_p", "logit_bias", "parallel_tool_calls", "user"]


@pytest.mark.parametrize(
    ("model", "asked", "config", "noticed"),
    [
        (NEW, Options(reasoning_effort="minimal"), {"thinkingLevel": "MINIMAL"}, []),
        (NEW, Options(reasoning_effort="xhigh"), {"thinkingLevel": "XHIGH"}, []),
        (NEW, Options(reasoning_effort="none"), {"thinkingLevel": "MINIMAL"}, ["reasoning_effort"]),
        (NEW, Options(reasoning_effort="max"), {"thinkingLevel": "XHIGH"}, ["reasoning_effort"]),
        (NEW, Options(reasoning_tokens=9), {"thinkingBudget": 9}, []),
        (NEW, Options(reasoning_effort="low", reasoning_tokens=9), {"thinkingLevel": "LOW"}, ["reasoning_tokens"]),
        (OLD, Options(reasoning_effort="none"), {"thinkingBudget": 0}, []),
        (OLD, Options(reasoning_effort="medium"), {"thinkingBudget": 8192}, ["reasoning_effort"]),
        (OLD, Options(reasoning_effort="high", reasoning_tokens=9), {"thinkingBudget": 9}, ["reasoning_effort"]),
        (OLD, Options(reasoning_effort="dreamy"), None, ["reasoning_effort"]),
    ],
)
def test_thinking_is_asked_for_by_a_level_or_by_a_budget(
    model: str, asked: Options, config: JSONObject | None, noticed: list[str]
) -> None:
    wire = encode(asked, model=model)
    assert body(wire).get("generationConfig", {}).get("thinkingConfig") == config
    assert [notice.feature for notice in wire.notices] == noticed


def test_native_thinking_goes_before_the_portable_one() -> None:
    native = GeminiOptions(include_thoughts=True, thinking={"thinkingLevel": "HIGH"})
    wire = encode(Options(reasoning_effort="low", native=(native,)))
    assert body(wire)["generationConfig"]["thinkingConfig"] == {"thinkingLevel": "HIGH", "includeThoughts": True}
    assert [(notice.requested, notice.applied) for notice in wire.notices] == [("LOW", "HIGH")]


def test_native_options_are_sent_where_they_belong() -> None:
    native = GeminiOptions(
        response_modalities=("TEXT", "IMAGE"),
        speech_config=voice("Kore", language="de-DE"),
        image_config=image(aspect_ratio="16:9", size="2K"),
        media_resolution="MEDIA_RESOLUTION_LOW",
        generation_config={"topK": 9, "newKnob": 1},
        safety_settings=(safety("HARASSMENT", "BLOCK_NONE"),),
        labels={"team": "a"},
        store=False,
        extra={"newField": 2},
    )
    assert body(encode(Options(top_k=3, native=(native,)))) == {
        "generationConfig": {
            "topK": 9,
            "responseModalities": ["TEXT", "IMAGE"],
            "speechConfig": {"voiceConfig": {"prebuiltVoiceConfig": {"voiceName": "Kore"}}, "languageCode": "de-DE"},
            "imageConfig": {"aspectRatio": "16:9", "imageSize": "2K"},
            "mediaResolution": "MEDIA_RESOLUTION_LOW",
            "newKnob": 1,
        },
        "safetySettings": [{"category": "HARM_CATEGORY_HARASSMENT", "threshold": "BLOCK_NONE"}],
        "labels": {"team": "a"},
        "store": False,
        "newField": 2,
    }


@pytest.mark.parametrize(
    ("output", "config"),
    [
        (OutputFormat(schema=SCHEMA), {"responseMimeType": "application/json", "responseJsonSchema": SCHEMA}),
        (OutputFormat(kind="json"), {"responseMimeType": "application/json"}),
    ],
)
def test_the_form_of_an_answer_goes_whole(output: OutputFormat, config: JSONObject) -> None:
    wire = encode(output=output)
    assert body(wire) == {"generationConfig": config}
    assert wire.notices == ()


def test_what_a_schema_cannot_say_here_is_noticed() -> None:
    wire = encode(output=OutputFormat(schema=SCHEMA, name="n", description="d", strict=False))
    assert [notice.feature for notice in wire.notices] == ["output.name", "output.description", "output.strict"]


def test_a_native_schema_goes_before_the_portable_one() -> None:
    native = GeminiOptions(response_schema={"type": "STRING"}, response_mime_type="text/x.enum")
    wire = encode(Options(native=(native,)), output=OutputFormat(schema=SCHEMA))
    assert body(wire) == {"generationConfig": {"responseMimeType": "text/x.enum", "responseSchema": {"type": "STRING"}}}
    assert [notice.feature for notice in wire.notices] == ["output", "output"]


def test_beside_a_cache_goes_what_it_does_not_hold() -> None:
    options = Options(native=(GeminiOptions(cached_content="cachedContents/c"),))
    messages = (system("Be brief."), user("Hi"))
    wire = GEMINI.encode(Request(model=NEW, messages=messages, tools=(Tool(name="f"),), options=options))
    assert body(wire) == {"cachedContent": "cachedContents/c"}
    assert [notice.feature for notice in wire.notices] == ["systemInstruction", "tools"]


def test_what_a_cache_is_said_to_hold_is_left_out_without_a_loss_and_strict_allows_it() -> None:
    holds = GeminiOptions(cached_content="cachedContents/c", cache_holds=("tools", "toolConfig"))
    options, choice = Options(native=(holds,)), ToolChoice(mode="required")
    asked = Request(model=NEW, messages=(user("Hi"),), tools=(Tool(name="f"),), tool_choice=choice, options=options)
    assert (body(GEMINI.encode(asked)), GEMINI.encode(asked).notices) == ({"cachedContent": "cachedContents/c"}, ())
    answer = Answer(headers={"content-type": "application/json"}, pieces=(ANSWERED,))
    with Loopback(answer) as server, Chat(NEW, provider=gemini(server.address), api_key="k", strict=True) as chat:
        assert chat.complete("Hi", tools=[act], options=options).text == "Hi."
        with pytest.raises(UnsupportedContent, match="cache_holds"):
            chat.complete([system("Be brief."), user("Hi")], tools=[act], options=options)
    assert len(server.asked) == 1


def test_appending_a_turn_leaves_earlier_bytes() -> None:
    def contents(*words: str) -> JSON:
        request = Request(model=NEW, messages=tuple(user(word) for word in words))
        found: JSON = body_of(GEMINI.encode(request))["contents"]
        return found

    def body_of(wire: WireRequest) -> dict[str, Any]:
        assert isinstance(wire.body, dict)
        return cast("dict[str, Any]", wire.body)

    short, longer = contents("a"), contents("a", "b")
    assert isinstance(short, list)
    assert isinstance(longer, list)
    assert longer[:1] == short
