"""The words of live sessions are values, and keep what is secret to themselves."""

from __future__ import annotations

import copy
import pickle
from dataclasses import is_dataclass
from typing import get_args

import pytest

from chat_core import live
from chat_core.live import AudioInput, LiveConfig, LiveInput, MessageInput, ResumeToken, SessionEvent
from chat_core.messages import user

INPUTS: tuple[LiveInput, ...] = (
    MessageInput(user("Hi")),
    AudioInput(b"1"),
    live.TurnStart(),
    live.TurnEnd(),
    live.ResultsInput(()),
    live.ResponseRequest(),
    live.Interruption(3),
    live.ConfigUpdate(LiveConfig(model="m")),
    live.NativeInput("demo", {"a": 1}),
)


@pytest.mark.parametrize("value", INPUTS, ids=lambda value: type(value).__name__)
def test_inputs_are_values(value: LiveInput) -> None:
    assert pickle.loads(pickle.dumps(value)) == copy.deepcopy(value) == value
    assert hash(copy.deepcopy(value)) == hash(value)


def test_every_event_and_input_is_a_frozen_dataclass() -> None:
    kinds = (*get_args(SessionEvent), *get_args(LiveInput))
    assert kinds
    for kind in kinds:
        assert is_dataclass(kind)
        assert kind.__setattr__ is not object.__setattr__
        assert "__slots__" in vars(kind)


def test_tokens_and_sound_show_in_no_repr() -> None:
    token = "token-0123456789"
    assert token not in repr((LiveConfig(model="m", resume=token), ResumeToken(token)))
    assert "123" not in repr(AudioInput(b"123"))
