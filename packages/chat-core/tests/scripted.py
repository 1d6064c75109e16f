"""A model that says what it is told to: a `Call` without a service, for flows above the call."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from chat_core.codec.effects import emit
from chat_core.codec.unfold import unfold
from chat_core.messages import Message, assistant
from chat_core.parts import ToolCall
from chat_core.response import FinishReason, Response, Usage

if TYPE_CHECKING:
    from chat_core.codec.effects import Flow
    from chat_core.jsonvalue import JSONObject
    from chat_core.parts import Part
    from chat_core.request import Request

USED = Usage(input_tokens=10, output_tokens=1)


class Model:
    """Gives its answers in order.

    Attributes:
        asked: the requests that it was asked.
    """

    def __init__(self, *answers: Response | Exception) -> None:
        self.asked: list[Request] = []
        self._answers = deque(answers)

    def __call__(self, request: Request) -> Flow[Response]:
        self.asked.append(request)
        answer = self._answers.popleft()
        if isinstance(answer, Exception):
            raise answer
        yield from emit(*unfold(answer))
        return answer


def said(*content: str | Part, reason: FinishReason = FinishReason.STOP) -> Response:
    """Make a last answer."""
    return Response(message=assistant(*content), finish_reason=reason, usage=USED)


def called(*calls: ToolCall, text: str = "") -> Response:
    """Make an answer that calls tools."""
    said: tuple[str | ToolCall, ...] = (text, *calls) if text else calls
    return Response(message=assistant(*said), finish_reason=FinishReason.TOOL_CALLS, usage=USED)


def call(id: str, name: str, **arguments: object) -> ToolCall:
    """Make a call."""
    given: JSONObject = dict(arguments)  # type: ignore[arg-type] # pyright: ignore[reportAssignmentType] - JSON, as tests write it
    return ToolCall(id=id, name=name, arguments=given)


def results(message: Message) -> dict[str, tuple[str, bool]]:
    """Return what a tool message says: its text, and whether it is an error, by call, in order."""
    found: dict[str, tuple[str, bool]] = {}
    for part in message.parts:
        texts = [str(getattr(item, "text", getattr(item, "value", item))) for item in getattr(part, "content", ())]
        found[getattr(part, "call_id", "?")] = ("".join(texts), getattr(part, "is_error", False))
    return found
