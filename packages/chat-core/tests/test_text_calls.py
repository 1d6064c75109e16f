"""Vectors, ranking, classes, entailment, stances, tokens: what arguments become, in how many exchanges."""

from __future__ import annotations

import json
import pickle
from array import array
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, cast

import pytest
from test_calls import Able, number, toy
from toy import World, refused, said

from chat_core import stances, text_calls
from chat_core.codec.capabilities import EmbeddingRequest, EmbeddingResponse, Embeddings
from chat_core.codec.classification import (
    Classification,
    ClassificationRequest,
    ClassificationResponse,
    Classified,
    Label,
    classified,
)
from chat_core.codec.entailment import Entailment, EntailmentRequest, EntailmentResponse, Entailments
from chat_core.codec.rerank import Ranked, Rerank, RerankRequest, RerankResponse, ranked
from chat_core.codec.tokenization import Token, Tokenization, TokenizationRequest, TokenizationResponse
from chat_core.codec.wire import WireRequest, WireResponse
from chat_core.errors import DecodeError, InvalidRequest, UnsupportedCapability
from chat_core.parts import no_meta
from chat_core.response import Notice, Usage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from chat_core.codec.effects import Flow
    from chat_core.jsonvalue import JSON
    from chat_core.setup import Setup

LACKS = Notice(feature="extra", reason="there is none")


def able(kind: type, offer: object) -> Setup:
    return toy(provider=Able(able={kind: offer}))


def wire(body: JSON, notices: tuple[Notice, ...] = ()) -> WireRequest:
    return WireRequest(url="http://toy.example/texts", body=json.dumps(body).encode(), notices=notices)


def asked(world: World) -> list[JSON]:
    return [json.loads(sent.body) for sent in world.sent]


class Vectors:
    def encode(self, request: EmbeddingRequest) -> WireRequest:
        return wire([request.model, len(request.inputs), request.purpose], (LACKS,) if request.user else ())

    def decode(self, request: EmbeddingRequest, reply: WireResponse) -> EmbeddingResponse:
        vectors = (array("f", [0.5]),) * len(request.inputs)
        return EmbeddingResponse(vectors=vectors, model=request.model, id=reply.body.decode())


@pytest.mark.parametrize("inputs", ["one", ["one"], EmbeddingRequest(model="toy-1", inputs=("one",))])
def test_texts_are_embedded(inputs: text_calls.Inputs) -> None:
    world = World(number(7))
    response = world.run(text_calls.embed(able(Embeddings, Vectors()), inputs, {}))
    assert response == EmbeddingResponse(vectors=(array("f", [0.5]),), model="toy-1", id="7")
    assert asked(world) == [["toy-1", 1, None]]


@pytest.mark.parametrize("inputs", ["one", EmbeddingRequest(model="toy-1", inputs=("one",), purpose="document")])
def test_what_else_is_said_of_an_embedding_goes_into_its_request(inputs: text_calls.Inputs) -> None:
    world = World(number(7))
    response = world.run(text_calls.embed(able(Embeddings, Vectors()), inputs, {"purpose": "query", "user": "me"}))
    assert asked(world) == [["toy-1", 1, "query"]]
    assert response.notices == (LACKS,)


class Few(Vectors):
    most_inputs = 2

    def decode(self, request: EmbeddingRequest, reply: WireResponse) -> EmbeddingResponse:  # noqa: ARG002 - the protocol's parameter
        usage = Usage(input_tokens=len(request.inputs))
        return EmbeddingResponse(vectors=tuple(array("f", [1.0]) for _ in request.inputs), usage=usage)


def test_more_texts_than_a_service_embeds_at_once_go_in_several_exchanges() -> None:
    world = World(number(0), number(0))
    found = world.run(text_calls.embed(able(Embeddings, Few()), [*"abc"], {"user": "me"}))
    assert asked(world) == [["toy-1", 2, None], ["toy-1", 1, None]]
    assert (len(found.vectors), found.usage, found.notices) == (3, Usage(input_tokens=3), (LACKS,))


@dataclass
class Counting:
    """Gives as many vectors as the reply says."""

    most_inputs: int | None = None

    def encode(self, request: EmbeddingRequest) -> WireRequest:
        return wire(len(request.inputs))

    def decode(self, request: EmbeddingRequest, reply: WireResponse) -> EmbeddingResponse:  # noqa: ARG002 - the protocol's parameter
        return EmbeddingResponse(vectors=(array("f", [0.5]),) * int(reply.body))


