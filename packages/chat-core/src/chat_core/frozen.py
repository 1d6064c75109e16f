"""Frozen values at little cost: dataclasses that are declared fast, and makers for those that are made often.

Law: pure speed. `dataclass` declares what the standard library's declares, and a maker makes what the class itself
makes, and as frozen.
"""

from __future__ import annotations

import dataclasses
import sys
from functools import cache
from itertools import pairwise
from operator import attrgetter
from reprlib import recursive_repr
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar, cast

if TYPE_CHECKING:
    from collections.abc import Callable
    from dataclasses import Field

P = ParamSpec("P")
T = TypeVar("T")

Fields = tuple["Field[Any]", ...]

SHOWN = "shown"
"""Metadata of a field: the function that spells its value in `repr`, where the value could hold a secret."""


_usual = cast("Callable[..., Callable[[type], type]]", dataclasses.dataclass)  # what it takes is handed on


@dataclasses.dataclass(init=False, repr=False, eq=False, frozen=True)
class _Frozen:
    """What derived classes look at, to see that a class is frozen."""


def declare(
    *, init: bool = True, frozen: bool = False, slots: bool = False, eq: bool = True, **how: bool
) -> Callable[[type], type]:
    """Declare a dataclass at a tenth of the usual cost, which is half of the cost of an import.

    The usual way compiles six methods for each class. Here those that are alike in all frozen classes are not compiled,
    and `__init__` is when it is first asked for. Everything else is the standard library's, and so are classes that are
    not frozen. A field may say by `metadata={SHOWN: …}` how `repr` spells it.
    """
    if not (frozen and slots):
        return _usual(init=init, frozen=frozen, slots=slots, eq=eq, **how)

    def declared(kind: type) -> type:
        own = {name for name, value in vars(kind).items() if value is not None}  # None: a class with `__eq__` alone
        own |= set() if init else {"__init__"}
        derived = any(map(dataclasses.is_dataclass, kind.__mro__[1:]))  # and has to say that it is frozen
        made: Any = _usual(init=False, repr=False, eq=False, frozen=derived, slots=True, **how)(kind)
        made.__dataclass_params__ = vars(_Frozen)["__dataclass_params__"]
        fields = dataclasses.fields(made)
        _require_defaults_last(fields)
        for name, method in (_methods(made, fields) | (_comparing(fields) if eq else {})).items():
            if name not in own:
                setattr(made, name, method)
        return cast("type", made)

    return declared


if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass  # noqa: PLC0414 - handed on: all that type checkers know of them
else:
    dataclass = declare


def _require_defaults_last(fields: Fields) -> None:
    """Refuse a field without a default after one that has one, as the standard library does."""
    plain = [field for field in fields if field.init and not field.kw_only]
    for before, field in pairwise(plain):
        if _default(before) and not _default(field):
            raise TypeError(f"non-default argument {field.name!r} follows default argument {before.name!r}")


def _methods(kind: type, fields: Fields) -> dict[str, object]:
    names = frozenset(field.name for field in fields)
    shown = tuple((field.name, field.metadata.get(SHOWN, repr)) for field in fields if field.repr)

    @recursive_repr()
    def show(self: object) -> str:
        fields = [f"{name}={spell(getattr(self, name))}" for name, spell in shown]
        return f"{type(self).__qualname__}({', '.join(fields)})"

    def assign(self: object, name: str, value: object) -> None:
        if type(self) is kind or name in names:
            raise dataclasses.FrozenInstanceError(f"cannot assign to field {name!r}")
        object.__setattr__(self, name, value)

    def delete(self: object, name: str) -> None:
        if type(self) is kind or name in names:
            raise dataclasses.FrozenInstanceError(f"cannot delete field {name!r}")
        object.__delattr__(self, name)

    return {
        "__init__": _Unwritten(kind),
        "__repr__": show,
        "__setattr__": assign,
        "__delattr__": delete,
        "__getstate__": _state,
        "__setstate__": _set_state,
    }


def _state(self: Any) -> list[object]:  # noqa: ANN401 - any of the classes
    return [getattr(self, field.name) for field in dataclasses.fields(self)]


def _set_state(self: Any, state: list[object]) -> None:  # noqa: ANN401 - as above
    for field, value in zip(dataclasses.fields(self), state, strict=False):
        object.__setattr__(self, field.name, value)


def _comparing(fields: Fields) -> dict[str, object]:
    compared = _values(tuple(field.name for field in fields if field.compare))
    hashed = _values(tuple(field.name for field in fields if (field.compare if field.hash is None else field.hash)))

    def equal(self: object, other: object) -> bool:
        return compared(self) == compared(other) if type(other) is type(self) else NotImplemented

    def number(self: object) -> int:
        return hash(hashed(self))

    return {"__eq__": equal, "__hash__": number}


def _values(names: tuple[str, ...]) -> Callable[[object], tuple[object, ...]]:
    """Return what takes some fields of a value."""
    match names:
        case ():
            return lambda _: ()
        case (name,):
            return lambda value: (getattr(value, name),)
        case _:
            return attrgetter(*names)


