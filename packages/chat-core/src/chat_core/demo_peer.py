"""The other side of a live session of `replay:demo`: it plays the recorded conversations, without a network.

Law: nothing is made up at run time: the pieces are those of the recorded streams, at their times. Sound is not
understood: a spoken turn is answered as any other question.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections import deque
from time import monotonic
from typing import TYPE_CHECKING

from chat_core.codec.framers import SSE
from chat_core.codec.wire import Frame, WireResponse, dump
from chat_core.demo import SCENES, TOOL
from chat_core.errors import TransportError
from chat_core.jsonvalue import parse_object
from chat_core.transport.handshake import SWITCHED
from chat_core.transport.playing import patience
from chat_core.transport.replay import Replay

if TYPE_CHECKING:
    from pathlib import Path

    from chat_core.codec.wire import Outgoing, WireJSON
    from chat_core.transport.cassette import Cassette
    from chat_core.transport.replay import Match

PLAYED = frozenset({"story", "weather"})
"""The scenes of `demo.SCENES` that are whole answers."""


class DemoTransport(Replay):
    """Plays recorded conversations: those of calls, and in live sessions."""

    def __init__(self, cassette: Cassette | str | Path, *, match: Match, pace: float) -> None:
        """Take the recording; each conversation may be played again and again."""
        super().__init__(cassette, match=match, pace=pace, repeat=True)

    def connect(self, request: Outgoing, until: float | None) -> DemoConnection:  # noqa: ARG002 - one service
        """Begin a live session; as `protocol.LiveTransport.connect`."""
        return DemoConnection(self._scenes(), self._pace)

    async def aconnect(self, request: Outgoing, until: float | None) -> AsyncDemoConnection:  # noqa: ARG002 - one service
        """As `connect`."""
        return AsyncDemoConnection(self._scenes(), self._pace)

    def _scenes(self) -> dict[str, tuple[_Piece, ...]]:
        """Return the pieces of each recorded stream, with the seconds before each."""
        found: dict[str, tuple[_Piece, ...]] = {}
        for exchange in self._cassette.exchanges:
            scene, _, kind = exchange.request.url.rpartition("/")
            if kind == "stream":
                framer = SSE()
                reads = ((read.after, read.data) for read in exchange.reads if isinstance(read.data, bytes))
                pieces = ((after, framer.feed(data)) for after, data in reads)
                found[scene.rpartition("/")[2]] = tuple(
                    (0.0 if number else after, _text(frame))
                    for after, frames in pieces
                    for number, frame in enumerate(frames)
                )
        return found


_Piece = tuple[float, Frame]


class _Peer:
    """What the other side knows, and what it is about to say."""

    def __init__(self, scenes: dict[str, tuple[_Piece, ...]], pace: float) -> None:
        self._plan: deque[_Piece] = deque()
        self._due: float | None = None
        self._scenes = scenes
        self._pace = pace
        self._offers = False
        self._question = ""

    def hear(self, message: bytes, *, text: bool) -> None:
        """Take what the program says."""
        match parse_object(message) if text else {}:
            case {"begin": {"tools": list(tools)}}:
                self._offers = TOOL in tools
                self._say({"ready": "live_demo_1"})
            case {"update": {"tools": list(tools)}}:
                self._offers = TOOL in tools
                self._say({"updated": True})
            case {"say": str(question), "respond": respond}:
                self._question = question
                self._play(self._scene(question), respond)
            case {"turn": "end", "respond": respond}:
                self._play("hello", respond)
            case {"results": list(), "respond": respond}:
                self._play("forecast", respond)
            case {"answer": _}:
                self._play(self._scene(self._question), respond=True)
            case {"stop": _} if self._plan:
                self._plan.clear()
                self._due = None
                self._say({"interrupted": True})
            case _:
                pass

    def next(self, now: float) -> Frame | float | None:
        """Return what is said now, or in how many seconds something will be; `None` = not before something is heard."""
        if not self._plan:
            return None
        if self._due is None:
            self._due = now + self._plan[0][0] * self._pace
        if now < self._due:
            return self._due - now
        self._due = None
        return self._plan.popleft()[1]

    def _play(self, scene: str, respond: object) -> None:
        if respond:
            self._plan += self._scenes[scene]

    def _say(self, value: WireJSON) -> None:
        self._plan.append((0.0, Frame(dump(value).decode())))

    def _scene(self, question: str) -> str:
        words = question.lower()
        found = (scene for scene, cues in SCENES if scene in PLAYED and any(cue in words for cue in cues))
        return next((scene for scene in found if scene != "weather" or self._offers), "hello")


class DemoConnection:
    """A live session that is played; as `protocol.Connection`."""

    def __init__(self, scenes: dict[str, tuple[_Piece, ...]], pace: float) -> None:
        """Begin to listen."""
        self.head = WireResponse(status=SWITCHED)
        self._peer = _Peer(scenes, pace)
        self._changed = threading.Condition()
        self._closed = False

    def send(self, message: bytes, until: float | None, *, text: bool) -> None:  # noqa: ARG002 - nothing is waited for
        """Let the other side hear a message."""
        with self._changed:
            if self._closed:
                raise _over()
            self._peer.hear(message, text=text)
            self._changed.notify_all()

    def receive(self, until: float | None) -> tuple[Frame, ...] | None:
        """Wait for the next piece."""
        began = monotonic()
        with self._changed:
            while not self._closed:
                now = monotonic()
                piece = self._peer.next(now)
                if isinstance(piece, Frame):
                    return (piece,)
                self._changed.wait(patience(piece, until, now, began))
        raise _over()

    def close(self, code: int = 1000) -> None:  # noqa: ARG002 - nobody reads it
        """End it."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()


class AsyncDemoConnection:
    """A live session that is played; as `protocol.AsyncConnection`."""

    def __init__(self, scenes: dict[str, tuple[_Piece, ...]], pace: float) -> None:
        """Begin to listen."""
        self.head = WireResponse(status=SWITCHED)
        self._peer = _Peer(scenes, pace)
        self._changed = asyncio.Event()
        self._closed = False

    async def asend(self, message: bytes, until: float | None, *, text: bool) -> None:  # noqa: ARG002 - nothing is waited for
        """Let the other side hear a message."""
        if self._closed:
            raise _over()
        self._peer.hear(message, text=text)
        self._changed.set()

    async def areceive(self, until: float | None) -> tuple[Frame, ...] | None:
        """Wait for the next piece."""
        began = monotonic()
        while not self._closed:
            self._changed.clear()
            now = monotonic()
            piece = self._peer.next(now)
            if isinstance(piece, Frame):
                return (piece,)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._changed.wait(), patience(piece, until, now, began))
        raise _over()

    async def aclose(self, code: int = 1000) -> None:  # noqa: ARG002 - nobody reads it
        """End it."""
        self._closed = True
        self._changed.set()


def _text(frame: Frame) -> Frame:
    return frame if isinstance(frame.data, str) else Frame(frame.data.decode())


def _over() -> TransportError:
    return TransportError("the connection is closed")
