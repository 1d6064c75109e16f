"""A function with the tool that it is: its declaration, the check of its arguments, and what it is given when it runs.

Law: a model's mistake is answered, a program's is raised. Arguments that do not parse or fit become error results that
the model can act on; a function that cannot be a tool is refused where it is declared, or when its schema is first
needed. Nothing is coerced but what pydantic's JSON mode takes.
"""

from __future__ import annotations

import inspect
import re
import sys
from dataclasses import field, replace
from importlib import import_module
from types import FunctionType, MethodType, UnionType
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    Concatenate,
    Generic,
    TypeAlias,
    Union,
    cast,
    get_args,
    get_origin,
    overload,
)

from chat_core.errors import ConfigurationError
from chat_core.frozen import dataclass
from chat_core.functions import docstrings, signatures
from chat_core.functions.results import failed, unreadable
from chat_core.parts import Meta, ToolCall, no_meta
from chat_core.schemas.faults import Unfit, unwanted
from chat_core.schemas.typed import Arguments, arguments_of
from chat_core.tools import Tool

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from typing_extensions import ParamSpec, TypeVar

    from chat_core.approval import Verdict
    from chat_core.codec.effects import Report
    from chat_core.jsonvalue import JSONObject
    from chat_core.messages import Message
    from chat_core.parts import ToolResult

    D_co = TypeVar("D_co", covariant=True, default=object)
    P = ParamSpec("P", default=...)
    R_co = TypeVar("R_co", covariant=True, default=object)
    S = TypeVar("S")
    Q = ParamSpec("Q")
else:
    from typing import ParamSpec, TypeVar

    D_co, R_co, S = TypeVar("D_co", covariant=True), TypeVar("R_co", covariant=True), TypeVar("S")
    P, Q = ParamSpec("P"), ParamSpec("Q")

Said: TypeAlias = "Verdict | bool | None"
Approval: TypeAlias = "bool | Callable[[ToolCall], Said | Awaitable[Said]]"
"""Whether a human is asked before a call runs: always, never, or as a function of the call says."""

_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")


