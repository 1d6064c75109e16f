"""The laws of what is offered beside chat can fail: each broken offer is found by the law that it breaks."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import count
from typing import TYPE_CHECKING

import pytest
from sorting import BOTH_FIT, BROKEN, Chooser, Refuses, SaysThatItCannot, WorksItOut
from sorting import Sorting as ChoosingProvider
from tiny import Tiny

from chat_core.codec.classification import Classification, ClassificationRequest
from chat_core.codec.speech import Speech, SpeechRequest, SpeechResponse
from chat_core.codec.wire import WireRequest, WireResponse
from chat_core.errors import DecodeError, StreamTruncated, UnsupportedContent
from chat_core.parts import Inline, Media
from chat_core.response import Notice
from chat_core.testing import offering
from chat_core.testing.laws import LAWS, lacking
from chat_core.testing.outcome import Crash
from chat_core.testing.subject import Subject

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from chat_core.codec.wire import Frame
    from chat_core.events import Event
    from chat_core.jsonvalue import JSONObject

SILENCE = SpeechResponse(audio=Media(kind="audio", source=Inline(b"x")))
LACKS = tuple(Notice(feature=name) for name in ("instructions", "format", "speed", "language"))


class Reader:
    def feed(self, frames: Iterable[Frame]) -> Iterator[Event]:
        for _ in frames:
            raise DecodeError("no sound")
        yield from ()

    def finish(self) -> SpeechResponse:
        raise StreamTruncated("no sound")


class Speaker:
    """Keeps the laws."""

    def encode(self, request: SpeechRequest, *, stream: bool = False) -> WireRequest:
        body = {"voice": request.voice, "stream": stream, **request.extra}
        return WireRequest(url="http://tiny.example/speak", body=body, notices=LACKS)

    def decode(self, request: SpeechRequest, reply: WireResponse) -> SpeechResponse:  # noqa: ARG002 - the protocol's parameter
        if not reply.body:
            raise DecodeError("no sound")
        return SILENCE

    def reader(self, request: SpeechRequest, head: WireResponse) -> Reader:  # noqa: ARG002 - as above
        return Reader()


class Forgetful(Speaker):
    def encode(self, request: SpeechRequest, *, stream: bool = False) -> WireRequest:
        return super().encode(SpeechRequest(model=request.model, text=request.text, extra=request.extra), stream=stream)


class Fickle(Speaker):
    _number = count()

    def encode(self, request: SpeechRequest, *, stream: bool = False) -> WireRequest:  # noqa: ARG002 - as above
        return WireRequest(url=f"http://tiny.example/{next(self._number)}", notices=LACKS)


class Frail(Speaker):
    def decode(self, request: SpeechRequest, reply: WireResponse) -> SpeechResponse:  # noqa: ARG002 - as above
        return [SILENCE][len(reply.body)]


class FrailReader(Reader):
    def finish(self) -> SpeechResponse:
        raise ValueError("no sound")


class FrailInStreams(Speaker):
    def reader(self, request: SpeechRequest, head: WireResponse) -> Reader:  # noqa: ARG002 - as above
        return FrailReader()


@dataclass(frozen=True)
class Talking(Tiny):
    speaker: Speaker = field(default_factory=Speaker)

    @property
    def capabilities(self) -> Mapping[type, object]:
        return {Speech: self.speaker}


def subject(provider: Tiny) -> Subject:
    return Subject(provider=provider, cases=(), model="m", secret="s" * 20, load=lambda: provider)


def test_a_sound_offer_keeps_the_laws() -> None:
    sound = subject(Talking())
    assert lacking(LAWS["offers"], sound) is None
    for name in ("offers", "offers_pure", "offers_damage"):
        assert list(LAWS[name].judge(sound)) == []


def test_a_provider_without_offers_passes_the_laws_over() -> None:
    assert lacking(LAWS["offers"], subject(Tiny())) == "the provider offers nothing beside chat"


def test_a_field_that_is_dropped_is_found() -> None:
    assert list(offering.fields_are_sent(subject(Talking(speaker=Forgetful())))) == [
        "Speech: voice='canary-voice' is neither sent nor noticed (stream=False)",
        "Speech: voice='canary-voice' is neither sent nor noticed (stream=True)",
    ]


class Sorter:
    """Chooses from given labels only, and drops the hypothesis."""

    def encode(self, request: ClassificationRequest) -> WireRequest:
        if not request.labels:
            raise UnsupportedContent("give labels")
        body: JSONObject = {"labels": [*request.labels], "several": request.multi_label, **request.extra}
        return WireRequest(url="http://tiny.example/sort", body=body, notices=(Notice(feature="top_n"),))


class Sorting(Tiny):
    @property
    def capabilities(self) -> Mapping[type, object]:
        return {Classification: Sorter()}


def test_a_field_is_missed_where_the_service_needs_another_one_too() -> None:
    assert list(offering.fields_are_sent(subject(Sorting()))) == [
        "Classification: hypothesis='It is a {}.' is neither sent nor noticed"
    ]


def sorted_by(chooser: Chooser, *replies: WireResponse) -> Subject:
    provider = ChoosingProvider(chooser=chooser)
    return replace(subject(provider), several=replies)


@pytest.mark.parametrize("chooser", [Chooser(), WorksItOut()])
def test_scores_of_several_classes_are_each_by_itself(chooser: Chooser) -> None:
    assert list(offering.several_labels_hold(sorted_by(chooser, BOTH_FIT))) == []


@pytest.mark.parametrize("chooser", [SaysThatItCannot(), Refuses()])
def test_a_service_that_knows_one_class_a_text_says_so(chooser: Chooser) -> None:
    assert list(offering.several_labels_hold(sorted_by(chooser))) == []


@pytest.mark.parametrize(("kind", "fault"), BROKEN.items())
def test_a_wrong_choice_of_several_classes_is_found(kind: type[Chooser], fault: str) -> None:
    found = list(offering.several_labels_hold(sorted_by(kind(), BOTH_FIT)))
    assert any(one.startswith(fault) for one in found), found


def test_a_choice_of_several_classes_that_no_reply_shows_is_a_fault() -> None:
    assert list(offering.several_labels_hold(sorted_by(Chooser()))) == [
        "no reply shows it: let `several` hold one in which canary and finch fit the text, both above 0.5"
    ]


def test_the_law_of_several_classes_is_about_those_who_sort() -> None:
    assert lacking(LAWS["several_labels"], subject(Tiny())) == "the provider sorts no texts into classes"
    assert lacking(LAWS["several_labels"], sorted_by(Chooser())) is None


def test_a_request_that_is_spelled_in_two_ways_is_found() -> None:
    assert list(offering.offers_are_pure(subject(Talking(speaker=Fickle())))) == [
        "Speech: one request is spelled in two ways (stream=False)",
        "Speech: one request is spelled in two ways (stream=True)",
    ]


@pytest.mark.parametrize("speaker", [Frail(), FrailInStreams()])
def test_an_error_that_is_not_promised_is_found(speaker: Speaker) -> None:
    with pytest.raises(Crash):
        list(offering.offers_survive_damage(subject(Talking(speaker=speaker))))