@pytest.mark.parametrize(("most", "replies"), [(None, (1,)), (1, (2, 0))])
def test_vectors_that_are_not_one_for_each_text_are_an_error(most: int | None, replies: tuple[int, ...]) -> None:
    world = World(*map(number, replies))
    with pytest.raises(DecodeError, match=f"the service sent {replies[0]} vectors of {most or 2} texts"):
        world.run(text_calls.embed(able(Embeddings, Counting(most)), [*"ab"], {}))


@pytest.mark.parametrize("number_of_it", [float("nan"), float("inf"), float("-inf")])
def test_a_vector_holds_numbers(number_of_it: float) -> None:
    class Broken(Vectors):
        def decode(self, request: EmbeddingRequest, reply: WireResponse) -> EmbeddingResponse:  # noqa: ARG002 - the protocol's parameter
            return EmbeddingResponse(vectors=(array("f", [0.5, number_of_it]),))

    with pytest.raises(DecodeError, match="a vector with NaN or an infinity in it"):
        World(number(0)).run(text_calls.embed(able(Embeddings, Broken()), "a", {}))


def test_an_error_in_a_later_exchange_brings_what_was_found_before_it() -> None:
    for replies, ids in (((), []), ((number(7),), [1.0, 1.0]), ((number(7), number(8)), [1.0] * 4)):
        with pytest.raises(InvalidRequest) as caught:
            World(*replies, refused(400)).run(text_calls.embed(able(Embeddings, Few()), [*"abcdef"], {}))
        found = cast("EmbeddingResponse | None", caught.value.finished)
        assert [vector[0] for vector in (() if found is None else found.vectors)] == ids
    with pytest.raises(InvalidRequest) as caught:
        World(number(0), refused(400)).run(text_calls.classify(able(Classification, Sorter(1)), [*"ab"], {}))
    assert isinstance(caught.value.finished, ClassificationResponse)
    assert [one.best.name for one in caught.value.finished.results] == ["a"]
    again = pickle.loads(pickle.dumps(caught.value))
    assert again.finished == caught.value.finished


def test_stances_and_places_that_were_found_before_an_error_are_those_of_the_call() -> None:
    with pytest.raises(InvalidRequest) as caught:
        World(number(0), refused(400)).run(text_calls.stance(able(Classification, Judge(1)), [*"ab"], "x", {}))
    assert isinstance(caught.value.finished, stances.StanceResponse)
    assert [one.label for one in caught.value.finished.results] == ["favor"]
    with pytest.raises(InvalidRequest) as caught:
        World(number(0), number(0), refused(400)).run(text_calls.rerank(able(Rerank, Overlap()), "q", [*"27714"], {}))
    assert isinstance(caught.value.finished, RerankResponse)
    assert [one.index for one in caught.value.finished.results] == [1, 2, 0, 3]


class Order:
    def encode(self, request: RerankRequest) -> WireRequest:
        return wire([request.query, *request.documents, request.top_n], (LACKS,))

    def decode(self, request: RerankRequest, reply: WireResponse) -> RerankResponse:
        one = ranked(request, int(reply.body), 0.5, no_meta())
        return RerankResponse(results=() if one is None else (one,))


def test_documents_are_ordered() -> None:
    world = World(number(1))
    found = world.run(text_calls.rerank(able(Rerank, Order()), "q", (name for name in "ab"), {"top_n": 1}))
    assert asked(world) == [["q", "a", "b", 1]]
    assert found == RerankResponse(results=(Ranked(index=1, score=0.5, document="b"),), notices=(LACKS,))


@pytest.mark.parametrize("index", [-1, 2])
def test_a_document_that_was_not_sent_has_no_place(index: int) -> None:
    assert ranked(RerankRequest(model="m", query="q", documents=("a", "b")), index, 0.5, no_meta()) is None


class Overlap:
    """Ranks documents by the number that they are; takes two at once."""

    most_inputs = 2

    def encode(self, request: RerankRequest) -> WireRequest:
        return wire([*request.documents, request.top_n])

    def decode(self, request: RerankRequest, reply: WireResponse) -> RerankResponse:  # noqa: ARG002 - the protocol's parameter
        found = [Ranked(index=index, score=float(text), document=text) for index, text in enumerate(request.documents)]
        best = sorted(found, key=lambda one: one.score, reverse=True)
        return RerankResponse(results=tuple(best[: request.top_n]), usage=Usage(input_tokens=1))


