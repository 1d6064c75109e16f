"""Whatever a service sends, only `DecodeError`, `StreamTruncated` or `ProviderError` come out, in time and in order.

A short hunt from a seed; `python -m tests.fuzz` goes on for longer. What was found before is replayed from `cases`.
"""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.fuzz import seeds, targets
from tests.fuzz.growth import MOST, TIMES, excess, fillers, repeated
from tests.fuzz.hunting import Hunt
from tests.fuzz.samples import Sample, mutated
from tests.fuzz.targets import Found, Target

from chat_core.codec.wire import Frame, WireResponse, dump
from chat_core.jsonvalue import JSONObject, parse_object

CASES = Path(__file__).with_name("cases")
KINDS = ("stream", "bytes", "reply", "error", "live")
TRIES = 15
"""Damaged samples of each target."""


def grouped(kind: str) -> tuple[Target, ...]:
    """Pick the targets of a kind; the framers and what is beside chat have none of these names."""
    found = [target for target in seeds.in_repository() if target.name.rpartition(" ")[2] == kind]
    return tuple(found) or tuple(
        target for target in seeds.in_repository() if target.name.rpartition(" ")[2] not in KINDS
    )


def saved() -> list[JSONObject]:
    return [parse_object(line) for path in sorted(CASES.glob("*.jsonl")) for line in path.read_bytes().splitlines()]


def test_replies_that_nobody_damaged_are_read() -> None:
    faults = [fault for target in seeds.in_repository() for sample in target.seeds if (fault := target.fault(sample))]
    assert faults == []


@pytest.mark.parametrize("kind", [*KINDS, "other"])
def test_damaged_replies_give_promised_errors_alone(kind: str) -> None:
    hunt = Hunt(grouped(kind))
    hunt.tries(TRIES, seed=1)
    assert list(hunt.lines()) == []


@pytest.mark.parametrize("case", saved(), ids=lambda case: str(case["target"]))
def test_what_was_found_stays_mended(case: JSONObject) -> None:
    seeds.by_name()[str(case["target"])].judge(Sample.load(case))


@pytest.mark.parametrize("name", seeds.FRAMERS)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])  # a busy machine draws slowly
@given(
    pieces=st.lists(st.binary(max_size=9) | st.sampled_from([b"data: ", b"\r", b"\n", b'{"a":', b"[{", b'"', b"\\"]))
)
def test_framers_take_any_bytes_in_any_pieces(name: str, pieces: list[bytes]) -> None:
    seeds.by_name()[f"framer {name}"].judge(Sample(tuple(map(Frame, pieces))))


@pytest.mark.parametrize("name", [*seeds.FRAMERS, "HTTP"])
def test_framers_take_time_that_grows_with_the_bytes(name: str) -> None:
    target = seeds.by_name()[f"framer {name}"]
    small, large = dict(fillers(4000)), dict(fillers(4000 * TIMES))
    assert {key: beyond for key in small if (beyond := excess(target, small[key], large[key])) > MOST} == {}


@pytest.mark.parametrize(
    "name", ["openai-chat", "openai", "claude", "gemini", "gemini-interactions", "ollama", "local"]
)
def test_decoders_take_time_that_grows_with_the_frames(name: str) -> None:
    target = seeds.by_name()[f"{name} stream"]
    slow: list[object] = []
    for sample in target.seeds[::4]:
        at = len(sample.frames) // 2
        beyond = excess(target, repeated(sample, at, 200), repeated(sample, at, 200 * TIMES))
        slow += [(sample.frames[at], beyond)] if beyond > MOST else []
    assert slow == []


# the fuzzer itself


def test_every_provider_that_is_installed_is_fuzzed() -> None:
    names = {target.name.split(" ")[0] for target in seeds.in_repository()}
    assert {provider.name for provider in seeds.providers()} - names == set()


def careless(reply: WireResponse) -> None:
    """Decode as a careless codec does: whatever stands where a text should is taken for one."""
    match parse_object(reply.body):
        case {"choices": [{"text": text}]}:
            cast("str", text).upper()
        case _:
            pass


def test_a_careless_decoder_is_found_and_the_find_is_small() -> None:
    seed = Sample((Frame(dump({"id": "1", "choices": [{"text": "Hello", "index": 0}], "usage": {"tokens": 3}})),))
    hunt = Hunt([targets.unary("careless", careless, (seed,))])
    hunt.tries(1000, seed=1)
    finds = [find for find in hunt.finds.values() if "has no attribute 'upper'" in find.fault]
    assert finds
    assert all(len(find.sample.reply.body) < len(seed.reply.body) / 2 for find in finds)
    with pytest.raises(Found, match="'upper'"):
        hunt.targets[0].judge(Sample.load(parse_object(finds[0].line)))


def test_damage_is_the_same_for_the_same_seed() -> None:
    sample = seeds.by_name()["claude stream"].seeds[0]
    first, second = (mutated(sample, sample, Random(5).randrange) for _ in range(2))
    assert first == second


@settings(max_examples=50, deadline=None)
@given(st.lists(st.binary(max_size=9) | st.text(max_size=9)), st.sampled_from([200, 404]), st.sampled_from([None, "a"]))
def test_samples_are_saved_and_loaded(pieces: list[bytes | str], status: int, event: str | None) -> None:
    sample = Sample(tuple(Frame(data, event=event) for data in pieces), status, {"a": "b"})
    assert Sample.load(parse_object(dump(sample.saved()))) == sample
