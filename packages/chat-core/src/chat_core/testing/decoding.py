"""Laws of replies that come whole and in time: grammar, agreement of both forms, nothing lost, errors.

Law: each law is a generator of faults; none is found in a provider that keeps it.
"""

from __future__ import annotations

import copy
import pickle
from dataclasses import replace
from typing import TYPE_CHECKING

from chat_core.codec.wire import WireResponse
from chat_core.errors import (
    MAX_BODY,
    AuthenticationFailed,
    DecodeError,
    GrammarError,
    NotFound,
    PermissionDenied,
    ProviderError,
    RateLimited,
)
from chat_core.jsonvalue import parse
from chat_core.testing import leaves
from chat_core.testing.expect import differences
from chat_core.testing.outcome import attempt, facts, grammar, refused, streamed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from chat_core.codec.wire import Frame
    from chat_core.response import Response
    from chat_core.testing.fixtures import Case
    from chat_core.testing.outcome import Outcome
    from chat_core.testing.subject import Subject


def as_expected(subject: Subject, case: Case) -> Iterator[str]:
    """Yield what of a case's replies is not as its `expect` says."""
    for told in subject.evidence(case):
        yield from differences(case.expect, told)


def grammar_holds(subject: Subject, case: Case) -> Iterator[str]:
    """Yield where a case's stream breaks the grammar of events."""
    if case.stream is None:
        return
    events, error = subject.events(case, case.stream)
    try:
        folded = grammar(events, error)
    except GrammarError as fault:
        yield str(fault)
        return
    if error is None and folded != subject.streamed(case, case.stream).value:
        yield "the folded response is not the one that ends the stream"


def both_forms_agree(subject: Subject, case: Case) -> Iterator[str]:
    """Yield how the folded stream differs from the whole reply; headers are the transport's."""
    whole = subject.whole(case)
    if case.stream is None or whole is None or whole.value is None:
        return
    told = subject.streamed(case, case.stream)
    if told.value is None:
        yield f"the whole reply is an answer, the stream is {told.error!r}"
        return
    for name in ("message", "finish_reason", "raw_finish_reason", "usage", "id", "model", "alternatives", "meta"):
        one, other = getattr(whole.value, name), getattr(told.value, name)
        if one != other:
            yield f"{name}: whole {one!r}, streamed {other!r}"


def nothing_lost(subject: Subject, case: Case) -> Iterator[str]:
    """Yield the leaves of a case's replies that are in no field, no `meta`, no `Opaque` and no table."""
    random = subject.random(case)
    lost: list[str] = []
    if case.stream is not None:
        frames = [frame for read in subject.frames(case, case.stream) for frame in read]

        def decode_frames(frames: Sequence[Frame]) -> Outcome:
            return streamed(subject.begin(case), [frames])

        lost += leaves.lost_in_stream(frames, decode_frames, random)
    if (reply := case.reply) is not None:
        request = subject.request(case)

        def decode_body(body: bytes) -> Outcome:
            return attempt(lambda: subject.provider.decode(request, replace(reply, body=body)))

        lost += leaves.lost_in_document(parse(reply.body), decode_body, random)
    for path in dict.fromkeys(lost):
        if leaves.row_of(path, subject.ignored) is None:
            yield f"{path} is lost: keep it in a field or in `meta`, or name it in `ignored` with the reason"


STATUSES: dict[int, type[ProviderError]] = {
    400: ProviderError,
    401: AuthenticationFailed,
    403: PermissionDenied,
    404: NotFound,
    429: RateLimited,
    500: ProviderError,
    502: ProviderError,
    503: ProviderError,
}
"""What a status says where the body says nothing."""

