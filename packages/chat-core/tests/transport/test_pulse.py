"""Pings go out after silence, and whoever does not answer is given up."""

from __future__ import annotations

from chat_core.transport.pulse import Pulse


def test_silence_is_asked_about_once_and_then_given_up() -> None:
    pulse = Pulse(20, 5, now=100)
    assert (pulse.at, pulse.advice(119.9)) == (120, "wait")
    assert pulse.advice(120) == "ping"
    assert (pulse.at, pulse.advice(124)) == (125, "wait")
    assert pulse.advice(125) == "gone"


def test_whatever_comes_is_a_sign_of_life() -> None:
    pulse = Pulse(20, 5, now=100)
    assert pulse.advice(120) == "ping"
    pulse.heard(124)
    assert pulse.advice(130) == "wait"
    assert pulse.advice(144) == "ping"


def test_without_an_interval_nobody_is_asked() -> None:
    pulse = Pulse(None, 5, now=100)
    pulse.heard(200)
    assert (pulse.at, pulse.advice(1e9)) == (None, "wait")
