"""Where a secret comes from, how long it is kept, and what an error says without it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from toy import World

from chat_core.codec.provider import Secret
from chat_core.errors import AuthenticationFailed, MissingCredential
from chat_core.flow.credential import MARGIN, Called, Environment, Expiring, Static

if TYPE_CHECKING:
    from collections.abc import Callable


def counting(*values: object) -> tuple[Callable[[], object], list[object]]:
    """Return a function that gives the values one after the other, and the list of what it gave."""
    given: list[object] = []

    def give() -> object:
        given.append(values[len(given)])
        return given[-1]

    return give, given


def test_a_static_secret_is_what_it_is_and_has_no_other() -> None:
    held = Static(Secret("abc"))
    assert World().run(held.secret()) == Secret("abc")
    assert World().run(held.renewed(Secret("abc"))) is None
    assert "abc" not in repr(held)


def test_the_first_variable_that_is_set_counts() -> None:
    named = Environment(("A_KEY", "B_KEY"), environ={"A_KEY": " ", "B_KEY": " two\n"})
    assert World().run(named.secret()) == Secret("two")
    assert "two" not in repr(named)


def test_a_missing_variable_is_named_with_whose_key_it_is() -> None:
    with pytest.raises(MissingCredential, match=r"for toy: set the environment variable A_KEY or B_KEY"):
        World().run(Environment(("A_KEY", "B_KEY"), owner="toy", environ={}).secret())


def test_a_key_that_need_not_be_there_is_none() -> None:
    assert World().run(Environment(("A_KEY",), required=False, environ={}).secret()) is None


def test_a_rotated_variable_is_found_when_the_old_one_is_refused() -> None:
    environ = {"A_KEY": "old"}
    named = Environment(("A_KEY",), environ=environ)
    assert World().run(named.renewed(Secret("old"))) is None
    environ["A_KEY"] = "new"
    assert World().run(named.renewed(Secret("old"))) == Secret("new")


def test_the_real_environment_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOY_KEY", "real")
    assert World().run(Environment(("TOY_KEY",)).secret()) == Secret("real")


def test_a_function_is_called_once_and_its_secret_kept() -> None:
    give, given = counting("one", "two")
    called = Called(give)
    assert [World().run(called.secret()) for _ in range(3)] == [Secret("one")] * 3
    assert given == ["one"]


def test_a_secret_that_ends_is_fetched_anew_shortly_before() -> None:
    give, given = counting(Expiring("one", 2000.0), Expiring("two", 9000.0))
    called = Called(give)
    assert World(time=1000.0).run(called.secret()) == Secret("one")
    assert World(time=2000.0 - MARGIN - 1).run(called.secret()) == Secret("one")
    assert World(time=2000.0 - MARGIN).run(called.secret()) == Secret("two")
    assert len(given) == 2
    assert "one" not in repr(given)


def test_a_refused_secret_is_fetched_anew() -> None:
    give, _ = counting("one", Secret("two"), Secret("two"))
    called = Called(give)
    World().run(called.secret())
    assert World().run(called.renewed(Secret("one"))) == Secret("two")
    assert World().run(called.renewed(Secret("two"))) is None


def test_a_secret_that_another_call_renewed_is_used() -> None:
    give, given = counting("one", "two", "three")
    called = Called(give)
    World().run(called.secret())
    World().run(called.renewed(Secret("one")))
    assert World().run(called.renewed(Secret("one"))) == Secret("two")
    assert len(given) == 2


def test_a_function_that_fails_is_said_so_without_its_words() -> None:
    def leak() -> str:
        raise ValueError("canary")

    with pytest.raises(MissingCredential, match="raised ValueError") as caught:
        World().run(Called(leak).secret())
    assert "canary" not in str(caught.value)


def test_an_error_of_ours_passes() -> None:
    def refuse() -> str:
        raise AuthenticationFailed("no token for you")

    with pytest.raises(AuthenticationFailed):
        World().run(Called(refuse).secret())


def test_something_else_than_a_secret_is_an_error() -> None:
    with pytest.raises(MissingCredential, match="returned int"):
        World().run(Called(lambda: 5).secret())
