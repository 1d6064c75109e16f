"""A contract for every mutant, and contracts that are broken themselves. `test_mutants` runs them, nobody else does."""

from __future__ import annotations

from pathlib import Path

from mutants import MUTANTS
from sorting import BOTH_FIT, BROKEN, Sorting
from tiny import IGNORED, Tiny

from chat_core.testing import ProviderContract

FIXTURES = Path(__file__).with_name("testing") / "fixtures"
SKIPS = (
    {"reasoning": "we have none, they say"},
    {"prefix": "we cannot, they say"},
    {"telepathy": "the wire has none"},
    {"refusal": " "},
)

for kind, _ in MUTANTS:
    globals()[f"Test{kind.__name__}"] = type(
        f"Test{kind.__name__}",
        (ProviderContract,),
        {"provider": kind(), "fixtures": FIXTURES, "ignored": IGNORED, "__module__": __name__},
    )


for sorter in BROKEN:
    globals()[f"Test{sorter.__name__}"] = type(
        f"Test{sorter.__name__}",
        (ProviderContract,),
        {
            "provider": Sorting(chooser=sorter()), "fixtures": FIXTURES, "ignored": IGNORED, "several": (BOTH_FIT,),
            "__module__": __name__,
        },
    )  # fmt: skip


class TestSkipsAScenarioThatIsShown(ProviderContract):
    provider = Tiny()
    fixtures = FIXTURES
    skips = SKIPS[0]


class TestSkipsALawThatIsKept(ProviderContract):
    provider = Tiny()
    fixtures = FIXTURES
    skips = SKIPS[1]


class TestSkipsWhatDoesNotExist(ProviderContract):
    provider = Tiny()
    fixtures = FIXTURES
    skips = SKIPS[2]


class TestSkipsWithoutAReason(ProviderContract):
    provider = Tiny()
    fixtures = FIXTURES
    skips = SKIPS[3]


class TestIgnoresNothing(ProviderContract):
    provider = Tiny()
    fixtures = FIXTURES


class TestDishonestFixtures(ProviderContract):
    provider = Tiny()
    fixtures = FIXTURES.with_name("dishonest")


TABLE = (
    ("SkipsAScenarioThatIsShown", "test_skips"),
    ("SkipsALawThatIsKept", "test_skips"),
    ("SkipsWhatDoesNotExist", "test_skips"),
    ("SkipsWithoutAReason", "test_skips"),
    ("IgnoresNothing", "test_law[nothing_lost-call_without_arguments]"),
    ("DishonestFixtures", "test_fixture[no_source]"),
    ("DishonestFixtures", "test_fixture[unknown_source]"),
    ("DishonestFixtures", "test_fixture[unknown_scenario]"),
    ("DishonestFixtures", "test_fixture[nothing_answered]"),
    ("DishonestFixtures", "test_fixture[strange_file]"),
    ("DishonestFixtures", "test_scenario[tool_call]"),
    ("DishonestFixtures", "test_scenario[usage]"),
    ("DishonestFixtures", "test_law[facts-other_words]"),
    ("DishonestFixtures", "test_law[retry_after]"),
)
"""Contracts that are broken, with the test that has to fail."""

FAILING = (
    *((kind.__name__, test) for kind, test in MUTANTS),
    *((kind.__name__, "test_law[several_labels]") for kind in BROKEN),
    *TABLE,
)
