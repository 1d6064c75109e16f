"""What each server offers keeps the laws of all that is offered beside chat, whether it has chat or not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from chat_core.testing import offering
from chat_core.testing.subject import Subject
from chat_huggingface.provider import HuggingFace

if TYPE_CHECKING:
    from chat_huggingface.presets import Server


def subject(server: Server) -> Subject:
    provider = HuggingFace(server=server, base_url="http://localhost:8080")
    return Subject(provider=provider, cases=(), model="owner/model", secret="canary", load=lambda: provider)


@pytest.mark.parametrize("server", ["hf-inference", "endpoint", "tei"])
def test_a_field_of_a_request_is_sent_or_noticed(server: Server) -> None:
    assert list(offering.fields_are_sent(subject(server))) == []


@pytest.mark.parametrize("server", ["hf-inference", "endpoint", "tei", "tgi"])
def test_equal_requests_are_equal_and_damage_gives_promised_errors(server: Server) -> None:
    assert list(offering.offers_are_pure(subject(server))) == []
    assert list(offering.offers_survive_damage(subject(server))) == []
