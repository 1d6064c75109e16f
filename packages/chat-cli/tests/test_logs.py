from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from chat_cli.log import FILE
from chat_cli.transcript import as_markdown, lines
from chat_core.history import load
from chat_core.messages import Message, assistant, tool_results, user
from chat_core.parts import URL, Json, Media, Opaque, Reasoning, Text, ToolCall, ToolResult
from chat_core.stores.records import Conversation, Entry, Node

if TYPE_CHECKING:
    from pathlib import Path

    from running import Chat

DEMO = ("-m", "replay:demo")


@pytest.fixture
def kept(chat: Chat) -> list[str]:
    """Keep two conversations and return their ids, the last one first."""
    for words in ("Tell me a story", "Hello there"):
        assert chat(*DEMO, words).returncode == 0
    listed = json.loads(chat("logs", "list", "--json").stdout)["conversations"]
    assert [(one["title"], one["messages"], one["model"]) for one in listed] == [
        ("Hello there", 2, "replay:demo"),
        ("Tell me a story", 2, "replay:demo"),
    ]
    return [one["id"] for one in listed]


def test_a_line_for_each_the_last_first(chat: Chat, kept: list[str]) -> None:
    shown = chat("logs", "list").stdout.splitlines()
    assert [line.split()[0] for line in shown] == kept
    assert shown[0].endswith("replay:demo  Hello there")
    assert chat("logs", "list", "-n", "1").stdout.count("\n") == 1


def test_one_is_shown_with_what_it_cost(chat: Chat, kept: list[str]) -> None:
    shown = chat("logs", "show", kept[1][:8]).stdout
    assert "\nTell me a story\n" in shown
    assert "[thinks] The reader wants a story." in shown
    assert "tokens: 12 input, 58 output" in shown
    found = json.loads(chat("logs", "show", kept[1], "--json").stdout)
    assert found["entries"][1]["usage"] == {"input_tokens": 12, "output_tokens": 58}
    assert load(found["entries"][0]["message"], Message) == user("Tell me a story")
    assert "Hello there" in chat("logs", "show").stdout


def test_words_are_found(chat: Chat, kept: list[str]) -> None:
    assert chat("logs", "search", "hello", "there").stdout == f"{kept[0]}  user: [Hello] [there]\n"
    (hit,) = json.loads(chat("logs", "search", "bridge*", "--json", "-n", "1").stdout)["found"]
    assert hit["conversations"] == [kept[1]]
    assert chat("logs", "search", "submarine").stdout == ""


def test_an_export_is_read_again(chat: Chat, kept: list[str]) -> None:
    messages = load(json.loads(chat("logs", "export", kept[1]).stdout), tuple)
    assert messages[0] == user("Tell me a story")
    markdown = chat("logs", "export", "--format", "markdown", kept[1]).stdout
    assert markdown.startswith(
        "# Tell me a story\n\nreplay:demo\n\n## user\n\nTell me a story\n\n## assistant\n\n> The"
    )


def test_a_fork_shares_the_past(chat: Chat, kept: list[str]) -> None:
    made = chat("logs", "fork", kept[1], "--at", "1").stdout.strip()
    assert chat("--cid", made, "Hello").returncode == 0
    found = json.loads(chat("logs", "show", made, "--json").stdout)
    assert found["messages"] == 3
    assert json.loads(chat("logs", "show", kept[1], "--json").stdout)["messages"] == 2
    assert "the conversation has 2 messages" in chat("logs", "fork", kept[1], "--at", "3").stderr


def test_what_is_deleted_is_gone(chat: Chat, kept: list[str], home: Path) -> None:
    assert chat("logs", "delete", kept[1][:10]).returncode == 0
    assert kept[1] not in chat("logs", "list").stdout
    assert b"bridge" not in (home / FILE).read_bytes()
    assert chat("logs", "delete", kept[1]).returncode == 2


def test_the_place_is_said_and_can_be_another(chat: Chat, home: Path, tmp_path: Path) -> None:
    assert chat("logs", "path").stdout == f"{home / FILE}\n"
    place = f"sqlite:{tmp_path / 'other.db'}"
    chat(*DEMO, "--store", place, "Hello")
    assert chat("logs", "list").stdout == ""
    assert json.loads(chat("logs", "path", "--store", place, "--json").stdout)["conversations"] == 1


def test_every_part_shows() -> None:
    said = assistant(
        Reasoning(""),
        Text("one\ntwo"),
        ToolCall(id="1", name="look", raw="{"),
        Media(kind="image", source=URL("https://x.example"), mime="image/png"),
        Opaque(origin="o", kind="new", data={}),
    )
    gave = tool_results(ToolResult(call_id="1", content=(Json([1]),), is_error=True))
    assert list(lines(said)) == [
        "[thinks; not shown]",
        "one",
        "two",
        "[calls look({)]",
        "[image image/png]",
        "[Opaque]",
    ]
    assert list(lines(gave)) == ["[1 failed] [1]"]


def test_code_in_results_does_not_break_the_markdown() -> None:
    gave = tool_results(ToolResult(call_id="1", name="read", content=(Text("```\nx\n```"),)))
    node = Node(id="n", parent=None, entry=Entry(message=gave))
    text = as_markdown(Conversation(id="c", model="m", created=1, updated=1), [node])
    assert text == "# c\n\nm\n\n## tool\n\n**read**\n\n````\n```\nx\n```\n````\n"
