"""What goes along with a conversation, in which order, and what stays behind."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

import pytest

from chat_core.errors import UnansweredToolCall, UnsupportedContent
from chat_core.messages import Message, assistant, system, tool_results, user
from chat_core.options import Options
from chat_core.parts import Inline, Json, Media, Opaque, Reasoning, Refusal, Text, ToolCall, ToolResult
from chat_core.request import Request
from chat_gemini.places import vertex
from chat_gemini.provider import Gemini

if TYPE_CHECKING:
    from chat_core.codec.wire import WireRequest
    from chat_core.jsonvalue import JSON, JSONObject

GEMINI = Gemini()
NEW, OLD = "gemini-3.8-flash", "gemini-2.5-flash"
ORIGIN = GEMINI.origin(NEW)
PNG = Media(kind="image", source=Inline(b"\x89PNG\r\n\x1a\n"), mime="image/png")
INLINE: JSONObject = {"inlineData": {"mimeType": "image/png", "data": "iVBORw0KGgo="}}
SIGNED = ToolCall(id="c1", name="f", arguments={"a": 1}, meta={ORIGIN: {"thoughtSignature": "s"}})
FOREIGN = ToolCall(id="toolu_1", name="f", arguments={})
DONE = tool_results(ToolResult(call_id="c1", content=(Text("done"),)))


def encode(
    *messages: Message, model: str = NEW, provider: Gemini = GEMINI, options: Options | None = None
) -> WireRequest:
    return provider.encode(Request(model=model, messages=messages, options=options or Options()))


def sent(wire: WireRequest) -> list[Any]:
    assert isinstance(wire.body, dict)
    return cast("list[Any]", wire.body["contents"])


def contents(*messages: Message, model: str = NEW) -> list[Any]:
    return sent(encode(*messages, model=model))


def reasons(wire: WireRequest) -> list[str]:
    return [notice.reason for notice in wire.notices]


def test_instructions_stand_apart_and_later_ones_are_the_users() -> None:
    wire = encode(system("Be", " brief."), system("Rhyme."), user("Hi"), system("In prose."))
    assert wire.body == {
        "systemInstruction": {"parts": [{"text": "Be"}, {"text": " brief."}, {"text": "Rhyme."}]},
        "contents": [
            {"role": "user", "parts": [{"text": "Hi"}]},
            {"role": "user", "parts": [{"text": "In prose."}]},
        ],
    }
    assert reasons(wire) == ["the wire takes instructions at the start only"]


def test_instructions_are_text() -> None:
    with pytest.raises(UnsupportedContent, match="instructions to Gemini are text"):
        encode(system(PNG), user("Hi"))


def test_results_of_a_turn_are_one_content_in_the_order_of_the_calls() -> None:
    calls = assistant(SIGNED, ToolCall(id="c2", name="g", arguments={}, meta={ORIGIN: {}}))
    results = tool_results(ToolResult(call_id="c2", content=(Json({"b": 2}),)), *DONE.parts)
    assert contents(user("Hi"), calls, results) == [
        {"role": "user", "parts": [{"text": "Hi"}]},
        {
            "role": "model",
            "parts": [
                {"functionCall": {"id": "c1", "name": "f", "args": {"a": 1}}, "thoughtSignature": "s"},
                {"functionCall": {"id": "c2", "name": "g", "args": {}}},
            ],
        },
        {
            "role": "user",
            "parts": [
                {"functionResponse": {"id": "c1", "name": "f", "response": {"output": "done"}}},
                {"functionResponse": {"id": "c2", "name": "g", "response": {"b": 2}}},
            ],
        },
    ]


@pytest.mark.parametrize(
    ("result", "response"),
    [
        (ToolResult(call_id="c1"), {}),
        (ToolResult(call_id="c1", content=(Text("a"), Text("b"))), {"output": "ab"}),
        (ToolResult(call_id="c1", content=(Json([1]),)), {"output": [1]}),
        (ToolResult(call_id="c1", content=(Json({"x": 1}),)), {"x": 1}),
        (ToolResult(call_id="c1", content=(Text("a"), Json({"x": 1}))), {"output": ["a", {"x": 1}]}),
        (ToolResult(call_id="c1", content=(Text("no"),), is_error=True), {"error": "no"}),
        (ToolResult(call_id="c1", content=(Json({"x": 1}),), is_error=True), {"error": {"x": 1}}),
        (ToolResult(call_id="c1", is_error=True), {"error": ""}),
    ],
)
def test_a_result_is_an_object(result: ToolResult, response: JSONObject) -> None:
    *_, last = contents(user("Hi"), assistant(SIGNED), tool_results(result))
    assert last["parts"][0]["functionResponse"]["response"] == response


def test_media_of_a_result_are_inside_of_it() -> None:
    result = ToolResult(call_id="c1", content=(Text("Here:"), PNG))
    *_, last = contents(user("Hi"), assistant(SIGNED), tool_results(result))
    said = {"functionResponse": {"id": "c1", "name": "f", "response": {"output": "Here:"}, "parts": [INLINE]}}
    assert last == {"role": "user", "parts": [said]}


def test_media_that_a_model_takes_in_no_result_follow_it() -> None:
    calls, result = assistant(ToolCall(id="c1", name="f", arguments={})), ToolResult(call_id="c1", content=(PNG,))
    wire = encode(user("Hi"), calls, tool_results(result), model=OLD)
    assert sent(wire)[-1] == {
        "role": "user",
        "parts": [{"functionResponse": {"id": "c1", "name": "f", "response": {}}}, INLINE],
    }
    assert reasons(wire) == ["a result cannot hold it with this model: it is sent after the result"]
    sound = Media(kind="audio", source=Inline(b"RIFF"), mime="audio/wav")
    assert reasons(encode(user("Hi"), assistant(SIGNED), tool_results(replace(result, content=(sound,))))) == [
        "a result cannot hold it with this model: it is sent after the result"
    ]


def test_an_id_of_ours_is_never_sent() -> None:
    call = ToolCall(id="local_0", name="f", arguments={}, meta={ORIGIN: {}})
    said = contents(user("Hi"), assistant(call), tool_results(ToolResult(call_id="local_0", content=(Text("x"),))))
    assert "local_0" not in repr(said)
    assert "functionResponse': {'name': 'f'" in repr(said)


def test_a_result_needs_the_name_of_its_tool() -> None:
    with pytest.raises(UnsupportedContent, match=r"set ToolResult\.name of c9"):
        encode(user("Hi"), tool_results(ToolResult(call_id="c9", content=(Text("x"),))))


def test_a_call_without_a_result_is_refused() -> None:
    with pytest.raises(UnansweredToolCall, match="f \\(c1\\)"):
        encode(user("Hi"), assistant(SIGNED))


def test_a_signature_goes_to_the_family_that_made_it_only() -> None:
    said = assistant(
        Text("Hm.", meta={ORIGIN: {"thoughtSignature": "s"}}), Text("", meta={ORIGIN: {"thoughtSignature": "t"}})
    )
    assert contents(user("Hi"), said, user("On."), model="gemini-3-pro-preview")[1] == {
        "role": "model",
        "parts": [{"text": "Hm.", "thoughtSignature": "s"}, {"text": "", "thoughtSignature": "t"}],
    }
    wire = encode(user("Hi"), said, user("On."), model=OLD)
    assert sent(wire)[1] == {"role": "model", "parts": [{"text": "Hm."}]}
    assert reasons(wire) == ["only the models that made a signature can read it"]
    elsewhere = encode(user("Hi"), said, provider=Gemini(place=vertex("p", "global")))
    assert "thoughtSignature" not in repr(elsewhere.body)


def test_the_first_call_of_another_model_gets_the_word_in_place_of_a_signature() -> None:
    both = assistant(FOREIGN, replace(FOREIGN, id="toolu_2"))
    results = tool_results(ToolResult(call_id="toolu_1"), ToolResult(call_id="toolu_2"))
    wire = encode(user("Hi"), both, results)
    first, second = sent(wire)[1]["parts"]
    assert first["thoughtSignature"] == "skip_thought_signature_validator"
    assert "thoughtSignature" not in second
    assert reasons(wire) == ["a call of another model has none"]
    assert "thoughtSignature" not in repr(encode(user("Hi"), both, results, model=OLD).body)


def test_a_call_of_the_models_own_without_a_signature_gets_none() -> None:
    own = replace(SIGNED, meta={ORIGIN: {}})
    assert "thoughtSignature" not in repr(contents(user("Hi"), assistant(own), DONE))


def test_thoughts_of_others_follow_the_policy() -> None:
    history = (
        user("Hi"),
        assistant(Reasoning("Hm.", signature="x", meta={"claude@a/claude": {}}), "Yes."),
        user("On."),
    )
    dropped = encode(*history)
    assert "Hm." not in repr(dropped.body)
    assert reasons(dropped) == ["reasoning of another origin is not sent"]
    told = encode(*history, options=Options(foreign_reasoning="as_text"))
    assert "{'text': 'Hm.'}" in repr(told.body)
    with pytest.raises(UnsupportedContent, match="foreign_reasoning"):
        encode(*history, options=Options(foreign_reasoning="fail"))


def test_what_another_service_ran_is_left_out() -> None:
    call = ToolCall(id="w1", name="web_search", arguments={}, executed=True, meta={"claude@a/claude": {}})
    result = ToolResult(call_id="w1", executed=True, meta={"claude@a/claude": {}})
    opaque = Opaque(origin="claude@a/claude", kind="odd", data={"odd": 1})
    wire = encode(user("Hi"), assistant(call, result, opaque, "Found."), user("On."))
    assert sent(wire)[1] == {"role": "model", "parts": [{"text": "Found."}]}
    assert [notice.feature for notice in wire.notices] == ["executed tool call", "executed tool result", "odd"]


def test_a_message_without_content_is_not_sent() -> None:
    wire = encode(user("Hi"), assistant(Text("")), user("On."))
    assert len(sent(wire)) == 2
    assert reasons(wire) == ["a message without content is not sent"]


def test_refusals_and_objects_are_text() -> None:
    assert contents(user("Hi"), assistant(Refusal("No."), Json({"a": 1})))[1] == {
        "role": "model",
        "parts": [{"text": "No."}, {"text": '{"a":1}'}],
    }


def test_broken_arguments_go_inside_of_an_object() -> None:
    broken = ToolCall(id="c1", name="f", raw='{"a":', meta={ORIGIN: {}})
    wire = encode(user("Hi"), assistant(broken), DONE)
    assert "{'INVALID_JSON': '{\"a\":'}" in repr(wire.body)
    assert [notice.feature for notice in wire.notices] == ["tool arguments"]


def test_a_paused_answer_at_the_end_is_gone_on_with_by_its_token() -> None:
    first = Message(role="assistant", parts=(Text("Once"),), meta={ORIGIN: {"continuationToken": "t1"}})
    second = Message(role="assistant", parts=(Text(" upon"),), meta={ORIGIN: {"continuationToken": "t2"}})
    asked: list[JSON] = [{"role": "user", "parts": [{"text": "Tell."}]}]
    assert encode(user("Tell."), first).body == {"continuationToken": "t1", "contents": asked}
    assert encode(user("Tell."), first, second).body == {"continuationToken": "t2", "contents": asked}
    other = encode(user("Tell."), first, model=OLD)
    assert sent(other)[1:] == [{"role": "model", "parts": [{"text": "Once"}]}]
    assert "continuationToken" not in repr(other.body)
    ended = encode(user("Tell."), first, assistant(" a time."))
    assert "continuationToken" not in repr(ended.body)
    assert sent(ended)[1:] == [{"role": "model", "parts": [{"text": "Once"}, {"text": " a time."}]}]
