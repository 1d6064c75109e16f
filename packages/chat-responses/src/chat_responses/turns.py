"""Messages → items, in order.

Law: each message is spelled from itself and the calls before it, so that appending never changes earlier bytes. Items
of an answer go back as they came, and reasoning only together with the item that follows it. What another origin wrote
is dropped, or sent as text, or refused, and never without a `Notice`.
"""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING

from chat_core.codec.answers import require_answers
from chat_core.codec.wire import dump
from chat_core.errors import UnsupportedContent
from chat_core.media import data_url
from chat_core.parts import Inline, Json, Media, Opaque, Reasoning, Refusal, Text, ToolCall, ToolResult
from chat_core.response import Notice
from chat_responses.answers import ANSWERS, encode_answer
from chat_responses.calls import FUNCTION, encode_call, type_of
from chat_responses.content import UNNAMED, encode_media, encode_text
from chat_responses.items import IMAGE, THOUGHTS
from chat_responses.overlay import ITEM, LIST, SAME, overlay, own

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import assert_never

    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.messages import Message
    from chat_core.parts import Meta, Part
    from chat_core.request import Request
    from chat_responses.options import ResponsesOptions
    from chat_responses.provider import Responses


MAX_ID = 64
"""The longest id of a call that the wire takes; those of other services may be longer."""


