"""The checks of one exchange, each by name.

Law: a check yields what is wrong and nothing else; what it cannot judge it says in `skipped`. A decoder that raises
what it must not is a fault of the exchange, whichever check sees it.
"""

from __future__ import annotations

import time
import traceback
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

from tests.wire import chunker, cuts, endings, expect, fuzz, oracle, readers, roundtrip, sessions
from tests.wire.codecs import Capability, Chat, codec_of
from tests.wire.mutate import mutated
from tests.wire.outcome import outcome_of, streamed
from tests.wire.planted import missing
from tests.wire.subject import Subject

from chat_core.codec.wire import dump
from chat_core.errors import ChatError, GrammarError
from chat_core.jsonvalue import parse_object
from chat_core.testing import leaves
from chat_core.testing.outcome import Crash, events_of, grammar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from tests.wire.corpus import Exchange
    from tests.wire.outcome import Outcome

    from chat_core.codec.wire import Frame
    from chat_core.response import Response


@dataclass(slots=True)
class Result:
    """What the checks found in one exchange.

    Attributes:
        faults: what is wrong, as (check, words).
        lost: general paths of unclaimed leaves.
        stated: the row of `IGNORED` for each leaf that is lost as stated.
        rows: all rows of the table.
        skipped: what could not be judged.
        seconds: time by check.
    """

    id: str
    api: str
    wire: str
    in_scope: bool = True
    faults: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    lost: list[str] = field(default_factory=list[str])
    stated: list[str] = field(default_factory=list[str])
    rows: frozenset[str] = frozenset()
    skipped: list[str] = field(default_factory=list[str])
    seconds: dict[str, float] = field(default_factory=dict[str, float])


def _decode(subject: Subject) -> Iterator[str]:
    yield from expect.differences(subject.exchange.expect, subject.outcome)


def _grammar(subject: Subject) -> Iterator[str]:
    if subject.streams:
        try:
            folded = grammar(*subject.events)
        except GrammarError as error:
            yield str(error)
        else:
            if folded != subject.outcome.value:
                yield "the folded response is not the one that ends the stream"


def _cuts(subject: Subject) -> Iterator[str]:
    if subject.streams:
        exchange = subject.exchange
        random = subject.random("cuts")
        yield from cuts.differences(
            exchange.body, exchange.chunk_sizes, subject.begin, subject.events, random, exchange.framer
        )
    elif subject.reads:
        yield from readers.cut_differences(subject)


def _endings(subject: Subject) -> Iterator[str]:
    if subject.streams:
        body, framer = subject.exchange.body, subject.exchange.framer
        yield from endings.differences(body, subject.begin, subject.outcome, subject.random("endings"), framer)
    elif subject.reads:
        yield from readers.ending_differences(subject)


def _unary_as_stream(subject: Subject) -> Iterator[str]:
    chat, answer = subject.chat, subject.answer
    if chat is None or answer is None or subject.streams:
        return
    frames = chunker.frames(chat.family, subject.exchange.document)
    if not frames:
        return
    events, error = events_of(subject.begin(), [frames])
    try:
        folded = grammar(events, error)
    except GrammarError as fault:
        yield str(fault)
        return
    told = outcome_of(events, error)
    if error is not None or folded is None:
        yield f"told as a stream it is {error!r}"
    elif replace(folded, headers=answer.headers) != answer or told.unknown:
        yield from _unlike(answer, replace(folded, headers=answer.headers), told)


def _unlike(answer: Response, folded: Response, told: Outcome) -> Iterator[str]:
    from tests.wire.outcome import plain  # noqa: PLC0415 - on the way to a failure only

    for difference in roundtrip.unequal(plain(answer), plain(folded)):
        yield f"told as a stream: {difference.replace('recorded', 'whole').replace('ours', 'stream')}"
    yield from (f"told as a stream: {event!r}" for event in told.unknown)


def _saved(subject: Subject) -> Iterator[str]:
    if subject.answer is not None:
        yield from roundtrip.saved(subject.answer)


