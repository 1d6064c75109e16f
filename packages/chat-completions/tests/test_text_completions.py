from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat_completions.presets import PRESETS
from chat_completions.provider import Completions
from chat_completions.text_completions import TextCompletions, TextCompletionsOptions
from chat_core.codec.fold import fold
from chat_core.codec.framers import SSE
from chat_core.codec.wire import Frame, WireResponse
from chat_core.errors import (
    DecodeError,
    InvalidRequest,
    ProviderError,
    ServerError,
    StreamTruncated,
    UnsupportedContent,
    UnsupportedTransport,
)
from chat_core.messages import assistant, system, user
from chat_core.options import Options
from chat_core.parts import URL, Media, Text
from chat_core.request import OutputFormat, Request
from chat_core.response import FinishReason
from chat_core.tools import Tool

if TYPE_CHECKING:
    from chat_core.events import Event
    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.response import Response

SERVICE = TextCompletions(PRESETS["openai-chat"])
TOGETHER = TextCompletions(PRESETS["together"])
ASKED = Request(model="base", messages=(user("Once"),))
ORIGIN = SERVICE.origin("base")


def decode(body: JSON) -> Response:
    return SERVICE.decode(ASKED, WireResponse(body=json.dumps(body).encode(), headers={"x-request-id": "r"}))


def stream(*chunks: JSON, done: bool = True, cut: int | None = None) -> list[Event]:
    lines = "".join(f"data: {json.dumps(chunk)}\n\n" for chunk in chunks) + ("data: [DONE]\n\n" if done else "")
    data, framer, decoder = lines.encode(), SSE(), SERVICE.decoder(ASKED)
    step = cut if cut is not None else len(data)
    frames = [frame for at in range(0, len(data), step) for frame in framer.feed(data[at : at + step])]
    return [*decoder.feed([*frames, *framer.finish()]), *decoder.finish()]


def chunk(text: str, reason: str | None = None, **more: JSON) -> JSONObject:
    choice: JSONObject = {"text": text, "index": 0, "logprobs": None, "finish_reason": reason, **more}
    return {"id": "c1", "object": "text_completion", "created": 5, "model": "base-1", "choices": [choice]}


def test_the_prompt_is_one_user_message() -> None:
    wire = SERVICE.encode(ASKED)
    assert wire.url == "https://api.openai.com/v1/completions"
    assert wire.body == {"model": "base", "prompt": "Once"}
    assert wire.framer is None


def test_a_stream_is_asked_for_with_its_usage() -> None:
    wire = SERVICE.encode(ASKED, stream=True)
    assert wire.framer is SSE
    assert wire.body == {
        "model": "base",
        "prompt": "Once",
        "stream": True,
        "stream_options": {"include_usage": True},
    }


def test_what_is_set_is_sent() -> None:
    native = TextCompletionsOptions(suffix="end", echo=True, best_of=3, extra={"later": 1})
    options = Options(
        max_tokens=5,
        temperature=0,
        top_p=0.5,
        stop=("x",),
        seed=1,
        n=2,
        user="u",
        logit_bias={"7": -1},
        native=(native,),
    )
    request = Request(model="base", messages=(user("On", "ce"),), options=options)
    assert SERVICE.encode(request).body == {
        "model": "base",
        "prompt": "Once",
        "max_tokens": 5,
        "temperature": 0,
        "top_p": 0.5,
        "seed": 1,
        "n": 2,
        "user": "u",
        "stop": ["x"],
        "logit_bias": {"7": -1},
        "suffix": "end",
        "echo": True,
        "best_of": 3,
        "later": 1,
    }


@pytest.mark.parametrize(("top", "sent"), [(None, 0), (0, 0), (3, 3)])
def test_log_probabilities_are_asked_for_by_a_number(top: int | None, sent: int) -> None:
    options = Options(logprobs=True, top_logprobs=top)
    assert SERVICE.encode(Request(model="", messages=(), options=options)).body == {"logprobs": sent}


def test_what_cannot_be_sent_is_noticed() -> None:
    request = Request(
        model="base",
        messages=ASKED.messages,
        tools=(Tool(name="t"),),
        output=OutputFormat(kind="json"),
        options=Options(top_k=3, reasoning_effort="low"),
    )
    wire = SERVICE.encode(request)
    assert wire.body == {"model": "base", "prompt": "Once"}
    assert sorted(notice.feature for notice in wire.notices) == ["output", "reasoning_effort", "tools", "top_k"]
    assert TOGETHER.encode(request).body == {"model": "base", "prompt": "Once", "top_k": 3}


@pytest.mark.parametrize(
    "messages",
    [
        (system("Be brief."), user("Once")),
        (user("Once"), assistant("upon")),
        (assistant("Once"),),
        (user(Media(kind="image", source=URL("https://example.com/a.png"))),),
    ],
)
def test_a_conversation_is_no_prompt(messages: tuple[object, ...]) -> None:
    with pytest.raises(UnsupportedContent):
        SERVICE.encode(Request(model="base", messages=messages))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - parametrised


