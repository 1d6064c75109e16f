"""Signatures are read whole, whatever kind of function they are of."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Annotated

import pytest

from chat_core.errors import ConfigurationError
from chat_core.functions.signatures import (
    bound_names,
    document_of,
    hints_of,
    innermost,
    local_names,
    name_of,
    signature_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from decimal import Decimal


def plain(city: str, days: int = 3) -> str:
    """Plain words."""
    return city * days


def by_place(city: str, /) -> str:
    return city


def any_number(*cities: str) -> object:
    return cities


def traced(function: Callable[..., object]) -> Callable[..., object]:
    @functools.wraps(function)
    def traces(*args: object, **kwargs: object) -> object:
        return function(*args, **kwargs)

    return traces


class Weather:
    """Class words."""

    def look(self, city: str) -> str:
        """Look."""
        return city

    def __call__(self, place: str) -> str:
        """Call words."""
        return place


def parameters(function: Callable[..., object]) -> list[str]:
    return list(signature_of(function).parameters)


@pytest.mark.parametrize(
    ("function", "names", "words"),
    [
        (plain, ["city", "days"], "Plain words."),
        (traced(plain), ["city", "days"], "Plain words."),
        (functools.partial(plain, "a"), ["days"], "Plain words."),
        (functools.partial(functools.partial(plain, days=1)), ["city"], "Plain words."),
        (Weather().look, ["city"], "Look."),
        (Weather(), ["place"], "Call words."),
    ],
)
def test_a_function_is_seen_through_what_wraps_it(
    function: Callable[..., object], names: list[str], words: str
) -> None:
    assert parameters(function) == names
    assert document_of(function) == words
    assert hints_of(function, signature_of(function).parameters, {}) == {
        name: int if name == "days" else str for name in names
    }


def test_names_are_those_of_the_function() -> None:
    assert [name_of(it) for it in (plain, functools.partial(plain), Weather().look, Weather())] == [
        "plain", "plain", "look", "Weather",
    ]  # fmt: skip
    assert innermost(functools.partial(traced(plain))) is plain


def test_what_a_partial_bound_by_name_is_told_apart() -> None:
    assert bound_names(functools.partial(functools.partial(plain, days=1), city="a")) == {"city", "days"}
    assert bound_names(plain) == frozenset()


@pytest.mark.parametrize(
    ("function", "fix"),
    [
        (by_place, "remove the `/`"),
        (any_number, "take a list instead"),
        (max, "wrap it in a function"),
    ],
)
def test_a_signature_that_a_model_cannot_fill_names_the_fix(function: Callable[..., object], fix: str) -> None:
    with pytest.raises(ConfigurationError, match=fix):
        signature_of(function)


def test_local_types_are_found_by_the_names_that_annotations_mention() -> None:
    class Local: ...

    unused = object()

    def function(one: Local, many: dict[str, Annotated[list[Local], unused]]) -> None: ...

    names = local_names(function, locals())
    assert names == {"Local": Local, "unused": unused}
    assert hints_of(function, signature_of(function).parameters, names)["one"] is Local
    assert local_names(plain, {"str": bytes}) == {}


def test_a_type_that_is_imported_for_type_checkers_only_names_the_fix() -> None:
    def function(amount: Decimal) -> None: ...

    with pytest.raises(ConfigurationError, match="'Decimal' is not defined: import it outside `if TYPE_CHECKING`"):
        hints_of(function, signature_of(function).parameters, {})


def test_the_type_of_the_result_is_not_needed() -> None:
    def function(amount: int) -> Decimal: ...  # type: ignore[empty-body] # never called

    assert hints_of(function, signature_of(function).parameters, {}) == {"amount": int}
