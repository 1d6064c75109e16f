"""Types and JSON Schema: the one file that knows pydantic.

Law: schemas are whole, as pydantic makes them: nested types, references, enums, unions and defaults. pydantic is loaded
by the first call, and none of its types leaves this file.
"""

from __future__ import annotations

import inspect
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Annotated, Any, cast

from chat_core.errors import ChatError, ConfigurationError
from chat_core.frozen import dataclass
from chat_core.jsonvalue import excerpt, parse
from chat_core.schemas import faults
from chat_core.schemas.faults import Unfit

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from pydantic import BaseModel, TypeAdapter, ValidationError
    from pydantic.fields import FieldInfo
    from pydantic.json_schema import GenerateJsonSchema

    from chat_core.jsonvalue import JSON, JSONObject

_REST = "**"
"""The member that holds the free keyword arguments of a function while they are checked; no schema shows it."""

VALUE = "value"
"""The member that holds an output whose own root is no object."""


@dataclass(frozen=True, slots=True)
class Arguments:
    """The arguments of a function, as a schema and as a check.

    Attributes:
        schema: the JSON Schema of an object that holds them.
        validated: makes keyword arguments of such an object; arguments that were not sent are left to the function's
            own defaults. Raises `Unfit`.
    """

    schema: JSONObject
    validated: Callable[[JSONObject], dict[str, object]]


def arguments_of(
    name: str,
    parameters: Mapping[str, inspect.Parameter],
    *,
    hidden: Collection[str] = (),
    descriptions: Mapping[str, str],
) -> Arguments:
    """Return the schema and the check of a function's arguments.

    Args:
        name: the function's name, for errors.
        parameters: the parameters that a model gives, with resolved annotations.
        hidden: names that it may not give, even if the function takes any.
        descriptions: what the docstring says about parameters; what an annotation says comes first.

    Raises:
        ConfigurationError: no schema can be made of a parameter's type.
    """
    named = {key: p for key, p in parameters.items() if p.kind is not inspect.Parameter.VAR_KEYWORD}
    fields = {f"p{number}": _field(p, descriptions.get(key)) for number, (key, p) in enumerate(named.items())}
    names = dict(zip(fields, named, strict=True))
    free = next((p for p in parameters.values() if p.kind is inspect.Parameter.VAR_KEYWORD), None)
    model = _model(name, fields if free is None else {**fields, "rest": _rest(free)})
    schema = _opened(_schema(model, name))
    known, refused = {*cast("JSONObject", schema["properties"])}, {*hidden, *named}

    def validated(data: JSONObject) -> dict[str, object]:
        extra = {} if free is None else {key: item for key, item in data.items() if key not in known}
        if clash := extra.keys() & refused:
            raise Unfit(faults.unwanted(clash))
        whole: JSONObject = {**data}
        if free is not None:
            whole = {**{key: item for key, item in data.items() if key in known}, _REST: extra}
        value = _validated(model, whole, data)
        sent = value.model_fields_set
        given = {key: getattr(value, field) for field, key in names.items() if field in sent or _is_ours(named[key])}
        return given | cast("dict[str, object]", getattr(value, "rest", {}))

    return Arguments(schema, validated)


def jsonable(value: object) -> JSON:
    """Return a value as JSON, by pydantic: models, dataclasses, enums, dates, decimals, paths, sets and the like.

    Raises:
        TypeError: it cannot be written as JSON.
    """
    from pydantic_core import to_json  # noqa: PLC0415 - the import costs 19 ms: paid by whoever needs it

    try:
        return parse(to_json(value, inf_nan_mode="constants"))
    except (ValueError, ChatError) as error:
        kind = type(value).__name__
        raise TypeError(f"{kind} cannot be written as JSON: {excerpt(str(error))}") from None


def faults_of(error: ValidationError, data: JSON, *, root: str = "arguments") -> tuple[str, ...]:
    """Return what is wrong with `data`, called `root`, one line each, `faults.MAX_FAULTS` at most."""
    found = error.errors(include_url=False, include_context=False)
    return faults.told([{**fault, "input": _shown(fault["input"])} for fault in found], data, root=root)


