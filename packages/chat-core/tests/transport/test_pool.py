"""The pool hands out, takes back, and lets go of the right connections."""

from __future__ import annotations

import time
from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from chat_core.transport.pool import Lease, Pool


def new(pool: Pool[str], key: str, line: str, now: float = 0) -> Lease[str]:
    lease = pool.ask(key, now)
    assert lease.granted
    assert lease.line is None
    lease.line = line
    return lease


def test_the_connection_that_rested_last_serves_first() -> None:
    pool: Pool[str] = Pool(10, 60)
    one, two = new(pool, "a", "one"), new(pool, "a", "two")
    assert pool.give_back(one, 1, rest=True) == []
    assert pool.give_back(two, 2, rest=True) == []
    assert pool.ask("a", 3).line == "two"
    assert pool.ask("b", 3).line is None
    assert pool.ask("a", 3).line == "one"


def test_a_lease_counts_once() -> None:
    pool: Pool[str] = Pool(10, 60)
    lease = new(pool, "a", "one")
    assert pool.give_back(lease, 0, rest=False) == ["one"]
    assert pool.give_back(lease, 0, rest=True) == []
    assert (pool.used, pool.counts.resting) == (0, 0)


def test_what_rested_too_long_is_let_go_with_the_next_question() -> None:
    pool: Pool[str] = Pool(10, 60)
    for number, key in enumerate(["a", "b", "a"]):
        pool.give_back(new(pool, f"{key}{number}", f"{number}"), number * 30, rest=True)
    lease = pool.ask("c", 95)
    assert lease.close == ["0", "1"]
    assert pool.counts.resting == 1


def test_a_full_pool_lets_the_longest_rested_go_for_a_new_one() -> None:
    pool: Pool[str] = Pool(2, 60)
    one, two = new(pool, "a", "one"), new(pool, "b", "two")
    pool.give_back(one, 0, rest=True)
    pool.give_back(two, 1, rest=True)
    lease = pool.ask("c", 2)
    assert (lease.granted, lease.line, lease.close) == (True, None, ["one"])
    assert (pool.used, pool.counts.resting) == (1, 1)


def test_places_go_to_whoever_waited_longest() -> None:
    pool: Pool[str] = Pool(1, 60)
    lease = new(pool, "a", "one")
    woken: list[str] = []
    first, gone, second = pool.ask("a", 0), pool.ask("a", 0), pool.ask("b", 0)
    for waiting, name in ((first, "first"), (gone, "gone"), (second, "second")):
        assert not waiting.granted
        waiting.wake = lambda name=name: woken.append(name)
    assert pool.give_back(gone, 0, rest=False) == []
    assert pool.give_back(lease, 0, rest=True) == []
    assert (woken, first.line, second.granted) == (["first"], "one", False)
    assert pool.give_back(first, 0, rest=True) == ["one"]  # the heir goes elsewhere
    assert (woken, second.granted, second.line) == (["first", "second"], True, None)
    assert (pool.used, pool.counts.waiting) == (1, 0)


def test_a_newcomer_does_not_overtake_whoever_waits() -> None:
    pool: Pool[str] = Pool(1, 60)
    lease = new(pool, "a", "one")
    waiting = pool.ask("a", 0)
    assert not pool.ask("b", 0).granted
    pool.give_back(lease, 0, rest=False)
    assert waiting.granted


def test_a_shared_connection_carries_several_up_to_its_limit() -> None:
    pool: Pool[str] = Pool(10, 60)
    first = new(pool, "a", "one")
    pool.share(first, 3)
    second, third = pool.ask("a", 0), pool.ask("a", 0)
    assert (second.line, third.line, pool.used) == ("one", "one", 1)
    assert pool.ask("a", 0).line is None
    assert pool.give_back(second, 0, rest=True) == []
    assert pool.ask("a", 0).line == "one"


def test_a_shared_connection_rests_when_the_last_has_left() -> None:
    pool: Pool[str] = Pool(10, 60)
    first = new(pool, "a", "one")
    pool.share(first, 3)
    second = pool.ask("a", 0)
    assert pool.give_back(first, 0, rest=True) == []
    assert (pool.used, pool.counts.resting) == (1, 0)
    assert pool.give_back(second, 0, rest=True) == []
    assert (pool.used, pool.counts.resting) == (0, 1)
    assert pool.ask("a", 0).line == "one"


def test_a_shared_connection_that_broke_takes_nobody_new_and_goes_with_the_last() -> None:
    pool: Pool[str] = Pool(10, 60)
    first = new(pool, "a", "one")
    pool.share(first, 3)
    second = pool.ask("a", 0)
    assert pool.give_back(first, 0, rest=False) == []
    assert pool.ask("a", 0).line is None
    assert pool.give_back(second, 0, rest=True) == ["one"]


