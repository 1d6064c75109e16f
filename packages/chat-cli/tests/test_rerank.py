from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from running import DEMO
from terminals import CHAT, Session
from weighing import MODEL

from chat_cli import rerank

if TYPE_CHECKING:
    from pathlib import Path

    from running import Chat


def test_a_program_gets_the_texts_in_order(chat: Chat, weighing: dict[str, str]) -> None:
    done = chat("rerank", "which?", "abc", "a", "ab", "-m", MODEL, env=weighing)
    assert [json.loads(line) for line in done.stdout.splitlines()] == [
        {"rank": 1, "score": -1, "index": 1, "text": "a"},
        {"rank": 2, "score": -2, "index": 2, "text": "ab"},
        {"rank": 3, "score": -3, "index": 0, "text": "abc"},
    ]


def test_documents_are_read_from_a_file_and_keep_their_ids(
    chat: Chat, tmp_path: Path, weighing: dict[str, str]
) -> None:
    file = tmp_path / "a.jsonl"
    file.write_text('{"t":"abc","n":"x"}\n{"t":"a","n":"y"}\n', encoding="utf-8")
    given = ("--file", str(file), "--field", "t", "--id-field", "n", "--top", "1")
    done = chat("rerank", "which?", *given, "-m", MODEL, env=weighing)
    assert json.loads(done.stdout) == {"rank": 1, "score": -1, "id": "y", "index": 1, "text": "a"}


def test_people_see_the_best_first() -> None:
    shown = Session(*CHAT, "rerank", "which?", "first", "second", "-m", DEMO).see("first")
    assert shown == "  1  0.93        second\n  2  0.21        "


def test_no_documents_are_a_mistake(chat: Chat) -> None:
    done = chat("rerank", "which?", "-m", DEMO, stdin="")
    assert (done.returncode, done.stdout) == (2, "")
    assert "there is no text to order" in done.stderr


def test_too_many_documents_are_told_before_anything_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rerank, "MOST", 2)
    with pytest.raises(Exception, match=r"there are more than 2 texts: find the likely ones first, with `chat embed`"):
        rerank.rerank.main(["which?", "a", "b", "c", "-m", DEMO], standalone_mode=False)