class _Unwritten:
    """The `__init__` of a class until somebody asks for it: then it is compiled and takes the place of this."""

    __slots__ = ("_kind",)

    def __init__(self, kind: type) -> None:
        self._kind = kind

    def __get__(self, value: object, kind: type | None = None) -> object:
        written = _init(self._kind)
        self._kind.__init__ = written  # type: ignore[misc] # as the standard library does, only later
        return written if value is None else written.__get__(value, kind)


class _Factory:
    """The default of a parameter whose value each call makes."""

    def __repr__(self) -> str:
        return "<factory>"


_MADE = _Factory()


def _init(kind: type) -> Any:  # noqa: ANN401 - a function of the fields that the class has
    """Compile `__init__`, of field names alone."""
    fields = dataclasses.fields(cast("Any", kind))
    taken, defaults, kwdefaults = _parameters(fields)
    free: dict[str, object] = {"__set": object.__setattr__, "__made": _MADE}
    lines = [line for field in fields for line in _assigned(field, free)]
    if hasattr(kind, "__post_init__"):
        lines.append("__self.__post_init__()")
    header = f"def __make({', '.join(free)}):\n  def __init__(__self, {taken}):\n   "
    made: dict[str, Any] = {}
    module = sys.modules.get(kind.__module__)  # none of a file that was loaded by hand
    space = {} if module is None else vars(module)  # where the annotations mean something
    exec(header + "\n   ".join(lines or ["pass"]) + "\n  return __init__", space, made)  # noqa: S102 - of field names alone, as dataclasses do
    init = made["__make"](**free)
    init.__defaults__, init.__kwdefaults__ = defaults, kwdefaults
    init.__annotations__ = {**{field.name: field.type for field in fields if field.init}, "return": None}
    init.__qualname__ = f"{kind.__qualname__}.__init__"
    return init


def _parameters(fields: Fields) -> tuple[str, tuple[object, ...], dict[str, object]]:
    """Return the parameters that fields are given by, as source, and their defaults: by place, and by name."""
    plain, named = ([field for field in fields if field.init and field.kw_only is by_name] for by_name in (False, True))
    taken = [*(field.name for field in plain), *["*"][: len(named)], *(field.name for field in named)]
    defaults = tuple(default for field in plain for default in _default(field))
    return ", ".join(taken), defaults, {field.name: default for field in named for default in _default(field)}


def _assigned(field: Field[Any], free: dict[str, object]) -> list[str]:
    """Return the line that sets a field, and note what it needs; a field that nobody sets has no line."""
    value = field.name
    if field.default_factory is not dataclasses.MISSING:
        free[f"__make_{field.name}"] = field.default_factory
        value = f"__make_{field.name}()" + (f" if {value} is __made else {value}" if field.init else "")
    elif not field.init:
        if field.default is dataclasses.MISSING:
            return []
        free[f"__default_{field.name}"] = field.default
        value = f"__default_{field.name}"
    return [f"__set(__self, {field.name!r}, {value})"]


def _default(field: Field[Any]) -> list[object]:
    """Return the default of a field's parameter, if it has one."""
    if field.default_factory is not dataclasses.MISSING:
        return [_MADE]
    return [] if field.default is dataclasses.MISSING else [field.default]


def maker(kind: Callable[P, T]) -> Callable[P, T]:
    """Return a function that makes values of a frozen dataclass with slots, at a third of the usual cost.

    The usual way sets each field through `object.__setattr__`, as frozen classes must. Here a twin of the class that is
    not frozen and has the same slots takes the fields, and then becomes the class. Of defaults only values are known,
    no factories.
    """
    return cast("Callable[P, T]", _written(kind, ["made = twin()", *_setting(kind), "return made"]))


def many(kind: Callable[..., T], differing: str) -> Callable[..., list[T]]:
    """Return a function that makes values which differ in one field, at two thirds of what `maker` costs.

    It takes what the class takes, but for that field a sequence. It is compiled when it is first called.
    """

    @cache
    def compiled() -> Callable[..., list[T]]:
        loop = [f"values = [twin() for _ in {differing}]", f"for made, {differing} in zip(values, {differing}):"]
        lines = [*loop, *(f"  {line}" for line in _setting(kind)), "return values"]
        return cast("Callable[..., list[T]]", _written(kind, lines))

    def make(*given: object, **named: object) -> list[T]:
        return compiled()(*given, **named)

    return make


def _setting(kind: object) -> list[str]:
    """Return the lines that give `made` its fields, and then its class."""
    names = [field.name for field in dataclasses.fields(cast("Any", kind))]
    return [*(f"made.{name} = {name}" for name in names), "made.__class__ = kind"]


def _written(kind: Callable[..., object], lines: list[str]) -> object:
    """Compile a function that takes what a class takes."""
    twin: Any = type(f"_{kind.__name__}", (), {"__slots__": cast("Any", kind).__slots__})
    taken, defaults, kwdefaults = _parameters(dataclasses.fields(cast("Any", kind)))
    space: dict[str, Any] = {"twin": twin, "kind": kind}
    exec("\n    ".join([f"def make({taken}):", *lines]), space)  # noqa: S102 - of field names alone, as dataclasses do
    make = space["make"]
    make.__defaults__, make.__kwdefaults__, make.__doc__ = defaults, kwdefaults, kind.__doc__
    return cast("object", make)
