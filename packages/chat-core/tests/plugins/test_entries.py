from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest
from installed import install, of_folder, provider

from chat_core.plugins.entries import Entry, Gate, installed
from chat_core.plugins.folders import normalized

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("label", "kind", "name"),
    [
        ("one", "provider", "one"),
        ("acme.one", "provider", "acme.one"),
        ("transport.pigeon", "transport", "pigeon"),
        ("command.chat.x", "command", "chat.x"),
        ("tools.box", "tools", "box"),
        ("store.shelf", "store", "shelf"),
        ("transport", "provider", "transport"),
    ],
)
def test_the_first_word_of_an_entry_is_its_kind(label: str, kind: str, name: str) -> None:
    entry = Entry(label, "module")
    assert (entry.kind, entry.name) == (kind, name)


def test_the_entries_of_all_distributions_are_read_with_where_they_come_from(site: Path) -> None:
    install(site, "Chat_One", {"one": "mod_e1", "uno": "mod_e1"}, "1.2", mod_e1=provider("one"))
    (one, uno) = sorted(of_folder(site), key=lambda entry: entry.label)
    assert (one.label, one.target, one.package) == ("one", "mod_e1", "Chat_One 1.2")
    assert uno.distribution == "Chat_One"


def test_a_damaged_distribution_does_not_hide_the_others(site: Path) -> None:
    install(site, "chat-one", {"one": "mod_e2"}, mod_e2=provider("one"))
    install(site, "damaged", {})
    (site / "damaged-1.0.dist-info" / "entry_points.txt").write_text("[chat_core.plugins]\nno equals sign\n")
    assert [entry.label for entry in of_folder(site)] == ["one"]


def test_damaged_metadata_is_a_question_mark(site: Path) -> None:
    install(site, "chat-one", {"one": "mod_e3"}, mod_e3=provider("one"))
    (site / "chat_one-1.0.dist-info" / "METADATA").write_text("")
    (entry,) = of_folder(site)
    assert entry.package == "? ?"


def test_a_distribution_that_is_twice_on_the_path_counts_once(
    site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(site, "chat-one", {"one": "mod_e4"}, mod_e4=provider("one"))
    monkeypatch.setattr(sys, "path", [str(tmp_path / "other"), *sys.path])
    install(tmp_path / "other", "chat-one", {"one": "mod_e4"}, "2.0")
    assert [entry.version for entry in installed() if entry.label == "one"] == ["2.0"]


def test_names_of_distributions_are_compared_as_indexes_do() -> None:
    assert normalized("Chat__One.two") == "chat-one-two"


def test_the_environment_is_read_into_a_gate() -> None:
    entry = Entry("one", "module")
    assert Gate.of({}).bars(entry) is None
    assert Gate.of({"CHAT_PLUGINS": "two"}).bars(entry) == "CHAT_PLUGINS"
    assert Gate.of({"CHAT_PLUGINS": "one", "CHAT_PLUGINS_BLOCK": "one"}).bars(entry) == "CHAT_PLUGINS_BLOCK"