BODIES: dict[str, bytes] = {
    "an empty body": b"",
    "a page": b"<html><body><h1>Bad gateway</h1></body></html>",
    "a text": b"upstream connect error",
    "no UTF-8": b"\xff\xfe\x00",
    "half of a JSON document": b'{"error": {"message": "bro',
    "an array": b"[]",
    "null": b"null",
    "a number": b"7",
    "an error that is null": b'{"error": null}',
    "an error that is a text": b'{"error": "no"}',
}
"""Replies of gateways and proxies in front of a service."""

_SERVERS = 500


def errors_of_strangers(subject: Subject) -> Iterator[str]:
    """Yield what becomes of error replies that the service did not write itself: the status decides."""
    for status, kind in STATUSES.items():
        for name, body in BODIES.items():
            reply = WireResponse(status=status, headers={"retry-after": "7"}, body=body)
            error = refused(lambda reply=reply: subject.provider.decode_error(reply))  # type: ignore[misc] # mypy infers no lambda with defaults
            where = f"HTTP {status} with {name}"
            if not isinstance(error, kind):
                yield f"{where} is {type(error).__name__}, not {kind.__name__}"
            if error.retryable != (status == 429 or status >= _SERVERS):  # noqa: PLR2004 - HTTP
                yield f"{where}: retryable is {error.retryable}"
            if error.status != status or not str(error):
                yield f"{where}: the error does not say so: {error!s:.80}"
            if status == 429 and error.retry_after != 7.0:  # noqa: PLR2004 - as sent above
                yield f"{where} and retry-after 7: retry_after is {error.retry_after}"


def errors_are_values(subject: Subject, case: Case) -> Iterator[str]:
    """Yield what is wrong with a case's error: its status, its bounded body, its pickle."""
    reply = case.error
    if reply is None:
        return
    error = refused(lambda: subject.provider.decode_error(reply))
    if error.status != reply.status:
        yield f"status is {error.status}, the reply has {reply.status}"
    if not error.message:
        yield "it has no message"
    if facts(pickle.loads(pickle.dumps(error))) != facts(error):  # noqa: S301 - what was made one line before
        yield "it is another error after pickling"
    long = refused(lambda: subject.provider.decode_error(replace(reply, body=reply.body + b" " * 4 * MAX_BODY)))
    if len(long.body) > MAX_BODY:
        yield f"it keeps {len(long.body)} characters of the body"


def results_are_values(subject: Subject, case: Case) -> Iterator[str]:
    """Yield what of a case's results cannot be pickled, copied, compared or hashed."""
    for told in subject.evidence(case):
        if told.response is not None:
            yield from _value("the response", told.response)
    if case.stream is not None:
        for event in subject.events(case, case.stream)[0]:
            yield from _value(type(event).__name__, event, hashed=False)


def _value(name: str, value: object, *, hashed: bool = True) -> Iterator[str]:
    for how, other in (
        ("pickled", pickle.loads(pickle.dumps(value))),  # noqa: S301 - what was made in the same line
        ("copied", copy.copy(value)),
        ("copied deeply", copy.deepcopy(value)),
    ):
        if other != value:
            yield f"{name} is another one when it is {how}"
        elif hashed and hash(other) != hash(value):
            yield f"{name} has another hash when it is {how}"


def answer_of(subject: Subject, case: Case) -> Response | None:
    """Return a case's complete answer, streamed or whole; `None` when it is an error."""
    answers = [told.complete for told in subject.evidence(case)]
    return next((answer for answer in answers if answer is not None), None)


def malformed_is_an_error(subject: Subject, case: Case) -> Iterator[str]:
    """Yield which damage to a case's replies nobody notices: a reply that is no JSON, an event that is none."""
    request = subject.request(case)
    if (reply := case.reply) is not None:
        for body in (b"", b"{", b"null", b"[]", b"<html></html>"):
            told = attempt(lambda body=body: subject.provider.decode(request, replace(reply, body=body)))  # type: ignore[misc] # as above
            if not isinstance(told.error, DecodeError | ProviderError):
                yield f"a reply of {body!r} is {told.value!r:.80}"
