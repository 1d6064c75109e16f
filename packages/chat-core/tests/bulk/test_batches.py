from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

import pytest
from vectorising import REFUSED, Service, Vectorising, vector_of

from chat_core.bulk.batches import batches, embedded, flows
from chat_core.bulk.inputs import BulkRefused, Shape, Source
from chat_core.codec.wire import WireResponse, dump
from chat_core.errors import DecodeError, InvalidRequest, ServerError
from chat_core.flow.drive import run
from chat_core.flow.retry import Retry
from chat_core.setup import Arguments, set_up

if TYPE_CHECKING:
    from chat_core.bulk.batches import Done
    from chat_core.codec.wire import Outgoing


def done(service: Service, texts: list[str]) -> Done:
    source = Source(texts, Shape(kind="texts"))
    (batch,) = batches(source, len(texts))
    given = Arguments(model="small", provider=Vectorising(), transport=service, retry=Retry(attempts=1))
    return run(embedded(set_up(given), source, batch, {}), service)


def test_batches_are_cut_by_count_when_they_are_asked_for() -> None:
    numbers = iter(range(5))
    source = Source((f"{number}" for number in numbers), Shape(kind="texts"))
    first, second = islice(batches(source, 2), 2)
    assert [[item.text for item in batch.items] for batch in (first, second)] == [["0", "1"], ["2", "3"]]
    assert next(numbers) == 4
    assert (first.mark.lines, second.mark.lines) == (2, 4)


def test_a_batch_has_its_vectors_in_order_and_what_they_cost() -> None:
    found = done(Service(), ["a", "b", "c"])
    assert found.vectors == tuple(map(vector_of, "abc"))
    assert (found.tokens, found.model, found.halved) == (3, "small-really", 0)
    assert done(Service(tells_tokens=False), ["a"]).tokens is None


def test_a_batch_that_is_too_large_for_the_service_is_halved() -> None:
    service = Service(most=3)
    found = done(service, list("abcdefgh"))
    assert found.vectors == tuple(map(vector_of, "abcdefgh"))
    assert (found.tokens, found.halved) == (8, 3)
    assert service.asked == [8, 4, 2, 2, 4, 2, 2]


@pytest.mark.parametrize("at", range(8))
def test_a_text_that_is_refused_is_named_by_its_place(at: int) -> None:
    service = Service()
    texts = [REFUSED if number == at else f"{number}" for number in range(8)]
    with pytest.raises(InvalidRequest) as caught:
        done(service, texts)
    error = caught.value
    assert error.message == f"text {at + 1}: no"
    assert str(error).startswith(f"text {at + 1}: no (HTTP 400")
    assert (error.status, len(error.attempts)) == (400, 1)
    assert len(service.asked) <= 1 + 2 * 3 + (at == 0)  # of the first text nobody knows whether another one is taken


class Wrong(Service):
    """Refuses every request; too large ones in other words."""

    def send(self, request: Outgoing, until: float | None) -> WireResponse:
        super().send(request, until)
        said = "no such model" if self.asked[-1] <= 4 else "too many"
        return WireResponse(status=400, body=dump({"error": {"message": said}}))


@pytest.mark.parametrize(("texts", "alone"), [("ab", 2), ("abcdefgh", 4)])
def test_what_is_no_texts_fault_is_the_requests(texts: str, alone: int) -> None:
    service = Wrong()
    with pytest.raises(InvalidRequest) as caught:
        done(service, list(texts))
    assert caught.value.message == "the request is refused, whichever text is in it: no such model"
    assert service.asked.count(1) == alone


def test_the_first_of_several_bad_texts_is_named_when_one_is_taken() -> None:
    with pytest.raises(InvalidRequest, match=r"^text 1: no"):
        done(Service(), [REFUSED, REFUSED, REFUSED, "good", REFUSED])


def test_one_text_alone_is_to_blame() -> None:
    with pytest.raises(InvalidRequest, match=r"^text 1: no such model"):
        done(Wrong(), ["a"])


def test_other_failures_are_those_of_the_batch() -> None:
    service = Service(fails_at=1)
    with pytest.raises(ServerError, match=r"^not now"):
        done(service, ["a", "b"])
    assert service.asked == [2]


def test_a_vector_for_each_text_has_to_come() -> None:
    with pytest.raises(DecodeError, match="the service sent 1 vectors of 2 texts"):
        done(Service(loses=1), ["a", "b"])


def test_what_is_wrong_with_the_input_comes_after_what_lies_before_it() -> None:
    source = Source(["a", "b", "c", " "], Shape(kind="texts"))
    service = Service()
    given = Arguments(model="small", provider=Vectorising(), transport=service)
    made = flows(set_up(given), source, 2, {})
    assert run(next(made), service).vectors == (vector_of("a"), vector_of("b"))
    with pytest.raises(BulkRefused, match="text 4: it is blank"):
        run(next(made), service)
    assert list(made) == []
