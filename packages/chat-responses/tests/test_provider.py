"""The provider as a value, its rows, settings and addresses."""

from __future__ import annotations

import copy
import datetime as dt
import pickle
from importlib import import_module
from importlib.metadata import entry_points
from typing import TYPE_CHECKING

import pytest

import chat_responses
from chat_core.codec.capabilities import StructuredOutput, TokenCounter, Unchain
from chat_core.codec.live import Live
from chat_core.codec.provider import Provider, capability
from chat_core.codec.wire import WireRequest, WireResponse
from chat_core.errors import ConfigurationError, DecodeError, InvalidRequest
from chat_core.keys import kept
from chat_core.messages import user
from chat_core.parts import Opaque, Text
from chat_core.request import OutputFormat, Request
from chat_responses.addresses import address, variables
from chat_responses.options import approval, code_interpreter, file_search, mcp_server, shell, web_search
from chat_responses.plugin import chat_providers
from chat_responses.presets import COMPATIBLE, OPENAI, PRESETS
from chat_responses.provider import Responses
from chat_responses.settings import SETTINGS, changed

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON
    from chat_responses.preset import Preset

NOW = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
REQUEST = Request(model="m", messages=(user("Hi"),))


def test_it_is_a_provider_and_a_value() -> None:
    provider: Provider = Responses(OPENAI)
    assert provider.name == "openai"
    again = Responses(OPENAI, base_url="https://a.test/v1/", name="mine", headers={"x-key": "hidden"})
    assert (again.base_url, again.name) == ("https://a.test/v1", "mine")
    assert pickle.loads(pickle.dumps(again)) == copy.copy(again) == again
    assert "hidden" not in repr(again)


def test_an_address_that_is_missing_is_named() -> None:
    with pytest.raises(ConfigurationError, match="AZURE_OPENAI_ENDPOINT"):
        Responses(PRESETS["azure-responses"])


def test_private_data_goes_to_the_same_host_only() -> None:
    provider = Responses(OPENAI)
    assert provider.origin("m") == "openai@api.openai.com/responses"
    assert provider.accepts("work@api.openai.com/responses")
    assert not provider.accepts("openai-chat@api.openai.com/chat")
    assert not provider.accepts("xai-responses@api.x.ai/responses")


def test_a_router_keeps_vendors_apart() -> None:
    router = Responses(PRESETS["openrouter-responses"])
    assert router.origin("a/m") == "openrouter-responses@openrouter.ai/responses.a"
    assert router.accepts(router.origin("b/m"))
    block = Opaque(origin=router.origin("b/m"), kind="k", data={"type": "compaction"})
    wire = router.encode(Request(model="a/m", messages=(user(block, "Hi"),)))
    assert [notice.feature for notice in wire.notices] == ["k"]


def test_a_part_is_marked_with_members_of_the_wire() -> None:
    provider = Responses(OPENAI)
    part = provider.marked(Text("Hi"), "m", prompt_cache_breakpoint={"mode": "explicit"})
    wire = provider.encode(Request(model="m", messages=(user(part),)))
    assert isinstance(wire.body, dict)
    assert wire.body["input"] == [
        {
            "role": "user",
            "content": [{"type": "input_text", "text": "Hi", "prompt_cache_breakpoint": {"mode": "explicit"}}],
        }
    ]


def test_rows_offer_what_they_have() -> None:
    assert Responses(OPENAI).capabilities.keys() == {Live, StructuredOutput, TokenCounter, Unchain}
    compatible = Responses(COMPATIBLE, base_url="https://llm.example")
    assert compatible.capabilities.keys() == {StructuredOutput}
    assert compatible.channels == {"http"}


@pytest.mark.parametrize(
    ("row", "output", "strategies"),
    [
        (OPENAI, OutputFormat(schema={}), ("native", "tool", "prompted")),
        (OPENAI, OutputFormat(kind="json"), ("native", "prompted")),
        (COMPATIBLE, OutputFormat(schema={}), ("native", "prompted")),
    ],
)
def test_rows_say_how_they_give_structured_output(
    row: Preset, output: OutputFormat, strategies: tuple[str, ...]
) -> None:
    offered = capability(Responses(row, base_url="https://llm.example"), StructuredOutput)
    assert offered is not None
    assert offered.strategies_for(output) == strategies
    assert offered.json_mode


def test_a_count_is_read() -> None:
    counter = capability(Responses(OPENAI), TokenCounter)
    assert counter is not None
    found = counter.decode(REQUEST, WireResponse(body=b'{"object":"o","input_tokens":7,"new":1}'))
    assert (found.input_tokens, found.meta) == (7, {Responses(OPENAI).origin("m"): {"new": 1}})
    with pytest.raises(DecodeError):
        counter.decode(REQUEST, WireResponse(body=b'{"input_tokens":true}'))
    with pytest.raises(InvalidRequest):
        counter.decode(REQUEST, WireResponse(status=400, body=b'{"error":{"message":"No."}}'))