@pytest.mark.parametrize(("top_n", "order"), [(None, [1, 2, 4, 0, 3]), (2, [1, 2])])
def test_more_documents_than_an_exchange_takes_are_ordered_among_each_other(
    top_n: int | None, order: list[int]
) -> None:
    world = World(number(0), number(0), number(0))
    found = world.run(text_calls.rerank(able(Rerank, Overlap()), "q", [*"27714"], {"top_n": top_n}))
    assert asked(world) == [["2", "7", top_n], ["7", "1", top_n], ["4", top_n]]
    assert [one.index for one in found.results] == [1, 2, 4, 0, 3][: len(order)]
    assert [one.document for one in found.results] == ["27714"[index] for index in order]
    assert found.usage == Usage(input_tokens=3)


@pytest.mark.parametrize("top_n", [0, -1])
def test_a_number_of_the_best_below_one_is_refused_before_anything_is_sent(top_n: int) -> None:
    for flow in (
        text_calls.rerank(able(Rerank, Order()), "q", ["a"], {"top_n": top_n}),
        text_calls.classify(able(Classification, Sorter()), "a", {"labels": ["x"], "top_n": top_n}),
    ):
        with pytest.raises(ValueError, match=f"top_n={top_n} is none of them"):
            World().run(cast("Flow[object]", flow))


@dataclass
class Sorter:
    """Finds every text to be of every label, the later the surer; keeps what it was asked."""

    most_inputs: int | None = None
    usage: tuple[Usage | None, ...] = ()
    most_pairs: int | None = None
    asked: list[ClassificationRequest] = field(default_factory=list[ClassificationRequest])

    def encode(self, request: ClassificationRequest) -> WireRequest:
        self.asked.append(request)
        return wire([*request.inputs], (LACKS,))

    def decode(self, request: ClassificationRequest, reply: WireResponse) -> ClassificationResponse:
        labels = tuple(
            Label(name=name, score=float(place)) for place, name in enumerate((*request.inputs, *request.labels))
        )
        usage = self.usage[len(self.asked) - 1] if self.usage else None
        results = (Classified(labels=labels),) * len(request.inputs)
        return ClassificationResponse(results=results, usage=usage, raw=int(reply.body))


def test_texts_are_sorted() -> None:
    sorter = Sorter()
    asking: text_calls.Classifying = {
        "labels": ["x", "y"], "multi_label": True, "hypothesis": "{}!", "top_n": 2, "extra": {"a": 1}, "model": "toy-2"
    }  # fmt: skip
    World(number(0)).run(text_calls.classify(able(Classification, sorter), "one", asking))
    assert sorter.asked == [
        ClassificationRequest(
            model="toy-1", inputs=("one",), labels=("x", "y"), multi_label=True, hypothesis="{}!", top_n=2,
            extra={"a": 1},
        )
    ]  # fmt: skip


def test_one_label_may_be_written_without_a_list() -> None:
    sorter = Sorter()
    World(number(0)).run(text_calls.classify(able(Classification, sorter), "one", {"labels": "x"}))
    assert sorter.asked[0].labels == ("x",)


@pytest.mark.parametrize(
    ("most", "bodies"), [(None, [["a", "b", "c"]]), (3, [["a", "b", "c"]]), (2, [["a", "b"], ["c"]])]
)
def test_more_texts_than_an_exchange_takes_go_in_several(most: int | None, bodies: list[JSON]) -> None:
    world = World(*(number(place) for place in range(len(bodies))))
    found = world.run(text_calls.classify(able(Classification, Sorter(most_inputs=most)), "abc", {}))
    assert asked(world) == [["abc"]]  # one text is one input, however long
    world = World(*(number(place) for place in range(len(bodies))))
    found = world.run(text_calls.classify(able(Classification, Sorter(most_inputs=most)), [*"abc"], {}))
    assert asked(world) == bodies
    assert len(found.results) == 3
    assert found.notices == (LACKS,)
    assert found.raw == (0 if len(bodies) == 1 else [0, 1])


@pytest.mark.parametrize(
    ("told", "sum_"),
    [
        ((Usage(input_tokens=3, output_tokens=1), Usage(input_tokens=4)), Usage(input_tokens=7)),
        ((Usage(input_tokens=3), None), None),
        ((None, None), None),
    ],
)
def test_usage_of_several_exchanges_is_added_where_each_told_it(
    told: tuple[Usage | None, ...], sum_: Usage | None
) -> None:
    sorter = Sorter(most_inputs=1, usage=told)
    found = World(number(0), number(1)).run(text_calls.classify(able(Classification, sorter), [*"ab"], {}))
    assert found.usage == sum_


