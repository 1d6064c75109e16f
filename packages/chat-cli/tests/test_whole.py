from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from chat_core.history import dump, load
from chat_core.messages import user
from chat_core.request import Request
from chat_core.response import Response

if TYPE_CHECKING:
    from running import Chat


@pytest.fixture
def saved(tmp_path: Path) -> str:
    return save(tmp_path, "a story")


def save(folder: Path, question: str) -> str:
    file = folder / "request.json"
    file.write_text(json.dumps(dump(Request(model="replay:demo", messages=(user(question),)))))
    return str(file)


def test_a_request_gives_its_response_as_a_line(chat: Chat, saved: str) -> None:
    done = chat("--request-file", saved)
    assert done.returncode == 0
    response = load(json.loads(done.stdout))
    assert isinstance(response, Response)
    assert response.text.startswith("A bridge")


def test_a_stream_gives_its_events_and_the_response_last(chat: Chat, saved: str) -> None:
    lines = [json.loads(line) for line in chat("--request-file", saved, "--stream").stdout.splitlines()]
    assert [lines[0]["type"], lines[-1]["type"]] == ["response_start", "response"]
    text = "".join(line["text"] for line in lines if line["type"] == "text_delta")
    assert text == load(lines[-1], Response).text


def test_a_request_can_be_piped_in(chat: Chat, saved: str) -> None:
    done = chat("--request-file", "-", stdin=Path(saved).read_bytes())
    assert load(json.loads(done.stdout), Response).text.startswith("A bridge")


def test_an_error_is_the_last_line(chat: Chat, tmp_path: Path) -> None:
    done = chat("--request-file", save(tmp_path, "a cut answer"), "--stream")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert lines[-1]["type"] == "error"
    assert lines[-1]["exit_code"] == done.returncode == 6
    assert load(lines[-1]["partial"], Response).text.startswith("This answer will break off")


@pytest.mark.parametrize("content", ["[]", "{", '{"hello": 1}'])
def test_a_file_that_holds_no_request_is_a_usage_error(chat: Chat, tmp_path: Path, content: str) -> None:
    (tmp_path / "bad.json").write_text(content)
    done = chat("--request-file", str(tmp_path / "bad.json"))
    assert done.returncode == 2
    assert "--request-file" in done.stderr


def test_a_file_that_is_not_there_is_a_usage_error(chat: Chat) -> None:
    assert chat("--request-file", "nowhere.json").returncode == 2
