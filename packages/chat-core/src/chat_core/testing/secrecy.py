"""Secrets: a key that is used is seen by the service, and by nobody else.

Law: the key is a canary. It is looked for in every text that a program, a log or a recording could show.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from chat_core import history
from chat_core.codec.provider import Secret
from chat_core.codec.wire import dump
from chat_core.errors import ChatError
from chat_core.testing.loopback import Answer, Loopback, Redirected
from chat_core.testing.stack import asking
from chat_core.transport.recording import Recording

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chat_core.request import Request
    from chat_core.testing.colours import Client, Make
    from chat_core.testing.subject import Subject


def secret_stays_secret(subject: Subject, make: Make) -> Iterator[str]:
    """Yield where the key can be read."""
    answered = next((case for case in subject.cases if case.reply is not None), None)
    request = subject.hello() if answered is None else asking(subject, answered)
    wire = subject.encode(request)
    proof = subject.provider.authorize(wire, b"", Secret(subject.secret), datetime(2026, 1, 1, tzinfo=UTC))
    proven = any(subject.secret in value for value in proof.values())
    answers = [_refusal(subject.secret if proven else "?")]
    if answered is not None and answered.reply is not None:
        answers.insert(0, Answer.of(answered.reply))
    shown: list[tuple[str, str]] = [("the wire request", repr(wire))]
    with TemporaryDirectory() as folder, Loopback(*answers) as server:
        redirected = Redirected(server.address)
        recording = Path(folder) / "recording.jsonl"
        with make(subject, Recording(redirected, recording)) as client:
            shown += _asked(request, client, len(answers))
            shown.append(("the client", repr(vars(client))))
        shown += [("an outgoing request", repr(sent)) for sent in redirected.sent]
        shown.append(("the recording", recording.read_text(encoding="utf-8")))
        if proven and not all(subject.secret in repr(asked.headers) for asked in server.asked):
            yield "the service is not shown the key, though `authorize` puts it into a header"
    shown.append(("the provider", repr(subject.provider)))
    yield from (f"{place} shows the key" for place, text in shown if subject.secret in text)


def _refusal(secret: str) -> Answer:
    """Return a reply that repeats the key, as some services do."""
    said = dump({"error": {"message": f"the key {secret} is wrong", "code": secret}})
    return Answer(status=401, headers={"x-request-id": "r"}, pieces=(said,))


def _asked(request: Request, client: Client, number: int) -> Iterator[tuple[str, str]]:
    """Ask some times, and yield all that comes back as texts."""
    for _ in range(number):
        try:
            response = client.complete(request)
        except ChatError as error:
            details = repr((vars(error), error.args, error.__cause__, error.__context__))
            yield "an error", f"{error}{error!r}{details}"
        else:
            yield "a response", f"{response!r}{history.dump(response, raw=True)!r}"
