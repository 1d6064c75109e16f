from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from chat_completions.options import CompletionsOptions
from chat_core.codec.wire import dump
from chat_core.jsonvalue import parse_object
from chat_core.messages import user
from chat_core.options import Options
from chat_core.request import OutputFormat, Request
from chat_huggingface.presets import TGI
from chat_huggingface.provider import HuggingFace

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSONObject

SERVER = HuggingFace(TGI, server="tgi")
SCHEMA: JSONObject = {"type": "object", "properties": {"a": {"type": "integer"}}}


def asked(output: OutputFormat | None, **native: JSONObject) -> Request:
    return Request(
        model="m",
        messages=(user("Hi"),),
        output=output,
        options=Options(native=(CompletionsOptions(response_format=native.get("form")),)),
    )


def body_of(provider: HuggingFace, request: Request) -> JSONObject:
    wire = provider.encode(request)
    assert isinstance(wire.body, dict)
    return parse_object(dump(wire.body))


def form_of(provider: HuggingFace, request: Request) -> object:
    return body_of(provider, request).get("response_format")


@pytest.mark.parametrize("strict", [None, True])
def test_a_schema_is_the_value_of_any_object(strict: bool | None) -> None:
    request = asked(OutputFormat(schema=SCHEMA, strict=strict))
    assert form_of(SERVER, request) == {"type": "json_object", "value": SCHEMA}
    assert SERVER.encode(request).notices == ()


def test_any_object_has_the_schema_of_one() -> None:
    assert form_of(SERVER, asked(OutputFormat(kind="json"))) == {"type": "json_object", "value": {"type": "object"}}


def test_what_is_beside_the_schema_is_a_notice() -> None:
    (notice,) = SERVER.encode(asked(OutputFormat(schema=SCHEMA, description="A.", strict=False))).notices
    assert (notice.feature, notice.requested) == ("output", {"description": "A.", "strict": False})


def test_the_router_takes_schemas_as_others_do() -> None:
    assert form_of(HuggingFace(), asked(OutputFormat(schema=SCHEMA, name="a"))) == {
        "type": "json_schema",
        "json_schema": {"name": "a", "schema": SCHEMA},
    }


def test_the_users_own_words_stay_as_they_are() -> None:
    own: JSONObject = {"type": "regex", "value": "a+"}
    assert form_of(SERVER, asked(OutputFormat(schema=SCHEMA), form=own)) == own
    assert form_of(SERVER, asked(None, form=own)) == own


@pytest.mark.parametrize(
    "form", [{"type": "json_object", "value": SCHEMA}, {"type": "regex", "value": "a+"}, {"type": "json_object"}]
)
def test_encode_is_the_inverse_of_parse(form: JSONObject) -> None:
    body: JSONObject = {"model": "m", "response_format": form, "messages": [{"role": "user", "content": "Hi"}]}
    assert body_of(SERVER, SERVER.parse(body)) == body
