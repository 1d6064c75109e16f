"""The JSON documents inside a recorded body: one, or those of its stream's events.

Law: what is not changed stays as it was, line ends and comments included.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from chat_core.codec.wire import dump
from chat_core.errors import DecodeError
from chat_core.jsonvalue import parse

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.wire.corpus import Exchange

    from chat_core.jsonvalue import JSON

_LINE = re.compile(r"([^\r\n]*)(\r\n|\r|\n|$)")
_DATA = re.compile(r"data: ?(?=[{\[])")


def documents(exchange: Exchange) -> list[JSON]:
    """Return a reply's JSON documents: one, or those of its stream."""
    found: list[JSON] = []

    def see(document: JSON) -> JSON:
        found.append(document)
        return document

    with_documents(exchange, see)
    return found


def with_documents(exchange: Exchange, change: Callable[[JSON], JSON]) -> Exchange:
    """Return a copy whose reply's documents are changed."""
    match exchange.response:
        case {"sse": str(text)}:
            lines = [_line(line[1], change) + line[2] for line in _LINE.finditer(text)]
            return exchange.but(response={**exchange.response, "sse": "".join(lines)})
        case {"ndjson": str(text)}:
            lines = [dump(change(parse(line))).decode() if line.strip() else line for line in text.split("\n")]
            return exchange.but(response={**exchange.response, "ndjson": "\n".join(lines)})
        case {"json_array_stream": str(text)}:
            items = parse(text)
            changed = [dump(change(item)) for item in (items if isinstance(items, list) else [items])]
            array = b"[" + b",\n".join(changed) + b"]"
            return exchange.but(response={**exchange.response, "json_array_stream": array.decode()})
        case {"json": document}:
            return exchange.but(response={**exchange.response, "json": change(document)})
        case _:
            return exchange


def _line(line: str, change: Callable[[JSON], JSON]) -> str:
    if not (field_name := _DATA.match(line)):
        return line
    try:
        document = parse(line[field_name.end() :])
    except DecodeError:
        return line  # an event over several lines, or none of JSON
    return field_name[0] + dump(change(document)).decode()
