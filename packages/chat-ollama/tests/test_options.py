from __future__ import annotations

from dataclasses import fields

from chat_core import history
from chat_core.messages import user
from chat_core.options import Options
from chat_core.request import Request
from chat_ollama.options import MODEL_FIELDS, PLAIN_FIELDS, OllamaOptions, native_tool
from chat_ollama.provider import Ollama


def test_every_field_has_a_place_on_the_wire() -> None:
    named = {item.name for item in fields(OllamaOptions)}
    assert named == {*PLAIN_FIELDS, *MODEL_FIELDS, "think", "format", "options", "extra"}


def test_options_survive_being_saved() -> None:
    native = OllamaOptions(think="low", num_ctx=9, keep_alive=0, format={"type": "object"}, options={"a": [1]})
    request = Request(model="m", messages=(user("Hi"),), options=Options(native=(native,)))
    loaded = history.load(history.dump(request), Request)
    assert loaded.options.native_of(OllamaOptions) == native
    assert Ollama().encode(loaded).body == Ollama().encode(request).body


def test_a_tool_of_the_wire_is_declared_in_its_words() -> None:
    assert native_tool({"type": "web"}).provider == "ollama"
