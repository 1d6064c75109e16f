from __future__ import annotations

import os
from io import BytesIO
from typing import TYPE_CHECKING, cast

import pytest

from chat_core.bulk import inputs
from chat_core.bulk.inputs import BulkRefused, Item, Mark, Shape, Source, shape_of

if TYPE_CHECKING:
    from pathlib import Path

    from chat_core.bulk.inputs import Kind

LINES = Shape(kind="lines")


def read(data: bytes, shape: Shape = LINES) -> list[tuple[str, object]]:
    return [(item.text, item.id) for item in Source(BytesIO(data), shape).items()]


def refusal(data: bytes, shape: Shape = LINES) -> str:
    with pytest.raises(BulkRefused) as caught:
        read(data, shape)
    return str(caught.value)


# lines


def test_lines_end_with_line_feeds_only_and_may_lack_the_last_one() -> None:
    data = "\ufefffirst\r\nsec\u2028ond\x85\n third ".encode()
    assert read(data) == [("first", None), ("sec\u2028ond\x85", None), (" third ", None)]


def test_a_blank_line_is_refused_or_passed_over_and_counted() -> None:
    said = refusal(b"one\n \ntwo\n")
    assert said == "line 2: it is blank, and nothing has no vector: fill it, or pass it over, skip_blank=True"
    source = Source(BytesIO(b"one\n \n\ntwo\n\n"), Shape(kind="lines", skip_blank=True))
    assert [*source.items()] == [Item("one", 1), Item("two", 4)]
    assert source.blank == 3


def test_bytes_that_are_no_text_are_named_by_their_line() -> None:
    assert refusal(b"one\n\xff\xfe\n") == "line 2: it is not UTF-8: save the file as UTF-8"


def test_a_line_has_a_longest_length(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inputs, "MAX_LINE", 5)
    assert read(b"12345\n"[:5]) == [("12345", None)]
    assert refusal(b"1\n123456\n") == "line 2: it is longer than 5 bytes"


def test_a_file_is_named_in_what_is_wrong_with_it(tmp_path: Path) -> None:
    path = tmp_path / "texts.txt"
    path.write_bytes(b"\n")
    source = Source(path, LINES)
    assert source.size == 1
    with pytest.raises(BulkRefused, match=r"texts\.txt, line 1: it is blank"):
        next(source.items())
    source.close()


def test_a_pipe_has_no_size() -> None:
    reading, writing = os.pipe()
    os.close(writing)
    with os.fdopen(reading, "rb") as file:
        assert Source(file, LINES).size is None
    assert Source(BytesIO(b"a"), LINES).size is None


# JSON lines


def test_json_lines_are_texts_or_objects_that_hold_one() -> None:
    assert read(b'"a"\n"b\\n"\n', Shape(kind="jsonl")) == [("a", None), ("b\n", None)]
    shape = Shape(kind="jsonl", text_field="t", id_field="n")
    assert read(b'{"n":7,"t":"a"}\n{"t":"b","n":"x","more":[1]}\n', shape) == [("a", 7), ("b", "x")]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (b"{\n", "not valid JSON"),
        (b"[1]\n", "a JSON object was expected, or a text, not list"),
        (b'{"a":"x","b":1}\n', "which of them holds the text? Name it with text_field=; there are: a, b"),
    ],
)
def test_json_that_holds_no_text_is_refused_with_the_fix(line: bytes, words: str) -> None:
    said = refusal(b'"fine"\n' + line, Shape(kind="jsonl"))
    assert said.startswith("line 2: ")
    assert words in said


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (b'{"a":"x"}\n', "there is no 't': Name it with text_field=; there are: a"),
        (b'{"t":7,"n":1}\n', "t is no text, but int"),
        (b'{"t":"x"}\n', "there is no 'n': Name it with id_field=; there are: t"),
        (b'"x"\n', "a JSON object was expected, or a text, not str"),
    ],
)
def test_a_member_that_is_missing_is_refused_with_those_there(line: bytes, words: str) -> None:
    assert words in refusal(line, Shape(kind="jsonl", text_field="t", id_field="n"))


def test_a_blank_json_line_is_a_blank_text() -> None:
    assert "it is blank" in refusal(b'"a"\n\n', Shape(kind="jsonl"))
    assert read(b'"a"\n\n""\n"b"\n', Shape(kind="jsonl", skip_blank=True)) == [("a", None), ("b", None)]


# tables


def test_a_table_has_a_header_and_cells_of_several_lines() -> None:
    shape = Shape(kind="csv", text_field="text", id_field="id")
    data = b'\xef\xbb\xbfid,text\r\n1,"two\nlines, ""quoted"""\r\n2,plain\r\n'
    source = Source(BytesIO(data), shape)
    assert [*source.items()] == [
        Item('two\nlines, "quoted"', 3, "1", named=True),
        Item("plain", 4, "2", named=True),
    ]


def test_a_cell_that_is_too_long_for_csv_is_refused_with_the_fix() -> None:
    shape = Shape(kind="csv", text_field="text")
    with pytest.raises(BulkRefused, match=r"^line 2: it has a cell of more than 131072 characters.*write JSON lines"):
        next(Source(BytesIO(b"text\n" + b"x" * 131_073 + b"\n"), shape).items())
    assert len(next(Source(BytesIO(b"text\n" + b"x" * 131_072 + b"\n"), shape).items()).text) == 131_072


