"""Structured output: what the program wants back, as a schema for the model and as a check of its answer.

Law: what comes out has been validated. A type's schema is whole; where its root is no object, which most services
demand, the answer travels as `{"value": …}` and is unwrapped again.
"""

from __future__ import annotations

import re
from dataclasses import field, replace
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast, overload

from chat_core.codec import wire
from chat_core.codec.subschemas import under
from chat_core.errors import ConfigurationError, DecodeError, OutputInvalid, UnsupportedContent
from chat_core.frozen import dataclass
from chat_core.jsonvalue import excerpt, parse
from chat_core.request import OutputFormat
from chat_core.request import Strategy as Strategy  # noqa: PLC0414 - offered here too
from chat_core.schemas.faults import Unfit
from chat_core.schemas.typed import VALUE, schema_of, value_of

if TYPE_CHECKING:
    from typing_extensions import TypeForm

    from chat_core.jsonvalue import JSON, JSONObject

T = TypeVar("T")

_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass(frozen=True, slots=True, kw_only=True, weakref_slot=True)
class Output(Generic[T]):
    """What the program wants back. Made by `output` or `output_of`.

    Attributes:
        format: what the request asks for; its schema is whole, and already wrapped where `wrapped` is set.
        strategy: how it is asked for; `None` = the provider's first choice.
        wanted: the type to validate into; an `OutputFormat` for JSON that is only checked against its schema.
        wrapped: the answer travels as `{"value": …}`, since its own root is no object.
    """

    format: OutputFormat
    strategy: Strategy | None = None
    wanted: object = field(hash=False)
    wrapped: bool = False

    def validate(self, text: str) -> T:
        """Turn the text of an answer, one JSON document, into what is wanted.

        Raises:
            OutputInvalid: the text is no JSON or does not fit.
            ConfigurationError: a raw schema cannot be checked; the message names the fix.
        """
        try:
            value = parse(text)
        except DecodeError as error:
            why = error.message.removesuffix(f": {excerpt(text)}")
            raise self.invalid(text, (f"answer: {why}",)) from None
        if isinstance(self.wanted, OutputFormat):
            return cast("T", self._checked(value, text))
        try:
            return cast("T", value_of(self.wanted, text, value, wrapped=self.wrapped))
        except Unfit as error:
            raise self.invalid(text, error.faults) from None

    def validate_value(self, value: JSON) -> T:
        """Turn a parsed answer into what is wanted.

        Raises:
            OutputInvalid: the value does not fit.
            ConfigurationError: as `validate`.
        """
        try:
            text = wire.dump(value).decode()
        except UnsupportedContent as error:
            raise self.invalid(repr(value), (f"answer: {error.message}",)) from None
        return self.validate(text)

    def require_checkable(self) -> None:
        """Require that answers can be checked, before one is paid for.

        Raises:
            ConfigurationError: as `validate`.
        """
        if isinstance(self.wanted, OutputFormat) and self.format.schema is not None:
            from chat_core.schemas.raw import require_checkable  # noqa: PLC0415 - as in `_checked`

            require_checkable(self.format.schema)

    def unwrapped(self, partial: JSON) -> JSON:
        """Return the wanted part of an answer, complete or partial; `None` when it has not begun."""
        if not self.wrapped:
            return partial
        return partial.get(VALUE) if isinstance(partial, dict) else None

    def invalid(self, text: str, faults: tuple[str, ...]) -> OutputInvalid:
        """Return the error for an answer that does not fit: why, what was wanted, and how the answer begins."""
        said = f"the answer does not have the form that was asked for: {'; '.join(faults)}"
        words = f"{said}. Wanted: {self._words}. The answer: {excerpt(text)!r}"
        return OutputInvalid(words, text=text, faults=faults)

    @property
    def _words(self) -> str:
        """What is wanted, in few words."""
        if isinstance(self.wanted, OutputFormat):
            named = "" if self.format.name is None else f" {self.format.name!r}"
            return "JSON" if self.format.schema is None else f"JSON of the schema{named}"
        return self.wanted.__name__ if isinstance(self.wanted, type) else excerpt(str(self.wanted))

    def _checked(self, value: JSON, text: str) -> JSON:
        if self.format.schema is not None:
            from chat_core.schemas.raw import faults_by  # noqa: PLC0415 - raw schemas are the seldom case

            if faults := faults_by(self.format.schema, value):
                raise self.invalid(text, faults)
        return self.unwrapped(value)


