"""Control tokens come from templates only, characters come whole, and stop texts are found over all borders."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from tinytokens import CONTROLS, write_tokens

from chat_core.errors import ConfigurationError
from chat_local.engine.tokens import Stops, Tokens

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Said:
    text: str
    trusted: bool = True


@pytest.fixture(scope="module")
def tokens(tmp_path_factory: pytest.TempPathFactory) -> Tokens:
    path = tmp_path_factory.mktemp("tokens") / "tokenizer.json"
    write_tokens(path)
    return Tokens(path)


def test_control_tokens_of_templates_are_control_tokens_and_those_of_people_are_words(tokens: Tokens) -> None:
    control = tokens.id_of("<|im_start|>")
    assert tokens.encode([Said("<|im_start|>a")])[0] == control
    ids = tokens.encode([Said("<|im_start|>"), Said("a<|im_start|>b", trusted=False), Said("<|im_start|>")])
    assert ids.count(control or -1) == 2
    assert (ids[0], ids[-1]) == (control, control)


def test_a_control_token_in_two_pieces_of_a_persons_words_stays_words(tokens: Tokens) -> None:
    ids = tokens.encode([Said("<|im_", trusted=False), Said("start|>", trusted=False)])
    assert tokens.id_of("<|im_start|>") not in ids


def test_all_added_tokens_are_controls_special_or_not(tokens: Tokens) -> None:
    assert set(tokens.controls) == {*CONTROLS}
    assert len(tokens.controls[0]) >= len(tokens.controls[-1])


def test_words_next_to_each_other_are_one_text(tokens: Tokens) -> None:
    assert tokens.encode([Said("ab"), Said("cd", trusted=False)]) == tokens.encode([Said("abcd")])


def test_a_character_is_given_out_when_it_is_whole(tokens: Tokens) -> None:
    decoding = tokens.stream()
    assert [decoding.add(token) for token in tokens.encode([Said("a€b")])] == ["a", "", "", "€", "b"]
    assert decoding.rest() == ""


def test_half_a_character_at_the_end_is_shown_as_such(tokens: Tokens) -> None:
    decoding = tokens.stream()
    for token in tokens.encode([Said("a€")])[:-1]:
        decoding.add(token)
    assert "�" in decoding.rest()
    assert decoding.rest() == ""


@pytest.mark.parametrize("cut", range(1, 8))
@pytest.mark.parametrize(
    ("text", "stops", "said"),
    [
        ("hello END there", ("END",), "hello "),
        ("a ENENDx", ("END",), "a EN"),
        ("never mind", ("END",), "never mind"),
        ("so EN", ("END",), "so EN"),
        ("one ab two", ("abc", "b t"), "one a"),
        ("ababac", ("abac",), "ab"),
        ("xx", ("", "x"), ""),
    ],
)
def test_a_stop_text_is_found_however_the_text_is_cut(cut: int, text: str, stops: tuple[str, ...], said: str) -> None:
    looking, found, over = Stops(stops), "", False
    for place in range(0, len(text), cut):
        more, over = looking.add(text[place : place + cut])
        found += more
        if over:
            break
    assert found + ("" if over else looking.rest()) == said


def test_what_cannot_begin_a_stop_text_is_given_out_at_once() -> None:
    looking = Stops(("\n\n",))
    assert looking.add("a\n") == ("a", False)
    assert looking.add("b") == ("\nb", False)


def test_a_file_that_is_no_tokenizer_is_refused_by_its_name(tmp_path: Path) -> None:
    (tmp_path / "tokenizer.json").write_text("{}")
    with pytest.raises(ConfigurationError, match=r"tokenizer\.json is no tokenizer"):
        Tokens(tmp_path / "tokenizer.json")
