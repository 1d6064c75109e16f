"""Broken providers whose streams are read wrongly: decoders and framers. `mutants` lists them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from tiny import Tiny, TinyDecoder

from chat_core.codec.decoder import frame_object
from chat_core.codec.framers import SSE
from chat_core.jsonvalue import parse_arguments
from chat_core.parts import ToolCall
from chat_core.response import FinishReason, Usage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chat_core.codec.wire import Channel, Frame, Framer, WireRequest
    from chat_core.events import Event
    from chat_core.jsonvalue import JSONObject
    from chat_core.request import Request


class Decodes(Tiny):
    """A provider whose decoder is broken."""

    kind: ClassVar[type[TinyDecoder]] = TinyDecoder

    def decoder(self, request: Request) -> TinyDecoder:
        return self.kind(self.origin(request.model))


class _InventsAnEnd(TinyDecoder):
    def finish(self) -> Iterator[Event]:
        self.terminal = True
        yield from super().finish()


class InventsAnEnd(Decodes):
    kind = _InventsAnEnd


class _InventsTheReason(TinyDecoder):
    def on_frame(self, frame: Frame) -> None:
        super().on_frame(frame)
        if b'"usage"' in frame.data if isinstance(frame.data, bytes) else False:
            self.build.finish(FinishReason.STOP, "stop")
            self.terminal = True


class TakesUsageForTheEnd(Decodes):
    kind = _InventsTheReason


class _LosesUsage(TinyDecoder):
    def usage(self, usage: JSONObject) -> None:
        """Lose it."""


class LosesUsage(Decodes):
    kind = _LosesUsage


class _LosesUsageAtTheEnd(TinyDecoder):
    def end(self, word: str) -> None:
        self.build.usage = Usage(input_tokens=1, output_tokens=1)
        super().end(word)


class LosesUsageAtTheEnd(Decodes):
    kind = _LosesUsageAtTheEnd


class _NamesCallsByTool(TinyDecoder):
    def call(self, at: int, call: str, name: str) -> None:  # noqa: ARG002 - that is what is wrong
        self.build.open(at, ToolCall(id=name, name=name))


class NamesCallsByTool(Decodes):
    kind = _NamesCallsByTool


class _RepairsArguments(TinyDecoder):
    def on_frame(self, frame: Frame) -> None:
        match frame_object(frame):
            case {"args": {"at": int(at), "text": str(text)}} if parse_arguments(text)[0] is None:
                self.build.arguments(at, "{}")
            case _:
                super().on_frame(frame)


class RepairsArguments(Decodes):
    kind = _RepairsArguments


class _DropsUnknownEvents(TinyDecoder):
    def unknown(self, data: JSONObject) -> None:
        """Drop it."""


class DropsUnknownEvents(Decodes):
    kind = _DropsUnknownEvents


class _KnowsOneReason(TinyDecoder):
    def end(self, word: str) -> None:  # noqa: ARG002 - that is what is wrong
        super().end("stop")


class KnowsOneReason(Decodes):
    kind = _KnowsOneReason


class _SwallowsErrors(TinyDecoder):
    def on_frame(self, frame: Frame) -> None:
        if "error" not in (frame_object(frame) or {}):
            super().on_frame(frame)


class SwallowsErrors(Decodes):
    kind = _SwallowsErrors


class _CrashesOnDamage(TinyDecoder):
    def usage(self, usage: JSONObject) -> None:
        super().usage({**usage, "cached": int(str(usage["in"]))})


class CrashesOnDamage(Decodes):
    kind = _CrashesOnDamage


class _ReadsWhatItKnows(TinyDecoder):
    def on_frame(self, frame: Frame) -> None:
        match frame_object(frame):
            case {"text": str(text)}:
                self.build.text("text", text)
            case _:
                super().on_frame(frame)


class LosesLeaves(Decodes):
    kind = _ReadsWhatItKnows


class _KeepsTuples(TinyDecoder):
    def end(self, word: str) -> None:
        self.build.note({"pair": (1, 2)})  # type: ignore[dict-item] # pyright: ignore[reportArgumentType] - that is what is wrong
        super().end(word)


class KeepsWhatIsNoJSON(Decodes):
    kind = _KeepsTuples


class _StartsTwice(TinyDecoder):
    def feed(self, frames: object) -> Iterator[Event]:
        for event in super().feed(frames):  # type: ignore[arg-type] # pyright: ignore[reportArgumentType] - what feed takes
            yield event
            yield event


class SaysEverythingTwice(Decodes):
    kind = _StartsTwice


class _PerChunk(SSE):
    def feed(self, data: bytes) -> list[Frame]:
        return super().feed(data.decode("utf-8", "replace").encode())


class _SplitLines(SSE):
    def feed(self, data: bytes) -> list[Frame]:
        lines = data.decode("utf-8", "surrogateescape").splitlines()
        return super().feed("\n".join((*lines, "")).encode("utf-8", "surrogateescape"))


class _LinesOfOneChunk:
    def feed(self, data: bytes) -> list[Frame]:
        framer = SSE()
        return [*framer.feed(data), *framer.finish()]

    def finish(self) -> list[Frame]:
        return []


class _HidesTheCut(SSE):
    def finish(self) -> list[Frame]:
        return [replace(frame, cut=False) for frame in super().finish()]


class Framed(Tiny):
    """A provider whose framer is broken."""

    framer: ClassVar[type[Framer] | None] = None

    def encode(self, request: Request, *, channel: Channel = "http", stream: bool = False) -> WireRequest:
        wire = super().encode(request, channel=channel, stream=stream)
        return replace(wire, framer=self.framer if stream else None)


class DecodesChunks(Framed):
    framer = _PerChunk


class SplitsAtEveryLineEnd(Framed):
    framer = _SplitLines


class ForgetsBetweenChunks(Framed):
    framer = _LinesOfOneChunk


class TakesHalfFramesForWhole(Framed):
    framer = _HidesTheCut


class WaitsForTheWholeStream(Framed):
    framer = None
