"""The corpus: one recorded exchange a file, in the layout of the corpus' own README.

Law: nothing here knows a wire or a case. What the files say is handed on as it is.
"""

from __future__ import annotations

import os
import re
from base64 import b64decode
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from chat_core.codec.framers import NDJSON, SSE, JSONArray
from chat_core.codec.wire import FormField, WireResponse, dump
from chat_core.jsonvalue import parse_object

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from chat_core.codec.wire import Framer
    from chat_core.jsonvalue import JSON, JSONObject

VARIABLE = "CHAT_WIRE_CORPUS"
_BODIES = ("json", "sse", "ndjson", "json_array_stream", "text", "base64")
_FRAMERS: Mapping[str, Callable[[], Framer]] = {"sse": SSE, "ndjson": NDJSON, "json_array_stream": JSONArray}
_NAME = re.compile(r'(?i)form-data; name="([^"]*)"')
_FILENAME = re.compile(r'(?i)filename="([^"]*)"')
_MIME = re.compile(r"(?i)content-type: *([^\r\n]*)")
_FILE = re.compile(r"(?P<case>.+)\.(?P<seq>\d+)\.json")


class CorpusMissing(Exception):
    """There is no corpus to read; the message names the fix."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of a corpus, by its name and size alone."""

    path: Path
    api: str
    case: str
    seq: int
    size: int

    @property
    def id(self) -> str:
        """The exchange's id: its path without the suffix."""
        return f"{self.api}/{self.case}.{self.seq}"


@dataclass(frozen=True, slots=True)
class Exchange:
    """One recorded exchange."""

    id: str
    api: str
    wire: str
    case: str
    seq: int
    request: JSONObject | None
    response: JSONObject
    expect: JSONObject

    @property
    def status(self) -> int:
        """The HTTP status."""
        match self.response.get("status"):
            case int(status):
                return status
            case _:
                return 200

    @property
    def headers(self) -> dict[str, str]:
        """The reply's headers, names in lower case."""
        match self.response.get("headers"):
            case dict(headers):
                return {name.lower(): str(value) for name, value in headers.items()}
            case _:
                return {}

    @property
    def streamed(self) -> bool:
        """Whether the body is a stream."""
        return bool(self.response.keys() & _FRAMERS.keys())

    @property
    def framer(self) -> Callable[[], Framer]:
        """What makes the framer of a stream."""
        return next((framer for key, framer in _FRAMERS.items() if key in self.response), SSE)

    @property
    def document(self) -> JSON:
        """The body, when it is one JSON document."""
        return self.response.get("json")

    @property
    def body(self) -> bytes:
        """The body's bytes: as received, or, where only the parsed document is known, written again."""
        for key in _BODIES:
            match key, self.response.get(key):
                case "json", _ if "json" in self.response:
                    white = self.response.get("leading_whitespace")
                    return (white.encode() if isinstance(white, str) else b"") + dump(self.document)
                case "base64", str(text):
                    return b64decode(text)
                case _, str(text):
                    return text.encode("utf-8", "surrogatepass")
                case _:
                    pass
        return b""

    @property
    def reply(self) -> WireResponse:
        """The reply as a transport hands it over."""
        return WireResponse(status=self.status, headers=self.headers, body=self.body)

    @property
    def asked(self) -> JSONObject | None:
        """The request's JSON body, when it is known."""
        match self.request:
            case {"json": dict(body)}:
                return body
            case _:
                return None

    @property
    def form(self) -> tuple[FormField, ...] | None:
        """The request's form, when it is known."""
        match self.request:
            case {"headers": {"content-type": str(kind)}, **body} if kind.startswith("multipart/form-data"):
                match body:
                    case {"base64": str(packed)}:
                        return fields(b64decode(packed), kind)
                    case {"text": str(text)}:
                        return fields(text.encode(), kind)
                    case _:
                        return None
            case _:
                return None

    @property
    def path(self) -> str:
        """The request's path; empty when it is not known."""
        path = (self.request or {}).get("path")
        return path if isinstance(path, str) else ""

    @property
    def chunk_sizes(self) -> tuple[int, ...]:
        """The sizes in which a stream's bytes arrived; empty when not known."""
        match self.response.get("chunk_sizes"):
            case list(sizes):
                return tuple(size for size in sizes if isinstance(size, int))
            case _:
                return ()

    def but(self, *, response: JSONObject | None = None, expect: JSONObject | None = None) -> Exchange:
        """Return a copy that answers something else."""
        response = self.response if response is None else response
        return replace(self, response=response, expect=self.expect if expect is None else expect)


def fields(body: bytes, kind: str) -> tuple[FormField, ...]:
    """Read a form; `kind` is its content type, which has the boundary."""
    boundary = kind.partition("boundary=")[2].encode()
    found: list[FormField] = []
    for part in body.split(b"--" + boundary)[1:-1]:
        head, _, data = part.partition(b"\r\n\r\n")
        name, filename, mime = (
            match[1] if (match := pattern.search(head.decode())) else None for pattern in (_NAME, _FILENAME, _MIME)
        )
        found.append(FormField(name=name or "", data=data.removesuffix(b"\r\n"), filename=filename, mime=mime))
    return tuple(found)


def folder() -> Path:
    """Return the corpus that the environment names.

    Raises:
        CorpusMissing: the variable is not set, or names no corpus.
    """
    name = os.environ.get(VARIABLE, "")
    if not name:
        raise CorpusMissing(
            f"{VARIABLE} is not set: let it name a folder of recorded exchanges, <api>/<case>.<seq>.json"
        )
    path = Path(name).expanduser()
    if not any(path.glob("*/*.json")):
        raise CorpusMissing(f"{VARIABLE}={name} holds no recorded exchange: expected files <api>/<case>.<seq>.json")
    return path.resolve()


def entries(root: Path) -> list[Entry]:
    """List a corpus' files, in the order of their ids and positions."""
    found = list(_entries(root))
    return sorted(found, key=lambda entry: (entry.api, entry.case, entry.seq))


def _entries(root: Path) -> Iterator[Entry]:
    for path in root.glob("*/*.json"):
        if named := _FILE.fullmatch(path.name):
            yield Entry(path, path.parent.name, named["case"], int(named["seq"]), path.stat().st_size)


def load(entry: Entry) -> Exchange:
    """Read an exchange.

    Raises:
        DecodeError: the file is no JSON object.
        ValueError: it has not the layout of an exchange.
    """
    match parse_object(entry.path.read_bytes()):
        case {"wire": str(wire), "response": dict(response), "expect": dict(expect)} as data:
            request = data.get("request")
            asked = request if isinstance(request, dict) else None
            return Exchange(entry.id, entry.api, wire, entry.case, entry.seq, asked, response, expect)
        case _:
            raise ValueError(f"{entry.path.name} is no exchange: it lacks wire, response or expect")
