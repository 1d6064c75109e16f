"""A class is what the standard library would make of it; a maker makes what the class makes, and as frozen."""

from __future__ import annotations

import copy
import dataclasses
import inspect
import pickle
import weakref
from dataclasses import KW_ONLY, FrozenInstanceError, field, fields, replace
from typing import TYPE_CHECKING, Any, cast

import pytest

from chat_core.codec.wire import Frame
from chat_core.events import TextDelta
from chat_core.frozen import SHOWN, dataclass, maker, many

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

delta, frame = maker(TextDelta), maker(Frame)
deltas, frames = many(TextDelta, "text"), many(Frame, "data")


def declared(dataclass: Any) -> tuple[Any, ...]:  # noqa: ANN401 - the same classes, declared by one or the other
    """Declare classes of every sort."""

    @dataclass(frozen=True, slots=True)
    class Plain:
        """Of each sort of field."""

        first: int
        second: str = "b"
        third: list[int] = field(default_factory=list[int], hash=False)
        _: KW_ONLY
        fourth: float = 0.5
        hidden: str = field(default="secret", repr=False, compare=False)
        made: int = field(default=7, init=False)
        built: dict[str, int] = field(default_factory=dict[str, int], init=False, hash=False)

    @dataclass(frozen=True, slots=True, kw_only=True, weakref_slot=True)
    class Named:
        """With a check, and words of its own."""

        low: int
        high: int = 9

        def __post_init__(self) -> None:
            if self.low > self.high:
                raise ValueError(self.low)

        def __repr__(self) -> str:
            return f"{self.low}-{self.high}"

    @dataclass(frozen=True, slots=True)
    class Derived(Plain):
        """With a field more."""

        second: str = "c"
        last: int = 3

    @dataclass(frozen=True, slots=True, eq=False)
    class Single:
        """Equal to itself alone."""

        only: int = 1

    @dataclass(frozen=True, slots=True)
    class Empty:
        """Nothing in it."""

    return Plain, Named, Derived, Single, Empty


OURS, THEIRS = declared(dataclass), declared(dataclasses.dataclass)
PAIRS = list(zip(OURS, THEIRS, strict=True))
MADE: list[Callable[[Any], object]] = [
    lambda kind: kind(1),
    lambda kind: kind(1, "x", [2]),
    lambda kind: kind(low=1),
    lambda kind: kind(low=10),
    lambda kind: kind(1, fourth=2.0, hidden="h"),
    lambda kind: kind(1, "x", [2], 4),
    lambda kind: kind(made=1),
    lambda kind: kind(nothing=1),
    lambda kind: kind(),
]


def outcome(make: Callable[[Any], object], kind: object) -> str:
    try:
        return repr(make(kind))
    except (TypeError, ValueError) as error:
        return f"{type(error).__name__}: {error}".replace("_Unwritten", "")


@pytest.mark.parametrize("make", MADE)
@pytest.mark.parametrize(("ours", "theirs"), PAIRS)
def test_a_class_takes_and_shows_what_the_usual_one_does(make: Callable[[Any], object], ours: Any, theirs: Any) -> None:  # noqa: ANN401 - classes
    assert outcome(make, ours) == outcome(make, theirs)


@pytest.mark.parametrize(("ours", "theirs"), PAIRS)
def test_a_class_says_of_itself_what_the_usual_one_does(ours: Any, theirs: Any) -> None:  # noqa: ANN401 - classes
    assert str(inspect.signature(ours)) == str(inspect.signature(theirs))
    assert ours.__init__.__annotations__ == theirs.__init__.__annotations__
    assert ours.__init__.__qualname__ == theirs.__init__.__qualname__
    assert (ours.__match_args__, ours.__slots__) == (theirs.__match_args__, theirs.__slots__)
    assert [(item.name, item.type) for item in fields(ours)] == [(item.name, item.type) for item in fields(theirs)]


def test_values_are_equal_and_hashed_by_their_fields() -> None:
    plain, _, derived, single, empty = OURS
    assert plain(1, hidden="a") == plain(1, hidden="b") != plain(2)
    assert plain(1) != derived(1)
    assert hash(plain(1, third=[1])) == hash(plain(1))
    assert plain(1, third=[1]) != plain(1)
    assert single() != single()
    assert len({empty(), empty()}) == 1
    assert plain(1).__eq__(1) is NotImplemented
    nan = float("nan")
    assert plain(1, fourth=nan) == plain(1, fourth=nan)


