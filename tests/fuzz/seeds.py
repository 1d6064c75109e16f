"""Where samples come from: the cases of the contracts, invented replies, and, where there is one, the recorded corpus.

Law: providers are found by entry points, so a new package is fuzzed without a word here. The corpus stays where it is.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from tests.fuzz import offered, targets
from tests.fuzz.samples import Sample
from tests.fuzz.targets import HELLO, Target
from tests.wire.codecs import Capability, Chat, codec_of
from tests.wire.corpus import Exchange, entries, folder, load

from chat_core.codec.framers import NDJSON, SSE, JSONArray, Pieces, Whole
from chat_core.codec.live import Live
from chat_core.codec.provider import capability
from chat_core.codec.wire import Frame
from chat_core.errors import ConfigurationError
from chat_core.jsonvalue import parse_object
from chat_core.live import LiveConfig
from chat_core.plugins.registry import registry
from chat_core.plugins.spec import ProviderConfig
from chat_core.testing.fixtures import cases
from chat_core.tools import Tool
from chat_core.transport.protocol import FAILED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from chat_core.codec.provider import Provider
    from chat_core.codec.wire import Framer
    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.request import Request
    from chat_core.testing.fixtures import Case

PROTOCOLS: Mapping[str, Sequence[str]] = {
    "openai-embeddings": ("Embeddings",), "gemini-embeddings": ("Embeddings",), "vertex-predict": ("Embeddings",),
    "ollama-embeddings": ("Embeddings",), "openai-models": ("Models",), "anthropic-models": ("Models",),
    "gemini-models": ("Models",), "ollama-models": ("Models",), "openai-images": ("Images",),
    "openai-audio": ("Speech", "Transcription"), "openai-moderations": ("Moderation",),
    "openai-input-tokens": ("TokenCounter",), "anthropic-count-tokens": ("TokenCounter",),
    "gemini-count-tokens": ("TokenCounter",),
}  # fmt: skip
"""The protocols that read the replies of a wire; a line without a wire names its protocol itself."""
HERE = Path(__file__).parent
PACKAGES = HERE.parents[1] / "packages"
ANYWHERE = "https://llm.example/v1"
FRAMERS: Mapping[str, Callable[[], Framer]] = {
    "SSE": SSE, "NDJSON": NDJSON, "JSONArray": JSONArray, "Whole": Whole,
}  # fmt: skip
"""All framers whose frames do not depend on the reads."""
HTTP = (
    b'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 7\r\n\r\n{"a":1}',
    b"HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nx: 1\r\n\ty\r\nx: 2\r\n\r\n{}",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\ndata:\r\n6;a=b\r\n hello\r\n0\r\na: b\r\n\r\n",
    b"HTTP/1.0 200 OK\nconnection: close\n\ndata: hello\n\n",
    b"HTTP/1.1 204 No Content\r\n\r\n",
)
"""Replies as HTTP/1.1 has them."""
PIECE = 61
"""Bytes of each read of a stream: lines and characters are cut in two."""
SETTINGS: Mapping[str, JSON] = {"project": "example", "location": "global"}
"""What a provider may need that has no default."""


@cache
def providers() -> tuple[Provider, ...]:
    """Load every provider that is installed."""
    return tuple(_loaded(entry.name) for entry in registry().entries("provider"))


def _loaded(name: str) -> Provider:
    spec = registry().provider(name)
    try:
        return spec.load(ProviderConfig(base_url=ANYWHERE, name=name))
    except ConfigurationError:
        return spec.load(ProviderConfig(name=name, settings=SETTINGS))


@cache
def in_repository() -> tuple[Target, ...]:
    """Return all targets whose samples are in this repository."""
    seeds = _offered()
    of_providers = (
        target
        for provider in providers()
        for target in (*_chat(provider), *offered.of_provider(provider, seeds), *_lives(provider))
    )
    return (*_framers(), *of_providers, *_beside())


def by_name() -> dict[str, Target]:
    """Return the targets of this repository by their names."""
    return {target.name: target for target in in_repository()}


# chat: the cases of the contracts


def _chat(provider: Provider) -> list[Target]:
    if not _chats(provider):
        return []
    found = next((known for kind in type(provider).__mro__ if (known := _cases(kind))), ())
    streams = [case for case in found if case.stream is not None]
    request = _request(found)
    return targets.of_provider(
        provider,
        request,
        {
            "stream": tuple(Sample(_frames(provider, request, case)) for case in streams),
            "bytes": tuple(_pieces(case.stream or b"") for case in streams),
            "reply": tuple(Sample.of(case.reply) for case in found if case.reply is not None),
            "error": tuple(Sample.of(case.error) for case in found if case.error is not None),
        },
    )


def _chats(provider: Provider) -> bool:
    """Tell whether a provider has chat at all."""
    try:
        provider.encode(HELLO, channel=min(provider.channels), stream=True)
    except ConfigurationError:
        return False
    return True


@cache
def _cases(kind: type) -> tuple[Case, ...]:
    """Read the cases of the package, or of the part of one, that a provider's class is in."""
    package, *parts = kind.__module__.split(".")
    root = PACKAGES / package.replace("_", "-") / "tests" / Path(*parts[:-1]) / "fixtures"
    folders = sorted({path.parents[1] for path in root.glob("**/fixture.json")})
    return cases(folders)