def _shown(value: object) -> str:
    from pydantic_core import to_json  # noqa: PLC0415 - as in `jsonable`

    try:
        return to_json(value, fallback=repr).decode()
    except ValueError:  # a lone surrogate
        return ascii(value)


def _validated(model: type[BaseModel], whole: JSONObject, data: JSONObject) -> BaseModel:
    """Check `whole`, which holds `data`, in JSON's own terms: what is text there is a date, a decimal, an enum here."""
    from pydantic import ValidationError  # noqa: PLC0415 - as in `jsonable`
    from pydantic_core import to_json  # noqa: PLC0415 - as in `jsonable`

    try:
        try:
            text = to_json(whole)
        except ValueError:  # a lone surrogate, which JSON can spell and UTF-8 cannot
            return model.model_validate(whole)
        return model.model_validate_json(text)
    except ValidationError as error:
        raise Unfit(faults_of(error, data)) from None


def _model(name: str, fields: Mapping[str, object]) -> type[BaseModel]:
    """Make a model whose fields have neutral names: a parameter may be called `schema`, `copy` or `_x`."""
    from pydantic import ConfigDict, create_model  # noqa: PLC0415 - as in `jsonable`
    from pydantic.errors import PydanticUserError  # noqa: PLC0415 - as in `jsonable`

    config = ConfigDict(extra="forbid")  # dataclasses and typed dicts inside inherit it
    try:
        return create_model("Arguments", __config__=config, **cast("dict[str, Any]", fields))
    except (PydanticUserError, TypeError, ValueError) as error:
        raise _no_schema(name, error) from None


def _opened(schema: JSONObject) -> JSONObject:
    """Say of an object that it takes any further members, where the model has a field that stands for them."""
    match schema:
        case {"properties": dict(members)} if isinstance(rest := members.pop(_REST, None), dict):
            return {**schema, "additionalProperties": rest.get("additionalProperties", True)}
        case _:
            return schema


def _schema(model: type[BaseModel], name: str) -> JSONObject:
    from pydantic.errors import PydanticUserError  # noqa: PLC0415 - as in `jsonable`

    try:
        schema = cast("JSONObject", model.model_json_schema(schema_generator=_generator()))
    except PydanticUserError as error:
        raise _no_schema(name, error) from None
    schema.pop("title", None)  # of the model made here, not the user's
    return schema


def _no_schema(name: str, error: Exception) -> ConfigurationError:
    reason = str(error).partition("\n")[0]
    return ConfigurationError(
        f"no JSON Schema can be made for the tool {name!r}: {reason} (use a type that pydantic knows, or bind the "
        "parameter with functools.partial)"
    )


def _field(parameter: inspect.Parameter, description: str | None) -> tuple[object, object]:
    from pydantic import Field  # noqa: PLC0415 - as in `jsonable`

    annotation = _annotation(parameter)
    words = next((text for text in _metadata(annotation) if isinstance(text, str)), description)
    said = [place for place in (parameter.default, *_metadata(annotation)) if _is_field(place)]
    own = cast("list[FieldInfo]", said)
    if words is not None and all(field.description is None for field in own):
        annotation = Annotated[annotation, Field(description=words)]
    if all(field.validation_alias is None for field in own):
        annotation = Annotated[annotation, Field(alias=parameter.name)]
    default = ... if parameter.default is inspect.Parameter.empty else parameter.default
    return annotation, default


def _rest(parameter: inspect.Parameter) -> tuple[object, object]:
    from pydantic import Field  # noqa: PLC0415 - as in `jsonable`

    return dict.__class_getitem__((str, _annotation(parameter))), Field(alias=_REST)


def _annotation(parameter: inspect.Parameter) -> object:
    return object if parameter.annotation is inspect.Parameter.empty else parameter.annotation


def _metadata(annotation: object) -> Sequence[object]:
    return cast("Sequence[object]", getattr(annotation, "__metadata__", ()))


def _is_field(value: object) -> bool:
    from pydantic.fields import FieldInfo  # noqa: PLC0415 - as in `jsonable`

    return isinstance(value, FieldInfo)


def _is_ours(parameter: inspect.Parameter) -> bool:
    """Tell whether the function itself has no default: then a default that `Field` declares is to be given."""
    return parameter.default is inspect.Parameter.empty or _is_field(parameter.default)


