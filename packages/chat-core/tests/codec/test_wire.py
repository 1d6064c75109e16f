"""There is one way to write a body, and it is byte-stable."""

from __future__ import annotations

import json
from types import MappingProxyType
from typing import TYPE_CHECKING

import pytest
import strategies
from hypothesis import given
from hypothesis import strategies as st

from chat_core import jsonvalue
from chat_core.codec.wire import Encoded, FormField, Frame, Multipart, WireRequest, WireResponse, dump
from chat_core.errors import UnsupportedContent

if TYPE_CHECKING:
    from chat_core.codec.wire import WireJSON
    from chat_core.jsonvalue import JSON


@given(strategies.json_values())
def test_dump_is_compact_utf8_and_parses_back(value: JSON) -> None:
    data = dump(value)
    assert data == json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    assert jsonvalue.parse(data) == value


def test_keys_keep_their_order() -> None:
    assert dump({"b": 1, "a": {"d": 2, "c": 3}}) == b'{"b":1,"a":{"d":2,"c":3}}'


def splice_at(value: JSON, places: set[int], counter: list[int]) -> WireJSON:
    """Return the value with the nodes of these numbers encoded already."""
    counter[0] += 1
    if counter[0] in places:
        return Encoded(dump(value))
    match value:
        case list():
            return [splice_at(item, places, counter) for item in value]
        case dict():
            return {key: splice_at(item, places, counter) for key, item in value.items()}
        case _:
            return value


@given(strategies.json_values(), st.sets(st.integers(1, 8), max_size=4))
def test_what_is_encoded_already_is_spliced_anywhere(value: JSON, places: set[int]) -> None:
    assert dump(splice_at(value, places, [0])) == dump(value)


def test_encoded_bytes_are_not_looked_at() -> None:
    assert dump({"a": [Encoded(b"<raw>"), {}, []], "b": Encoded(b"1")}) == b'{"a":[<raw>,{},[]],"b":1}'


def test_tuples_and_mappings_are_written_like_lists_and_dicts() -> None:
    assert dump({"a": (1, 2), "b": MappingProxyType({"c": 3})}) == b'{"a":[1,2],"b":{"c":3}}'
    assert dump(MappingProxyType({"a": (Encoded(b"1"), 2)})) == b'{"a":[1,2]}'


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_numbers_that_are_none_are_refused(value: float) -> None:
    bodies: tuple[WireJSON, ...] = ({"a": value}, {"a": value, "b": Encoded(b"1")})
    for body in bodies:
        with pytest.raises(UnsupportedContent, match="JSON"):
            dump(body)


def test_what_is_not_json_is_refused() -> None:
    for odd in (b"bytes", {1, 2}, object()):
        with pytest.raises(UnsupportedContent, match="JSON"):
            dump({"a": odd})  # type: ignore[dict-item] # pyright: ignore[reportArgumentType] - the mistake tested


def test_endless_nesting_is_refused() -> None:
    circle: list[JSON] = []
    circle.append(circle)
    with pytest.raises(UnsupportedContent):
        dump(circle)
    spliced: list[WireJSON] = [Encoded(b"1")]
    spliced.append(spliced)
    with pytest.raises(UnsupportedContent):
        dump(spliced)


def test_lone_surrogates_are_written_as_escapes() -> None:
    assert dump({"\udc80": "a\ud800b"}) == b'{"\\udc80":"a\\ud800b"}'
    assert dump(["\u2028\x85é😀"]) == '["\u2028\x85é😀"]'.encode()


def test_wire_values_show_no_uploaded_bytes() -> None:
    assert "sealed" not in repr(Multipart((FormField(name="file", data=b"sealed"),)))


def test_a_request_is_a_post_and_a_reply_a_success_unless_said_otherwise() -> None:
    assert (WireRequest(url="u").method, WireRequest(url="u").body) == ("POST", None)
    assert (WireResponse().status, WireResponse().body) == (200, b"")
    assert not Frame(b"").cut