def test_a_hypothesis_without_a_place_for_the_class_is_refused_before_anything_is_sent() -> None:
    for flow in (
        text_calls.classify(able(Classification, Sorter()), "a", {"labels": ["x"], "hypothesis": "It is."}),
        text_calls.stance(able(Classification, Sorter()), "a", "x", {"hypothesis": "It is."}),
    ):
        with pytest.raises(ValueError, match=r"'It is\.' has no \{\} for the class"):
            World().run(cast("Flow[object]", flow))


def test_a_label_that_is_there_twice_is_refused_before_anything_is_sent() -> None:
    with pytest.raises(ValueError, match=r"labels= names a class twice.*'x', 'y', 'x'"):
        World().run(text_calls.classify(able(Classification, Sorter()), "a", {"labels": ["x", "y", "x"]}))


@pytest.mark.parametrize(
    ("labels", "bodies"), [("", [["a", "b", "c", "d"]]), ("xy", [["a", "b"], ["c", "d"]]), ("vwxyz", [*"abcd"])]
)
def test_a_service_that_compares_texts_with_labels_gets_as_many_as_it_has_room_for(
    labels: str, bodies: list[list[str]]
) -> None:
    world = World(*map(number, range(len(bodies))))
    sorter = Sorter(most_inputs=4, most_pairs=4)
    world.run(text_calls.classify(able(Classification, sorter), [*"abcd"], {"labels": [*labels]}))
    assert asked(world) == [[*body] for body in bodies]


def test_classes_are_put_in_order_and_those_of_one_score_stay_as_they_came() -> None:
    labels = [Label(name="a", score=0.1), Label(name="b", score=0.5), Label(name="c", score=0.5)]
    one = classified(labels, no_meta())
    assert one is not None
    assert [label.name for label in one.labels] == ["b", "c", "a"]
    assert one.best == labels[1]
    assert one.scores == {"b": 0.5, "c": 0.5, "a": 0.1}
    assert classified(labels, no_meta(), 1) == Classified(labels=(labels[1],))
    assert classified([], no_meta()) is None


class Comparer:
    most_inputs = 1

    def encode(self, request: EntailmentRequest) -> WireRequest:
        return wire([list(pair) for pair in request.pairs])

    def decode(self, request: EntailmentRequest, reply: WireResponse) -> EntailmentResponse:
        share = int(reply.body) / 10
        return EntailmentResponse(results=(Entailment(entailment=share, contradiction=1 - share),) * len(request.pairs))


def test_sentences_are_compared() -> None:
    world = World(number(9), number(2))
    found = world.run(text_calls.entail(able(Entailments, Comparer()), [("p", "h"), ("q", "i")], {}))
    assert asked(world) == [[["p", "h"]], [["q", "i"]]]
    assert [one.label for one in found.results] == ["entailment", "contradiction"]


@pytest.mark.parametrize(
    ("numbers", "label"),
    [
        ((0.5, 0.5, None), "entailment"),
        ((0.4, 0.2, 0.4), "entailment"),
        ((0.2, 0.3, 0.5), "neutral"),
        ((0.2, 0.5, 0.3), "contradiction"),
    ],
)
def test_the_surest_of_three_is_the_label(numbers: tuple[float, float, float | None], label: str) -> None:
    follows, cannot, may = numbers
    assert Entailment(entailment=follows, contradiction=cannot, neutral=may).label == label


@dataclass
class Judge(Sorter):
    """Gives the three stances the shares it was made with."""

    shares: tuple[float, float, float] = (0.7, 0.2, 0.1)

    def decode(self, request: ClassificationRequest, reply: WireResponse) -> ClassificationResponse:  # noqa: ARG002 - the protocol's parameter
        labels = [Label(name=name, score=share) for name, share in zip(request.labels, self.shares, strict=True)]
        one = classified(labels, no_meta())
        assert one is not None
        return ClassificationResponse(results=(one,) * len(request.inputs), model="judge")


