"""Broken providers: each breaks one thing that a real one has got wrong, and the test of the kit that must say so."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import count
from typing import TYPE_CHECKING, ClassVar

from broken_streams import (
    CrashesOnDamage,
    DecodesChunks,
    DropsUnknownEvents,
    ForgetsBetweenChunks,
    InventsAnEnd,
    KeepsWhatIsNoJSON,
    KnowsOneReason,
    LosesLeaves,
    LosesUsage,
    LosesUsageAtTheEnd,
    NamesCallsByTool,
    RepairsArguments,
    SaysEverythingTwice,
    SplitsAtEveryLineEnd,
    SwallowsErrors,
    TakesHalfFramesForWhole,
    TakesUsageForTheEnd,
    WaitsForTheWholeStream,
)
from tiny import DIALECT, Tiny

from chat_core.codec.failure import decode_failure, failure
from chat_core.errors import UnsupportedContent
from chat_core.jsonvalue import parse_object
from chat_core.messages import assistant
from chat_core.parts import Media, Opaque, Reasoning, Text, ToolResult
from chat_core.response import FinishReason, Notice, Response

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from chat_core.codec.provider import Secret
    from chat_core.codec.wire import Channel, WireRequest, WireResponse
    from chat_core.errors import ProviderError
    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.options import Options
    from chat_core.parts import Part
    from chat_core.request import Request
    from chat_core.tools import Tool


# what is asked


class DropsAnOption(Tiny):
    def settings(self, options: Options, notices: list[Notice]) -> JSONObject:
        return super().settings(replace(options, top_k=None), notices)


class TakesZeroForNothing(Tiny):
    def settings(self, options: Options, notices: list[Notice]) -> JSONObject:
        return {name: value for name, value in super().settings(options, notices).items() if value}


class FlattensSchemas(Tiny):
    def tool(self, tool: Tool) -> JSONObject:
        schema = dict(tool.parameters) if tool.parameters is not None else {}
        return {**super().tool(tool), "schema": {key: value for key, value in schema.items() if key != "$defs"}}


class DropsTheChoiceOfTools(Tiny):
    def asked(self, request: Request, notices: list[Notice]) -> JSONObject:
        return super().asked(replace(request, tool_choice=None), notices)


class DropsWhatItDoesNotKnow(Tiny):
    def part(self, part: Part, request: Request, notices: list[Notice]) -> JSON:
        try:
            return super().part(part, request, notices)
        except UnsupportedContent:
            return None


class DropsMedia(Tiny):
    def part(self, part: Part, request: Request, notices: list[Notice]) -> JSON:
        return None if isinstance(part, Media) else super().part(part, request, notices)


class SendsHalfTurns(Tiny):
    def check(self, request: Request) -> None:
        """Send whatever there is."""


class TakesPrivateDataOfAnybody(Tiny):
    def accepts(self, origin: str) -> bool:  # noqa: ARG002 - that is what is wrong
        return True


class SendsReasoningOfOthersAsText(Tiny):
    def thought(self, part: Reasoning, request: Request, notices: list[Notice]) -> JSON:  # noqa: ARG002 - that is what is wrong
        return {"text": part.text}


class SendsBlocksOfOthers(Tiny):
    def part(self, part: Part, request: Request, notices: list[Notice]) -> JSON:
        return part.data if isinstance(part, Opaque) else super().part(part, request, notices)


class DropsBlocksOfOthers(Tiny):
    def part(self, part: Part, request: Request, notices: list[Notice]) -> JSON:
        return super().part(part, request, [] if isinstance(part, Opaque) else notices)


class SaysNothingOfBlocksInResults(Tiny):
    def part(self, part: Part, request: Request, notices: list[Notice]) -> JSON:
        return super().part(part, request, [] if isinstance(part, ToolResult) else notices)


class ForgetsTheSeal(Tiny):
    def thought(self, part: Reasoning, request: Request, notices: list[Notice]) -> JSON:
        return super().thought(replace(part, signature=None), request, notices)


class NumbersTheMessages(Tiny):
    def messages(self, request: Request, notices: list[Notice]) -> list[JSON]:
        return [[number, message] for number, message in enumerate(super().messages(request, notices))]


class MarksTheLastMessage(Tiny):
    def messages(self, request: Request, notices: list[Notice]) -> list[JSON]:
        *before, last = super().messages(request, notices)
        return [*before, {**last, "cache": True}] if isinstance(last, dict) else [*before, last]


@dataclass(frozen=True)
class CountsItsRequests(Tiny):
    number: Iterator[int] = field(default_factory=count, compare=False)

    def settings(self, options: Options, notices: list[Notice]) -> JSONObject:
        return {**super().settings(options, notices), "number": next(self.number)}


# what is answered whole


class AnswersOtherwiseWhenWhole(Tiny):
    def decode(self, request: Request, reply: WireResponse) -> Response:
        return replace(super().decode(request, reply), raw_finish_reason=None)


class TakesAnythingForAnAnswer(Tiny):
    def decode(self, request: Request, reply: WireResponse) -> Response:
        try:
            return super().decode(request, reply)
        except Exception:  # noqa: BLE001 - that is what is wrong
            return Response(message=assistant(Text("")), finish_reason=FinishReason.STOP)


class ExpectsJSONErrors(Tiny):
    def decode_error(self, reply: WireResponse) -> ProviderError:
        return failure(parse_object(reply.body), DIALECT, status=reply.status, headers=reply.headers)


class ForgetsWhenToComeBack(Tiny):
    def decode_error(self, reply: WireResponse) -> ProviderError:
        return decode_failure(replace(reply, headers={}), DIALECT)


class ForgetsTheStatus(Tiny):
    def decode_error(self, reply: WireResponse) -> ProviderError:
        error = decode_failure(reply, DIALECT)
        error.status = None
        return error


# what is seen, and what a provider is


@dataclass(frozen=True)
class ShowsTheKey(Tiny):
    keys: list[str] = field(default_factory=list[str], compare=False)

    def authorize(self, wire: WireRequest, body: bytes, secret: Secret, now: datetime) -> Mapping[str, str]:
        self.keys.append(secret.value)
        return super().authorize(wire, body, secret, now)


class ShowsTheKeyInTheAddress(Tiny):
    key: ClassVar[str] = ""

    def authorize(self, wire: WireRequest, body: bytes, secret: Secret, now: datetime) -> Mapping[str, str]:
        type(self).key = secret.value
        return super().authorize(wire, body, secret, now)

    def encode(self, request: Request, *, channel: Channel = "http", stream: bool = False) -> WireRequest:
        wire = super().encode(request, channel=channel, stream=stream)
        return replace(wire, url=f"{wire.url}?id={self.key}")


class IsNoValue(Tiny):
    def __eq__(self, other: object) -> bool:
        return self is other

    def __hash__(self) -> int:
        return id(self)


MUTANTS: tuple[tuple[type[Tiny], str], ...] = (
    (DropsAnOption, "test_law[options-top_k]"),
    (TakesZeroForNothing, "test_law[options-temperature]"),
    (FlattensSchemas, "test_law[schemas]"),
    (DropsTheChoiceOfTools, "test_law[tool_choice]"),
    (DropsWhatItDoesNotKnow, "test_law[new_parts]"),
    (DropsMedia, "test_law[media]"),
    (SendsHalfTurns, "test_law[unanswered_calls]"),
    (TakesPrivateDataOfAnybody, "test_law[private_data]"),
    (SendsReasoningOfOthersAsText, "test_law[foreign_reasoning]"),
    (SendsBlocksOfOthers, "test_law[foreign_blocks]"),
    (DropsBlocksOfOthers, "test_law[foreign_blocks]"),
    (SaysNothingOfBlocksInResults, "test_law[foreign_blocks]"),
    (ForgetsTheSeal, "test_law[goes_back-reasoning]"),
    (ForgetsTheSeal, "test_law[parse-reasoning]"),
    (MarksTheLastMessage, "test_law[prefix-text]"),
    (NumbersTheMessages, "test_law[prefix-text]"),
    (CountsItsRequests, "test_law[pure-text]"),
    (InventsAnEnd, "test_law[ends_at_every_frame-text]"),
    (InventsAnEnd, "test_law[ends_at_bytes-text]"),
    (TakesUsageForTheEnd, "test_law[ends_at_every_frame-text]"),
    (LosesUsage, "test_scenario[usage]"),
    (LosesUsageAtTheEnd, "test_law[usage_grows-text]"),
    (NamesCallsByTool, "test_scenario[parallel_calls]"),
    (RepairsArguments, "test_scenario[broken_arguments]"),
    (DropsUnknownEvents, "test_scenario[unknown_event]"),
    (KnowsOneReason, "test_scenario[finish_unknown]"),
    (SwallowsErrors, "test_scenario[stream_error]"),
    (CrashesOnDamage, "test_law[damage-text]"),
    (LosesLeaves, "test_law[nothing_lost-new_words]"),
    (KeepsWhatIsNoJSON, "test_law[history-text]"),
    (SaysEverythingTwice, "test_law[grammar-text]"),
    (DecodesChunks, "test_law[cuts-text]"),
    (SplitsAtEveryLineEnd, "test_scenario[difficult_text]"),
    (ForgetsBetweenChunks, "test_law[cuts-text]"),
    (TakesHalfFramesForWhole, "test_law[frames_at_every_byte-text]"),
    (WaitsForTheWholeStream, "test_law[leaving]"),
    (WaitsForTheWholeStream, "test_law[timeouts]"),
    (AnswersOtherwiseWhenWhole, "test_law[same_answer-text]"),
    (TakesAnythingForAnAnswer, "test_law[malformed-text]"),
    (ExpectsJSONErrors, "test_law[errors]"),
    (ForgetsWhenToComeBack, "test_law[retry_after-busy-blocking]"),
    (ForgetsWhenToComeBack, "test_scenario[rate_limited]"),
    (ForgetsTheStatus, "test_law[error_values-busy]"),
    (ShowsTheKey, "test_law[secrets-blocking]"),
    (ShowsTheKey, "test_law[secrets-asyncio]"),
    (ShowsTheKeyInTheAddress, "test_law[secrets-blocking]"),
    (IsNoValue, "test_law[provider_value]"),
)
"""Every mutant with the test that has to fail for it."""
