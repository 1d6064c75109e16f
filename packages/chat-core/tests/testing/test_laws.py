"""The table of laws is whole: every option is tried, every law is reached, what is lacking is said."""

from __future__ import annotations

from dataclasses import fields, replace

from tiny import SUBJECT, Tiny

from chat_core.options import Options
from chat_core.testing.asking import OPTIONS
from chat_core.testing.laws import LAWS, lacking, trials


class Elsewhere(Tiny):
    @property
    def channels(self) -> frozenset[str]:
        return frozenset({"websocket"})


def test_every_portable_option_is_tried() -> None:
    assert OPTIONS.keys() == {item.name for item in fields(Options)} - {"foreign_reasoning", "native"}


def test_no_value_of_an_option_is_the_default() -> None:
    assert all(value is not None for value in OPTIONS.values())


def test_the_sound_provider_lets_every_law_be_tried() -> None:
    assert [name for name in LAWS if not trials(name, SUBJECT)] == []


def test_trials_have_names_of_their_own() -> None:
    ids = [trial.id for name in LAWS for trial in trials(name, SUBJECT)]
    assert len(ids) == len(set(ids))
    assert {"cuts-text", "options-seed", "over_http-text-asyncio", "errors"} <= set(ids)


def test_a_law_about_what_a_provider_does_not_have_is_passed_over_with_the_reason() -> None:
    elsewhere = replace(SUBJECT, provider=Elsewhere())
    assert lacking(LAWS["leaving"], elsewhere) == "the provider does not speak over HTTP"
    assert lacking(LAWS["light"], SUBJECT) == (
        "the provider is not installed: the contract sets `provider` and no `spec`"
    )
    assert lacking(LAWS["cuts"], elsewhere) is None
    assert lacking(LAWS["parse"], SUBJECT) is None