def test_the_only_column_needs_no_name() -> None:
    assert read(b"text\na\nb\n", Shape(kind="csv")) == [("a", None), ("b", None)]
    assert "which of them holds the text? Name it with text_field=; there are: a, b" in refusal(
        b"a,b\n1,2\n", Shape(kind="csv")
    )


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"a,b\n1\n", "line 2: it has 1 cells, and the header 2"),
        (b'a\n"open\n', "line 2: no CSV: unexpected end of data"),
        (b'a\n"x"y\n', "line 2: no CSV: "),
        (b"a\n\n", "line 2: it is blank"),
    ],
)
def test_what_is_no_table_is_refused(data: bytes, words: str) -> None:
    assert words in refusal(data, Shape(kind="csv"))


def test_columns_of_one_name_are_refused() -> None:
    said = refusal(b"text,text\na,b\n", Shape(kind="csv", text_field="text"))
    assert said == "line 1: two columns have one name: text, text"


def test_a_table_of_nothing_has_no_texts() -> None:
    assert read(b"", Shape(kind="csv")) == read(b"a,b\n", Shape(kind="csv")) == []


# texts


def test_texts_of_a_program_keep_every_character() -> None:
    texts = ["a\nb", " \r\n x", "\udc80"]
    assert [item.text for item in Source(texts, Shape(kind="texts")).items()] == texts


def test_what_is_no_text_is_a_mistake_of_the_program() -> None:
    source = Source(["a", 7], Shape(kind="texts"))  # type: ignore[list-item] # pyright: ignore[reportArgumentType] - the mistake tested
    with pytest.raises(TypeError, match="texts are str, and int is none"):
        list(source.items())


def test_a_file_that_was_opened_for_text_is_a_mistake_with_its_fix(tmp_path: Path) -> None:
    (tmp_path / "a").touch()
    with (tmp_path / "a").open(encoding="utf-8") as file, pytest.raises(TypeError, match=r"open\(path, 'rb'\)"):
        Source(file, LINES)


# how an input is read


@pytest.mark.parametrize(
    ("name", "field", "kind"),
    [("a.txt", None, "lines"), ("a", "t", "jsonl"), ("a.NDJSON", None, "jsonl"), ("a.csv", "t", "csv")],
)
def test_the_name_or_a_field_says_how_a_file_is_read(name: str, field: str | None, kind: Kind) -> None:
    assert shape_of(name, None, field, None, skip_blank=False).kind == kind


def test_what_is_told_goes_before_the_name() -> None:
    assert shape_of("a.csv", "lines", None, None, skip_blank=True) == Shape(kind="lines", skip_blank=True)
    assert shape_of(BytesIO(), None, None, "id", skip_blank=False).kind == "jsonl"
    assert shape_of(["a"], None, None, None, skip_blank=False).kind == "texts"


def test_lines_of_text_have_no_fields() -> None:
    with pytest.raises(BulkRefused, match=r"name parts of JSON lines or CSV, and these are texts"):
        shape_of(["a"], None, "t", None, skip_blank=False)


# marks


INPUTS: list[tuple[bytes, Shape]] = [
    (b"one\ntwo\nthree\nfour\n", LINES),
    (b'"one"\n"two"\n"three"\n"four"', Shape(kind="jsonl")),
    (b'id,text\n1,one\n2,"t\nwo"\n3,three\n4,four\n', Shape(kind="csv", text_field="text")),
]


@pytest.mark.parametrize(("data", "shape"), INPUTS)
def test_a_later_reader_goes_on_at_any_mark(data: bytes, shape: Shape) -> None:
    source = Source(BytesIO(data), shape)
    marks, items = [source.mark], list[Item]()
    for item in source.items():
        marks.append(source.mark)
        items.append(item)
    assert (marks[0], marks[-1].read) == (Mark(), len(data))
    for done, mark in enumerate(marks):
        later = Source(BytesIO(data), shape)
        later.skip(mark)
        assert [*later.items()] == items[done:]
        assert later.mark == marks[-1]


@pytest.mark.parametrize("changed", [b"one\ntwO\nthree\n", b"one\n", b"one\ntwo, and more\nthree\n", b""])
def test_an_input_that_was_changed_before_the_mark_is_refused(changed: bytes) -> None:
    source = Source(BytesIO(b"one\ntwo\nthree\n"), LINES)
    items = source.items()
    next(items)
    next(items)
    with pytest.raises(BulkRefused, match="the input was changed: its first 2 lines are not those that"):
        Source(BytesIO(changed), LINES).skip(source.mark)


def test_texts_of_a_program_are_of_no_kind_of_file() -> None:
    with pytest.raises(BulkRefused, match=r"kind='csv' is of files, and these are texts of a program: leave it out"):
        shape_of(["a,b"], "csv", None, None, skip_blank=False)


def test_a_kind_that_there_is_not_is_refused() -> None:
    with pytest.raises(BulkRefused, match="kind='xml' is none: choose among lines, jsonl, csv"):
        shape_of("a.txt", cast("Kind", "xml"), None, None, skip_blank=False)
