"""Options are unset unless set, and native ones are read by their provider only."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import ClassVar

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