def test_a_prompt_cannot_be_given_twice() -> None:
    options = Options(native=(TextCompletionsOptions(prompt=(1, 2)),))
    assert SERVICE.encode(Request(model="base", messages=(), options=options)).body == {
        "model": "base",
        "prompt": [1, 2],
    }
    with pytest.raises(UnsupportedContent):
        SERVICE.encode(Request(model="base", messages=(user("Once"),), options=options))


def test_only_http_is_spoken() -> None:
    with pytest.raises(UnsupportedTransport):
        SERVICE.encode(ASKED, channel="websocket")


@pytest.mark.parametrize(
    "body",
    [
        {"model": "m", "prompt": "Once", "max_tokens": 5, "temperature": 1, "logprobs": 2, "stop": ["a", "b"]},
        {"model": "m", "prompt": ["Once", "Twice"], "n": 2, "best_of": 4, "echo": False, "suffix": ""},
        {"model": "m", "prompt": [1, 2, 3]},
        {"model": "m", "prompt": [[1, 2], [3]]},
        {"model": "m", "prompt": {"id": "p1"}, "logprobs": True, "stop": 3, "n": "2", "logit_bias": {"1": "x"}},
        {"variables": {"place": "here"}},
        {"model": "m", "prompt": "", "logit_bias": {"50256": -100}, "user": "u", "later": {"a": [1]}},
    ],
)
@pytest.mark.parametrize("service", [SERVICE, TOGETHER])
def test_encode_is_the_inverse_of_parse(service: TextCompletions, body: JSONObject) -> None:
    assert service.encode(service.parse(body)).body == body


def test_parse_leaves_out_what_is_an_argument_of_encode() -> None:
    body: JSONObject = {
        "model": "m",
        "prompt": "x",
        "stream": True,
        "stream_options": {"include_usage": True},
        "n": None,
    }
    assert SERVICE.parse(body) == Request(model="m", messages=(user("x"),))
    assert SERVICE.parse({"prompt": "x"}, model="deployed").model == "deployed"


def test_a_reply_is_read_whole() -> None:
    body: JSONObject = {
        **chunk(" upon", "stop", stop_reason=50256),
        "usage": {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3},
        "prompt": ["Once"],
    }
    response = decode(body)
    assert (response.text, response.id, response.model) == (" upon", "c1", "base-1")
    assert (response.finish_reason, response.raw_finish_reason) == (FinishReason.STOP, "stop")
    assert response.usage is not None
    assert (response.usage.input_tokens, response.usage.output_tokens) == (1, 2)
    assert response.meta == {ORIGIN: {"created": 5, "prompt": ["Once"], "stop_reason": 50256}}
    assert response.headers == {"x-request-id": "r"}


def test_several_answers_are_alternatives() -> None:
    body: JSONObject = {"choices": [
        {"text": "b", "index": 1, "finish_reason": "length"},
        {"text": "a", "index": 0, "finish_reason": "stop"},
    ]}  # fmt: skip
    response = decode(body)
    assert [response.text, *(other.text for other in response.alternatives)] == ["a", "b"]
    assert response.alternatives[0].finish_reason is FinishReason.LENGTH


LOGPROBS: JSONObject = {
    "tokens": [" up", "on"],
    "token_logprobs": [-0.5, -1],
    "top_logprobs": [{" in": -2.0, " up": -0.5}, None],
    "text_offset": [4, 7],
}


def test_legacy_log_probabilities_are_read() -> None:
    (text,) = decode({"choices": [{"text": " upon", "logprobs": {**LOGPROBS, "later": [1]}}]}).parts
    assert isinstance(text, Text)
    first, second = text.logprobs
    assert [(item.token, item.logprob) for item in text.logprobs] == [(" up", -0.5), ("on", -1)]
    assert [(item.token, item.logprob) for item in first.top] == [(" up", -0.5), (" in", -2.0)]
    assert (second.top, second.meta) == ((), {ORIGIN: {"text_offset": 7}})


@pytest.mark.parametrize(
    "logprobs",
    [
        {"tokens": ["Once"], "token_logprobs": []},
        {"tokens": ["Once"], "token_logprobs": [None]},
        {"later": [1]},
    ],
)
def test_log_probabilities_that_cannot_be_read_are_kept(logprobs: JSONObject) -> None:
    response = decode({"choices": [{"text": "x", "finish_reason": "stop", "logprobs": logprobs}]})
    (text,) = response.parts
    assert isinstance(text, Text)
    assert text.logprobs == ()
    assert response.meta == {ORIGIN: {"logprobs": logprobs}}


