"""Messages and parts → the wire's messages and content blocks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from chat_claude.content import Speller
from chat_core.errors import UnansweredToolCall, UnsupportedContent
from chat_core.messages import Message, assistant, system, tool_results, user
from chat_core.parts import (
    URL,
    Citation,
    Inline,
    Json,
    Media,
    Opaque,
    Reasoning,
    Refusal,
    SourceSpan,
    Text,
    ToolCall,
    ToolResult,
)

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON
    from chat_core.messages import Role
    from chat_core.options import ForeignReasoning
    from chat_core.parts import Part

OWN = "own"
THEIRS = "theirs"
CALL = ToolCall(id="t", name="f", arguments={"a": 1})


def speller(policy: ForeignReasoning = "drop") -> Speller:
    return Speller(lambda origin: origin == OWN, policy)


def spelled(part: Part, role: Role = "user") -> JSON:
    return speller().block(part, role)


def features(spell: Speller) -> list[str]:
    return [notice.feature for notice in spell.notices]


@pytest.mark.parametrize(
    ("part", "block"),
    [
        (Text("a"), {"type": "text", "text": "a"}),
        (Text(""), None),
        (
            Text("a", meta={OWN: {"cache_control": {}}, THEIRS: {"x": 1}}),
            {"type": "text", "text": "a", "cache_control": {}},
        ),
        (Refusal("no"), {"type": "text", "text": "no"}),
        (Json({"a": [1]}), {"type": "text", "text": '{"a":[1]}'}),
        (CALL, {"type": "tool_use", "id": "t", "name": "f", "input": {"a": 1}}),
        (ToolCall(id="t", name="f", arguments={}, raw=""), {"type": "tool_use", "id": "t", "name": "f", "input": {}}),
        (
            ToolCall(id="t", name="f", arguments={}, executed=True, meta={OWN: {"type": "server_tool_use"}}),
            {"type": "server_tool_use", "id": "t", "name": "f", "input": {}},
        ),
        (ToolResult(call_id="t"), {"type": "tool_result", "tool_use_id": "t"}),
        (
            ToolResult(call_id="t", content=(Text(""), Json(1), Media(kind="image", source=URL("u"))), is_error=True),
            {
                "type": "tool_result",
                "tool_use_id": "t",
                "content": [
                    {"type": "text", "text": "1"},
                    {"type": "image", "source": {"type": "url", "url": "u"}},
                ],
                "is_error": True,
            },
        ),
        (
            ToolResult(call_id="t", content=(Json([1]),), executed=True, meta={OWN: {"type": "x_tool_result"}}),
            {"type": "x_tool_result", "tool_use_id": "t", "content": [1]},
        ),
        (Opaque(origin=OWN, kind="dream", data={"type": "dream"}), {"type": "dream"}),
        (
            Reasoning("hm", signature="s", meta={OWN: {"type": "thinking"}}),
            {"type": "thinking", "thinking": "hm", "signature": "s"},
        ),
        (
            Reasoning("", meta={OWN: {"type": "redacted_thinking", "data": "x"}}),
            {"type": "redacted_thinking", "data": "x"},
        ),
    ],
)
def test_a_part_becomes_a_block(part: Part, block: JSON) -> None:
    assert spelled(part, "assistant" if isinstance(part, ToolCall) else "user") == block


@pytest.mark.parametrize(("part", "role"), [(CALL, "user"), (CALL, "tool"), (ToolResult(call_id="t"), "assistant")])
def test_calls_are_the_models_and_results_are_not(part: Part, role: Role) -> None:
    with pytest.raises(UnsupportedContent, match=f"the role {role}"):
        spelled(part, role)


def test_a_citation_goes_back_as_it_came() -> None:
    citation = Citation(
        quote="q", document=0, source=SourceSpan(unit="char", start=1, end=2), meta={OWN: {"type": "char_location"}}
    )
    assert spelled(Text("a", citations=(citation,))) == {
        "type": "text",
        "text": "a",
        "citations": [
            {
                "type": "char_location",
                "cited_text": "q",
                "document_index": 0,
                "document_title": None,
                "start_char_index": 1,
                "end_char_index": 2,
            }
        ],
    }


FOREIGN: dict[str, Part] = {
    "citations": Text("a", citations=(Citation(url="u", meta={THEIRS: {}}),)),
    "reasoning": Reasoning("hm", signature="s", meta={THEIRS: {"id": "r"}}),
    "executed tool call": ToolCall(id="t", name="search", arguments={}, executed=True, meta={THEIRS: {}}),
    "executed tool result": ToolResult(call_id="t", executed=True, meta={THEIRS: {}}),
    "dream": Opaque(origin=THEIRS, kind="dream", data={"type": "dream"}),
}


@pytest.mark.parametrize("feature", FOREIGN)
def test_what_another_service_made_for_itself_is_left_out_with_a_notice(feature: str) -> None:
    spell = speller()
    expected = {"type": "text", "text": "a"} if feature == "citations" else None
    assert spell.block(FOREIGN[feature], "assistant") == expected
    assert features(spell) == [feature]


def test_a_notice_is_given_once() -> None:
    spell = speller()
    spell.blocks(assistant(FOREIGN["reasoning"], FOREIGN["reasoning"]))
    assert features(spell) == ["reasoning"]


def test_foreign_reasoning_becomes_text_when_asked() -> None:
    spell = speller("as_text")
    assert spell.blocks(assistant(FOREIGN["reasoning"])) == [{"type": "text", "text": "hm"}]
    assert spell.notices[0].applied == "as_text"
    assert spell.blocks(assistant(Reasoning("", meta={THEIRS: {"data": "x"}}))) == []


def test_foreign_reasoning_fails_when_asked() -> None:
    with pytest.raises(UnsupportedContent, match="foreign_reasoning"):
        speller("fail").block(FOREIGN["reasoning"], "assistant")


@pytest.mark.parametrize("signature", [None, ""])
def test_reasoning_that_was_cut_before_its_signature_is_not_sent(signature: str | None) -> None:
    cut = Reasoning("hm", signature=signature, meta={OWN: {}})
    spell = speller()
    assert spell.block(cut, "assistant") is None
    assert features(spell) == ["reasoning"]
    assert speller("as_text").block(cut, "assistant") == {"type": "text", "text": "hm"}


def test_reasoning_without_an_origin_is_foreign() -> None:
    spell = speller()
    assert spell.block(Reasoning("made up"), "assistant") is None
    assert features(spell) == ["reasoning"]


def test_unparsable_arguments_go_back_inside_an_object() -> None:
    spell = speller()
    block = spell.block(ToolCall(id="t", name="f", raw='{"a": "b'), "assistant")
    assert block == {"type": "tool_use", "id": "t", "name": "f", "input": {"INVALID_JSON": '{"a": "b'}}
    assert features(spell) == ["tool arguments"]


@pytest.mark.parametrize(("call", "wire"), [("local_0", "local_0"), ("a.b|c", "a_2e_b_7c_c"), ("", "_"), ("é", "_e9_")])
def test_an_id_is_spelled_alike_in_call_and_result(call: str, wire: str) -> None:
    spell = speller()
    _, messages = spell.conversation([
        user("Hi"), assistant(ToolCall(id=call, name="f", arguments={})), tool_results(ToolResult(call_id=call)),
    ])  # fmt: skip
    assert messages[1:] == [
        {"role": "assistant", "content": [{"type": "tool_use", "id": wire, "name": "f", "input": {}}]},
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": wire}]},
    ]
    assert (features(spell) == []) is (call == wire)


def test_a_text_document_of_another_text_type_is_plain_text_with_a_notice() -> None:
    spell = speller()
    block = spell.block(Media(kind="document", source=Inline(b"# A"), mime="text/markdown"), "user")
    source: JSON = {"type": "text", "media_type": "text/plain", "data": "# A"}
    assert block == {"type": "document", "source": source}
    assert (spell.notices[0].requested, spell.notices[0].applied) == ("text/markdown", "text/plain")


def test_keys_of_a_source_go_back_into_it() -> None:
    media = Media(kind="image", source=URL("u"), meta={OWN: {"source": {"new": 1}, "cache_control": {}}})
    assert spelled(media) == {"type": "image", "source": {"type": "url", "url": "u", "new": 1}, "cache_control": {}}


@pytest.mark.parametrize("role", ["assistant", "system"])
def test_media_belong_into_user_messages(role: Role) -> None:
    with pytest.raises(UnsupportedContent, match="user message"):
        speller().block(Media(kind="image", source=URL("u")), role)


def test_an_answer_in_sound_goes_back_as_its_words_with_a_notice() -> None:
    spell = speller()
    sound = Media(kind="audio", source=Inline(b"x"), transcript="Hello", meta={THEIRS: {"id": "a"}})
    assert spell.block(sound, "assistant") == {"type": "text", "text": "Hello"}
    assert features(spell) == ["audio"]


# --- conversations ---


def test_leading_instructions_are_the_system_prompt_and_later_ones_stay_in_place() -> None:
    system_blocks, messages = speller().conversation(
        [system("A", "B"), system("C"), user("Hi"), assistant("Ho"), system("D")]
    )
    assert [block for block in system_blocks if isinstance(block, dict)] == [
        {"type": "text", "text": text} for text in "ABC"
    ]
    assert messages == [
        {"role": "user", "content": [{"type": "text", "text": "Hi"}]},
        {"role": "assistant", "content": [{"type": "text", "text": "Ho"}]},
        {"role": "system", "content": [{"type": "text", "text": "D"}]},
    ]


def test_neighbouring_tool_messages_are_one_and_a_user_message_is_another() -> None:
    other = ToolCall(id="u", name="g", arguments={})
    _, messages = speller().conversation([
        assistant(CALL, other), tool_results(ToolResult(call_id="t")), tool_results(ToolResult(call_id="u")),
        user("And?"),
    ])  # fmt: skip
    assert messages[1:] == [
        {
            "role": "user",
            "content": [{"type": "tool_result", "tool_use_id": "t"}, {"type": "tool_result", "tool_use_id": "u"}],
        },
        {"role": "user", "content": [{"type": "text", "text": "And?"}]},
    ]


def test_results_come_first_in_their_message() -> None:
    answer = Message(role="tool", parts=(Text("see"), ToolResult(call_id="t")))
    _, messages = speller().conversation([assistant(CALL), answer])
    assert messages[1] == {
        "role": "user",
        "content": [{"type": "tool_result", "tool_use_id": "t"}, {"type": "text", "text": "see"}],
    }


def test_a_message_that_would_be_empty_is_not_sent() -> None:
    spell = speller()
    _, messages = spell.conversation([user("Hi"), assistant(""), user("Still there?")])
    assert [message["role"] for message in messages if isinstance(message, dict)] == ["user", "user"]
    assert features(spell) == ["message"]


def test_own_keys_of_a_message_are_sent() -> None:
    message = Message(role="system", parts=(Text("A"),), meta={OWN: {"clear_at": "never"}, THEIRS: {"x": 1}})
    _, messages = speller().conversation([user("Hi"), message])
    assert messages[1] == {"role": "system", "content": [{"type": "text", "text": "A"}], "clear_at": "never"}


@pytest.mark.parametrize(
    "messages",
    [
        [user("Hi"), assistant(CALL)],
        [user("Hi"), assistant(CALL), user("Never mind")],
        [user("Hi"), assistant(CALL), assistant("Done"), tool_results(ToolResult(call_id="t"))],
        [user("Hi"), assistant(CALL), tool_results(ToolResult(call_id="other"))],
    ],
)
def test_an_unanswered_call_raises_and_is_named(messages: list[Message]) -> None:
    with pytest.raises(UnansweredToolCall, match=r"f \(t\)"):
        speller().conversation(messages)


def test_a_call_that_the_service_ran_needs_no_answer() -> None:
    ran = ToolCall(id="s", name="web_search", arguments={}, executed=True, meta={OWN: {"type": "server_tool_use"}})
    _, messages = speller().conversation([user("Hi"), assistant("Looking.", ran)])
    assert len(messages) == 2
