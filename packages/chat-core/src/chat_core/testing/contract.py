"""`ProviderContract`: the laws as tests, for a provider package to inherit.

Law: every scenario has a case and every law is tried, or the provider says why not. A declared skip shows with its
reason; it is a failure where a case shows the scenario after all, or where the law is kept.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import pytest

from chat_core.plugins.registry import registry
from chat_core.plugins.spec import ProviderConfig
from chat_core.testing.fixtures import cases
from chat_core.testing.laws import LAWS, Trial, lacking, trials
from chat_core.testing.outcome import Crash
from chat_core.testing.scenarios import SCENARIOS
from chat_core.testing.subject import Subject

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from chat_core.codec.provider import Provider
    from chat_core.codec.wire import WireResponse
    from chat_core.jsonvalue import JSON
    from chat_core.testing.fixtures import Case


class ProviderContract:
    """What every provider has to keep. Subclass it, and name the provider and its fixtures.

    Attributes:
        spec: the name under which the provider is installed.
        provider: the provider, where it is not installed.
        base_url: where it is said to be, for services without an address of their own.
        settings: what else it is told, for one that cannot be had without.
        model: the model that requests name where a fixture does not say.
        fixtures: the folder of the cases, or several.
        skips: the scenarios and laws that the wire cannot have, with the reason.
        ignored: leaves of replies that say nothing, with the reason: the codec's `IGNORED` tables.
        secret: a key of the form that `authorize` takes.
        several: replies to a choice with `multi_label` between `offering.LABELS`, both of which fit; for providers that
            sort texts so, by themselves or by their service.
    """

    spec: ClassVar[str | None] = None
    provider: ClassVar[Provider | None] = None
    base_url: ClassVar[str | None] = None
    settings: ClassVar[Mapping[str, JSON]] = {}
    model: ClassVar[str] = "model"
    fixtures: ClassVar[Path | Sequence[Path]]
    skips: ClassVar[Mapping[str, str]] = {}
    ignored: ClassVar[Mapping[str, str]] = {}
    secret: ClassVar[str] = "canary-key-0123456789abcdef"  # noqa: S105 - opens nothing
    several: ClassVar[Sequence[WireResponse]] = ()

    _made: ClassVar[Subject]

    @classmethod
    def subject(cls) -> Subject:
        """Return what the tests are about, made once for each class."""
        if "_made" not in vars(cls):
            cls._made = _subject(cls)
        return cls._made

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Let pytest try every law on every case."""
        subject = self.subject()
        if "case" in metafunc.fixturenames:
            metafunc.parametrize("case", subject.cases, ids=[case.name for case in subject.cases])
        if "scenario" in metafunc.fixturenames:
            metafunc.parametrize("scenario", SCENARIOS)
        if "trial" in metafunc.fixturenames:
            found = [trial for name in LAWS for trial in trials(name, subject) or [Trial(name, name)]]
            metafunc.parametrize("trial", found, ids=[trial.id for trial in found])

    def test_fixture(self, case: Case) -> None:
        """Read a case: its files are whole, and it says where it comes from."""
        _fail_of(case.faults, f"the fixture {case.name}")

    def test_scenario(self, scenario: str) -> None:
        """Find a case that shows the scenario, or the reason why there is none."""
        subject = self.subject()
        claimed = [case for case in subject.cases if scenario in case.covers]
        words = SCENARIOS[scenario].words
        hollow = [case.name for case in claimed if not _shows(subject, case, scenario)]
        _fail_of(hollow, f"{scenario}: these cases say that they cover it and do not show {words}")
        if scenario in self.skips:
            pytest.skip(self.skips[scenario])
        if not claimed and SCENARIOS[scenario].optional:
            pytest.skip("optional, and no case covers it")
        if not claimed:
            how = f"add a case whose fixture.json has it in `covers`, or declare skips = {{{scenario!r}: reason}}"
            pytest.fail(f"no case covers {scenario}: {words}; {how}", pytrace=False)

    def test_law(self, trial: Trial) -> None:
        """Try a law."""
        law, subject = LAWS[trial.name], self.subject()
        if trial.name in self.skips:
            pytest.skip(self.skips[trial.name])
        if (reason := lacking(law, subject)) is not None:
            pytest.skip(reason)
        if trial not in trials(trial.name, subject):
            pytest.fail(f"{law.words}: no case lets that be tried, it is tried on {law.over}", pytrace=False)
        _fail_of(trial.faults(subject), law.words)

    def test_skips(self) -> None:
        """See that each declared skip is needed: no case shows the scenario, and the law is broken somewhere."""
        _fail_of([fault for name, reason in self.skips.items() for fault in self._needless(name, reason)], "skips")

    def _needless(self, name: str, reason: str) -> Iterable[str]:
        subject = self.subject()
        if not reason.strip():
            yield f"{name}: no reason is given"
        if name in SCENARIOS:
            shown = [case.name for case in subject.cases if name in case.covers or _shows(subject, case, name)]
            if shown:
                yield f"{name}: declared as a skip, and shown by {', '.join(shown)}"
        elif name in LAWS:
            if not any(_breaks(trial, subject) for trial in trials(name, subject)):
                yield f"{name}: declared as a skip, and kept: {LAWS[name].words}"
        else:
            yield f"{name}: is neither a scenario ({', '.join(SCENARIOS)}) nor a law ({', '.join(LAWS)})"


def _breaks(trial: Trial, subject: Subject) -> bool:
    """Tell whether a law is broken; an error is no way to keep one."""
    try:
        return bool(trial.faults(subject))
    except Exception:  # noqa: BLE001 - whatever it is, the law is not kept
        return True


def _shows(subject: Subject, case: Case, scenario: str) -> bool:
    try:
        return any(SCENARIOS[scenario].shown(told) for told in subject.evidence(case))
    except Crash:
        return False


def _fail_of(faults: Sequence[str], what: str) -> None:
    """Fail with all faults, the first ones in words."""
    if faults:
        more = f"\n  and {len(faults) - _SHOWN} more" if len(faults) > _SHOWN else ""
        pytest.fail(what + "".join(f"\n  {fault}" for fault in faults[:_SHOWN]) + more, pytrace=False)


_SHOWN = 8


def _subject(contract: type[ProviderContract]) -> Subject:
    given = getattr(contract, "fixtures", None)
    if given is None or (contract.spec is None) is (contract.provider is None):
        raise pytest.UsageError(f"{contract.__name__} needs `fixtures`, and either `spec` or `provider`")

    config = ProviderConfig(base_url=contract.base_url, settings=contract.settings)

    def load() -> Provider:
        if contract.provider is not None or contract.spec is None:
            return contract.provider  # type: ignore[return-value] # pyright: ignore[reportReturnType] - one of the two is set
        return registry().provider(contract.spec).load(config)

    return Subject(
        provider=load(),
        cases=cases([given] if isinstance(given, Path) else given),
        model=contract.model,
        secret=contract.secret,
        entry=contract.spec,
        load=load,
        ignored=contract.ignored,
        several=contract.several,
    )
