"""Checks JSON against a raw JSON Schema; the one file that knows the library `jsonschema`, which is optional.

Law: the schema alone decides. References to other documents are never fetched, and a schema that cannot be checked is
an error, not a pass.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from chat_core.errors import ConfigurationError
from chat_core.jsonvalue import excerpt
from chat_core.schemas.faults import MAX_FAULTS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chat_core.jsonvalue import JSON, JSONObject


def require_checkable(schema: JSONObject) -> None:
    """Require that values can be checked against a schema.

    Raises:
        ConfigurationError: the library is not installed, or the schema is malformed.
    """
    library = _library()
    try:
        _kind(library, schema)
    except library.exceptions.SchemaError as error:
        raise _malformed(error) from None


def faults_by(schema: JSONObject, value: JSON) -> tuple[str, ...]:
    """Return what is wrong with a value, one line each, `MAX_FAULTS` at most; nothing when it is valid.

    Raises:
        ConfigurationError: the library is not installed, or the schema is malformed or refers to another document.
    """
    library = _library()
    try:
        found = sorted(_found(library, schema, value), key=lambda fault: str(fault.json_path))
    except library.exceptions.SchemaError as error:
        raise _malformed(error) from None
    except import_module("referencing.exceptions").Unresolvable as error:
        raise ConfigurationError(
            f"the JSON Schema refers to {excerpt(str(error.ref))}, which is not in it and is never fetched: put it "
            "under $defs"
        ) from None
    except RecursionError:
        raise ConfigurationError("the JSON Schema refers to itself without end") from None
    lines = [f"{_place(fault.json_path)}: {excerpt(fault.message)}" for fault in found[:MAX_FAULTS]]
    more = len(found) - MAX_FAULTS
    return (*lines, f"and {more} more") if more > 0 else tuple(lines)


def _found(library: Any, schema: JSONObject, value: JSON) -> Iterator[Any]:  # noqa: ANN401 - the library has no types
    kind = _kind(library, schema)
    registry = import_module("referencing").Registry()  # an empty one: the library's own would fetch
    return iter(kind(schema, registry=registry).iter_errors(value))


def _kind(library: Any, schema: JSONObject) -> Any:  # noqa: ANN401 - as above
    kind = library.validators.validator_for(schema, default=library.Draft202012Validator)
    kind.check_schema(schema)
    return kind


def _malformed(error: Any) -> ConfigurationError:  # noqa: ANN401 - as above
    return ConfigurationError(f"not a valid JSON Schema: {excerpt(error.message)}")


def _place(path: str) -> str:
    return path.removeprefix("$").removeprefix(".") or "answer"


def _library() -> Any:  # noqa: ANN401 - the library has no types
    try:
        return import_module("jsonschema")
    except ImportError:
        raise ConfigurationError(
            'a raw JSON Schema is checked by a library that is not installed: pip install "chat-core[jsonschema]"'
        ) from None