@pytest.mark.parametrize(
    ("shares", "label"),
    [
        ((0.7, 0.2, 0.1), "favor"),
        ((0.2, 0.7, 0.1), "against"),
        ((0.1, 0.2, 0.7), "neutral"),
        ((0.5, 0.5, 0.0), "neutral"),
    ],
)
def test_a_stance_is_a_choice_between_three_sentences(shares: tuple[float, float, float], label: str) -> None:
    judge = Judge(shares=shares)
    found = World(number(0)).run(text_calls.stance(able(Classification, judge), ["a", "b"], "tea", {}))
    assert judge.asked[0].labels == ("in favor of tea", "against tea", "neutral towards tea")
    assert judge.asked[0].hypothesis == "The author of this text is {}."
    favor, against, neutral = shares
    assert found.results == (stances.Stance(favor=favor, against=against, neutral=neutral),) * 2
    assert [one.label for one in found.results] == [label] * 2
    assert (found.model, found.notices) == ("judge", (LACKS,))


def test_a_stance_may_be_asked_in_other_words() -> None:
    judge = Judge()
    asking: text_calls.Judging = {"hypothesis": "One is {}.", "extra": {"a": 1}}
    World(number(0)).run(text_calls.stance(able(Classification, judge), "a", "tea", asking))
    assert (judge.asked[0].hypothesis, judge.asked[0].extra) == ("One is {}.", {"a": 1})


def test_a_stance_that_is_missing_is_an_error() -> None:
    found = ClassificationResponse(results=(Classified(labels=(Label(name="in favor of tea", score=1.0),)),))
    with pytest.raises(DecodeError, match="no score of 'against tea' among those of in favor of tea"):
        stances.read("tea", found)


class Cutter:
    most_inputs = None

    def encode(self, request: TokenizationRequest) -> WireRequest:
        return wire([*request.inputs, request.special])

    def decode(self, request: TokenizationRequest, reply: WireResponse) -> TokenizationResponse:
        return TokenizationResponse(results=((Token(id=int(reply.body)),),) * len(request.inputs))


@pytest.mark.parametrize("special", [False, True])
def test_texts_are_cut(special: bool) -> None:
    world = World(number(5))
    found = world.run(text_calls.tokenize(able(Tokenization, Cutter()), ["a", "b"], {"special": special}))
    assert asked(world) == [["a", "b", special]]
    assert found.results == ((Token(id=5),), (Token(id=5),))


@pytest.mark.parametrize(
    ("call", "given", "words"),
    [
        (text_calls.embed, [1, 2], "inputs are texts or token ids of texts, and int is neither"),
        (text_calls.embed, b"ab", "inputs are texts or token ids of texts, and int is neither"),
        (text_calls.classify, [1], "texts are texts, and int is none"),
        (text_calls.entail, ["pq"], r"pairs are \(premise, hypothesis\), and 'pq' is none"),
        (text_calls.entail, [("p", 1)], "pairs are"),
        (text_calls.tokenize, ["a", None], "texts are texts, and NoneType is none"),
    ],
)
def test_something_else_is_an_error_that_says_what_is_taken(
    call: Callable[[Setup, object, object], Flow[object]], given: object, words: str
) -> None:
    offered: dict[type, object] = {
        Embeddings: Vectors(), Classification: Sorter(), Entailments: Comparer(), Tokenization: Cutter()
    }  # fmt: skip
    setup = toy(provider=Able(able=offered))
    with pytest.raises(TypeError, match=words):
        World().run(call(setup, given, {}))


FLOWS: Iterable[tuple[str, Callable[[Setup], Flow[object]]]] = (
    ("embeddings", lambda setup: text_calls.embed(setup, "x", {})),
    ("rerank", lambda setup: text_calls.rerank(setup, "x", ["y"], {})),
    ("classification", lambda setup: text_calls.classify(setup, "x", {})),
    ("classification", lambda setup: text_calls.stance(setup, "x", "y", {})),
    ("entailments", lambda setup: text_calls.entail(setup, [("x", "y")], {})),
)


@pytest.mark.parametrize(("word", "flow"), FLOWS)
def test_a_capability_that_is_missing_is_an_error_that_says_who_has_it(
    word: str, flow: Callable[[Setup], Flow[object]]
) -> None:
    world = World()
    with pytest.raises(UnsupportedCapability, match=f"toy has no {word}; installed providers that have: .*replay"):
        world.run(flow(toy()))
    assert world.effects == []


def test_a_failed_exchange_ends_them_all() -> None:
    world = World(number(0), replace(said("no"), status=400))
    with pytest.raises(Exception, match="no"):
        world.run(text_calls.classify(able(Classification, Sorter(most_inputs=1)), [*"abc"], {}))
    assert len(world.sent) == 2
