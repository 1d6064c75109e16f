from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from chat_completions.overlay import as_text, meta_of, overlay, own, under
from chat_completions.presets import PRESETS
from chat_completions.provider import Completions

if TYPE_CHECKING:
    from chat_core.parts import Meta


def test_leftovers_are_put_back_at_their_place() -> None:
    assert overlay({"a": {"b": 1}, "c": 2}, {"a": {"d": 3}, "e": 4}) == {"a": {"b": 1, "d": 3}, "c": 2, "e": 4}


def test_a_leftover_replaces_what_is_no_object() -> None:
    assert overlay({"role": "system"}, {"role": "developer"}) == {"role": "developer"}


def test_nothing_left_is_nothing_kept() -> None:
    assert under("a", {}) == {}
    assert meta_of("o", {}) == {}
    assert under("a", {"b": 1}) == {"a": {"b": 1}}
    assert meta_of("o", {"b": 1}) == {"o": {"b": 1}}


def test_private_data_goes_to_its_origin_only() -> None:
    provider = Completions(PRESETS["groq"])
    assert own(provider, "m", {provider.origin("m"): {"a": 1}}) == {"a": 1}
    assert own(provider, "m", {"other@host/chat": {"a": 1}}) is None


def test_a_routers_vendors_do_not_share_private_data() -> None:
    router = Completions(PRESETS["openrouter"])
    meta: Meta = {router.origin("one/m"): {"a": 1}}
    assert own(router, "one/other", meta) == {"a": 1}
    assert own(router, "two/m", meta) is None


def test_sisters_share_private_data() -> None:
    provider = Completions(replace(PRESETS["groq"], sisters=frozenset({"eu.groq.test"})))
    assert own(provider, "m", {"groq@eu.groq.test/chat": {"a": 1}}) == {"a": 1}


def test_json_of_a_service_is_written_compactly() -> None:
    assert as_text({"a": [1, "ü"]}) == '{"a":[1,"ü"]}'
