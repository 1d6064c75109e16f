"""Replies as whole bytes, made before anything is measured, and the recipes that name them.

A recipe is the first part of a request's path, `KIND.COUNT.TOGETHER.PACE`: `text.10000.16.0` is a stream of 10,000
chunks of text, of which an HTTP chunk holds 16, as fast as it goes; `text.50.1.200` has a chunk every 200 ms, whose
text is the time at which it was sent; `call.20000.1.0` is one tool call of 20,000 fragments; `vectors.2048.1.0` are
embeddings; `answer.1.1.0` is the whole answer, in one chunk for those who ask for a stream all the same.
"""

from __future__ import annotations

import json
from array import array
from base64 import b64encode
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain

from benchmarks.shapes import SHAPES, Shape

LENGTH = 5
"""The length of the text of a chunk. There are a thousand, because some libraries stop a model that repeats itself, and
every twelfth has to be escaped in JSON."""

ANSWER = b"Of the forty-two ways to say it, this one is short."
"""The text of a whole reply."""

FRAGMENT = 52
"""The length of a fragment of a tool call's arguments: 20,000 make a megabyte."""

DIMENSIONS = 1_536
"""The length of a vector."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a reply is made of; `str` is the part of the path."""

    kind: str = "text"
    count: int = 1
    together: int = 1
    pace: int = 0

    def __str__(self) -> str:
        return f"{self.kind}.{self.count}.{self.together}.{self.pace}"


def read(part: str) -> Recipe:
    """Return the recipe that a part of a path names."""
    kind, count, together, pace = part.split(".")
    return Recipe(kind, int(count), int(together), int(pace))


def chunk(body: bytes) -> bytes:
    """Return an HTTP chunk."""
    return b"%x\r\n%b\r\n" % (len(body), body)


LAST = chunk(b"")
NOT_FOUND = b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n"


def shape(wire: str, recipe: Recipe) -> Shape:
    """Return the shape of a stream."""
    return SHAPES[f"{wire}-call" if recipe.kind == "call" else wire]


def texts(recipe: Recipe) -> list[bytes]:
    """Return the text of each chunk, as it stands in JSON."""
    if recipe.kind == "answer":
        return [ANSWER]
    if recipe.kind == "text":
        return [(b" w%03d" if number % 12 else rb"\nw%03d") % (number % 1000) for number in range(recipe.count)]
    return [json.dumps(fragment)[1:-1].encode() for fragment in fragments(recipe.count)]


def fragments(count: int) -> list[str]:
    """Return the arguments of a tool call in pieces: objects in a list, as a model fills in a table."""
    rows = [{"id": number, "name": f"row {number}", "done": number % 2 == 0} for number in range(2 * count)]
    whole = json.dumps({"rows": rows})
    document = whole[: count * FRAGMENT - 2].rpartition("}")[0] + "}]}"
    return [document[at : at + FRAGMENT] for at in range(0, len(document), FRAGMENT)]


def events(wire: str, recipe: Recipe) -> list[bytes]:
    """Return the events of a stream."""
    made, pieces = shape(wire, recipe), texts(recipe)
    whole = b"".join(pieces)
    return [
        *made.opening,
        *(made.said(number, piece) for number, piece in enumerate(pieces)),
        *(event % {b"text": whole} for event in made.closing),
    ]


def head(kind: bytes, *length: bytes) -> bytes:
    """Return the head of a reply, with headers as services send them."""
    rows = (
        b"HTTP/1.1 200 OK",
        b"date: Fri, 27 Nov 2026 03:00:00 GMT",
        b"content-type: " + kind,
        *(length or (b"transfer-encoding: chunked",)),
        b"connection: keep-alive",
        b"server: loopback",
        b"x-request-id: req_5f2b8f0c7d3e4a1b9c6d",
        b"openai-processing-ms: 312",
        b"x-ratelimit-limit-requests: 10000",
        b"x-ratelimit-remaining-requests: 9999",
        b"x-ratelimit-limit-tokens: 2000000",
        b"x-ratelimit-remaining-tokens: 1999960",
        b"strict-transport-security: max-age=31536000; includeSubDomains; preload",
    )
    return b"\r\n".join(rows) + b"\r\n\r\n"


@lru_cache(maxsize=16)
def streamed(wire: str, recipe: Recipe) -> bytes:
    """Return a whole streamed reply, of which the chunks are not paced."""
    made = events(wire, recipe)
    step = recipe.together
    chunks = (chunk(b"".join(made[at : at + step])) for at in range(0, len(made), step))
    return b"".join(chain([head(shape(wire, recipe).type)], chunks, [LAST]))


@lru_cache(maxsize=16)
def messages(recipe: Recipe) -> tuple[bytes, ...]:
    """Return the payloads of a stream of the Responses wire, which a WebSocket carries as they are."""
    return tuple(event.partition(b"data: ")[2].strip() for event in events("responses", recipe))


@lru_cache(maxsize=16)
def unary(wire: str) -> bytes:
    """Return a whole reply."""
    return document(SHAPES[wire].whole % {b"text": ANSWER})


@lru_cache(maxsize=4)
def embedded(count: int, *, base64: bool) -> bytes:
    """Return embeddings: the numbers as JSON, or as bytes in base64."""
    row = array("f", ((number * 0.6180339887 % 1.0 - 0.5) / 16 for number in range(DIMENSIONS)))
    written = [float(f"{value:.9g}") for value in row]  # the digits that a 32-bit float has
    shown = json.dumps(b64encode(row.tobytes()).decode() if base64 else written)
    rows = ",".join(f'{{"object":"embedding","index":{at},"embedding":{shown}}}' for at in range(count))
    usage = '"usage":{"prompt_tokens":9,"total_tokens":9}'
    return document(f'{{"object":"list","data":[{rows}],"model":"text-embedding-3-small",{usage}}}'.encode())


def document(body: bytes) -> bytes:
    """Return the reply that holds a JSON document."""
    return head(b"application/json", b"content-length: %d" % len(body)) + body
