"""Chat templates: programs that came with a model, run in a sandbox with a bound on time and size.

Law: a template sees plain JSON and nothing of this process. What it asks for beyond its bounds ends it with an error;
so does what the sandbox forbids. The dialect is that of transformers: its globals, its `tojson`, its blocks.
Every round of a loop looks at the clock.
"""

from __future__ import annotations

import json
from datetime import datetime
from functools import lru_cache, wraps
from typing import TYPE_CHECKING, Any, NoReturn, cast

from jinja2 import nodes, pass_environment
from jinja2.exceptions import SecurityError
from jinja2.ext import Extension, loopcontrols
from jinja2.filters import make_attrgetter
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import Namespace
from jinja2.visitor import NodeTransformer

from chat_core.errors import ConfigurationError
from chat_local.bounds import (
    Budget,
    budget,
    listed,
    require_bits,
    require_bounded,
    require_length,
    require_narrow,
    require_size,
    require_small,
    size_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from jinja2 import Environment, Template
    from jinja2.parser import Parser
    from jinja2.runtime import Context

    from chat_core.jsonvalue import JSON

MAX_SOURCE = 1024 * 1024
"""Most characters of a template."""

_SIZED = frozenset({"batch", "center", "indent", "round", "slice", "tojson", "truncate", "wordwrap"})
"""Filters that a number tells how much to make."""

_WHOLE = frozenset(
    {
        "attr", "batch", "count", "d", "default", "dictsort", "first", "groupby", "items", "last", "length", "list",
        "map", "max", "min", "random", "reject", "rejectattr", "reverse", "select", "selectattr", "slice", "sort",
        "unique",
    }
)  # fmt: skip
"""Filters that write nothing of what they are given as text."""


def _captured(pieces: Iterable[str]) -> str:
    """Join what a block or macro has written, unless that is enormous."""
    found: list[str] = []
    size = 0
    for piece in pieces:
        size += len(piece)
        require_size(size)
        found.append(piece)
    budget.get().tick()
    return "".join(found)


def render(template: str, values: Mapping[str, JSON | Callable[..., object]]) -> str:
    """Run a template.

    Args:
        template: its text.
        values: what it knows: messages, tools, special tokens and the user's own words for it.

    Raises:
        ConfigurationError: it is malformed, forbids the conversation, or does what templates may not do.
    """
    token = budget.set(run := Budget())
    try:
        return "".join(run.wrote(piece) for piece in compiled(template).generate(values))
    except Refused as refused:
        raise ConfigurationError(f"the model's chat template refuses this conversation: {refused}") from None
    except SecurityError as error:
        raise ConfigurationError(f"the model's chat template does what templates may not do: {error}") from None
    except (RecursionError, MemoryError):
        raise ConfigurationError("the model's chat template does what templates may not do: it never ends") from None
    except Exception as error:  # noqa: BLE001 - a template can raise whatever its values do
        raise ConfigurationError(f"the model's chat template failed: {type(error).__name__}: {error}") from None
    finally:
        budget.reset(token)


@lru_cache(maxsize=32)
def compiled(template: str) -> Template:
    """Compile a template; the last few are kept."""
    if len(template) > MAX_SOURCE:
        raise SecurityError(f"it has more than {MAX_SOURCE} characters itself")
    return _environment().from_string(template)


class Refused(Exception):
    """A template called `raise_exception`."""


class _Generation(Extension):
    """`{% generation %}` marks what a model writes, for training; here it is passed through."""

    tags = {"generation"}  # noqa: RUF012 - jinja's own declaration is such a set

    def parse(self, parser: Parser) -> list[nodes.Node]:
        """Keep what is inside of the block."""
        next(parser.stream)
        return parser.parse_statements(("name:endgeneration",), drop_needle=True)


class Sandbox(ImmutableSandboxedEnvironment):
    """Jinja's sandbox, with bounds."""

    intercepted_binops = frozenset({"+", "*", "**", "%"})
    concat = staticmethod(_captured)

    def tick(self) -> str:
        """Look at the clock: every round of a loop and every call of a macro does."""
        budget.get().tick()
        return ""

    def joined(self, *parts: object) -> str:
        """Join texts: the operator `~`."""
        require_size(sum(size_of(part) for part in parts))
        text = "".join(str(part) for part in parts)
        budget.get().made(text)
        return text

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:  # noqa: ANN401 - jinja's own
        """Calculate, unless the result would be enormous."""
        match operator, left, right:
            case "*", str(), int():
                require_size(len(left) * right)
            case "*", int(), str():
                require_size(left * len(right))
            case "*", (list() | tuple()), int():
                require_length(len(cast("Sequence[object]", left)) * right)
            case "*", int(), (list() | tuple()):
                require_length(left * len(cast("Sequence[object]", right)))
            case "*", int(), int():
                require_bits(left.bit_length() + right.bit_length())
            case "**", int(), int():
                require_bits(left.bit_length() * right)
            case "%", str(), _:
                require_narrow(left, right)
            case _:
                pass
        found = super().call_binop(context, operator, left, right)
        budget.get().made(found)
        return found

    def call(*arguments: Any, **named: Any) -> Any:  # noqa: ANN401 - jinja's own; a template may name its `self`
        """Call a function or method, unless its result would be enormous."""
        sandbox, context, function, *rest = arguments
        owner = getattr(function, "__self__", None)
        if isinstance(owner, str):
            if function.__name__ == "join" and rest:
                rest[0] = listed(rest[0])
            require_bounded(owner, function.__name__, rest, named)
        elif isinstance(owner, int | float):
            for value in (*rest, *named.values()):
                require_small(value)
        found = ImmutableSandboxedEnvironment.call(sandbox, context, function, *rest, **named)
        budget.get().made(found)
        return found

    def wrap_str_format(self, value: Any) -> Callable[..., str] | None:  # noqa: ANN401 - jinja's own
        """Let the method `format` of texts have a bound, too."""
        wrapped = super().wrap_str_format(value)
        if wrapped is None:
            return None

        @wraps(wrapped)
        def checked(*arguments: Any, **named: Any) -> str:  # noqa: ANN401 - any values
            require_narrow(value.__self__, arguments, named)
            return wrapped(*arguments, **named)

        return checked

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:  # noqa: ANN401 - jinja's own
        """Forbid what begins with an underscore, on namespaces as well."""
        return not attr.startswith("_") and super().is_safe_attribute(obj, attr, value)

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        """Parse, and let every loop and macro look at the clock."""
        tree = super()._parse(source, name, filename)
        bodies: list[list[nodes.Node]] = [
            *(block.body for block in tree.find_all(nodes.For)),
            *(block.body for block in tree.find_all(nodes.Macro)),
            *(block.body for block in tree.find_all(nodes.CallBlock)),
        ]
        for body in bodies:
            body.insert(0, nodes.ExprStmt(_called("tick")))
        found: nodes.Template = _Joins().visit(tree)
        return found


class _Joins(NodeTransformer):
    """Lets `~` be `Sandbox.joined`, which has a bound."""

    def visit_Concat(self, node: nodes.Concat) -> nodes.Node:  # noqa: N802 - jinja's own
        """Replace the operator."""
        self.generic_visit(node)
        return _called("joined", *node.nodes)


def _called(method: str, *arguments: nodes.Expr) -> nodes.Call:
    """Return a call of one of the sandbox's own methods, which no name of a template can stand before."""
    return nodes.Call(nodes.EnvironmentAttribute(method), [*arguments], [], None, None)


def _environment() -> Sandbox:
    made = Sandbox(trim_blocks=True, lstrip_blocks=True, extensions=[_Generation, loopcontrols], finalize=_written)
    filters: dict[str, Callable[..., Any]] = {**made.filters, "join": _join, "sum": _sum, "tojson": to_json}
    made.filters = {name: _bounded(name, function) for name, function in filters.items()}
    made.globals.pop("lipsum", None)
    names: dict[str, Any] = made.globals
    names |= {"raise_exception": _refuse, "strftime_now": _now, "namespace": Namespace}
    return made


def to_json(
    value: object,
    ensure_ascii: bool = False,  # noqa: FBT001, FBT002 - as above
    indent: int | None = None,
    separators: Sequence[str] | None = None,
    sort_keys: bool = False,  # noqa: FBT001, FBT002 - as above
) -> str:
    """Write JSON as transformers' templates expect it: unescaped, for models and not for HTML."""
    marks = None if separators is None else (separators[0], separators[1])
    return json.dumps(value, ensure_ascii=ensure_ascii, indent=indent, separators=marks, sort_keys=sort_keys)


def _bounded(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """Let a filter check what it is given and what it gives."""

    @wraps(function)
    def checked(*arguments: Any, **named: Any) -> Any:  # noqa: ANN401 - any filter
        given = (*arguments, *named.values())
        if name in _SIZED:
            for value in given[1:]:
                require_small(value)
        if name not in _WHOLE:
            require_size(sum(map(size_of, given)))
        texts = [value for value in given if isinstance(value, str)]
        if name in {"format", "replace"} and texts:
            require_bounded(texts[0], name, texts[1:] if name == "replace" else given[1:], {})
        found = function(*arguments, **named)
        budget.get().made(found)
        return found

    return checked


@pass_environment
def _join(environment: Environment, values: Iterable[object], d: object = "", attribute: str | None = None) -> str:
    """Join the texts of a list, unless the result would be enormous."""
    items = listed(values)
    if attribute is not None:
        items = [*map(make_attrgetter(environment, attribute), items)]
    mark = str(d)
    require_bounded(mark, "join", [items], {})
    return mark.join(map(str, items))


def _sum(values: Iterable[object], attribute: str | int | None = None, start: object = 0) -> object:
    """Add up numbers; joining lists so takes time without end."""
    if not isinstance(start, int | float):
        raise SecurityError("it adds up what are no numbers")
    if attribute is not None:
        raise SecurityError("it adds up by an attribute")  # never seen in a chat template
    found: int | float = start
    for value in values:
        if not isinstance(value, int | float):
            raise SecurityError("it adds up what are no numbers")
        found += value
    return found


def _written(value: object) -> object:
    """Look at what an expression writes before it does."""
    require_size(size_of(value))
    return value


def _refuse(message: object) -> NoReturn:
    raise Refused(str(message))


def _now(form: str) -> str:
    require_narrow(form)
    return datetime.now().strftime(form)  # noqa: DTZ005 - the user's own time, as in transformers