def _request(subject: Subject) -> Iterator[str]:
    asked, form = subject.exchange.asked, subject.exchange.form
    if (asked is None and form is None) or (subject.exchange.status >= 400 and not _crashed(subject)):
        return  # what was refused need not be spelled
    if isinstance(subject.codec, Capability) and subject.codec.asked is not None and subject.codec.family in MEDIA:
        yield from roundtrip.path_differences(subject.codec.asked(), subject.exchange.path)
        yield from roundtrip.form_differences(subject.codec.asked(), form or ())
    if asked is None:
        return
    if isinstance(subject.codec, Chat):
        yield from roundtrip.request_differences(subject.codec, asked)
        yield from roundtrip.saved_request(subject.codec)
        yield from roundtrip.prefix_differences(subject.codec)
    elif subject.codec.asked is not None:
        yield from roundtrip.body_differences(subject.codec.asked(), asked, subject.codec.family)


def _crashed(subject: Subject) -> bool:
    fault = subject.chat.fault if subject.chat is not None else None
    return fault is not None and not isinstance(fault, ChatError)


def _appended(subject: Subject) -> Iterator[str]:
    chat, answer = subject.chat, subject.answer
    if chat is not None and answer is not None and chat.request.messages and chat.family in CONVERSATIONS:
        yield from roundtrip.appended_differences(chat, answer)


def _oracle(subject: Subject) -> Iterator[str]:
    chat, asked = subject.chat, subject.exchange.asked
    if isinstance(subject.codec, Capability) and subject.codec.family in oracle.BESIDE:
        yield from _oracle_beside(subject, subject.codec)
    if chat is None or chat.fault is not None or asked is None or subject.exchange.api not in oracle.APIS:
        return
    if why := oracle.absence(chat.family):
        subject.skipped.append(f"oracle: {why}")
        return
    try:
        ours = roundtrip.encoded(chat, chat.request, stream=chat.streams(asked))
    except ChatError:
        return  # the check `request` says so
    yield from oracle.differences(chat.family, asked, ours)


def _oracle_beside(subject: Subject, codec: Capability) -> Iterator[str]:
    asked, ours = subject.exchange.asked, None if codec.asked is None else codec.asked().body
    if subject.exchange.api not in oracle.APIS or asked is None or not isinstance(ours, dict):
        return
    if why := oracle.absence(codec.family):
        subject.skipped.append(f"oracle: {why}")
    else:
        yield from oracle.differences(codec.family, asked, parse_object(dump(ours)))


def _lost(subject: Subject) -> list[str]:
    exchange, codec = subject.exchange, subject.codec
    random = subject.random("leaves")
    if subject.streams and subject.planted is not None:
        subject.skipped.append("leaves of mutated streams: the run on the recorded ones judges them")
        return []
    if subject.streams:
        frames = cuts.frames_of(exchange.body, exchange.framer)

        def decode(frames: Sequence[Frame]) -> Outcome:
            return streamed(subject.begin(), [frames])

        return leaves.lost_in_stream(frames, decode, random)
    if subject.reads:
        frames = cuts.frames_of(exchange.body, exchange.framer)
        return leaves.lost_in_stream(frames, lambda frames: subject.read([frames]), random)
    reply = exchange.reply

    def decode_bytes(body: bytes) -> Outcome:
        return codec.decode(replace(reply, body=body))

    return leaves.lost_in_document(exchange.document, decode_bytes, random)


def _fuzz(subject: Subject) -> Iterator[str]:
    """Damage the reply and the request; a crash is the only finding there can be."""
    exchange, codec, random = subject.exchange, subject.codec, subject.random("fuzz")
    if isinstance(codec, Chat) and exchange.asked is not None and not _crashed(subject):
        fuzz.requests(exchange.asked, codec.parse_body, random)
    if subject.streams:
        frames = leaves.short_form(cuts.frames_of(exchange.body, exchange.framer))
        fuzz.streams(frames, lambda frames: streamed(subject.begin(), [frames]), random)
        return
    if subject.reads:
        frames = cuts.frames_of(exchange.body, exchange.framer)
        fuzz.streams(frames, lambda frames: subject.read([frames]), random)
        return
    for status in dict.fromkeys((exchange.status, 200, 500)):
        reply = replace(exchange.reply, status=status)
        fuzz.replies(exchange.document, reply, codec.decode, random)
    yield from ()


def _planted(subject: Subject) -> Iterator[str]:
    if subject.planted is not None:
        yield from missing(subject.planted, subject.outcome)


def _sample_mutated(subject: Subject) -> Iterator[str]:
    """Run the quick checks on a mutated form of some exchanges, in the same pass."""
    if subject.planted is not None or subject.random("sample").random() > SAMPLE:
        return
    exchange, planted = mutated(subject.exchange, subject.seed)
    other = Subject(exchange, subject.codec, subject.seed, planted)
    for check in (_decode, _planted, _grammar, _saved):
        yield from check(other)


