from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from chat_completions.overlay import own
from chat_completions.presets import PRESETS
from chat_completions.provider import Completions

if TYPE_CHECKING:
    from chat_core.parts import Meta


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
