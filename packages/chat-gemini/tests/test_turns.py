"""Contents that are odd, and where each thing may stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat_core.messages import Message, system
from chat_core.parts import Media, Opaque, Text, ToolResult
from chat_gemini.turns import TurnParser

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSONObject

CALL: JSONObject = {"functionCall": {"name": "f", "args": {}}}
IMAGE: JSONObject = {"inlineData": {"mimeType": "image/png", "data": "iVBORw0KGgo="}}


def test_texts_stand_for_contents_and_parts() -> None:
    assert TurnParser("o").contents("Hi") == (Message(role="user", parts=(Text("Hi"),)),)
    assert TurnParser("o").contents([{"parts": ["Hi"]}]) == (Message(role="user", parts=(Text("Hi"),)),)
    assert TurnParser("o").instructions("Be brief.") == (system("Be brief."),)
    assert TurnParser("o").instructions({"parts": []}) == ()


def test_the_older_role_of_results_is_read() -> None:
    result: JSONObject = {"functionResponse": {"name": "f", "response": {"output": "1"}}}
    (message,) = TurnParser("o").contents([{"role": "function", "parts": [result]}])
    assert message.role == "tool"


def test_what_may_not_stand_where_it_stands_is_kept_as_it_is() -> None:
    (asked,) = TurnParser("o").contents([{"role": "user", "parts": [CALL]}])
    assert asked.parts == (Opaque(origin="o", kind="functionCall", data=CALL),)
    result: JSONObject = {"functionResponse": {"name": "f", "response": {}}}
    (said,) = TurnParser("o").contents([{"role": "model", "parts": [result]}])
    assert said.parts == (Opaque(origin="o", kind="functionResponse", data=result),)
    (told,) = TurnParser("o").instructions({"parts": [IMAGE]})
    assert told.parts == (Opaque(origin="o", kind="media", data=IMAGE),)


def test_media_of_a_result_are_a_part_of_it_and_what_is_unknown_too() -> None:
    result: JSONObject = {"functionResponse": {"name": "f", "response": {}, "parts": [IMAGE, {"hologram": {}}]}}
    (message,) = TurnParser("o").contents([{"role": "user", "parts": [result]}])
    (part,) = message.parts
    assert isinstance(part, ToolResult)
    image, odd = part.content
    assert isinstance(image, Media)
    assert odd == Opaque(origin="o", kind="part", data={"hologram": {}})


def test_what_stands_beside_the_parts_is_kept() -> None:
    (message,) = TurnParser("o").contents([{"role": "model", "parts": [{"text": "a"}], "mood": "low"}])
    assert message.meta == {"o": {"mood": "low"}}
