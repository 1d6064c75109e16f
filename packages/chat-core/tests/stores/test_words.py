"""Texts and searches are cut into the same words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat_core.messages import user
from chat_core.stores.words import MAX_WORD, Term, holds, searched, snippet, split, terms


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Hello, World!", ["hello", "world"]),
        ("snake_case don't 3.14", ["snake", "case", "don", "t", "3", "14"]),
        ("Ça coûte cher", ["ca", "coute", "cher"]),
        ("cafe\u0301s", ["cafes"]),
        ("今天GPT好", ["今", "天", "gpt", "好"]),
        ("\uff26\uff35ll", ["full"]),
        ("\ud800 \x00 — …", []),
        ("a" * 500, ["a" * MAX_WORD]),
    ],
)
def test_words_are_folded(text: str, words: list[str]) -> None:
    assert split(text) == words


@given(st.text())
def test_folded_words_are_letters_and_digits_and_stay_as_they_are(text: str) -> None:
    words = split(text)
    assert not any(set(word) & set("\"'*()\\ \x00:&|!<>") for word in words)
    assert all(len(word) <= MAX_WORD for word in words)


@given(st.text("abC é今*\"' ", max_size=30))
def test_a_text_holds_its_own_words(text: str) -> None:
    assert holds(text, terms(text.replace("*", " ")))


def test_a_search_is_words_that_follow_each_other_and_beginnings() -> None:
    assert terms("Foo-bar qu* * ,") == (Term(("foo", "bar")), Term(("qu",), prefix=True))


@given(st.text(max_size=60), st.text(max_size=10))
def test_a_snippet_is_made_of_any_text(text: str, words: str) -> None:
    assert len(snippet(text, terms(words), ("", ""))) <= 162


def test_a_message_without_text_has_nothing_to_find() -> None:
    assert searched(user()) == ""
    assert searched(user("a", "", "b")) == "a\nb"