@cache
def _generator() -> type[GenerateJsonSchema]:
    from pydantic.json_schema import GenerateJsonSchema  # noqa: PLC0415 - as in `jsonable`

    class Schemas(GenerateJsonSchema):
        """Leaves out what nobody wrote: titles made from names, and defaults that are no JSON without a warning."""

        ignored_warning_kinds = {"skipped-choice", "non-serializable-default"}  # noqa: RUF012 - as pydantic declares it

        def field_title_should_be_set(self, schema: object) -> bool:  # noqa: ARG002 - pydantic's signature
            return False

    return Schemas


def schema_of(wanted: object) -> tuple[JSONObject, bool]:
    """Return the schema of a type, and whether its root is no object and was made the member `value` of one.

    Raises:
        ConfigurationError: no schema can be made of it.
    """
    from pydantic.errors import PydanticUserError  # noqa: PLC0415 - as in `jsonable`

    try:
        schema = _rooted(_schema_of(_checker(wanted, repr(wanted), wrapped=False)))
        if schema.get("type") == "object":
            return schema, False
        wrapper = _schema_of(_checker(wanted, repr(wanted), wrapped=True))
    except (PydanticUserError, TypeError, ValueError, NameError) as error:
        reason = str(error).partition("\n")[0]
        raise ConfigurationError(
            f"no JSON Schema can be made for the output {wanted!r}: {reason} Ask for a type that pydantic knows: a "
            "model, a dataclass, a TypedDict, a list, a union, a primitive; or pass a JSON Schema"
        ) from None
    wrapper.pop("title", None)  # of the model made here, not the user's
    return wrapper, True


def value_of(wanted: object, text: str, data: JSON, *, wrapped: bool) -> object:
    """Turn JSON into a value of the type, as strictly as pydantic takes JSON.

    Args:
        wanted: the type.
        text: the JSON.
        data: the same, parsed.
        wrapped: it is the member `value` of an object.

    Raises:
        Unfit: it does not fit.
    """
    from pydantic import ValidationError  # noqa: PLC0415 - as in `jsonable`

    checker = _checker(wanted, repr(wanted), wrapped=wrapped)
    try:
        value = checker.validate_json(text)
    except ValidationError as error:
        raise Unfit(faults_of(error, data, root="answer")) from None
    return getattr(value, VALUE) if wrapped else value


def _checker(wanted: object, spelled: str, *, wrapped: bool) -> TypeAdapter[object]:
    """Return what checks a type, made once; unions that differ in their order are equal, but are spelled otherwise."""
    try:
        return _known_checker(wanted, spelled, wrapped=wrapped)
    except TypeError:  # no hash
        return _new_checker(wanted, wrapped=wrapped)


@lru_cache(maxsize=256)
def _known_checker(wanted: object, spelled: str, *, wrapped: bool) -> TypeAdapter[object]:  # noqa: ARG001 - part of the cache's key
    return _new_checker(wanted, wrapped=wrapped)


def _new_checker(wanted: object, *, wrapped: bool) -> TypeAdapter[object]:
    from pydantic import ConfigDict, TypeAdapter, create_model  # noqa: PLC0415 - as in `jsonable`

    if isinstance(wanted, str):
        raise TypeError("it is text, not a type")
    if not wrapped:
        return TypeAdapter(cast("type[object]", wanted))
    make = cast("Callable[..., type[object]]", create_model)  # its overloads know no names of fields made at run time
    return TypeAdapter(make("Output", __config__=ConfigDict(extra="forbid"), **{VALUE: (wanted, ...)}))


def _schema_of(checker: TypeAdapter[object]) -> JSONObject:
    return cast("JSONObject", checker.json_schema(schema_generator=_generator()))


def _rooted(schema: JSONObject) -> JSONObject:
    """Put the definition that the root refers to in the place of the root: services want to see an object there."""
    match schema:
        case {"$ref": str(ref), "$defs": dict(defs), **rest} if isinstance(root := defs.get(ref[8:]), dict):
            return {**root, **rest, "$defs": defs}
        case _:
            return schema
