"""Texts as tokens: cut to what the model reads, and no control tokens in the words of people."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest
from tinyencoders import CONFIGS, tokenizer_of

from chat_core.errors import ConfigurationError, UnsupportedContent
from chat_local.encoders.texts import SLICE, Stopped, Texts

if TYPE_CHECKING:
    from pathlib import Path

NEVER = threading.Event()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made, _ = tokenizer_of(CONFIGS["bert"])
    made.enable_padding(length=64)  # as published tokenizers sometimes have it
    made.save(str(tmp_path / "tokenizer.json"))
    return tmp_path / "tokenizer.json"


def test_a_text_is_cut_to_the_limit_and_said_to_be(path: Path) -> None:
    short, long = Texts(path, limit=6).encode(["ab", "a b c d e f g h"], NEVER)
    assert (short.length, short.cut) == (4, False)
    assert (long.length, long.cut) == (6, True)
    assert long.ids[-1] == 3  # the end of a sequence is never cut away


def test_nobody_can_write_a_control_token(path: Path) -> None:
    (found,) = Texts(path, limit=64).encode(["the [SEP] boat"], NEVER)
    assert [*found.ids].count(3) == 1


def test_the_second_text_of_a_pair_is_kept_if_it_can_be(path: Path) -> None:
    texts = Texts(path, limit=12)
    kept, both = texts.encode(
        [("a b c d e f g h i j", "x y"), ("a b c", "x y z x y z x y z x y z")], NEVER, cut="only_first"
    )
    assert (kept.length, [*kept.kinds].count(1)) == (12, 3)
    assert both.cut
    assert both.length == 12


def test_how_a_pair_is_cut_does_not_depend_on_what_it_is_read_beside(path: Path) -> None:
    texts, long = Texts(path, limit=12), ("a b c d e f g h i j", "x y z x y z")
    (alone,) = texts.encode([long], NEVER, cut="only_first")
    beside, _ = texts.encode([long, ("a b c", "x y z x y z x y z x y z")], NEVER, cut="only_first")
    assert beside.ids.tolist() == alone.ids.tolist()


def test_pairs_are_cut_where_they_are_longest(path: Path) -> None:
    (found,) = Texts(path, limit=13).encode([("a b c d e f g h i j", "a b c d e f g h i j")], NEVER)
    assert ([*found.kinds].count(0), [*found.kinds].count(1)) == (7, 6)


def test_a_prompt_is_as_long_as_its_tokens_with_the_beginning(path: Path) -> None:
    assert Texts(path, limit=64).prompt_length("the boat ") == 3


def test_small_letters_only_where_the_model_wants_them(tmp_path: Path) -> None:
    made, _ = tokenizer_of(CONFIGS["roberta"])
    made.save(str(tmp_path / "tokenizer.json"))
    path = tmp_path / "tokenizer.json"
    (large,), (small,) = (Texts(path, limit=64, lower=lower).encode(["AB"], NEVER) for lower in (False, True))
    assert [*large.ids] != [*small.ids]
    assert [*small.ids] == [*Texts(path, limit=64).encode(["ab"], NEVER)[0].ids]


def test_who_leaves_is_not_read_for(path: Path) -> None:
    stop = threading.Event()
    stop.set()
    with pytest.raises(Stopped):
        Texts(path, limit=64).encode(["a"] * (SLICE + 1), stop)


def test_a_text_without_tokens_is_refused(tmp_path: Path) -> None:
    made, _ = tokenizer_of(CONFIGS["roberta"])
    made.post_processor = None
    made.save(str(tmp_path / "tokenizer.json"))
    with pytest.raises(UnsupportedContent, match="leave it out"):
        Texts(tmp_path / "tokenizer.json", limit=64).encode([""], NEVER)


def test_what_is_no_tokenizer_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "tokenizer.json").write_text("{}")
    with pytest.raises(ConfigurationError, match="is no tokenizer"):
        Texts(tmp_path / "tokenizer.json", limit=64)
