"""A raw schema decides alone, fetches nothing, and is an error when it cannot decide."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest

from chat_core.errors import ConfigurationError
from chat_core.schemas.faults import MAX_FAULTS
from chat_core.schemas.raw import faults_by

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON, JSONObject


def test_faults_are_told_with_their_place() -> None:
    schema: JSONObject = {
        "type": "object",
        "properties": {"a": {"type": "array", "items": {"type": "integer"}}},
        "required": ["b"],
    }
    assert faults_by(schema, {"a": [1], "b": 1}) == ()
    assert faults_by(schema, {"a": [1, "x"]}) == (
        "answer: 'b' is a required property",
        "a[1]: 'x' is not of type 'integer'",
    )


def test_faults_are_bounded() -> None:
    schema: JSONObject = {"items": {"type": "integer"}}
    value: list[JSON] = ["x" * 10_000] * (MAX_FAULTS + 3)
    faults = faults_by(schema, value)
    assert faults[-1] == "and 3 more"
    assert len(faults) == MAX_FAULTS + 1
    assert max(map(len, faults)) < 300


@pytest.mark.parametrize("ref", ["http://127.0.0.1:9/x", "file:///etc/hosts", "other.json", "#/$defs/none", "#none"])
def test_other_documents_are_never_fetched(ref: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        pytest.fail("a connection was tried")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    with pytest.raises(ConfigurationError, match="never fetched"):
        faults_by({"$ref": ref}, 1)


@pytest.mark.parametrize("schema", [{"type": "text"}, {"properties": 3}, {"required": "a"}])
def test_a_malformed_schema_is_an_error(schema: JSONObject) -> None:
    with pytest.raises(ConfigurationError, match="not a valid JSON Schema"):
        faults_by(schema, {})


def test_a_schema_without_end_is_an_error() -> None:
    with pytest.raises(ConfigurationError, match="without end"):
        faults_by({"$ref": "#"}, 1)


def test_the_dialect_of_the_schema_counts() -> None:
    items: JSONObject = {"items": [{"type": "integer"}]}
    draft7: JSONObject = {"$schema": "http://json-schema.org/draft-07/schema#", **items}
    assert faults_by(draft7, ["x"]) != ()