@dataclass(frozen=True, slots=True, weakref_slot=True)
class ToolContext(Generic[D_co]):
    """What a function is given for a parameter that it annotates with `ToolContext`.

    Attributes:
        call: the call that it answers.
        deps: what the program handed to the conversation as `context=`.
        messages: the conversation before the call.
        report: how its job reports; see `progress`.
    """

    call: ToolCall
    deps: D_co
    messages: tuple[Message, ...]
    report: Report = field(repr=False)

    @property
    def cancelled(self) -> bool:
        """Whether the function shall stop: nobody waits for it any more."""
        return self.report.cancelled

    def progress(self, value: object) -> None:
        """Report progress to whoever reads the stream; goes nowhere once cancelled.

        Raises:
            SlowConsumer: nobody takes the reports.
        """
        self.report(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """A call whose arguments were checked: ready to run.

    Attributes:
        call: the call.
        arguments: keyword arguments for the function, without the context.
        context: names of the parameters that take the `ToolContext`.
    """

    call: ToolCall
    arguments: dict[str, object] = field(hash=False)
    context: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Built:
    """What is made of a tool when it is first needed."""

    declaration: Tool
    context: tuple[str, ...]
    validated: Callable[[JSONObject], dict[str, object]]


@dataclass(frozen=True, slots=True, kw_only=True, weakref_slot=True)
class FunctionTool(Generic[P, R_co]):
    """A tool with the function that runs it. Called, it is that function.

    Attributes:
        function: what runs; its result may be awaitable.
        name: how the model calls it.
        description: when and how to use it; `None` = what the docstring says.
        parameters: a JSON Schema written by hand, sent as it is; the arguments are then handed over unchecked. `None` =
            made from the signature, and checked.
        strict: whether the service has to hold the model to the schema; `None` = not sent.
        approval: whether a human is asked before it runs.
        timeout: seconds; `None` = no limit of its own.
        idempotent: it may run again when it is not known whether it ran.
        meta: what one service wants to know about it, by origin.
        names: local names that its annotations mention.
    """

    function: Callable[P, R_co] = field(repr=False)
    name: str
    description: str | None = None
    parameters: JSONObject | None = field(default=None, hash=False)
    strict: bool | None = None
    approval: Approval = False
    timeout: float | None = None
    idempotent: bool = False
    meta: Meta = field(default_factory=no_meta, hash=False)
    names: dict[str, object] = field(default_factory=dict[str, object], repr=False, compare=False)
    _built: dict[bool, _Built] = field(default_factory=dict[bool, _Built], init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Refuse what can be seen to be wrong without making a schema."""
        if _NAME.fullmatch(self.name) is None:
            fix = "give it one of 1 to 64 letters, digits, _ and -: tool(…, name='…')"
            raise ConfigurationError(f"a tool cannot be called {self.name!r}: {fix}")
        if self.timeout is not None and not self.timeout > 0:
            raise ConfigurationError(f"timeout of the tool {self.name!r}: give seconds above 0, or None for no limit")
        _refuse(self.name, self.function)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R_co:
        """Call the function as it is."""
        return self.function(*args, **kwargs)

    @overload
    def __get__(self, instance: None, owner: type | None = None) -> FunctionTool[P, R_co]: ...
    @overload
    def __get__(
        self: FunctionTool[Concatenate[S, Q], R_co], instance: S, owner: type | None = None
    ) -> FunctionTool[Q, R_co]: ...
    def __get__(self, instance: object, owner: type | None = None) -> FunctionTool[..., R_co]:
        """Bind a method to its object, as functions do; what was made for one object serves all."""
        if instance is None or not isinstance(self.function, FunctionType):
            return self
        bound = replace(self, function=cast("Callable[P, R_co]", MethodType(self.function, instance)))
        object.__setattr__(bound, "_built", self._built)
        return bound

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle by name, as functions are; by content where the name means the plain function."""
        written = signatures.innermost(self.function)
        owner: object = getattr(self.function, "__self__", None)
        if owner is not None and getattr(owner, written.__name__, None) == self:
            return getattr, (owner, written.__name__)
        if _found(written.__module__, written.__qualname__) is self:
            return _found, (written.__module__, written.__qualname__)
        state = (self.function, self.name, self.description, self.parameters, self.strict)
        return _remade, (*state, self.approval, self.timeout, self.idempotent, self.meta)

    @property
    def __wrapped__(self) -> Callable[P, R_co]:
        """The function, for `inspect` and documentation tools."""
        return self.function

    @property
    def declaration(self) -> Tool:
        """What a request declares.

        Raises:
            ConfigurationError: no schema can be made of the signature.
        """
        return self._made().declaration

    def bind(self, call: ToolCall) -> Bound | ToolResult:
        """Check a call's arguments: it is ready to run, or the result tells the model what is wrong.

        Raises:
            ConfigurationError: no schema can be made of the signature.
        """
        if call.arguments is None:
            return failed(call, unreadable(call))
        made = self._made()
        try:
            return Bound(call=call, arguments=made.validated(call.arguments), context=made.context)
        except Unfit as error:
            lines = "\n".join(f"- {fault}" for fault in error.faults)
            text = f"The arguments of {call.name} do not fit its schema:\n{lines}\nCall it again with what it asks for."
            return failed(call, text)

    def run(self, bound: Bound, context: ToolContext[object]) -> object | Awaitable[object]:
        """Call the function; what it returns may have to be awaited."""
        function = cast("Callable[..., object]", self.function)
        return function(**bound.arguments, **dict.fromkeys(bound.context, context))

    def _made(self) -> _Built:
        key = isinstance(self.function, MethodType)  # a method shares this with its unbound self
        if (made := self._built.get(key)) is None:
            made = self._built.setdefault(key, self._build())
        return made

    def _build(self) -> _Built:
        parameters = signatures.signature_of(self.function).parameters
        hints = signatures.hints_of(self.function, parameters, self.names)
        context = tuple(name for name in parameters if _is_context(hints.get(name)))
        seen = {name: p.replace(annotation=hints.get(name, p.annotation)) for name, p in parameters.items()}
        asked = {name: parameter for name, parameter in seen.items() if name not in context}
        hidden = {*context, *signatures.bound_names(self.function)}
        text, words = docstrings.read(signatures.document_of(self.function))
        arguments = (
            arguments_of(self.name, asked, hidden=hidden, descriptions=words)
            if self.parameters is None
            else Arguments(self.parameters, lambda data: _unchecked(data, hidden))
        )
        declaration = Tool(
            name=self.name,
            parameters=arguments.schema,
            description=text if self.description is None else self.description,
            strict=self.strict,
            meta=self.meta,
        )
        return _Built(declaration, context, arguments.validated)


def _refuse(name: str, function: object) -> None:
    """Refuse what can be seen to be no tool."""
    if isinstance(function, staticmethod | classmethod):
        kind = type(cast("object", function)).__name__
        raise ConfigurationError(f"the tool {name!r} is a {kind}: write @{kind} above @tool")
    if isinstance(function, type) or not callable(function):
        raise ConfigurationError(f"the tool {name!r} is no function but {signatures.name_of(function)}")
    written = signatures.innermost(function)
    if inspect.isgeneratorfunction(written) or inspect.isasyncgenfunction(written):
        fix = "return one value, and report on the way by `progress` of a parameter annotated with ToolContext"
        raise ConfigurationError(f"the tool {name!r} is a generator: {fix}")
    signatures.signature_of(function)


def _is_context(hint: object) -> bool:
    if get_origin(hint) in {Union, UnionType, Annotated}:
        return any(map(_is_context, get_args(hint)))
    return hint is ToolContext or get_origin(hint) is ToolContext


def _unchecked(data: JSONObject, hidden: set[str]) -> dict[str, object]:
    if clash := data.keys() & hidden:
        raise Unfit(unwanted(clash))
    return {**data}


def _found(module: str, path: str) -> object:
    """Return what a module calls by a dotted name; `None` when there is no such thing."""
    value: object = sys.modules.get(module) or import_module(module)
    for name in path.split("."):
        value = getattr(value, name, None)
    return value


def _remade(*state: object) -> FunctionTool:
    function, name, description, parameters, strict, approval, timeout, idempotent, meta = cast("Any", state)
    return FunctionTool(
        function=function,
        name=name,
        description=description,
        parameters=parameters,
        strict=strict,
        approval=approval,
        timeout=timeout,
        idempotent=idempotent,
        meta=meta,
    )