def test_values_can_be_replaced_matched_and_referred_to() -> None:
    plain, named, *_ = OURS
    assert replace(plain(1, "x"), first=2) == plain(2, "x")
    assert weakref.ref(value := named(low=1))() is value
    with pytest.raises(TypeError):
        weakref.ref(plain(1))
    assert plain.__match_args__ == ("first", "second", "third")


def test_a_field_without_a_default_after_one_with_a_default_is_refused() -> None:
    with pytest.raises(TypeError, match="non-default argument 'last' follows default argument 'first'"):

        @dataclass(frozen=True, slots=True)
        class _Wrong:
            first: int = 1
            last: int  # type: ignore[misc] # pyright: ignore[reportGeneralTypeIssues] - it is what is tried


@pytest.mark.parametrize("name", ["first", "nothing"])
def test_values_are_frozen(name: str) -> None:
    value = OURS[0](1)
    with pytest.raises(FrozenInstanceError, match=f"cannot assign to field '{name}'"):
        setattr(value, name, 2)
    with pytest.raises(FrozenInstanceError, match=f"cannot delete field '{name}'"):
        delattr(value, name)


def test_the_standard_library_can_derive_from_a_class_and_calls_it_frozen() -> None:
    plain: Any = OURS[0]

    @dataclasses.dataclass(frozen=True)
    class Further(plain):  # type: ignore[misc] # it was made above
        more: int = 1

    assert Further(1).more == 1
    with pytest.raises(TypeError, match="cannot inherit non-frozen"):
        dataclasses.dataclass(type("Open", (plain,), {"__annotations__": {"more": "int"}, "more": 1}))


def test_nothing_is_compiled_before_a_value_is_made() -> None:
    single: Any = declared(dataclass)[3]
    held = cast("Mapping[str, object]", vars(single))
    assert not inspect.isfunction(held["__init__"])
    single()
    assert inspect.isfunction(held["__init__"])


def test_a_field_can_say_how_it_is_shown() -> None:
    @dataclass(frozen=True, slots=True)
    class Safe:
        """Shows no word of it."""

        word: str = field(metadata={SHOWN: str.upper})

    assert repr(Safe("x")).endswith("Safe(word=X)")


def test_values_can_be_pickled_and_copied_deeply() -> None:
    value = Frame(b"x", event="e")
    assert copy.copy(value) == copy.deepcopy(value) == pickle.loads(pickle.dumps(value)) == value


def test_what_is_made_is_what_the_class_makes() -> None:
    assert delta(1, "a", choice=2) == TextDelta(1, "a", choice=2)
    assert type(delta(1, "a")) is TextDelta
    assert repr(frame(b"x", event="e")) == repr(Frame(b"x", event="e"))
    assert hash(frame(b"x")) == hash(Frame(b"x"))


def test_what_is_not_given_has_the_default_of_the_class() -> None:
    made = frame(b"x")
    assert [getattr(made, field.name) for field in fields(made)] == [b"x", None, None, False]


def test_what_is_made_is_frozen() -> None:
    made = delta(1, "a")
    with pytest.raises(FrozenInstanceError):
        made.text = "b"  # type: ignore[misc] # pyright: ignore[reportAttributeAccessIssue] - that is what is tested
    with pytest.raises(FrozenInstanceError):
        del made.text  # pyright: ignore[reportAttributeAccessIssue] - as above


def test_what_is_made_can_be_copied_pickled_and_replaced() -> None:
    made = delta(1, "a")
    assert copy.copy(made) == copy.deepcopy(made) == pickle.loads(pickle.dumps(made)) == made
    assert replace(made, text="b") == TextDelta(1, "b")


def test_what_is_wrong_is_refused_as_by_the_class() -> None:
    with pytest.raises(TypeError):
        delta(1)  # type: ignore[call-arg] # pyright: ignore[reportCallIssue] - that is what is tested
    with pytest.raises(TypeError):
        delta(1, "a", 2)  # type: ignore[call-arg, arg-type] # pyright: ignore[reportCallIssue] - as above


def test_values_made_together_are_those_that_the_class_makes() -> None:
    assert deltas(1, ["a", "b"], choice=2) == [TextDelta(1, "a", choice=2), TextDelta(1, "b", choice=2)]
    assert frames([b"x", b"y"], event="e") == [Frame(b"x", event="e"), Frame(b"y", event="e")]
    assert deltas(1, []) == []
    assert {*map(type, deltas(1, ["a"]))} == {TextDelta}


def test_values_made_together_are_as_frozen() -> None:
    (made,) = frames([b"x"])
    with pytest.raises(dataclasses.FrozenInstanceError):
        made.event = "e"  # type: ignore[misc] # pyright: ignore[reportAttributeAccessIssue] - that is what is tested