class TurnEncoder:
    """Spells the messages of one request."""

    def __init__(
        self, provider: Responses, request: Request, native: ResponsesOptions, custom: set[str], notices: list[Notice]
    ) -> None:
        """Write what cannot be sent as it is into `notices`; `custom` are the names of declared free-form tools."""
        self._provider = provider
        self._preset = provider.preset
        self._origin = provider.origin(request.model)
        self._request = request
        self._stored = native.store is not False
        self._custom = custom
        self._notices = notices
        policy = request.options.foreign_reasoning
        self._policy = policy if policy is not None else "drop"
        self._calls: dict[str, str] = {}

    def encode(self) -> tuple[str | None, list[list[JSON]]]:
        """Spell the instructions, and the items of each message.

        Raises:
            UnsupportedContent: the wire cannot spell a part, or `foreign_reasoning` is `fail`.
            UnansweredToolCall: a call has no result.
        """
        messages = self._request.messages
        require_answers(messages)
        instructions = self._instructions(messages[0]) if messages else None
        turns = [self._turn(message) for message in messages]
        if instructions is not None:
            turns[0] = []
        return instructions, turns

    def _instructions(self, message: Message) -> str | None:
        """Return the text of a message that can be the instructions; others stand among the items."""
        match message.parts:
            case (Text(text, meta=meta),) if message.role == "system" and not self._mine(meta):
                return text if own(self._origin, message.meta) is None else None
            case _:
                return None

    def _turn(self, message: Message) -> list[JSON]:
        results = [part for part in message.parts if isinstance(part, ToolResult) and not part.executed]
        others = [part for part in message.parts if not (isinstance(part, ToolResult) and not part.executed)]
        spelled: list[JSON] = []
        if message.role == "assistant":
            spelled += self._answer(others)
        spelled += [item for result in results if (item := self._result(result)) is not None]
        if message.role != "assistant" and (others or not message.parts):
            spelled += self._said(message, others)
        return spelled

    def _said(self, message: Message, parts: Sequence[Part]) -> list[JSON]:
        """Spell what the user or the program said; items that stand as they came are items of their own."""
        role = self._preset.system_role if message.role == "system" else "user"
        spelled: list[JSON] = []
        content: list[JSON] = []
        for part in parts:
            match part:
                case Opaque(data=data) if data.get("type") not in _PIECES:
                    spelled += [] if (item := self._opaque(part)) is None else [item]
                case _:
                    content += self._piece(part, role)
        if content or not parts:
            spelled.append(overlay({"role": role, "content": _plain(content)}, self._mine(message.meta)))
        return spelled

    def _piece(self, part: Part, role: str) -> list[JSON]:
        """Spell a part of the user's content."""
        match part:
            case Text():
                return [encode_text(part, self._origin, "user")]
            case Json(value):
                return [{"type": "input_text", "text": dump(value).decode()}]
            case Refusal(text):
                return [{"type": "input_text", "text": text}]
            case Media():
                if part.kind == "document" and isinstance(part.source, Inline) and part.name is None:
                    self._note("document", UNNAMED, "the wire wants a name for a file in the body")
                return [encode_media(part, self._origin, self._preset)]
            case Opaque():
                return [] if (data := self._opaque(part)) is None else [data.get("", data)]
            case Reasoning() | ToolCall() | ToolResult():
                raise UnsupportedContent(f"a {type(part).__name__} cannot stand in a {role} message")
            case other:  # pyright: ignore[reportUnnecessaryComparison] - a newer core may have more
                if TYPE_CHECKING:
                    assert_never(other)
                raise UnsupportedContent(f"this version cannot spell a {type(other).__name__}")

    def _answer(self, parts: Sequence[Part]) -> list[JSON]:
        """Spell an answer's items; reasoning that has lost what followed it is left out."""
        items: list[JSONObject] = []
        for part in parts:
            match part:
                case Text(text="", meta=meta) if meta and own(self._origin, meta) is None:
                    pass  # it carried what another service understands, such as a signature
                case Text() | Refusal():
                    self._spoken(part, items)
                case Reasoning():
                    self._thought(part, items)
                case Json(value):
                    items.append({"role": "assistant", "content": dump(value).decode()})
                case ToolCall():
                    items += [] if (call := self._call(part)) is None else [call]
                case Media():
                    items.append(self._image(part))
                case Opaque():
                    items += [] if (item := self._opaque(part)) is None else [item]
                case ToolResult():
                    items += [] if (item := self._result(part)) is None else [item]
                case other:  # pyright: ignore[reportUnnecessaryComparison] - a newer core may have more
                    if TYPE_CHECKING:
                        assert_never(other)
                    raise UnsupportedContent(f"this version cannot spell a {type(other).__name__}")
        return self._paired(items)

    def _spoken(self, part: Text | Refusal, items: list[JSONObject]) -> None:
        mine = own(self._origin, part.meta) or {}
        match mine.get(ITEM), items:
            case dict(item), _:
                whole = "id" in item
                kind: JSONObject = {"type": "message"} if whole else {}
                content = encode_text(part, self._origin, "assistant", whole=whole)
                alone = not whole and content.keys() == {"type", "text"}
                items.append({**kind, **item, "role": "assistant", "content": part.text if alone else [content]})
            case None, [*_, {"role": "assistant", "content": str(text)} as last] if mine.get(SAME) is True:
                first: JSONObject = {"type": "output_text", "text": text}
                last["content"] = [first, encode_text(part, self._origin, "assistant")]
            case None, [*_, {"role": "assistant", "content": list(pieces)} as last] if mine.get(SAME) is True:
                pieces.append(encode_text(part, self._origin, "assistant", whole="id" in last))
            case _ if isinstance(part, Text) and not mine and not part.citations and not part.logprobs:
                items.append({"role": "assistant", "content": part.text})
            case _ if isinstance(part, Refusal) and not mine:
                items.append({"role": "assistant", "content": part.text})
            case _:
                items.append({"role": "assistant", "content": [encode_text(part, self._origin, "assistant")]})

    def _thought(self, part: Reasoning, items: list[JSONObject]) -> None:
        mine = own(self._origin, part.meta)
        if mine is None:
            self._foreign(part, items)
            return
        key = "content" if mine.get(LIST) == "content" else "summary"
        piece: JSONObject = overlay({"type": THOUGHTS[key], "text": part.text}, mine)
        match mine.get(ITEM), items:
            case dict(item), _ if not self._is_known(item, mine):
                self._note("reasoning", None, "it is neither stored nor sealed: the service does not know it any more")
            case dict(item), _:
                empty = not part.text and not rest_of(mine)
                items.append({"type": "reasoning", "summary": [], **item, **({} if empty else {key: [piece]})})
            case None, [*_, {"type": "reasoning"} as item] if mine.get(SAME) is True:
                match item.get(key):
                    case list(pieces):
                        pieces.append(piece)
                    case _:
                        item[key] = [piece]
            case _:
                self._note("reasoning", None, "it has lost the item that it belongs to")

    def _is_known(self, item: JSONObject, mine: JSONObject) -> bool:
        """Tell whether the service can read an item of reasoning again: stored, sealed, or open text."""
        return self._stored or "encrypted_content" in item or "id" not in item or mine.get(LIST) == "content"

    def _paired(self, items: list[JSONObject]) -> list[JSON]:
        kept: list[JSON] = []
        follows = False
        for item in reversed(items):
            if item.get("type") == "reasoning" and not follows:
                self._note("reasoning", None, "the wire takes no reasoning without the item that followed it")
                continue
            follows = True
            kept.append(item)
        return kept[::-1]

    def _foreign(self, part: Reasoning, items: list[JSONObject]) -> None:
        reason = "another origin wrote it"
        match self._policy:
            case "fail":
                raise UnsupportedContent("the history holds reasoning of another origin, and foreign_reasoning is fail")
            case "as_text" if part.text:
                self._note("reasoning", "text", reason)
                items.append({"role": "assistant", "content": part.text})
            case _:
                self._note("reasoning", None, reason)

    def _call(self, part: ToolCall) -> JSONObject | None:
        mine = own(self._origin, part.meta)
        if part.executed and mine is None:
            self._note(part.name, None, "a call that another service ran itself")
            return None
        kind = type_of(mine, custom=part.name in self._custom)
        self._calls[part.id] = kind
        return encode_call(replace(part, id=self._id(part.id)), kind, mine or {})

    def _result(self, part: ToolResult) -> JSONObject | None:
        mine = own(self._origin, part.meta)
        if part.executed:
            if mine is None:
                self._note("tool_result", None, "the result of a call that another service ran itself")
                return None
            match part.content, mine.get("type"):
                case (Json(value),), "shell_call_output":
                    return overlay({"call_id": part.call_id, "output": value}, mine)
                case (Json(value),), _:
                    return overlay({"call_id": part.call_id, "tools": value}, mine)
                case _:
                    raise UnsupportedContent("the result of a tool that the service ran goes back as it came")
        call = self._calls.get(part.call_id, FUNCTION)
        answer = replace(part, call_id=self._id(part.call_id))
        return encode_answer(answer, call if call in ANSWERS else FUNCTION, self._origin, self._preset)

    def _id(self, call: str) -> str:
        """Return a call's id as short as the wire takes it; the same one for the call and its result."""
        if len(call) <= MAX_ID:
            return call
        self._note("tool call id", None, f"the wire takes ids of at most {MAX_ID} characters")
        return f"call_{sha256(call.encode('utf-8', 'surrogatepass')).hexdigest()[:40]}"

    def _image(self, part: Media) -> JSONObject:
        """Spell an image that this service made; others have no place in an answer."""
        mine = self._mine(part.meta)
        if mine.get("type") == IMAGE and isinstance(part.source, Inline):
            _, _, text = data_url(part).partition(",")
            return overlay({"type": IMAGE, "result": text}, mine)
        if part.transcript is not None:
            self._note(part.kind, "transcript", "an answer in sound goes back to the service that gave it only")
            return {"role": "assistant", "content": part.transcript}
        raise UnsupportedContent(f"an answer cannot hold {part.kind} of another service: put it into a user message")

    def _opaque(self, part: Opaque) -> JSONObject | None:
        if own(self._origin, {part.origin: part.data}) is not None:
            return part.data
        self._note(part.kind, None, f"a block of {part.origin}, which {self._preset.name} does not know")
        return None

    def _mine(self, meta: Meta) -> JSONObject:
        mine = own(self._origin, meta)
        return mine if mine is not None else {}

    def _note(self, feature: str, applied: JSON, reason: str) -> None:
        notice = Notice(feature=feature, applied=applied, reason=reason)
        if notice not in self._notices:
            self._notices.append(notice)


_PIECES = frozenset({None, "input_text", "output_text", "refusal", "input_image", "input_file", "input_audio"})
"""Types of what stands in a content list; what is of another type is an item."""


def rest_of(mine: JSONObject) -> JSONObject:
    """Return what a part keeps of the wire, without our own marks."""
    return {key: value for key, value in mine.items() if not key.startswith("_")}


def _plain(content: list[JSON]) -> JSON:
    """Spell one plain text as a string."""
    match content:
        case [{"type": "input_text", "text": str(text), **more}] if not more:
            return text
        case _:
            return content
