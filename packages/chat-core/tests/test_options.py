"""Options are unset unless set, and native ones are read by their provider only."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any, ClassVar

import pytest

from chat_core.errors import ConfigurationError
from chat_core.options import NativeOptions, Options, StoredOptions


@dataclass(frozen=True, slots=True, kw_only=True, weakref_slot=True)
class CatOptions(NativeOptions):
    """Options of a provider that exists in this file only."""

    provider: ClassVar[str] = "cat"
    naps: int | None = None
    toys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, weakref_slot=True)
class DogOptions(NativeOptions):
    """As `CatOptions`, of another one."""

    provider: ClassVar[str] = "dog"
    tricks: int | None = None


def test_nothing_is_set_at_first() -> None:
    options = Options()
    assert {getattr(options, item.name) for item in fields(options)} == {None, ()}


def test_a_provider_reads_its_own_and_leaves_the_others() -> None:
    options = Options(native=(CatOptions(naps=3), DogOptions(tricks=1)))
    assert options.native_of(DogOptions) == DogOptions(tricks=1)
    assert options.native_of(CatOptions).naps == 3
    assert Options().native_of(CatOptions) == CatOptions()


def test_the_first_of_several_counts() -> None:
    assert Options(native=(CatOptions(naps=1), CatOptions(naps=2))).native_of(CatOptions).naps == 1


def test_stored_options_are_read_by_name() -> None:
    stored = StoredOptions(name="cat", values={"toys": ["ball"], "extra": {"k": [1]}})
    options = Options(native=(stored,))
    assert options.native_of(CatOptions) == CatOptions(toys=("ball",), extra={"k": [1]})
    assert options.native_of(DogOptions) == DogOptions()


def test_a_stored_option_that_is_unknown_is_an_error_with_the_fix() -> None:
    stored = StoredOptions(name="cat", values={"wings": 2, "fins": 1})
    with pytest.raises(ConfigurationError, match=r"CatOptions has no option fins, wings: update"):
        Options(native=(stored,)).native_of(CatOptions)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"temperature": "hot"}, "Options.temperature takes a number, not 'hot'"),
        ({"max_tokens": "100"}, "Options.max_tokens takes a whole number, not '100'"),
        ({"max_tokens": 1.5}, "Options.max_tokens takes a whole number, not 1.5"),
        ({"seed": True}, "Options.seed takes a whole number, not True"),
        ({"top_p": False}, "Options.top_p takes a number, not False"),
        ({"logprobs": 1}, "Options.logprobs takes True or False, not 1"),
        ({"user": b"secret"}, "Options.user takes text, not bytes"),
        ({"stop": (1,)}, "Options.stop takes several texts, not tuple"),
        ({"logit_bias": [1]}, "Options.logit_bias takes a dict of numbers by token id, not list"),
        ({"foreign_reasoning": "keep"}, "Options.foreign_reasoning takes 'drop', 'as_text', 'fail', not 'keep'"),
        ({"native": CatOptions()}, "Options.native takes several options: native=(CatOptions(…),)"),
        ({"native": ({"naps": 1},)}, "Options.native takes options of providers, not dict"),
    ],
)
def test_a_value_of_a_wrong_type_is_an_error_that_says_what_is_wanted(given: dict[str, Any], words: str) -> None:
    Options()  # what was right before makes nothing else right
    with pytest.raises(ConfigurationError) as caught:
        Options(**given)
    assert str(caught.value) == words


def test_options_of_providers_are_checked_as_well() -> None:
    naps: Any = "many"
    with pytest.raises(ConfigurationError, match=r"CatOptions.naps takes a whole number, not 'many'"):
        CatOptions(naps=naps)


def test_what_the_service_may_judge_is_no_error() -> None:
    made = Options(temperature=1, top_p=-3.0, max_tokens=0, reasoning_effort="hugely", stop=(), logit_bias={})
    assert (made.temperature, made.max_tokens) == (1, 0)
    with pytest.raises(ConfigurationError):
        replace(made, temperature="hot")  # type: ignore[arg-type] # the wrong type is the point
