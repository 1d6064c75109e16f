"""Recorded conversations, played again: with the recorded results of tools, our requests are the recorded ones."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from tests.conversations.asking import awaited, awaited_stream, streamed, whole
from tests.conversations.freedoms import EXCEPTIONS
from tests.conversations.recorded import conversations, result_of
from tests.wire.corpus import CorpusMissing, folder

from chat_core import Result
from chat_core.errors import StepsExceeded
from chat_core.flow.retry import NEVER
from chat_core.testing.loopback import Loopback, Redirected

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.conversations.asking import Way
    from tests.conversations.recorded import Recorded

FEWEST = 300
"""Conversations that the corpus has at least."""


@pytest.fixture(scope="module")
def found() -> Mapping[str, list[Recorded]]:
    try:
        root = folder()
    except CorpusMissing as missing:
        pytest.skip(str(missing))
    by_api: dict[str, list[Recorded]] = defaultdict(list)
    for each in conversations(root):
        by_api[each.exchanges[0].api].append(each)
    return by_api


def play(recorded: Recorded, way: Way, server: Loopback) -> list[str]:
    """Play a conversation to its end; return how our requests differ from the recorded ones."""
    before = len(server.asked)
    server.answers(recorded.answers)
    transport = Redirected(server.address)
    codec = recorded.codecs[0]
    settings: dict[str, object] = {
        "model": "m", "provider": codec.provider, "api_key": "k", "transport": transport, "retry": NEVER,
        "max_steps": len(recorded.exchanges),
    }  # fmt: skip
    results = recorded.results()
    tools = recorded.tools(results)
    try:
        turn, _ = way(settings, codec.request, tools=tools)
        while turn.status == "paused" and any(results.values()):  # a tool of the provider's, which has no function
            decisions = {each.call.id: Result(result_of(results, each.call)) for each in turn.pending}
            turn, _ = way(settings, replace(codec.request, messages=turn.messages), decisions, tools=tools)
    except StepsExceeded:
        pass  # the recording ends with calls
    return list(recorded.differences(request.body for request in server.asked[before:]))


def test_conversations_come_out_as_they_were_recorded(found: Mapping[str, list[Recorded]], server: Loopback) -> None:
    faults: list[str] = []
    excepted: set[str] = set()
    for recorded in (each for group in found.values() for each in group):
        for way in (streamed, awaited_stream) if recorded.streamed else (whole, awaited):
            differences = play(recorded, way, server)
            known = next((case for case in EXCEPTIONS if recorded.id.startswith(case)), None)
            if known is not None and differences:
                excepted.add(known)
            else:
                faults += [f"{recorded.id}, {way.__name__}: {item}" for item in differences]
    assert "\n".join(faults) == ""
    assert excepted == EXCEPTIONS.keys()


def test_the_corpus_has_conversations_of_many_services(found: Mapping[str, list[Recorded]]) -> None:
    assert sum(map(len, found.values())) >= FEWEST
    assert {"anthropic-messages", "openai-chat", "openrouter-chat", "deepseek-chat"} <= found.keys()
    assert {"openai-responses", "xai-responses", "azure-responses", "ollama-chat"} <= found.keys()
