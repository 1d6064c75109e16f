"""Messages → steps, in order.

Law: each message is spelled from itself, so that appending never changes earlier bytes. Steps of an answer go back as
they came. What another origin wrote is dropped, or sent as text, or refused, and never without a `Notice`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat_core.codec.answers import require_answers
from chat_core.codec.wire import dump
from chat_core.errors import UnsupportedContent
from chat_core.parts import Json, Media, Opaque, Reasoning, Refusal, Text, ToolCall, ToolResult
from chat_core.response import Notice
from chat_gemini.interactions.calls import UNPARSED, encode_call, encode_result
from chat_gemini.interactions.content import PIECE, encode_media, encode_text
from chat_gemini.interactions.overlay import INSIDE, PLACE, SAME, STEP, overlay, own
from chat_gemini.interactions.steps import INPUT, OUTPUT, encode_thought

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import assert_never

    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.messages import Message
    from chat_core.parts import Meta, Part
    from chat_core.request import Request
    from chat_gemini.interactions.provider import Interactions

JOIN = "\n\n"
"""What stands between instructions that the wire takes as one text."""


class TurnEncoder:
    """Spells the messages of one request."""

    def __init__(self, provider: Interactions, request: Request, notices: list[Notice]) -> None:
        """Write what cannot be sent as it is into `notices`."""
        self._place = provider.place
        self._origin = provider.origin(request.model)
        self._request = request
        self._notices = notices
        policy = request.options.foreign_reasoning
        self._policy = policy if policy is not None else "drop"

    def encode(self) -> tuple[str | None, list[list[JSON]]]:
        """Spell the instructions, and the steps of each message.

        Raises:
            UnsupportedContent: the wire cannot spell a part, or `foreign_reasoning` is `fail`.
            UnansweredToolCall: a call has no result.
        """
        messages = self._request.messages
        require_answers(messages)
        first = next((at for at, message in enumerate(messages) if not self._instructs(message)), len(messages))
        texts = [self._words(part) for message in messages[:first] for part in message.parts]
        turns = [self._turn(message) for message in messages[first:]]
        return JOIN.join(texts) if first else None, [*([] for _ in range(first)), *turns]

    def _instructs(self, message: Message) -> bool:
        return message.role == "system" and PLACE not in self._mine(message.meta)

    def _words(self, part: Part) -> str:
        match part:
            case Text(text) | Refusal(text):
                return text
            case Json(value):
                return dump(value).decode()
            case _:
                raise UnsupportedContent(f"Gemini's instructions are text: a {type(part).__name__} cannot be in them")

    def _turn(self, message: Message) -> list[JSON]:
        if message.role == "assistant":
            return self._answer(message.parts)
        if message.role == "system" and not self._mine(message.meta):
            self._note("system", INPUT, "the wire takes instructions before the conversation only")
        results = [part for part in message.parts if isinstance(part, ToolResult) and not part.executed]
        others = [part for part in message.parts if not (isinstance(part, ToolResult) and not part.executed)]
        spelled = self._results(results)
        if others or not message.parts:
            spelled += self._said(message, others)
        return spelled

    def _results(self, results: Sequence[ToolResult]) -> list[JSON]:
        """Spell what the program's tools gave, as steps; where it came inside of a user's input, it goes there."""
        spelled: list[JSON] = []
        inside: list[JSON] = []
        for result in results:
            mine = self._mine(result.meta)
            step = encode_result(result, mine, self._origin, self._place)
            if mine.get(INSIDE) is not True:
                spelled.append(step)
                continue
            if not inside:
                spelled.append({"type": INPUT, "content": inside})
            inside.append(step)
        return spelled

    def _said(self, message: Message, parts: Sequence[Part]) -> list[JSON]:
        """Spell what the user or the program said; blocks that are steps are steps of their own."""
        spelled: list[JSON] = []
        content: list[JSON] = []
        for part in parts:
            match part:
                case Opaque(kind=kind) if not kind.startswith(PIECE):
                    spelled += self._opaque(part)
                case _:
                    content += self._piece(part, message.role)
        if content or not parts:
            spelled.append(overlay({"type": INPUT, "content": content}, self._mine(message.meta)))
        return spelled

    def _piece(self, part: Part, role: str) -> list[JSON]:
        """Spell a part as content."""
        match part:
            case Text(text="", meta=meta) if meta and own(self._origin, meta) is None:
                return []  # it carried what another service understands, such as a signature
            case Text():
                return [encode_text(part, self._origin)]
            case Json(value):
                return [{"type": "text", "text": dump(value).decode()}]
            case Refusal(text):
                return [{"type": "text", "text": text}]
            case Media():
                return [encode_media(part, self._origin, self._place)]
            case Opaque():
                return [*self._opaque(part)]
            case Reasoning() | ToolCall() | ToolResult():
                raise UnsupportedContent(f"a {type(part).__name__} cannot stand in a {role} message")
            case other:  # pyright: ignore[reportUnnecessaryComparison] - a newer core may have more
                if TYPE_CHECKING:
                    assert_never(other)
                raise UnsupportedContent(f"this version cannot spell a {type(other).__name__}")

    def _answer(self, parts: Sequence[Part]) -> list[JSON]:
        """Spell an answer's steps."""
        steps: list[JSONObject] = []
        for part in parts:
            match part:
                case Reasoning():
                    steps += self._thought(part)
                case ToolCall():
                    steps += self._call(part)
                case ToolResult():
                    steps += self._result(part)
                case Opaque(kind=kind) if not kind.startswith(PIECE):
                    steps += self._opaque(part)
                case _:
                    self._spoken(part, steps)
        return [*steps]

    def _spoken(self, part: Part, steps: list[JSONObject]) -> None:
        """Put what the model says into a step: a new one, or the one of the part before."""
        if not (content := self._piece(part, "assistant")):
            return
        mine: JSONObject = {SAME: True} if isinstance(part, Opaque) else self._mine(part.meta)
        held = steps[-1].get("content") if steps and steps[-1]["type"] == OUTPUT else None
        if mine.get(SAME) is True and isinstance(held, list):
            held += content
        else:
            steps.append({"type": OUTPUT, "content": content})
        match mine.get(STEP):
            case dict(left):
                steps[-1] = overlay(steps[-1], left)
            case _:
                pass

    def _thought(self, part: Reasoning) -> list[JSONObject]:
        mine = own(self._origin, part.meta)
        if mine is not None:
            return [encode_thought(part, mine)]
        reason = "another origin wrote it"
        match self._policy:
            case "fail":
                raise UnsupportedContent("the history holds reasoning of another origin, and foreign_reasoning is fail")
            case "as_text" if part.text:
                self._note("reasoning", "text", reason)
                return [{"type": OUTPUT, "content": [{"type": "text", "text": part.text}]}]
            case _:
                self._note("reasoning", None, reason)
                return []

    def _call(self, part: ToolCall) -> list[JSONObject]:
        mine = own(self._origin, part.meta)
        if part.executed and mine is None:
            self._note(part.name, None, "a call that another service ran itself")
            return []
        if part.arguments is None and part.raw is not None:
            self._note("tool arguments", UNPARSED, "unparsable arguments are sent inside an object")
        return [encode_call(part, {} if mine is None else mine)]

    def _result(self, part: ToolResult) -> list[JSONObject]:
        mine = own(self._origin, part.meta)
        if part.executed and mine is None:
            self._note("tool_result", None, "the result of a call that another service ran itself")
            return []
        return [encode_result(part, {} if mine is None else mine, self._origin, self._place)]

    def _opaque(self, part: Opaque) -> list[JSONObject]:
        if own(self._origin, {part.origin: part.data}) is not None:
            return [part.data]
        self._note(part.kind, None, f"a block of {part.origin}, which Gemini does not know")
        return []

    def _mine(self, meta: Meta) -> JSONObject:
        mine = own(self._origin, meta)
        return mine if mine is not None else {}

    def _note(self, feature: str, applied: JSON, reason: str) -> None:
        notice = Notice(feature=feature, applied=applied, reason=reason)
        if notice not in self._notices:
            self._notices.append(notice)