def test_the_first_token_of_a_repeated_prompt_has_no_probability() -> None:
    logprobs: JSONObject = {"tokens": ["Once", " upon"], "token_logprobs": [None, -1], "text_offset": [0, 4]}
    response = decode({"choices": [{"text": "Once upon", "finish_reason": "stop", "logprobs": logprobs}]})
    (text,) = response.parts
    assert isinstance(text, Text)
    assert [(item.token, item.logprob, item.meta) for item in text.logprobs] == [
        (" upon", -1, {ORIGIN: {"text_offset": 4}})
    ]
    assert response.meta == {ORIGIN: {"logprobs": logprobs}}


@pytest.mark.parametrize("cut", [1, 2, 7, 64, None])
def test_a_stream_folds_to_the_whole_reply(cut: int | None) -> None:
    usage: JSONObject = {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}
    first, last = chunk(" up", logprobs={"tokens": [" up"], "token_logprobs": [-1]}), chunk("on ☃", "length")
    events = stream(first, last, {"id": "c1", "created": 5, "model": "base-1", "choices": [], "usage": usage}, cut=cut)
    whole = decode({**chunk(" upon ☃", "length", logprobs={"tokens": [" up"], "token_logprobs": [-1]}), "usage": usage})
    streamed = fold(events)
    assert streamed.parts == whole.parts
    assert (streamed.usage, streamed.id, streamed.finish_reason) == (whole.usage, whole.id, whole.finish_reason)
    assert streamed.meta == whole.meta


def test_a_finish_reason_is_an_end_without_the_last_line() -> None:
    assert fold(stream(chunk("a"), chunk("b", "stop"), done=False)).text == "ab"


def test_a_stream_that_breaks_off_is_truncated() -> None:
    with pytest.raises(StreamTruncated) as caught:
        stream(chunk("a"), chunk("b"), done=False)
    assert caught.value.partial is not None
    assert caught.value.partial.text == "ab"


def test_an_error_in_a_stream_keeps_what_came_before() -> None:
    with pytest.raises(ServerError) as caught:
        stream(chunk("a"), {"error": {"message": "no", "code": 502}})
    assert (caught.value.message, caught.value.code) == ("no", "502")
    assert caught.value.partial is not None
    assert caught.value.partial.text == "a"


def test_a_chat_message_is_kept_though_this_wire_has_none() -> None:
    message: JSONObject = {"role": "assistant", "content": "Hi"}
    response = decode({"choices": [{"index": 0, "message": message, "finish_reason": "stop"}]})
    assert (response.text, response.finish_reason) == ("", FinishReason.STOP)
    assert response.meta == {ORIGIN: {"message": message}}


@pytest.mark.parametrize(
    "body",
    [[], {}, {"choices": {}}, {"choices": [3]}, {"choices": [{"text": 3}]}, {"choices": [{"text": "a", "index": "0"}]}],
)
def test_a_malformed_reply_is_an_error(body: JSON) -> None:
    with pytest.raises(DecodeError):
        decode(body)


def test_an_error_in_the_guise_of_a_success_is_raised() -> None:
    with pytest.raises(InvalidRequest):
        decode({"error": {"message": "no", "code": 400}})


def test_it_is_a_provider_of_its_own_and_equal_by_content() -> None:
    assert TextCompletions(PRESETS["openai-chat"]) == SERVICE
    assert Completions(PRESETS["openai-chat"]) != SERVICE
    assert SERVICE.capabilities.keys() == Completions(PRESETS["openai-chat"]).capabilities.keys()


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["text", "index", "logprobs", "tokens", "token_logprobs", "finish_reason"]), inner
        )
    ),
    max_leaves=12,
)


@settings(deadline=None)
@given(st.lists(VALUES, max_size=2))
def test_any_choices_give_events_or_a_known_error(choices: list[JSON]) -> None:
    try:
        fold(stream({"choices": choices}))
    except (DecodeError, ProviderError, StreamTruncated):
        return


@settings(deadline=None)
@given(st.binary())
def test_any_frame_gives_events_or_a_known_error(data: bytes) -> None:
    decoder = SERVICE.decoder(ASKED)
    try:
        fold([*decoder.feed([Frame(data)]), *decoder.finish()])
    except (DecodeError, ProviderError, StreamTruncated):
        return


def test_likeliest_tokens_without_log_probabilities_are_noticed() -> None:
    request = Request(model="m", messages=(user("Hi"),), options=Options(top_logprobs=2))
    assert [notice.feature for notice in TextCompletions(PRESETS["openai-chat"]).encode(request).notices] == [
        "top_logprobs"
    ]


def test_deltas_of_the_chat_wire_are_unknown_here_however_often_they_come() -> None:
    strange = Frame('{"choices": [{"index": 0, "delta": {"content": "a"}}]}')
    decoder = TextCompletions(PRESETS["openai-chat"]).decoder(Request(model="m", messages=(user("Hi"),)))
    response = fold([*decoder.feed([strange, strange, strange, Frame("[DONE]")]), *decoder.finish()])
    assert response.text == ""
    assert "delta" in response.meta[TextCompletions(PRESETS["openai-chat"]).origin("m")]