def _request(found: tuple[Case, ...]) -> Request:
    """Ask for everything that is asked for in some cases: their tools."""
    tools = {tool.name: tool for case in found if case.request for tool in case.request.tools if isinstance(tool, Tool)}
    return replace(HELLO, tools=tuple(tools.values()))


def _frames(provider: Provider, request: Request, case: Case) -> tuple[Frame, ...]:
    channel = "http" if "http" in provider.channels else min(provider.channels)
    framer = provider.encode(request, channel=channel, stream=True).framer
    made = Whole() if framer is None else framer()
    return (*made.feed(case.stream or b""), *made.finish())


def _pieces(body: bytes, size: int = PIECE) -> Sample:
    return Sample(tuple(Frame(body[at : at + size]) for at in range(0, len(body), size)))


# framers, live sessions, and what is beside chat


def _framers() -> Iterator[Target]:
    bodies = [path.read_bytes() for path in sorted(PACKAGES.glob("*/tests/**/fixtures/**/stream.*"))]
    samples = tuple(map(_pieces, bodies[::5]))
    yield from (targets.framing(f"framer {name}", make, samples) for name, make in FRAMERS.items())
    yield targets.http("framer HTTP", tuple(_pieces(body, 7) for body in HTTP))
    yield targets.unary("framer Pieces", lambda reply: Pieces().feed(reply.body), samples[:1])


def _lives(provider: Provider) -> Iterator[Target]:
    if (live := capability(provider, Live)) is not None:
        samples = tuple(Sample.load(line) for line in _lines("live.jsonl"))
        yield targets.living(f"{provider.name} live", live, LiveConfig(model="model"), samples)


def _offered() -> dict[str, list[Sample]]:
    """Read the invented replies, by the protocols that read such."""
    found: dict[str, list[Sample]] = {}
    for number, line in enumerate(_lines("invented.jsonl")):
        exchange = _exchange(line, number)
        for protocol in PROTOCOLS.get(exchange.wire, (exchange.wire,)):
            found.setdefault(protocol, []).extend(sample for kind in _kinds(exchange).values() for sample in kind)
    return found


def _beside() -> Iterator[Target]:
    for number, line in enumerate(_lines("invented.jsonl")):
        yield from of_exchange(_exchange(line, number))


def _lines(name: str) -> list[JSONObject]:
    return [parse_object(line) for line in (HERE / "replies" / name).read_bytes().splitlines() if line]


def _exchange(line: JSONObject, number: int) -> Exchange:
    match line:
        case {"api": str(api), "wire": str(wire), "response": dict(response)}:
            request = line.get("request")
            asked = request if isinstance(request, dict) else None
            return Exchange(f"{api} {number}", api, wire, str(number), 0, asked, response, {})
        case _:
            raise TypeError(f"no exchange: {line!r:.200}")


# the corpus


def of_corpus() -> tuple[Target, ...]:
    """Return the targets of the recorded corpus that the environment names.

    Raises:
        CorpusMissing: it names none.
    """
    return tuple(target for entry in entries(folder()) for target in of_exchange(load(entry)))


def of_exchange(exchange: Exchange) -> Iterator[Target]:
    """Yield the target of an exchange; none for a wire without a codec."""
    codec = codec_of(exchange)
    match codec:
        case None:
            return
        case Chat(provider=provider, request=request):
            kinds = _kinds(exchange)
            for target in targets.of_provider(provider, request, kinds):
                yield replace(target, name=f"{exchange.id}: {target.name}")
        case Capability(begin=begin) if begin is not None and exchange.status < FAILED:
            framer = exchange.framer()
            frames = (*framer.feed(exchange.body), *framer.finish())
            yield targets.reading(exchange.id, lambda _: begin(), (Sample(frames),))
        case Capability():
            yield targets.unary(exchange.id, codec.decode, (Sample.of(exchange.reply),))


def _kinds(exchange: Exchange) -> dict[str, tuple[Sample, ...]]:
    if exchange.status >= FAILED:
        return {"error": (Sample.of(exchange.reply),)}
    if not exchange.streamed:
        return {"reply": (Sample.of(exchange.reply),)}
    framer = exchange.framer()
    frames = (*framer.feed(exchange.body), *framer.finish())
    return {"stream": (Sample(frames),), "bytes": (_pieces(exchange.body),)}
