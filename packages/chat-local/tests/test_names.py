"""Names of models: where each one leads, and which are refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from chat_core.errors import ConfigurationError
from chat_local import names
from chat_local.names import PICO_FOLDER, Name


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("pico", Name("embedded", "pico")),
        ("org/name", Name("hub", "org/name")),
        ("hub:org/name", Name("hub", "org/name")),
        ("org/name@v1.0:q4", Name("hub", "org/name", "v1.0", "q4")),
        ("org/name@refs/pr/3", Name("hub", "org/name", "refs/pr/3")),
        ("org/name:", Name("hub", "org/name", variant="")),
        ("./m", Name("folder", "./m")),
        ("./m:int4", Name("folder", "./m", variant="int4")),
        ("./a:b/c", Name("folder", "./a:b/c")),
        ("~/m", Name("folder", "~/m")),
        ("/abs/m:q4", Name("folder", "/abs/m", variant="q4")),
        ("C:\\models\\m", Name("folder", "C:\\models\\m")),
        ("C:/models/m:int8", Name("folder", "C:/models/m", variant="int8")),
        ("path:m", Name("folder", "m")),
    ],
)
def test_a_name_says_where_its_model_is(word: str, expected: Name) -> None:
    assert names.read(word) == expected


@pytest.mark.parametrize("word", ["org/name", "org/name@v1.0:q4", "org/name:", "./m:int4"])
def test_a_name_is_written_as_it_was_read(word: str) -> None:
    assert str(names.read(word)) == word


@pytest.mark.parametrize(
    "word",
    ["", "name", "a/b/c", "org/name@", "org/name@../../x", "org/..", "hub:../x", "org/name@/etc", "org/näme", "a b/c",
     "org/name\n"],
)  # fmt: skip
def test_what_is_no_name_is_refused_with_what_would_be_one(word: str) -> None:
    with pytest.raises(ConfigurationError, match=r"write local:pico, local:org/name of the hub, or local:\./folder"):
        names.read(word)


def test_a_folder_that_happens_to_be_there_is_not_taken_for_a_model_of_the_hub(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "org" / "name").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    assert names.read("org/name").source == "hub"


def test_the_folder_of_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/somebody")
    assert names.folder_of(names.read("~/m")) == Path("/home/somebody/m")
    assert names.folder_of(names.read("pico")) == PICO_FOLDER
