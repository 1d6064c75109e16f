"""Only JSON comes out of the parser, and only `DecodeError` out of its failures."""

from __future__ import annotations

import json
import math
import subprocess
import sys

import pytest
import strategies
from hypothesis import example, given
from hypothesis import strategies as st

from chat_core.codec import wire
from chat_core.errors import DecodeError
from chat_core.jsonvalue import (
    JSON,
    excerpt,
    fast_parser,
    parse,
    parse_arguments,
    parse_object,
    plain_parser,
    rest,
    same,
)


@given(strategies.json_values())
def test_what_dump_wrote_is_parsed_back(value: JSON) -> None:
    assert parse(wire.dump(value)) == value
    assert parse(wire.dump(value).decode("utf-8")) == value


@given(st.binary(max_size=60) | st.text(max_size=60))
@example(b"")
@example(b"\xff")
@example(b"\xef\xbb\xbf{}")
@example('"\ud800"')
def test_only_decode_errors_come_out(data: bytes | str) -> None:
    try:
        value = parse(data)
    except DecodeError:
        return
    json.dumps(value, allow_nan=False)


@given(st.text('[]{}",:0123456789eE+-. truefalsn\\u', max_size=30))
def test_json_like_text_gives_json_or_a_decode_error(text: str) -> None:
    try:
        value = parse(text)
    except DecodeError:
        return
    json.dumps(value, allow_nan=False)


NO_NUMBERS = (
    "NaN", "Infinity", "-Infinity", "1e999", "-1e999", "1E+400", "1e0000999", '[1, {"a": 1e999}]', "1" * 250 + ".0e99",
    "1" * 400 + ".5", '["\\ud800", 1e999]',
)  # fmt: skip


@pytest.mark.parametrize("number", NO_NUMBERS, ids=lambda text: text[:12])
def test_numbers_that_are_none_are_refused(number: str) -> None:
    with pytest.raises(DecodeError):
        parse(number)
    with pytest.raises(DecodeError):
        parse(number.encode())


def test_text_that_looks_like_a_large_number_is_text() -> None:
    value: JSON = {"id": "abce123", "digits": "1" * 400, "E999": 1e300}
    assert parse(wire.dump(value)) == value


@pytest.mark.parametrize("text", [b"x", rb"\ud83d"])
def test_a_number_out_of_range_that_a_later_member_replaces_is_none_whichever_parser_is_asked(text: bytes) -> None:
    document = b'{"a":1e999,"a":1,"text":"%b"}' % text
    assert parse(document) == parse(document.replace(b"1e999", b"2"))


def test_lone_surrogates_are_kept() -> None:
    assert parse(b'{"a": "\\ud800x"}') == {"a": "\ud800x"}
    assert parse(wire.dump("\ud800x")) == "\ud800x"


def test_huge_integers_are_kept_and_absurd_ones_refused() -> None:
    assert parse(b"1" * 400) == int("1" * 400)
    try:
        value = parse(b"1" * 10_000)
    except DecodeError:
        return
    assert isinstance(value, int)


def test_the_last_of_duplicate_keys_counts() -> None:
    assert parse(b'{"a": 1, "a": 2}') == {"a": 2}


@pytest.mark.parametrize("surrogate", [b"", b'"\\ud83d"'])
def test_nesting_is_bounded_whichever_parser_is_asked(surrogate: bytes) -> None:
    assert parse(b"[" * 200 + surrogate + b"]" * 200)
    for levels in (201, 202, 300):
        with pytest.raises(DecodeError, match="200 levels"):
            parse(b"[" * levels + surrogate + b"]" * levels)
        with pytest.raises(DecodeError, match="200 levels"):
            parse('{"[":' * levels + '"{"' + "}" * levels)


@given(strategies.json_values() | st.floats(allow_nan=False, allow_infinity=False) | st.integers())
def test_the_parser_that_is_used_first_reads_what_the_fast_one_reads(value: JSON) -> None:
    data = wire.dump(value)
    assert repr(plain_parser()(data.decode())) == repr(fast_parser()(data))


@given(st.text(alphabet='{}[]",:0123456789.eE+-\\untrfalse \n\ud800', max_size=20))
@example("NaN")
@example("[-Infinity]")
@example('"\x01"')
@example("1" * 5000)
@example("1e999")
@example("[1,]")
@example("\ufeff1")
def test_what_the_first_parser_takes_is_what_the_fast_one_and_the_second_opinion_take(text: str) -> None:
    try:
        value = plain_parser()(text)
    except (ValueError, RecursionError):
        return
    try:
        assert repr(value) == repr(fast_parser()(text))
    except (ValueError, TypeError):
        assert repr(value) == repr(json.loads(text))


