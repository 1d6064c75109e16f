from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from chat_completions.models import CompletionsModels
from chat_core.codec.capabilities import ModelPage, Models
from chat_core.codec.provider import capability
from chat_core.codec.wire import WireResponse, dump
from chat_core.errors import DecodeError
from chat_huggingface.models import ServedModel
from chat_huggingface.provider import HuggingFace

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON

SERVED = ServedModel(HuggingFace(server="tei", base_url="http://localhost:8080"))


def decode(body: JSON) -> ModelPage:
    return SERVED.decode(WireResponse(body=dump(body)))


def test_the_router_lists_its_models_and_a_server_the_one_that_it_runs() -> None:
    assert capability(SERVED.provider, Models) == SERVED
    assert capability(HuggingFace(), Models) == CompletionsModels(HuggingFace())
    assert CompletionsModels(HuggingFace()).encode().url == "https://router.huggingface.co/v1/models"
    wire = SERVED.encode()
    assert (wire.method, wire.url, wire.body) == ("GET", "http://localhost:8080/info", None)


def test_the_model_is_read_whole() -> None:
    page = decode({"model_id": "owner/m", "max_input_length": 512, "model_sha": "abc", "docker_label": None})
    (model,) = page.models
    assert (model.id, model.context_tokens, page.next) == ("owner/m", 512, None)
    assert model.meta == {SERVED.provider.origin(""): {"model_sha": "abc"}}


@pytest.mark.parametrize("body", [3, [], {}, {"model_id": 3}, {"model_id": "m", "max_input_length": "512"}])
def test_a_malformed_reply_is_an_error(body: JSON) -> None:
    with pytest.raises(DecodeError):
        decode(body)
