from __future__ import annotations

from io import BytesIO, TextIOWrapper
from typing import TYPE_CHECKING, Any

import click
import pytest

from chat_cli.texts import AT_ONCE, answers, chunks, given_texts, of_item, percent
from chat_core.bulk.inputs import Item
from chat_core.codec.tokenization import Token, TokenizationResponse
from chat_core.errors import ServerError

if TYPE_CHECKING:
    from pathlib import Path

    from chat_core.bulk.inputs import Given


def read(given: Given, size: int = AT_ONCE, **how: object) -> list[list[str]]:
    options: dict[str, Any] = {"text_field": None, "id_field": None, "skip_blank": False, "more": 1, **how}
    found = [[item.text for item in some] for some in chunks(given, options, size)]
    assert options == {"more": 1}
    return found


def test_texts_are_read_some_at_a_time() -> None:
    assert read([f"{number}" for number in range(5)], 2) == [["0", "1"], ["2", "3"], ["4"]]
    assert read([f"{number}" for number in range(4)], 2) == [["0", "1"], ["2", "3"]]
    assert read([]) == []


def test_what_is_refused_comes_after_what_lies_before_it() -> None:
    options: dict[str, Any] = {"text_field": None, "id_field": None, "skip_blank": False}
    found = chunks(BytesIO(b"a\nb\nc\n\nd\n"), options, 2)
    assert [[item.text for item in next(found)] for _ in range(2)] == [["a", "b"], ["c"]]
    with pytest.raises(click.UsageError, match=r"line 4: it is blank, .* or pass it over, --skip-blank"):
        next(found)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "nothing"):
        with pytest.raises(click.UsageError, match=str(path)):
            read(str(path))


def test_words_go_before_what_is_piped_in(monkeypatch: pytest.MonkeyPatch) -> None:
    piped = TextIOWrapper(BytesIO(b"piped\n"))
    monkeypatch.setattr("sys.stdin", piped)
    assert given_texts(("a", "b"), None, "") == ("a", "b")
    assert given_texts((), "file.txt", "") == "file.txt"
    assert given_texts((), None, "") is given_texts((), "-", "") is piped.buffer


def test_a_row_names_its_text() -> None:
    assert of_item(Item("a", 3), 1) == {"index": 1, "text": "a"}
    assert list(of_item(Item("a", 3, "x", named=True), 1)) == ["id", "index", "text"]
    assert of_item(Item("a", 3, None, named=True), 1)["id"] is None


def test_what_was_answered_before_an_error_is_given_first() -> None:
    def ask(texts: list[str]) -> TokenizationResponse:
        if len(texts) == AT_ONCE:
            return TokenizationResponse(results=((Token(id=1),),) * AT_ONCE)
        error = ServerError("not now")
        error.finished = TokenizationResponse(results=((Token(id=2),),) * 2)
        raise error

    options: dict[str, Any] = {"text_field": None, "id_field": None, "skip_blank": False}
    found = answers([f"{number}" for number in range(AT_ONCE + 5)], options, ask)
    for number in range(AT_ONCE + 2):
        index, item, one = next(found)
        assert (index, item.text, one[0].id) == (number, f"{number}", 1 if number < AT_ONCE else 2)
    with pytest.raises(ServerError, match="not now"):
        next(found)


@pytest.mark.parametrize(
    ("score", "words"), [(0.0, "0%"), (0.724, "72%"), (1.0, "100%"), (-3.25, "-3.25"), (12.0, "12")]
)
def test_a_probability_is_shown_in_percent_and_no_other_score(score: float, words: str) -> None:
    assert percent(score) == words
