from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from chat_claude.models import ClaudeModels
from chat_claude.provider import Claude
from chat_core.codec.capabilities import ModelPage, Models
from chat_core.codec.provider import capability
from chat_core.codec.wire import WireResponse
from chat_core.errors import DecodeError, Overloaded

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON

LIST = ClaudeModels(Claude())
ORIGIN = LIST.provider.origin("")


def decode(body: JSON) -> ModelPage:
    return LIST.decode(WireResponse(body=json.dumps(body).encode()))


def test_claude_offers_its_models() -> None:
    assert capability(Claude(), Models) == LIST


def test_a_page_is_asked_for_by_the_last_id_of_the_one_before() -> None:
    wire = LIST.encode(after="m 1")
    assert (wire.method, wire.url) == ("GET", "https://api.anthropic.com/v1/models?limit=1000&after_id=m%201")
    assert wire.headers["anthropic-version"] == "2023-06-01"
    assert "after_id" not in LIST.encode().url


def test_a_model_is_read_whole() -> None:
    (model,) = decode({"data": [{
        "type": "model",
        "id": "m",
        "display_name": "M",
        "created_at": "1970-01-02T00:00:00Z",
        "max_input_tokens": 9,
        "max_tokens": 5,
        "capabilities": {"batch": {"supported": True}},
    }]}).models  # fmt: skip
    assert (model.id, model.name, model.created) == ("m", "M", 86400.0)
    assert (model.context_tokens, model.max_output_tokens) == (9, 5)
    assert model.meta[ORIGIN]["capabilities"] == {"batch": {"supported": True}}
    assert model.meta[ORIGIN]["created_at"] == "1970-01-02T00:00:00Z"


def test_a_date_that_cannot_be_read_stays_in_meta() -> None:
    (model,) = decode({"data": [{"id": "m", "created_at": "lately"}]}).models
    assert (model.created, model.meta) == (None, {ORIGIN: {"created_at": "lately"}})


def test_the_next_page_is_named_only_when_there_is_one() -> None:
    assert decode({"data": [], "has_more": True, "first_id": "a", "last_id": "b"}).next == "b"
    assert decode({"data": [], "has_more": False, "first_id": "a", "last_id": "b"}).next is None
    assert decode({"data": [], "has_more": True, "last_id": None, "later": 1}).meta == {ORIGIN: {"later": 1}}


@pytest.mark.parametrize("body", [3, [], {}, {"data": 3}, {"data": [3]}, {"data": [{"id": 3}]}])
def test_a_malformed_reply_is_an_error(body: JSON) -> None:
    with pytest.raises(DecodeError):
        decode(body)


def test_an_error_in_the_guise_of_a_success_is_raised() -> None:
    with pytest.raises(Overloaded):
        decode({"type": "error", "error": {"type": "overloaded_error", "message": "no"}})