@overload
def output(
    wanted: Output[T], /, *, strategy: Strategy | None = None, name: str | None = None,
    description: str | None = None, strict: bool | None = None,
) -> Output[T]: ...  # fmt: skip
@overload
def output(
    wanted: OutputFormat | JSONObject, /, *, strategy: Strategy | None = None, name: str | None = None,
    description: str | None = None, strict: bool | None = None,
) -> Output[JSON]: ...  # fmt: skip
@overload
def output(
    wanted: TypeForm[T], /, *, strategy: Strategy | None = None, name: str | None = None,
    description: str | None = None, strict: bool | None = None,
) -> Output[T]: ...  # fmt: skip
def output(
    wanted: object, /, *, strategy: Strategy | None = None, name: str | None = None, description: str | None = None,
    strict: bool | None = None,
) -> Output[Any]:  # fmt: skip
    """Say what is wanted back, and how.

    Args:
        wanted: a pydantic model, dataclass, TypedDict, NamedTuple, enum, union, list, dict, primitive, `Literal`,
            `Annotated`; a JSON Schema as a dict; an `OutputFormat`; another `Output`, to change it.
        strategy: how to ask for it; `None` = the provider's first choice.
        name: what the schema is called, where the service wants to know.
        description: what it stands for, likewise.
        strict: whether the service has to hold the model to the schema; `None` = not sent.

    Raises:
        ConfigurationError: no schema can be made of it, or the name is none that services take.
    """
    return output_of(wanted, strategy=strategy, name=name, description=description, strict=strict)


def output_of(
    wanted: object, *, strategy: Strategy | None = None, name: str | None = None, description: str | None = None,
    strict: bool | None = None,
) -> Output[Any]:  # fmt: skip
    """Make an `Output`, as `output` does, of a value whose type is not known to type checkers."""
    if name is not None and _NAME.fullmatch(name) is None:
        raise ConfigurationError(
            f"the name of an output is 1 to 64 letters, digits, underscores and hyphens, not {name!r}"
        )
    made = _made(wanted)
    asked = {"name": name, "description": description, "strict": strict}
    form = replace(made.format, **{key: value for key, value in asked.items() if value is not None})  # type: ignore[arg-type] # the keys are its own fields
    return replace(made, format=form, strategy=made.strategy if strategy is None else strategy)


def _made(wanted: object) -> Output[Any]:
    match wanted:
        case Output():
            return cast("Output[Any]", wanted)  # type: ignore[redundant-cast] # pyright sees an Output[Unknown]
        case OutputFormat():
            return Output(format=wanted, wanted=wanted)
        case dict():
            return _of_schema(cast("JSONObject", wanted))
        case _:
            schema, wrapped = schema_of(wanted)
            return Output(format=OutputFormat(schema=schema), wanted=wanted, wrapped=wrapped)


def _of_schema(schema: JSONObject) -> Output[JSON]:
    raw = OutputFormat(schema=schema)
    if schema.get("type") == "object" or ("type" not in schema and "properties" in schema):
        return Output(format=raw, wanted=raw)
    return Output(format=OutputFormat(schema=under(schema, VALUE)), wanted=raw, wrapped=True)


def instructions(format: OutputFormat) -> str:
    """Return the words that ask for a form of the answer, for the strategy `prompted`."""
    wanted = "one JSON document" if format.schema is None else "one JSON object"
    lines = [f"Answer with {wanted} and nothing else: no words before or after it, and no code fence."]
    if format.description is not None:
        lines.append(f"What it stands for: {format.description}")
    if format.schema is not None:
        lines.append(f"It has to be valid under this JSON Schema:\n{wire.dump(format.schema).decode()}")
    return "\n\n".join(lines)


def complaint(faults: tuple[str, ...]) -> str:
    """Return the words that ask again for an answer that did not fit."""
    listed = "\n".join(f"- {fault}" for fault in faults)
    return f"The answer does not have the form that was asked for:\n{listed}\nGive the whole answer again, corrected."