def test_the_fast_parser_is_loaded_by_those_who_parse_much() -> None:
    program = """
import sys
from chat_core.jsonvalue import LITTLE, parse
document = b'[' + b'1,' * 1000 + b'1]'
for _ in range(LITTLE // len(document)):
    assert parse(document)[-1] == 1
assert "pydantic_core" not in sys.modules
assert parse(document)[-1] == 1
assert "pydantic_core" in sys.modules
"""
    subprocess.run([sys.executable, "-c", program], check=True)


@pytest.mark.parametrize("bad", [b"[NaN]", b"[1e999]", b"[", b'"\xff"', b"[" * 201 + b"]" * 201, "[-Infinity]", b"1 2"])
def test_the_parser_that_is_used_first_refuses_the_same(bad: bytes | str) -> None:
    program = f"""
import sys
from chat_core.errors import DecodeError
from chat_core.jsonvalue import parse
try:
    parse({bad!r})
except DecodeError as error:
    print(ascii(error.message))
assert "pydantic_core" not in sys.modules
"""
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    with pytest.raises(DecodeError) as caught:
        parse(bad)
    assert done.stdout.strip() == ascii(caught.value.message)


def test_nesting_without_end_is_refused_never_a_crash() -> None:
    with pytest.raises(DecodeError):
        parse(b"[" * 200_000 + b"]" * 200_000)
    with pytest.raises(DecodeError):
        parse(b'{"a":' * 200_000)


def test_zero_and_empty_and_minus_zero_are_values() -> None:
    assert parse(b' [0, "", false, null, -0.0]\n') == [0, "", False, None, 0]
    zero = parse(b"-0.0")
    assert isinstance(zero, float)
    assert math.copysign(1, zero) == -1


def test_a_document_beyond_the_limit_is_refused() -> None:
    assert parse(b"[1]", limit=3) == [1]
    with pytest.raises(DecodeError, match="limit of 3"):
        parse(b"[10]", limit=3)


@pytest.mark.parametrize("text", ["[]", "1", '"a"', "null", "true"])
def test_an_object_is_asked_for_and_nothing_else_taken(text: str) -> None:
    with pytest.raises(DecodeError, match="expected a JSON object"):
        parse_object(text)
    assert parse_object('{"a": 1}') == {"a": 1}


@pytest.mark.parametrize(
    ("text", "arguments", "raw"),
    [
        ("", {}, ""),
        (" \n", {}, " \n"),
        ("null", {}, "null"),
        ("{}", {}, None),
        ('{"a": [1]}', {"a": [1]}, None),
        ('{"a": ', None, '{"a": '),
        ("[1]", None, "[1]"),
        ('"text"', None, '"text"'),
        ("1", None, "1"),
        ('{"a": NaN}', None, '{"a": NaN}'),
    ],
)
def test_arguments_are_an_object_or_kept_as_text(text: str, arguments: JSON, raw: str | None) -> None:
    assert parse_arguments(text) == (arguments, raw)


def test_rest_leaves_out_what_is_known_and_what_is_null() -> None:
    assert rest({"a": 1, "b": None, "c": 0, "d": "", "e": []}, {"a"}) == {"c": 0, "d": "", "e": []}


@given(strategies.json_values())
def test_a_value_is_the_same_as_a_copy_of_it(value: JSON) -> None:
    assert same(value, parse(wire.dump(value)))


@pytest.mark.parametrize(("one", "other"), [(1, True), (0, False), (1, 1.0), ([1], [True]), ({"a": 0}, {"a": 0.0})])
def test_numbers_of_another_kind_and_truths_are_other_json(one: JSON, other: JSON) -> None:
    assert one == other
    assert not same(one, other)
    assert not same(other, one)


@pytest.mark.parametrize(("one", "other"), [([1], [1, 2]), ({"a": 1}, {"a": 1, "b": None}), ({"a": 1}, {"b": 1})])
def test_what_has_more_or_other_members_is_other_json(one: JSON, other: JSON) -> None:
    assert not same(one, other)
    assert not same(other, one)


def test_an_excerpt_is_short_and_never_fails() -> None:
    assert excerpt(b"\xff" * 1000) == "\N{REPLACEMENT CHARACTER}" * 200 + "…"
    assert excerpt("short") == "short"
    assert len(excerpt("x" * 1000)) == 201