@settings(max_examples=200)
@given(
    st.lists(st.tuples(st.sampled_from(["ask a", "ask b", "rest", "drop", "share"]), st.integers(0, 5)), max_size=60)
)
def test_no_connection_is_lost_or_handed_out_twice(steps: list[tuple[str, int]]) -> None:
    pool: Pool[int] = Pool(4, 10)
    leases: list[Lease[int]] = []
    shared: set[int] = set()
    alive: set[int] = set()
    for now, (step, which) in enumerate(steps):
        match step.split():
            case ["ask", key]:
                leases.append(pool.ask(key, now))
                alive -= set(leases[-1].close)
            case ["share"]:
                held = [lease for lease in leases if lease.granted and lease.line is not None]
                if held:
                    lease = held[which % len(held)]
                    pool.share(lease, 3)
                    shared.add(lease.line if lease.line is not None else -1)
            case [way] if leases:
                lease = leases.pop(which % len(leases))
                alive -= set(pool.give_back(lease, now, rest=way == "rest" and lease.line is not None))
            case _:
                pass
        for lease in leases:
            if lease.granted and lease.line is None:
                lease.line = now * 1000 + len(alive)
                alive.add(lease.line)
        granted = Counter(lease.line for lease in leases if lease.granted)
        assert all(count == 1 or (line in shared and count <= 3) for line, count in granted.items())
        assert pool.used == len(granted)
        assert alive >= set(granted)
        assert len(alive) == pool.used + pool.counts.resting
        assert pool.used + pool.counts.resting <= 4
        assert pool.counts.waiting == sum(not lease.granted for lease in leases)
        assert pool.counts.waiting == 0 or pool.used == 4


def test_the_cost_of_a_request_does_not_grow_with_the_connections() -> None:
    def cost(connections: int) -> float:
        pool: Pool[int] = Pool(connections + 1, 60)
        for number in range(connections):
            pool.ask("a", 0).line = number
        best = 1.0
        for _ in range(5):
            began = time.perf_counter()
            for _ in range(500):
                lease = pool.ask("b", 0)
                lease.line = lease.line or -1
                pool.give_back(lease, 0, rest=True)
            best = min(best, time.perf_counter() - began)
        return best

    assert cost(5_000) < 5 * cost(5)


def test_the_preferred_connection_serves_if_it_rests() -> None:
    pool: Pool[str] = Pool(10, 60)
    one, two = new(pool, "a", "one"), new(pool, "a", "two")
    pool.give_back(one, 1, rest=True)
    pool.give_back(two, 2, rest=True)
    assert pool.ask("a", 3, "one").line == "one"
    assert pool.ask("a", 3, "gone").line == "two"
    assert pool.ask("a", 3, "one").line is None
    assert pool.ask("b", 3, "two").line is None


def test_the_preferred_connection_serves_if_it_has_room() -> None:
    pool: Pool[str] = Pool(10, 60)
    for line in ("one", "two"):
        lease = pool.ask("a", 0)
        lease.line = line
        pool.share(lease, 1 if line == "one" else 3)
    other = pool.ask("a", 0)
    assert other.line == "two"
    resting = new(Pool(1, 1), "x", "x")
    assert resting.line == "x"
    assert pool.ask("a", 0, "one").line == "two"
    assert pool.ask("a", 0, "two").line is None


def test_who_waits_boards_a_connection_that_comes_to_be_shared() -> None:
    pool: Pool[str] = Pool(1, 60)
    first = new(pool, "a", "one")
    waiting = [pool.ask("a", 0) for _ in range(3)]
    stranger = pool.ask("b", 0)
    pool.share(first, 3)
    assert [lease.line for lease in waiting] == ["one", "one", None]
    assert not stranger.granted
    assert pool.counts.waiting == 2


def test_a_place_on_a_shared_connection_goes_to_who_waits_for_it() -> None:
    pool: Pool[str] = Pool(1, 60)
    first = new(pool, "a", "one")
    pool.share(first, 2)
    second, third, stranger, fourth = (pool.ask("a", 0), pool.ask("a", 0), pool.ask("b", 0), pool.ask("a", 0))
    woken: list[str] = []
    third.wake = lambda: woken.append("third")
    assert second.line == "one"
    assert pool.give_back(second, 0, rest=True) == []
    assert (third.line, woken) == ("one", ["third"])
    pool.give_back(third, 0, rest=False)  # ended badly: nobody boards any more
    assert not fourth.granted
    assert pool.give_back(first, 0, rest=True) == ["one"]
    assert (stranger.granted, stranger.line, fourth.granted) == (True, None, False)


def test_who_gives_up_waiting_leaves_every_queue() -> None:
    pool: Pool[str] = Pool(1, 60)
    first = new(pool, "a", "one")
    quitter, patient = pool.ask("a", 0), pool.ask("a", 0)
    pool.give_back(quitter, 0, rest=False)
    pool.share(first, 2)
    assert not quitter.granted
    assert patient.line == "one"
    assert pool.counts.waiting == 0
