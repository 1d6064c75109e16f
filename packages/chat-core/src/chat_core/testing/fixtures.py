"""Fixtures: one folder a case, `fixture.json` beside what was asked and what the service answered.

    fixtures/<case>/fixture.json      {"source": "spec", "note": …, "covers": [scenario, …], "expect": {…}}
                    request.json      the request as `chat_core.history.dump` writes it; without it: a user's "Hi"
                    response.json     a whole reply: {"status", "headers", "body"}, or its body alone
                    stream.sse        the bytes of a streamed reply; .ndjson, .json and .eventstream are others
                    error.json        a reply that says no: {"status", "headers", "body"}

The request is a neutral one, because not every wire has a parser, and so every package reads the same form. A `body`
that is a text is sent as it is, anything else as JSON.

Law: a fixture says where it comes from. What is wrong with one is in its `faults`, and fails its tests.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from chat_core import history
from chat_core.codec.wire import WireResponse, dump
from chat_core.errors import ChatError
from chat_core.jsonvalue import parse_object
from chat_core.request import Request
from chat_core.testing.expect import FACTS
from chat_core.testing.scenarios import SCENARIOS
from chat_core.transport.protocol import FAILED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from chat_core.jsonvalue import JSON, JSONObject

SOURCES: Mapping[str, str] = {
    "recorded": "bytes that a service sent, with placeholders for what names accounts and people",
    "spec": "written after the service's published documentation",
    "sdk-types": "written after the types of the service's own client library",
}
"""Where a fixture may come from."""

KINDS: Mapping[str, str] = {
    "stream.sse": "text/event-stream",
    "stream.ndjson": "application/x-ndjson",
    "stream.json": "application/json",
    "stream.eventstream": "application/vnd.amazon.eventstream",
}
"""Names of streams, and the content type under which the loopback server sends them."""

NAMES = frozenset({"fixture.json", "request.json", "response.json", "error.json", *KINDS})
_KEYS = frozenset({"source", "note", "covers", "expect"})
_REPLY = frozenset({"status", "headers", "body"})
_OK = 200


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Case:
    """One case of a provider's fixtures.

    Attributes:
        name: its folder.
        source: a key of `SOURCES`.
        covers: the scenarios that it claims to show.
        expect: facts of the answer, see `testing.expect`.
        request: what was asked; `None` = whatever the contract asks by default.
        reply: a whole reply.
        stream: the bytes of a streamed reply.
        content_type: what the stream is sent as.
        error: a reply that says no.
        faults: what is wrong with the files.
    """

    name: str
    source: str = ""
    covers: tuple[str, ...] = ()
    expect: JSONObject = field(default_factory=dict[str, "JSON"])
    request: Request | None = None
    reply: WireResponse | None = None
    stream: bytes | None = None
    content_type: str = ""
    error: WireResponse | None = None
    faults: tuple[str, ...] = ()


def cases(folders: Iterable[Path]) -> tuple[Case, ...]:
    """Read all cases of some folders, in the order of their names."""
    found = [path for folder in folders for path in sorted(folder.glob("*")) if path.is_dir()]
    return tuple(map(case_of, found))


def case_of(folder: Path) -> Case:
    """Read one case; what cannot be read is among its faults."""
    files = _Files(folder)
    told = files.object("fixture.json")
    covers = told.get("covers")
    named = tuple(str(name) for name in covers) if isinstance(covers, list) else ()
    expected = told.get("expect", {})
    stream = next((name for name in KINDS if (folder / name).is_file()), None)
    return Case(
        name=folder.name,
        source=str(told.get("source", "")),
        covers=named,
        expect=expected if isinstance(expected, dict) else {},
        request=files.request(),
        reply=files.reply("response.json"),
        stream=None if stream is None else (folder / stream).read_bytes(),
        content_type=KINDS.get(stream or "", ""),
        error=files.reply("error.json"),
        faults=(*files.faults, *_faults(folder, told)),
    )


def _faults(folder: Path, told: JSONObject) -> Iterator[str]:
    there = {path.name for path in folder.iterdir()}
    if told.get("source") not in SOURCES:
        yield f"fixture.json: source is {told.get('source')!r}: write one of {', '.join(SOURCES)}"
    if unknown := there - NAMES:
        yield f"unknown files {', '.join(sorted(unknown))}: a case has {', '.join(sorted(NAMES))}"
    if not there & {"response.json", "error.json", *KINDS}:
        yield "nothing was answered: add response.json, stream.sse, stream.ndjson or error.json"
    if unknown := told.keys() - _KEYS:
        yield f"fixture.json: unknown keys {', '.join(sorted(unknown))}"
    covers = told.get("covers", [])
    for name in covers if isinstance(covers, list) else [covers]:
        if name not in SCENARIOS:
            yield f"fixture.json: no scenario is called {name!r}: see chat_core.testing.SCENARIOS"
    expected = told.get("expect", {})
    for name in expected if isinstance(expected, dict) else ["expect"]:
        if name not in FACTS:
            yield f"fixture.json: nothing can be expected of {name!r}, only of {', '.join(FACTS)}"


class _Files:
    """The files of one case."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.faults: list[str] = []

    def object(self, name: str) -> JSONObject:
        path = self._folder / name
        if not path.is_file():
            if name == "fixture.json":
                self.faults.append("fixture.json is missing: nothing says where this comes from")
            return {}
        try:
            return parse_object(path.read_bytes())
        except ChatError as error:
            self.faults.append(f"{name}: {error}")
            return {}

    def request(self) -> Request | None:
        data = self.object("request.json")
        if not data:
            return None
        try:
            return history.load(data, Request)
        except ChatError as error:
            self.faults.append(f"request.json: {error}")
            return None

    def reply(self, name: str) -> WireResponse | None:
        if not (self._folder / name).is_file():
            return None
        data = self.object(name)
        told = data if "body" in data and data.keys() <= _REPLY else {"body": data}
        status, headers, body = told.get("status", _OK), told.get("headers", {}), told.get("body")
        if not isinstance(status, int) or not isinstance(headers, dict):
            self.faults.append(f"{name}: status is a number and headers an object")
            return None
        if (status >= FAILED) != (name == "error.json"):
            self.faults.append(f"{name}: has status {status}; replies that say no are in error.json")
        return WireResponse(
            status=status,
            headers={key.lower(): str(value) for key, value in headers.items()},
            body=body.encode() if isinstance(body, str) else dump(body),
        )