def test_the_entry_points_are_the_rows() -> None:
    found = {entry.name for entry in entry_points(group="chat_core.plugins") if entry.value == "chat_responses.plugin"}
    assert found == PRESETS.keys() == {spec.name for spec in chat_providers()}


@pytest.mark.parametrize(
    ("variable", "value", "place"),
    [
        ("AZURE_OPENAI_ENDPOINT", "https://r.openai.azure.com/", "https://r.openai.azure.com/openai/v1"),
        ("AZURE_OPENAI_ENDPOINT", "https://r.openai.azure.com/openai/v1", "https://r.openai.azure.com/openai/v1"),
        ("AWS_REGION", "eu-west-1", "https://bedrock-mantle.eu-west-1.api.aws/v1"),
        ("XAI_BASE_URL", "https://proxy.example/v1/", "https://proxy.example/v1"),
    ],
)
def test_variables_mean_what_their_vendors_mean(variable: str, value: str, place: str) -> None:
    assert address(variable, value) == place


def test_a_row_has_a_variable_of_its_own_name() -> None:
    assert variables(PRESETS["xai-responses"]) == ("XAI_RESPONSES_BASE_URL", "XAI_BASE_URL")


def test_settings_change_a_row() -> None:
    row = changed(COMPATIBLE, {"websocket": "single", "headers": {"x": "1"}, "names": {"top_k": "top_k"}})
    assert (row.websocket, row.headers, row.names) == ("single", {"x": "1"}, {"top_k": "top_k"})
    assert changed(row, {"capabilities": ["state"], "strict_tools": False}).capabilities == {"state"}
    assert "name" not in SETTINGS


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("colour", 1, "no setting 'colour'"),
        ("websocket", "fast", "'lanes' or 'single'"),
        ("strict_tools", "yes", "true or false"),
        ("media", ["smell"], "a list of 'audio'"),
        ("names", {"smell": "a"}, "no option"),
        ("path", 7, "a text"),
        ("headers", {"x-key": 7}, "a table of texts, not something else"),
    ],
)
def test_a_setting_of_the_wrong_kind_says_what_is_right(name: str, value: JSON, words: str) -> None:
    with pytest.raises(ConfigurationError, match=words):
        changed(COMPATIBLE, {name: value})


def test_tools_of_the_wire_are_declared_in_its_words() -> None:
    assert web_search(context_size="low", allowed_domains=("a.example",)).data == {
        "type": "web_search",
        "search_context_size": "low",
        "filters": {"allowed_domains": ["a.example"]},
    }
    assert file_search(("vs_1",), max_results=3).data == {
        "type": "file_search",
        "vector_store_ids": ["vs_1"],
        "max_num_results": 3,
    }
    assert code_interpreter().data == {"type": "code_interpreter", "container": {"type": "auto"}}
    assert shell().data == {"type": "shell"}
    assert mcp_server("s", "https://mcp.example", require_approval="never").data == {
        "type": "mcp",
        "server_label": "s",
        "server_url": "https://mcp.example",
        "require_approval": "never",
    }


def test_an_approval_names_its_request() -> None:
    asked = Opaque(origin="o", kind="mcp_approval_request", data={"type": "mcp_approval_request", "id": "mcpr_1"})
    assert approval(asked, approve=False, reason="no").data == {
        "type": "mcp_approval_response",
        "approval_request_id": "mcpr_1",
        "approve": False,
        "reason": "no",
    }


@pytest.mark.parametrize("name", chat_responses.__all__)
def test_public_names_are_there(name: str) -> None:
    assert getattr(import_module("chat_responses"), name) is not None
    assert name in dir(chat_responses)


def test_an_access_token_of_azure_goes_as_a_bearer_and_before_the_key() -> None:
    (spec,) = [spec for spec in chat_providers() if spec.name == "azure-responses"]
    provider = Responses(PRESETS["azure-responses"], base_url="https://mine.example/v1")
    environ = {"AZURE_OPENAI_AD_TOKEN": "t", "AZURE_OPENAI_API_KEY": "k", "CHAT_HOME": "/nonexistent"}
    wire = WireRequest(url="https://mine.example/v1")
    for header in ({"authorization": "Bearer t"}, {"api-key": "k"}):
        key = kept(spec, environ)
        found = key.found() if key is not None else None
        assert found is not None
        assert provider.authorize(wire, b"", found[0], NOW) == header
        del environ[found[1]]
