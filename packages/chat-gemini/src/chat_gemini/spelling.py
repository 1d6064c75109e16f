"""Names of members: the wire writes them in camel case and reads snake case as well.

Law: only names that the wire defines are rewritten. Arguments, results, schemas and maps of the user's are left alone.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON, JSONObject

FREE = frozenset({
    "args", "response", "parameters", "parametersJsonSchema", "responseSchema", "responseJsonSchema", "labels",
    "partMetadata", "headers", "customMetadata",
})  # fmt: skip
"""Members whose content is somebody else's."""

_INNER = re.compile(r"(?<=[A-Za-z0-9])_([a-z0-9])")


def camel(name: str) -> str:
    """Return a member's name in camel case."""
    return _INNER.sub(lambda found: found[1].upper(), name)


def camel_object(data: JSONObject) -> JSONObject:
    """Rewrite the names of an object's members, at all levels that are the wire's own."""
    named = ((camel(key), value) for key, value in data.items())
    return {key: value if key in FREE else _camel(value) for key, value in named}


def _camel(value: JSON) -> JSON:
    match value:
        case dict():
            return camel_object(value)
        case list():
            return [_camel(item) for item in value]
        case _:
            return value
