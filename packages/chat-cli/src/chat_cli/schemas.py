"""The `--schema` option: JSON Schema as it is, from a file, or in the short form that other command lines have.

The short form lists fields, separated by commas or lines: `name, age int, bio: a short biography`.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from chat_core.errors import DecodeError
from chat_core.jsonvalue import parse_object

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chat_core.jsonvalue import JSON, JSONObject

TYPES: Mapping[str, str] = {
    "str": "string",
    "int": "integer",
    "float": "number",
    "bool": "boolean",
}
"""Types of the short form, and their names in JSON Schema."""

_FIELD = re.compile(r"(?P<name>[A-Za-z_][\w-]*)(?:\s+(?P<type>\w+))?\s*(?::\s*(?P<words>.*))?", re.DOTALL)


def read(given: str) -> JSONObject:
    """Return the schema that an option's value stands for.

    Raises:
        click.UsageError: it is none.
    """
    text = given.strip()
    if text.startswith("{"):
        return _parsed(text, "--schema")
    if _is_file(text):
        return _parsed(Path(text).read_bytes(), text)
    return concise(text)


def concise(text: str) -> JSONObject:
    """Read the short form.

    Raises:
        click.UsageError: a field is misspelled.
    """
    separator = "\n" if "\n" in text else ","
    fields = [field.strip() for field in text.split(separator) if field.strip()]
    if not fields:
        raise click.UsageError("--schema is empty: name fields, such as 'name, age int'")
    properties: JSONObject = dict(map(_field, fields))
    names: list[JSON] = list(properties)
    return {"type": "object", "properties": properties, "required": names, "additionalProperties": False}


def _field(text: str) -> tuple[str, JSONObject]:
    match = _FIELD.fullmatch(text)
    kind = (match["type"] or "str") if match is not None else ""
    if match is None or kind not in TYPES:
        known = ", ".join(TYPES)
        raise click.UsageError(
            f"--schema: {text!r} is no field: write 'name', 'age int' or 'bio: words'; types: {known}"
        )
    words: JSONObject = {"description": match["words"].strip()} if match["words"] else {}
    return match["name"], {"type": TYPES[kind], **words}


def _is_file(text: str) -> bool:
    try:
        return Path(text).is_file()
    except OSError:  # too long for a name, or not allowed in one
        return False


def _parsed(text: str | bytes, where: str) -> JSONObject:
    try:
        return parse_object(text)
    except DecodeError as error:
        raise click.UsageError(f"{where} holds no JSON Schema: {error}") from None
