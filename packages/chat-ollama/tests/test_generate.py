"""The older endpoint: one prompt in, its continuation out."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from chat_core.codec.fold import fold
from chat_core.codec.wire import Frame, WireResponse, dump
from chat_core.errors import DecodeError, UnsupportedContent
from chat_core.messages import assistant, system, user
from chat_core.options import Options
from chat_core.parts import Inline, Media, Reasoning, Text
from chat_core.request import OutputFormat, Request
from chat_core.tools import Tool
from chat_ollama.generate import Generate, GenerateOptions
from chat_ollama.options import OllamaOptions

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.messages import Message

GENERATE = Generate()
ORIGIN = GENERATE.origin("m")
IMAGE = Media(kind="image", source=Inline(b"\x89PNG"))
END: JSONObject = {
    "model": "m",
    "response": "",
    "done": True,
    "done_reason": "stop",
    "context": [1, 2],
    "eval_count": 3,
}


def ask(*messages: Message, options: Options | None = None) -> Request:
    return Request(model="m", messages=messages, options=options or Options())


def test_a_prompt_goes_with_instructions_images_and_options() -> None:
    native = GenerateOptions(suffix="}", template="{{.Prompt}}", raw=True, context=(1, 2), extra={"width": 64})
    options = Options(temperature=0.5, native=(native, OllamaOptions(keep_alive="5m")))
    wire = GENERATE.encode(ask(system("Be brief."), system("Rhyme."), user("Hi", IMAGE), options=options))
    assert wire.url.endswith("/api/generate")
    assert wire.body == {
        "model": "m",
        "stream": False,
        "system": "Be brief.\n\nRhyme.",
        "prompt": "Hi",
        "images": ["iVBORw=="],
        "suffix": "}",
        "template": "{{.Prompt}}",
        "raw": True,
        "context": [1, 2],
        "options": {"temperature": 0.5},
        "keep_alive": "5m",
        "width": 64,
    }


def test_tools_are_a_notice() -> None:
    request = Request(model="m", messages=(user("Hi"),), tools=(Tool(name="f"),))
    assert [notice.feature for notice in GENERATE.encode(request).notices] == ["tools"]


@pytest.mark.parametrize("messages", [(user("a"), user("b")), (user("a"), assistant("b")), (user("a"), system("b"))])
def test_a_conversation_is_refused(messages: tuple[Message, ...]) -> None:
    with pytest.raises(UnsupportedContent, match="one prompt"):
        GENERATE.encode(ask(*messages))


def test_a_request_is_read_and_spelled_again() -> None:
    body: JSONObject = {
        "model": "m", "stream": False, "system": "S", "prompt": "P", "images": ["iVBORw=="], "suffix": "s",
        "context": [1], "format": "json", "think": False, "options": {"seed": 3, "num_ctx": 4}, "later": 1,
    }  # fmt: skip
    request = GENERATE.parse(body)
    assert GENERATE.encode(request).body == body
    assert request.output == OutputFormat(kind="json")
    empty: JSONObject = {"system": "", "template": "", "context": [], "images": [], "options": {}, "keep_alive": None}
    assert GENERATE.parse({"model": "m", "prompt": "P", **empty}) == ask(user("P"))


def test_images_that_cannot_be_read_stay_as_they_are() -> None:
    body: JSONObject = {"model": "m", "stream": False, "images": ["?"], "context": ["x"]}
    assert GENERATE.encode(GENERATE.parse(body)).body == body


def test_a_reply_is_read_whole_and_streamed_alike() -> None:
    reply: JSONObject = {**END, "response": "Hi.", "thinking": "Hm."}
    whole = GENERATE.decode(ask(), WireResponse(body=dump(reply)))
    assert whole.parts == (Reasoning("Hm.", meta={ORIGIN: {}}), Text("Hi."))
    assert whole.meta == {ORIGIN: {"context": [1, 2]}}
    decoder = GENERATE.decoder(ask())
    lines: list[JSONObject] = [
        {"model": "m", "response": "", "thinking": "Hm.", "done": False},
        {"response": "Hi."},
        END,
    ]
    events = list(decoder.feed([Frame(json.dumps(line).encode()) for line in lines]))
    assert fold(events) == whole


@pytest.mark.parametrize("data", [{}, {"message": {"content": "Hi"}, "done": True}, {"response": 3, "done": True}])
def test_a_malformed_reply_is_an_error(data: JSON) -> None:
    with pytest.raises(DecodeError):
        GENERATE.decode(ask(), WireResponse(body=dump(data)))
