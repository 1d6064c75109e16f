"""Structured output in a conversation: how it is asked for, how it is watched while it comes, whether it fits.

Law: one strategy for a turn, stated by the provider or by the program. `native` sends the schema; `tool` has the model
call a tool whose arguments are the answer; `prompted` says it in words. The history keeps what was said, and nothing of
how it was asked for.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from chat_core.codec.effects import Emit
from chat_core.codec.fenced import Unfenced, fenced
from chat_core.codec.partial import PartialJSON
from chat_core.errors import DecodeError, OutputInvalid
from chat_core.events import OutputDelta, PartStart, ResponseStart, TextDelta, ToolCallDelta
from chat_core.flow.compose import passed
from chat_core.functions import failed
from chat_core.messages import system, user
from chat_core.outputs import complaint, instructions
from chat_core.parts import Text, ToolCall, ToolResult
from chat_core.request import OutputFormat
from chat_core.response import FinishReason, Notice
from chat_core.tools import Tool, ToolChoice, names_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chat_core.codec.effects import Effect, Flow
    from chat_core.events import Event
    from chat_core.messages import Message
    from chat_core.outputs import Output
    from chat_core.request import Request, Strategy
    from chat_core.response import Response

T = TypeVar("T")

ANSWER = "final_answer"
"""The name of the tool whose arguments are the answer."""

CUT = "The answer was cut off at the token limit: raise max_tokens, or ask for less"
"""What there is to do about an answer that is not whole."""

_HOPELESS = frozenset({FinishReason.REFUSAL, FinishReason.CONTENT_FILTER, FinishReason.LENGTH})
"""Asking again does not help."""


class Structured(Generic[T]):
    """One turn's structured output.

    Attributes:
        strategy: how it is asked for.
    """

    def __init__(
        self,
        output: Output[T],
        strategy: Strategy,
        request: Request,
        retries: int,
        *,
        json_mode: bool = False,
        lacking: str | None = None,
    ) -> None:
        """Take what is wanted.

        Args:
            output: what is wanted.
            strategy: how to ask for it.
            request: what is asked.
            retries: how often the model may be asked again.
            json_mode: whether the service can be told to answer in JSON, which helps the strategy `prompted`.
            lacking: why the model is not held to the form, and what to install for that; `None` = nothing is missing.
        """
        self.strategy: Strategy = strategy
        self._output = output
        self._left = retries
        self._json_mode = json_mode
        self._lacking = lacking
        self._name = ANSWER
        while self._name in names_of(request.tools):
            self._name += "_"

    @property
    def notices(self) -> tuple[Notice, ...]:
        """What cannot be had as it could be."""
        if self._lacking is None:
            return ()
        return (Notice(feature="output", requested="native", applied=self.strategy, reason=self._lacking),)

    def asked(self, request: Request) -> Request:
        """Return the request that asks for it."""
        form = self._output.format
        match self.strategy:
            case "native":
                return replace(request, output=form)
            case "tool":
                tool = Tool(
                    name=self._name,
                    description=form.description or "Give the final answer: call this when you have it.",
                    parameters=form.schema if form.schema is not None else {"type": "object"},
                    strict=form.strict,
                )
                choice = request.tool_choice
                if choice is None:
                    choice = ToolChoice(mode="required", names=() if request.tools else (self._name,))
                return replace(request, tools=(*request.tools, tool), tool_choice=choice)
            case "prompted":
                place = next(
                    (at for at, message in enumerate(request.messages) if message.role != "system"),
                    len(request.messages),
                )
                leading, others = request.messages[:place], request.messages[place:]
                mode = OutputFormat(kind="json") if self._json_mode else request.output
                return replace(request, messages=(*_told(leading, instructions(form)), *others), output=mode)

    def watched(self, flow: Flow[Response]) -> Flow[Response]:
        """Run a call, and add what the output has grown to, to its events."""
        return passed(flow, _Watch(self).seen)

    def value_of(self, response: Response, text: str) -> T:
        """Return the output of an answer that is the last one of its turn.

        Args:
            response: the answer.
            text: its text, with what came before a pause of the service.

        Raises:
            OutputInvalid: the answer does not fit.
        """
        try:
            return self._read(response, text)
        except OutputInvalid as fault:
            fault.fix = CUT if response.finish_reason is FinishReason.LENGTH else self._lacking
            raise

    def _read(self, response: Response, text: str) -> T:
        if self.strategy == "tool" and (call := self.answer(response)) is not None:
            if call.arguments is None:
                raise self._output.invalid(call.raw or "", ("the arguments are no JSON object",))
            return self._output.validate_value(dict(call.arguments))
        return self._output.validate(fenced(text) if self.strategy != "native" else text)

    def answer(self, response: Response) -> ToolCall | None:
        """Return the call whose arguments are the answer."""
        if self.strategy != "tool":
            return None
        return next((call for call in response.tool_calls if call.name == self._name), None)

    def again(self, response: Response, fault: OutputInvalid) -> tuple[Message, ...] | None:
        """Return what is said to have the model try again; `None` when it is not asked again.

        The words of a call's result are in `complaint_of`, as its siblings are answered beside it.
        """
        if self._left <= 0 or response.finish_reason in _HOPELESS:
            return None
        self._left -= 1
        return () if self.answer(response) is not None else (user(complaint(fault.faults)),)

    def complaint_of(self, call: ToolCall, fault: OutputInvalid) -> ToolResult:
        """Return the result that tells the model what is wrong with its answer."""
        return failed(call, complaint(fault.faults))

    def accepted(self, call: ToolCall) -> ToolResult:
        """Return the result that closes the call which gave the answer."""
        return ToolResult(call_id=call.id, name=call.name, content=(Text("accepted"),))

    def reader(self) -> PartialJSON | Unfenced:
        """Return what reads an answer while it comes."""
        return PartialJSON() if self.strategy == "tool" else Unfenced()

    def is_part(self, part: object) -> bool:
        """Tell whether a part that has begun can hold the output."""
        if self.strategy == "tool":
            return isinstance(part, ToolCall) and part.name == self._name
        return isinstance(part, Text)

    def unwrapped(self, value: object) -> object:
        """Return the wanted part of a partial answer."""
        return self._output.unwrapped(value)  # type: ignore[arg-type] # pyright: ignore[reportArgumentType] - JSON it is


def _told(leading: tuple[Message, ...], words: str) -> tuple[Message, ...]:
    """Add words to the instructions: to the last of them, since not every model takes several."""
    if not leading:
        return (system(words),)
    return (*leading[:-1], replace(leading[-1], parts=(*leading[-1].parts, Text(f"\n\n{words}"))))


class _Watch:
    """Reads the output of one answer while it comes."""

    def __init__(self, structured: Structured[Any]) -> None:
        self._structured = structured
        self._parts: set[int] = set()
        self._json = structured.reader()

    def seen(self, effect: Effect) -> Effect:
        return Emit(tuple(self._with_output(effect.events))) if isinstance(effect, Emit) else effect

    def _with_output(self, events: tuple[Event, ...]) -> Iterator[Event]:
        for event in events:
            yield event
            match event:
                case ResponseStart():
                    self._parts, self._json = set(), self._structured.reader()
                case PartStart(index, part, choice=0) if self._structured.is_part(part):
                    self._parts.add(index)
                case TextDelta(index, text, choice=0) | ToolCallDelta(index, text, choice=0) if index in self._parts:
                    if self._grown(text):
                        yield OutputDelta(self._structured.unwrapped(self._json.value))
                case _:
                    pass

    def _grown(self, text: str) -> bool:
        """Read on; text that is no JSON is left to the check of the whole answer."""
        try:
            return self._json.feed(text)
        except DecodeError:
            self._parts.clear()
            return False
