"""A maker makes what the class makes, and as frozen."""

from __future__ import annotations

import copy
import pickle
from dataclasses import FrozenInstanceError, fields, replace

import pytest

from chat_core.codec.wire import Frame
from chat_core.events import TextDelta
from chat_core.frozen import maker

delta, frame = maker(TextDelta), maker(Frame)


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
