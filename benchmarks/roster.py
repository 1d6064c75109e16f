"""Who takes part: this workspace, the floors, and other libraries in pinned versions. Data only."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

Kind = Literal["ours", "floor", "peer"]

WIRES = ("chat", "responses", "messages", "gemini", "ollama")
SOCKETS = ("responses",)
"""What is spoken over a WebSocket."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A contender.

    Attributes:
        name: what it is called in tables.
        module: its script.
        needs: modules it cannot do without; where one is missing it is left out, and that is said.
        variables: environment variables of its process.
        install: what its own environment holds; nothing = the environment of this workspace.
        imported: the statement by which programs begin to use it.
        wires: what it speaks.
        official: the wires whose service made it.
        blocking: it does one thing at a time.
        socket: it speaks over a WebSocket.
    """

    name: str
    kind: Kind
    module: str
    needs: tuple[str, ...]
    variables: Mapping[str, str] = field(default_factory=dict[str, str])
    install: tuple[str, ...] = ()
    imported: str | None = None
    wires: tuple[str, ...] = WIRES
    official: frozenset[str] = frozenset()
    blocking: bool = False
    socket: bool = False


def _ours(name: str, module: str, *needs: str, transport: str = "", blocking: bool = False) -> Entry:
    return Entry(
        name=name,
        kind="ours",
        module=f"benchmarks.ours.{module}",
        needs=("chat_core", *needs),
        variables={"BENCHMARK_TRANSPORT": transport} if transport else {},
        imported=None if transport or blocking else "import chat_core",
        wires=SOCKETS if transport == "websocket" else WIRES,
        blocking=blocking,
        socket=transport == "websocket",
    )


def _floor(
    name: str, module: str, *needs: str, imported: str | None = None, blocking: bool = False, socket: bool = False
) -> Entry:
    return Entry(
        name=name,
        kind="floor",
        module=f"benchmarks.floors.{module}",
        needs=needs,
        imported=imported,
        wires=SOCKETS if socket else WIRES,
        blocking=blocking,
        socket=socket,
    )


def _peer(  # noqa: PLR0913 - one keyword per thing in which libraries differ
    name: str,
    module: str,
    *install: str,
    imported: str,
    wires: str = " ".join(WIRES),
    official: str = "",
    blocking: bool = False,
    socket: bool = False,
) -> Entry:
    return Entry(
        name=name,
        kind="peer",
        module=f"benchmarks.peers.{module}",
        needs=(imported.removeprefix("import "),),
        install=install,
        imported=imported,
        wires=tuple((official or wires).split()),
        official=frozenset(official.split()),
        blocking=blocking,
        socket=socket,
    )


OURS, FAST, BLOCKING, SOCKET = "chat-core", "chat-core, aiohttp", "chat-core, blocking", "chat-core, websocket"
HTTPX, HTTPX_BLOCKING, AIOHTTP = "httpx", "httpx, blocking", "aiohttp"
OPENAI = "openai"

_OPENAI = "openai[realtime]==3.52.0"

ROSTER: tuple[Entry, ...] = (
    _ours(OURS, "asyncio_client"),
    _ours(FAST, "asyncio_client", "chat_aiohttp", transport="aiohttp"),
    _ours(BLOCKING, "blocking_client", blocking=True),
    _ours(SOCKET, "asyncio_client", "websockets", transport="websocket"),
    _floor("raw socket, msgspec", "raw", "msgspec", imported="import asyncio"),
    _floor(AIOHTTP, "aiohttp_bare", "aiohttp", "pydantic_core", imported="import aiohttp"),
    _floor(HTTPX, "httpx_async", "httpx", imported="import httpx"),
    _floor(HTTPX_BLOCKING, "httpx_blocking", "httpx", blocking=True),
    _floor("websockets", "websocket_bare", "websockets", imported="import websockets", socket=True),
    _peer(OPENAI, "openai_sdk", _OPENAI, imported="import openai", official="chat responses"),
    _peer(
        "openai, blocking", "openai_blocking", _OPENAI, imported="import openai", wires="chat responses", blocking=True
    ),
    _peer("openai, websocket", "openai_socket", _OPENAI, imported="import openai", wires="responses", socket=True),
    _peer("anthropic", "anthropic_sdk", "anthropic==2.11.0", imported="import anthropic", official="messages"),
    _peer("google-genai", "genai_sdk", "google-genai==3.6.1", imported="import google.genai", official="gemini"),
    _peer("ollama", "ollama_sdk", "ollama==0.6.3", imported="import ollama", official="ollama"),
    _peer(
        "litellm", "litellm_peer", "litellm==1.110.2", imported="import litellm", wires="chat messages gemini ollama"
    ),
    _peer("any-llm", "anyllm_peer", "any-llm-sdk[openai,anthropic,gemini,ollama]==1.40.2", imported="import any_llm"),
    _peer(
        "pydantic-ai",
        "pydanticai_peer",
        "pydantic-ai-slim[openai,anthropic,google]==2.68.0",
        imported="import pydantic_ai",
        wires="chat responses messages gemini",
    ),
    _peer(
        "langchain",
        "langchain_peer",
        *("langchain-openai==1.7.4", "langchain-anthropic==1.7.10", "langchain-google-genai==4.4.3"),
        "langchain-ollama==1.1.0",
        imported="import langchain_openai",
    ),
)
"""In the order in which they take turns."""

ENTRIES = {entry.name: entry for entry in ROSTER}
OFFICIAL = {wire: entry.name for entry in ROSTER for wire in entry.official}
"""By wire: the library of whoever made the service."""
