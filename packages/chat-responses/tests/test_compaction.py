"""Compaction, on a server over loopback, in both colours."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from responding import COLOURS, blocking, whole

from chat_core.errors import DecodeError, InvalidRequest, UnansweredToolCall
from chat_core.messages import Message, system, user
from chat_core.options import Options
from chat_core.parts import Opaque, Reasoning, Text, ToolCall
from chat_core.request import Request
from chat_core.testing.loopback import Loopback
from chat_responses import PRESETS, Responses, ResponsesOptions
from chat_responses.compaction import Compacted, compact

if TYPE_CHECKING:
    from collections.abc import Callable

    from chat_core.events import Event
    from chat_core.jsonvalue import JSONObject

SAID: JSONObject = {
    "type": "message",
    "id": "msg_1",
    "role": "user",
    "status": "completed",
    "content": [{"type": "input_text", "text": "What is 2+2?"}],
}
SEALED: JSONObject = {"type": "compaction", "id": "cmp_1", "encrypted_content": "gAAA"}
REPLY: JSONObject = {
    "id": "resp_1",
    "object": "response.compaction",
    "created_at": 1775105412,
    "output": [SAID, SEALED],
    "usage": {"input_tokens": 156, "output_tokens": 190, "total_tokens": 346},
}
HISTORY = (system("Be brief."), user("What is 2+2?"), Message(role="assistant", parts=(Text("4"),)))


@pytest.mark.parametrize("run", COLOURS)
def test_a_history_is_made_short_and_carried_on_with(run: Callable[..., tuple[object, list[Event]]]) -> None:
    options = Options(max_tokens=5, native=(ResponsesOptions(prompt_cache_key="k", include=("x",)),))
    with Loopback(whole(REPLY)) as server:
        short, _ = run(server.address, compact(HISTORY, options=options))
    assert isinstance(short, Compacted)
    assert server.asked[0].path == "/responses/compact"
    assert json.loads(server.asked[0].body) == {
        "model": "mine",
        "instructions": "Be brief.",
        "prompt_cache_key": "k",
        "input": [{"role": "user", "content": "What is 2+2?"}, {"role": "assistant", "content": "4"}],
    }
    assert (short.id, short.usage and short.usage.input_tokens) == ("resp_1", 156)
    assert short.messages[0] == HISTORY[0]
    assert [message.role for message in short.messages] == ["system", "user", "assistant"]
    assert isinstance(short.messages[2].parts[0], Opaque)


def test_what_came_goes_back_unpruned() -> None:
    with Loopback(whole(REPLY)) as server:
        short, _ = blocking(server.address, compact(HISTORY[1:]))
        provider = Responses(PRESETS["xai-responses"], base_url=server.address)
    body = provider.encode(Request(model="mine", messages=(*short.messages, user("And 3+3?")))).body
    assert isinstance(body, dict)
    assert body["input"] == [{**SAID, "content": "What is 2+2?"}, SEALED, {"role": "user", "content": "And 3+3?"}]
    assert short.meta == {provider.origin("mine"): {"created_at": 1775105412}}


def test_what_is_not_sent_is_noticed() -> None:
    foreign = Message(role="assistant", parts=(Reasoning("hm", meta={"claude@x": {}}), Text("4")))
    with Loopback(whole(REPLY)) as server:
        short, _ = blocking(server.address, compact((user("?"), foreign)))
        warm, _ = blocking(server.address, compact((user("?"),), options=Options(temperature=1, service_tier="flex")))
    assert [notice.feature for notice in short.notices] == ["reasoning"]
    assert [notice.feature for notice in warm.notices] == ["temperature"]


def test_an_open_call_is_refused_before_anything_is_sent() -> None:
    call = Message(role="assistant", parts=(ToolCall(id="c", name="f", arguments={}),))
    with Loopback() as server, pytest.raises(UnansweredToolCall):
        blocking(server.address, compact((user("?"), call)))
    assert server.asked == []


@pytest.mark.parametrize("reply", [{"id": "r"}, {"output": []}, {"id": 1, "output": []}])
def test_a_malformed_reply_is_an_error(reply: JSONObject) -> None:
    with Loopback(whole(reply)) as server, pytest.raises(DecodeError, match="compaction"):
        blocking(server.address, compact(HISTORY))


def test_an_error_in_the_guise_of_a_success_is_that_error() -> None:
    wrong: JSONObject = {"error": {"type": "invalid_request_error", "message": "No."}}
    with Loopback(whole(wrong)) as server, pytest.raises(InvalidRequest, match=r"No\."):
        blocking(server.address, compact(HISTORY))