SAMPLE = 1.0
"""Share of the exchanges that are also checked in a mutated form."""

CHECKS: Mapping[str, Callable[[Subject], Iterator[str]]] = {
    "decode": _decode,
    "planted": _planted,
    "grammar": _grammar,
    "cuts": _cuts,
    "endings": _endings,
    "unary as stream": _unary_as_stream,
    "saved": _saved,
    "request": _request,
    "appended": _appended,
    "oracle": _oracle,
    "fuzz": _fuzz,
    "mutated": _sample_mutated,
}
CONVERSATIONS = frozenset({
    "openai_chat", "openai_responses", "anthropic_messages", "ollama_chat", "gemini_generate",
})  # fmt: skip
"""Wires on which an answer can be sent back."""
MEDIA = oracle.BESIDE | {"openai_transcription"}
"""Wires whose requests go to several addresses, and are forms at some."""
OF_RECORDINGS = frozenset({"request", "oracle", "fuzz", "mutated", "replay"})
"""Checks that a mutated reply does not change."""


def check_case(exchanges: Sequence[Exchange], seed: int, mutate: int | None) -> list[Result]:
    """Run all checks on the exchanges of one case, in order."""
    results: list[Result] = []
    before: Subject | None = None
    for exchange in exchanges:
        result = Result(exchange.id, exchange.api, exchange.wire)
        results.append(result)
        if exchange.wire in sessions.WIRES:
            _session(exchange, seed, mutate, result)
            continue
        subject = _subject(exchange, seed, mutate, result)
        if subject is None:
            continue
        for name, check in CHECKS.items():
            if mutate is None or name not in OF_RECORDINGS:
                result.faults += [(name, words) for words in _run(result, name, partial(check, subject))]
        _sort_out(_run(result, "leaves", partial(_lost, subject)), subject.codec.ignored, result)
        if before is not None and mutate is None:
            found = _run(result, "replay", partial(_replay, before, subject))
            result.faults += [("replay", words) for words in found]
        result.skipped += subject.skipped
        before = subject
    return results


def _session(exchange: Exchange, seed: int, mutate: int | None, result: Result) -> None:
    """Run the checks of a live session, which are its own."""
    if mutate is not None:
        result.skipped.append("mutated sessions: the run on the recorded ones judges them")
        return
    faults, lost, table = sessions.check(exchange, seed)
    result.faults += faults
    _sort_out(lost, table, result)


def _subject(exchange: Exchange, seed: int, mutate: int | None, result: Result) -> Subject | None:
    try:
        planted = None
        if mutate is not None:
            exchange, planted = mutated(exchange, mutate)
        codec = codec_of(exchange)
    except Exception as error:  # noqa: BLE001 - a codec that cannot be made is a fault of the exchange
        result.faults.append(("codec", _words(error)))
        return None
    result.in_scope = codec is not None
    return Subject(exchange, codec, seed, planted) if codec is not None else None


def _sort_out(lost: Iterable[str], table: Mapping[str, str], result: Result) -> None:
    """Tell the leaves that are lost as stated from those that nobody claims."""
    result.rows = frozenset(table)
    for path in lost:
        row = leaves.row_of(path, table)
        if row is None:
            result.lost.append(path)
        else:
            result.stated.append(row)


def _replay(before: Subject, subject: Subject) -> Iterator[str]:
    if before.answer is not None and subject.chat is not None and subject.exchange.asked is not None:
        yield from roundtrip.replay_differences(before.answer, subject.chat, subject.exchange.asked)


def _run(result: Result, name: str, check: Callable[[], Iterable[str]]) -> list[str]:
    """Run a check, with its time; what it raises is a fault."""
    begun = time.process_time()
    found: list[str] = []
    try:
        found += check()
    except Crash as error:
        result.faults.append((name, f"raised what it must not: {error}"))
    except Exception as error:  # noqa: BLE001 - one exchange must not end the session
        result.faults.append((name, _words(error)))
    result.seconds[name] = time.process_time() - begun
    return found


def _words(error: Exception) -> str:
    place = traceback.extract_tb(error.__traceback__)[-1:]
    return f"{type(error).__name__}: {error} ({', '.join(f'{item.filename}:{item.lineno}' for item in place)})"
