from __future__ import annotations

import io
import sys
from dataclasses import fields
from typing import TYPE_CHECKING

import click
import pytest

from chat_cli.flags import Flags
from chat_cli.requests import KINDS, READERS, attachments, form, instructions, options, question
from chat_core.messages import system, user
from chat_core.options import Options
from chat_core.parts import URL, Inline, Media

if TYPE_CHECKING:
    from pathlib import Path

PNG = b"\x89PNG\r\n\x1a\n rest"


def test_every_portable_option_can_be_read() -> None:
    assert KINDS.keys() == {item.name for item in fields(Options)} - {"native"}
    assert set(KINDS.values()) <= READERS.keys()


def test_values_get_the_type_of_their_field() -> None:
    given = [
        ("temperature", "0.2"),
        ("max_tokens", "50"),
        ("logprobs", "true"),
        ("reasoning_effort", "low"),
        ("logit_bias", '{"7": -1}'),
        ("foreign_reasoning", "as_text"),
        ("stop", "END"),
        ("stop", "\n"),
    ]
    assert options(given) == Options(
        temperature=0.2,
        max_tokens=50,
        logprobs=True,
        reasoning_effort="low",
        logit_bias={"7": -1},
        foreign_reasoning="as_text",
        stop=("END", "\n"),
    )


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("temprature", "1", "Did you mean 'temperature'"),
        ("native", "1", "there is no option 'native'"),
        ("max_tokens", "1.5", "takes a whole number"),
        ("temperature", "nan", "takes a number"),
        ("logprobs", "yes", "takes true or false"),
        ("logit_bias", "[]", "takes a JSON object"),
        ("foreign_reasoning", "keep", "takes drop, as_text or fail"),
    ],
)
def test_what_is_no_option_is_refused_with_the_fix(name: str, value: str, words: str) -> None:
    with pytest.raises(click.UsageError, match=words):
        options([(name, value)])


def test_files_urls_and_standard_input_are_attached(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.png").write_bytes(PNG)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"%PDF-1.7")))
    found = attachments(Flags(attachments=(str(tmp_path / "a.png"), "https://a.example/b.jpg", "-")))
    assert [(part.kind, part.mime) for part in found if isinstance(part, Media)] == [
        ("image", "image/png"),
        ("image", "image/jpeg"),
        ("document", "application/pdf"),
    ]
    assert isinstance(found[0], Media)
    assert found[0].source == Inline(PNG)


def test_a_media_type_can_be_told() -> None:
    (part,) = attachments(Flags(typed=(("https://a.example/picture", "image/png"),)))
    assert part == Media(kind="image", source=URL("https://a.example/picture"), mime="image/png")


@pytest.mark.parametrize(
    ("item", "words"), [("nowhere.png", "No such file"), ("https://a.example/picture", "--at FILE TYPE")]
)
def test_what_cannot_be_attached_is_refused_with_the_fix(item: str, words: str) -> None:
    with pytest.raises(click.UsageError, match=words):
        attachments(Flags(attachments=(item,)))


def test_a_question_is_words_and_attachments() -> None:
    flags = Flags(system="Be brief", attachments=("data:text/plain,Hi",), schema="a int")
    assert instructions(flags) == (system("Be brief"),)
    assert question(flags, "What is it?") == user("What is it?", *attachments(flags))
    assert len(question(flags, "").parts) == 1
    made = form(flags)
    assert made is not None
    assert made.schema is not None
    assert form(Flags()) is None


def test_a_key_does_not_show() -> None:
    assert "sk-secret" not in repr(Flags(key="sk-secret"))
