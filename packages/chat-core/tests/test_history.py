"""Saved histories come back as they were, in this version and from other ones."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

import pytest
import strategies
from hypothesis import given
from hypothesis import strategies as st

from chat_core import jsonvalue
from chat_core.codec import wire
from chat_core.errors import ConfigurationError, DecodeError, UnsupportedContent
from chat_core.history import RESULTS, VERSION, Saved, dump, load
from chat_core.messages import Message, assistant, user
from chat_core.options import NativeOptions, Options, StoredOptions
from chat_core.parts import Inline, Json, Media, Opaque, Part, Reasoning, Text, TokenLogprob, ToolCall, ToolResult
from chat_core.request import Request
from chat_core.response import FinishReason, Response, Usage

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chat_core.jsonvalue import JSON, JSONObject


@dataclass(frozen=True, slots=True, kw_only=True, weakref_slot=True)
class RobotOptions(NativeOptions):
    """The options of a provider that exists in this file only."""

    provider: ClassVar[str] = "robot"
    pace: str | None = None
    flags: tuple[str, ...] = ()
    pairs: tuple[tuple[str, int], ...] | None = None
    servers: tuple[JSONObject, ...] = field(default=(), hash=False)
    place: Mapping[str, JSON] | None = field(default=None, hash=False)
    shape: JSON = field(default=None, hash=False)


def through_text(data: JSONObject) -> JSON:
    return jsonvalue.parse(wire.dump(data))


def request_with(*native: NativeOptions) -> Request:
    return Request(model="m", messages=(), options=Options(native=native))


saved = strategies.messages | strategies.requests | strategies.responses | strategies.parts


@given(saved)
def test_a_value_comes_back_equal_through_json_text(value: Message | Request | Response | Part) -> None:
    assert load(through_text(dump(value))) == value


@given(strategies.tuples_of(strategies.messages, 4))
def test_a_history_comes_back_as_a_tuple(history: tuple[Message, ...]) -> None:
    assert load(through_text(dump(list(history)))) == history


@given(saved)
def test_a_dump_is_stable(value: Message | Request | Response | Part) -> None:
    once = dump(value)
    assert wire.dump(dump(load(once))) == wire.dump(once)


@given(strategies.responses)
def test_raw_is_saved_when_asked_for(response: Response) -> None:
    plain, full = load(dump(response), Response), load(through_text(dump(response, raw=True)), Response)
    assert (plain.raw, full.raw) == (None, response.raw)
    assert [other.raw for other in full.alternatives] == [other.raw for other in response.alternatives]


def test_native_options_keep_their_raw_field_and_usage_its_own() -> None:
    response = Response(message=assistant(), usage=Usage(raw={"tokens": 1}), raw={"big": "reply"})
    assert dump(response)["usage"] == {"raw": {"tokens": 1}}
    assert "raw" not in dump(response)


def test_this_is_what_version_1_looks_like() -> None:
    """Old files have to be read for ever: when this fails, `VERSION` has to be raised and version 1 still be read."""
    history = [
        user("Hi", Media(kind="image", source=Inline(b"\x00\xff"), mime="image/png")),
        assistant(
            Reasoning("", signature="s", meta={"o": {"k": None}}),
            Text("a", logprobs=(TokenLogprob(token="a", logprob=-0.5, data=b"a"),)),
            ToolCall(id="1", name="f", arguments={"type": "text"}),
        ),
        Message(role="tool", parts=(ToolResult(call_id="1", content=(Json([1]),), is_error=True),)),
    ]
    expected = {
        "version": 1,
        "type": "history",
        "messages": [
            {
                "role": "user",
                "parts": [
                    {"type": "text", "text": "Hi"},
                    {
                        "type": "media",
                        "kind": "image",
                        "source": {"type": "inline", "data": "AP8="},
                        "mime": "image/png",
                    },
                ],
            },
            {
                "role": "assistant",
                "parts": [
                    {"type": "reasoning", "text": "", "signature": "s", "meta": {"o": {"k": None}}},
                    {"type": "text", "text": "a", "logprobs": [{"token": "a", "logprob": -0.5, "data": "YQ=="}]},
                    {"type": "tool_call", "id": "1", "name": "f", "arguments": {"type": "text"}},
                ],
            },
            {
                "role": "tool",
                "parts": [
                    {
                        "type": "tool_result",
                        "call_id": "1",
                        "content": [{"type": "json", "value": [1]}],
                        "is_error": True,
                    }
                ],
            },
        ],
    }
    assert dump(history) == expected
    assert VERSION == 1


def test_a_part_of_a_newer_version_is_kept_and_given_back() -> None:
    part: JSONObject = {"type": "hologram", "depth": {"type": "text"}, "x": [1]}
    data: JSONObject = {"version": 1, "type": "message", "role": "user", "parts": [part]}
    message = load(data, Message)
    assert message.parts == (Opaque(origin="history", kind="hologram", data=part),)
    assert dump(message) == data
    assert dump(load({"version": 1, **part})) == {"version": 1, **part}


@given(st.sampled_from(["text", "message", "history", "new"]), st.booleans())
def test_an_opaque_that_only_looks_like_a_newer_part_comes_back_too(kind: str, versioned: bool) -> None:
    data: JSONObject = {"type": kind, "version": 3} if versioned else {"type": kind}
    opaque = Opaque(origin="history", kind=kind, data=data)
    assert load(dump(opaque)) == opaque
    assert load(dump(user(opaque))) == user(opaque)


def test_native_options_come_back_typed_for_who_knows_them() -> None:
    native = RobotOptions(
        pace="slow",
        flags=("a", "b"),
        pairs=(("x", 1), ("y", 2)),
        servers=({"tools": ["t"]},),
        place={"rooms": ["r"]},
        shape=[[1], [2]],
        extra={"k": [1]},
    )
    data = dump(request_with(native))
    stored = load(through_text(data), Request)
    assert isinstance(stored.options.native[0], StoredOptions)
    assert stored.options.native_of(RobotOptions) == native
    assert dump(stored) == data


def test_native_options_are_saved_under_their_provider_without_defaults() -> None:
    assert dump(request_with(RobotOptions(pace="slow")))["options"] == {
        "native": [{"provider": "robot", "pace": "slow"}]
    }


def test_native_options_of_another_version_are_refused_by_name() -> None:
    options = Options(native=(StoredOptions(name="robot", values={"wings": 2}),))
    with pytest.raises(ConfigurationError, match="wings"):
        options.native_of(RobotOptions)


def test_what_is_not_json_is_refused_with_the_fix() -> None:
    odd = request_with(RobotOptions(shape={1, 2}))  # type: ignore[arg-type] # pyright: ignore[reportArgumentType] - the mistake tested
    with pytest.raises(UnsupportedContent, match="set cannot be saved"):
        dump(odd)


DAMAGED: tuple[tuple[JSON, str], ...] = (
    (None, "the object that dump"),
    ([], "the object that dump"),
    ({}, "no `version`"),
    ({"type": "message"}, "no `version`"),
    ({"version": "1", "type": "message"}, "no `version`"),
    ({"version": 2, "type": "message"}, "update chat-core"),
    ({"version": 2}, "update chat-core"),
    ({"version": 1}, "`type`"),
    ({"version": 1, "type": "history"}, "`messages`"),
    ({"version": 1, "type": "history", "messages": [], "more": 1}, "nothing else"),
    ({"version": 1, "type": "history", "messages": [1]}, r"messages\[0\]"),
    ({"version": 1, "type": "message", "parts": []}, "'role'"),
    ({"version": 1, "type": "message", "role": "king", "parts": []}, "at role"),
    ({"version": 1, "type": "message", "role": "user", "parts": {}}, "at parts: expected a list, found dict"),
    ({"version": 1, "type": "message", "role": "user", "parts": [{}]}, r"at parts\[0\]"),
    ({"version": 1, "type": "message", "role": "user", "parts": [{"type": "text"}]}, r"at parts\[0\].*'text'"),
    ({"version": 1, "type": "text", "text": 1}, "at text: expected text, found int"),
    ({"version": 1, "type": "text", "text": None}, "at text: expected text, found null"),
    ({"version": 1, "type": "text", "text": "", "smell": 1}, "at smell: Text has no such field"),
    ({"version": 1, "type": "text", "text": "", "meta": {"o": 1}}, "at meta"),
    ({"version": 1, "type": "text", "text": "", "citations": [{"start": True}]}, r"at citations\[0\].start"),
    ({"version": 1, "type": "text", "text": "", "citations": [{"start": 0.5}]}, r"at citations\[0\].start"),
    ({"version": 1, "type": "media", "kind": "image", "source": {"type": "inline", "data": "?"}}, "source.data"),
    ({"version": 1, "type": "media", "kind": "image", "source": {"type": "inline", "data": 1}}, "source.data"),
    ({"version": 1, "type": "media", "kind": "image", "source": {"type": "moon"}}, "at source"),
    ({"version": 1, "type": "tool_call", "id": "", "name": "", "arguments": []}, "at arguments"),
    ({"version": 1, "type": "tool_call", "id": "", "name": "", "executed": 1}, "at executed"),
    (
        {"version": 1, "type": "tool_result", "call_id": "", "content": [{"type": "refusal", "text": ""}]},
        r"at content\[0\].*" + ", ".join(RESULTS),
    ),
    ({"version": 1, "type": "request", "model": "m", "messages": [], "options": {"native": [{}]}}, r"native\[0\]"),
    (
        {"version": 1, "type": "request", "model": "m", "messages": [], "options": {"temperature": "hot"}},
        "options.temperature: expected a number, found str",
    ),
    (
        {"version": 1, "type": "response", "message": {"role": "user", "parts": []}, "finish_reason": "bored"},
        "at finish_reason",
    ),
    ({"version": 1, "type": "response", "message": {"role": "user", "parts": []}, "headers": {"a": 1}}, "headers.a"),
)


@pytest.mark.parametrize(("data", "place"), DAMAGED)
def test_damage_is_reported_with_its_place(data: JSON, place: str) -> None:
    with pytest.raises(DecodeError, match=place):
        load(data)


def test_an_error_does_not_show_what_was_said() -> None:
    with pytest.raises(DecodeError) as caught:
        load({"version": 1, "type": "tool_call", "id": "i", "name": "n", "arguments": "my secret"})
    assert "secret" not in str(caught.value)


def test_nesting_without_end_is_damage() -> None:
    deep: JSON = {"token": "", "logprob": 0}
    for _ in range(5000):
        deep = {"token": "", "logprob": 0, "top": [deep]}
    with pytest.raises(DecodeError, match="nested"):
        load({"version": 1, "type": "text", "text": "", "logprobs": [deep]})


@given(strategies.json_values())
def test_any_json_is_read_or_refused_by_name(data: JSON) -> None:
    documents: tuple[JSON, ...] = (data, {"version": 1, "type": "text", "text": data}, {"version": 1, "type": data})
    for document in documents:
        try:
            load(document)
        except DecodeError:
            continue


def test_the_asked_kind_is_what_comes() -> None:
    data = dump(user("Hi"))
    assert load(data, Message) == user("Hi")
    assert load(dump([]), tuple) == ()
    with pytest.raises(DecodeError, match="holds a Message, but a Request"):
        load(data, Request)


def test_every_finish_reason_is_saved_as_its_word() -> None:
    for reason in FinishReason:
        data = dump(Response(message=assistant(), finish_reason=reason))
        assert json.loads(json.dumps(data))["finish_reason"] == reason.value
        found: Saved = load(data)
        assert isinstance(found, Response)
        assert found.finish_reason is reason
