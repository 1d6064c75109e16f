"""Messages and parts → `contents` and `systemInstruction`.

Law: each message is spelled from itself and the calls before it, so appending a turn never changes the bytes before it.
What cannot go along is left out with a notice, or raises; a private mark of another origin is never sent, and a
signature goes to the family of models that made it only.
"""

from __future__ import annotations

from dataclasses import field
from itertools import takewhile
from typing import TYPE_CHECKING

from chat_core.codec.answers import require_answers
from chat_core.codec.spelling import Spelling
from chat_core.codec.wire import dump
from chat_core.errors import UnsupportedContent
from chat_core.frozen import dataclass
from chat_core.parts import Json, Media, Opaque, Reasoning, Refusal, Text, ToolCall, ToolResult
from chat_gemini.calls import UNPARSED, encode_call, encode_ran, encode_result, encode_run
from chat_gemini.media import encode_media, goes_inside
from chat_gemini.signatures import SIGNATURE, SKIPPED, family, is_newer

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import assert_never

    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.messages import Message, Role
    from chat_core.options import ForeignReasoning
    from chat_core.parts import Meta, Part
    from chat_core.response import Notice
    from chat_gemini.provider import Gemini

PLACE = "_place"
"""The key of `Message.meta` that tells where `parse` found the message; it is never sent."""
SAME_TURN = "same_turn"
"""A value of `PLACE`: the message shares its content with the one before."""
TOKEN = "continuationToken"  # noqa: S105 - the name of a member
"""The key of `Message.meta` that an answer which the service paused came with; it stands beside the contents."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation as the wire has it.

    Attributes:
        system: the parts of the instructions.
        contents: the turns.
        token: what a paused answer at the end came with; that answer is not among the contents.
    """

    system: list[JSON]
    contents: list[JSON]
    token: JSON


@dataclass(frozen=True, slots=True)
class Speller(Spelling):
    """Spells the content of one request.

    Attributes:
        provider: whom it goes to.
        model: the model that reads it.
        policy: what to do with the reasoning of others.
        notices: what was dropped or adapted, so far; each kind once.
        names: the tools that were called, by the ids of the calls, in order.
    """

    provider: Gemini
    model: str
    policy: ForeignReasoning = "drop"
    notices: list[Notice] = field(default_factory=list["Notice"])
    names: dict[str, str] = field(default_factory=dict[str, str])

    def own(self, meta: Meta) -> JSONObject | None:
        """Return the private data that may go back; `None` when there is none of this service.

        A signature of another family of models is not in it.
        """
        for origin, data in meta.items():
            if self.provider.accepts(origin):
                if SIGNATURE not in data or self._is_of_family(origin):
                    return data
                self.notice("signature", "only the models that made a signature can read it")
                return {key: value for key, value in data.items() if key != SIGNATURE}
        return None

    def _is_of_family(self, origin: str) -> bool:
        return origin.rpartition("/")[2] == family(self.model)

    def _is_ours(self, meta: Meta) -> bool:
        """Tell whether a part was made by the family of models that reads it."""
        return any(self.provider.accepts(origin) and self._is_of_family(origin) for origin in meta)

    def conversation(self, messages: Sequence[Message]) -> Conversation:
        """Spell a conversation.

        Raises:
            UnansweredToolCall: a call has no result.
            UnsupportedContent: a part cannot be spelled.
        """
        require_answers(messages)
        leading = list(takewhile(lambda message: message.role == "system", messages))
        system: list[JSON] = [part for message in leading for part in self.parts(message)]
        turns = [*messages[len(leading) :]]
        token: JSON = None
        while turns and (found := self._token(turns[-1])) is not None and self._is_ours(turns[-1].meta):
            token = found if token is None else token
            turns.pop()  # the service goes on with it by itself, after the same contents
        return Conversation(system, self._contents(turns), token)

    def _token(self, message: Message) -> JSON:
        own = self.own(message.meta) if message.role == "assistant" else None
        return None if own is None else own.get(TOKEN)

    def _contents(self, messages: Sequence[Message]) -> list[JSON]:
        contents: list[JSONObject] = []
        before: Message | None = None
        for message in messages:
            parts = self.parts(message)
            if not parts:
                self.notice("message", "a message without content is not sent", requested=message.role)
                continue
            if message.role == "system":
                self.notice("system message", "the wire takes instructions at the start only", applied="user")
            kept = self.own(message.meta) or {}
            if contents and before is not None and self._joins(before, message, kept.get(PLACE)):
                _extend(contents[-1], parts)
            else:
                more = {key: value for key, value in kept.items() if key not in (PLACE, TOKEN)}
                contents.append({"role": _wire_role(message.role), "parts": [*parts], **more})
            before = message
        return [*contents]

    def _joins(self, before: Message, message: Message, place: JSON) -> bool:
        """Tell whether a message goes into the content of the one before, as the end of a paused answer does."""
        if _wire_role(before.role) != _wire_role(message.role):
            return False
        return self._token(before) is not None or place == SAME_TURN or before.role == message.role == "tool"

    def parts(self, message: Message) -> list[JSONObject]:
        """Spell the parts of a message.

        Raises:
            UnsupportedContent: the wire cannot spell one here.
        """
        if message.role == "system":
            self._check_instructions(message)
        spelled: list[JSONObject] = []
        called = False
        for part in self._ordered(message):
            found = self.part(part, message.role)
            if found and isinstance(part, ToolCall) and not part.executed:
                if not called:
                    self._skip(part, found[0])
                called = True
            spelled += found
        return spelled

    def _ordered(self, message: Message) -> Sequence[Part]:
        """Put the results of calls into the order of the calls."""
        if message.role != "tool":
            return message.parts
        order = {call: at for at, call in enumerate(self.names)}
        return sorted(
            message.parts,
            key=lambda part: order.get(part.call_id, len(order)) if isinstance(part, ToolResult) else len(order),
        )

    def _check_instructions(self, message: Message) -> None:
        for part in message.parts:
            if isinstance(part, Media):
                raise UnsupportedContent(f"instructions to Gemini are text: put the {part.kind} into a user message")

    def _skip(self, part: ToolCall, spelled: JSONObject) -> None:
        """Give the first call of a turn, which the service wants signed, the word that stands for a signature."""
        if SIGNATURE in spelled or self._is_ours(part.meta) or not is_newer(self.model):
            return
        spelled[SIGNATURE] = SKIPPED
        self.notice("signature", "a call of another model has none", applied=SKIPPED)

    def part(self, part: Part, role: Role) -> list[JSONObject]:
        """Spell a part; nothing, when it is left out.

        Raises:
            UnsupportedContent: the wire cannot spell it here.
        """
        match part:
            case Text():
                return self._text(part)
            case Refusal(text):
                return [{"text": text}] if text else []
            case Json(value):
                return [{"text": dump(value).decode()}]
            case Reasoning():
                return self._reasoning(part)
            case Media():
                return [encode_media(part, self.own(part.meta), self.provider.place.url)]
            case ToolCall() if part.executed:
                return self._run(part)
            case ToolResult() if part.executed:
                return self._ran(part)
            case ToolCall() if role == "assistant":
                return [self._call(part)]
            case ToolResult() if role != "assistant":
                return self._result(part)
            case ToolCall() | ToolResult():
                raise UnsupportedContent(f"a {type(part).__name__} cannot stand in a message of the role {role}")
            case Opaque():
                return self._opaque(part)
            case other:  # pyright: ignore[reportUnnecessaryComparison] - a newer core may have more
                if TYPE_CHECKING:
                    assert_never(other)
                raise UnsupportedContent(f"no spelling for {type(other).__name__} on this wire: update chat-gemini")

    def _text(self, part: Text) -> list[JSONObject]:
        own = self.own(part.meta)
        if not part.text and not own:  # the wire refuses empty texts, but for those that carry a signature
            return []
        return [{"text": part.text, **(own if own is not None else {})}]

    def _reasoning(self, part: Reasoning) -> list[JSONObject]:
        if self._is_ours(part.meta):
            own = self.own(part.meta)
            sealed: JSONObject = {} if part.signature is None else {SIGNATURE: part.signature}
            return [{"text": part.text, "thought": True, **sealed, **(own if own is not None else {})}]
        text = self.as_text(part)
        return [] if text is None else [{"text": text}]

    def _call(self, part: ToolCall) -> JSONObject:
        self.names[part.id] = part.name
        if part.arguments is None and part.raw is not None:
            self.notice("tool arguments", "unparsable arguments are sent inside an object", applied=UNPARSED)
        return encode_call(part, self.own(part.meta))

    def _run(self, part: ToolCall) -> list[JSONObject]:
        if not self._is_ours(part.meta):
            self.notice("executed tool call", "a tool that another service ran is unknown here", requested=part.name)
            return []
        return [encode_run(part, self.own(part.meta))]

    def _ran(self, part: ToolResult) -> list[JSONObject]:
        if not self._is_ours(part.meta):
            self.notice("executed tool result", "the result of a tool that another service ran is not sent")
            return []
        return [encode_ran(part, self.own(part.meta))]

    def _result(self, part: ToolResult) -> list[JSONObject]:
        """Spell a result; media that may not be inside of one follow it."""
        inside: list[JSON] = []
        after: list[JSONObject] = []
        for item in part.content:
            match item:
                case Media():
                    spelled = encode_media(item, self.own(item.meta), self.provider.place.url)
                    if is_newer(self.model) and goes_inside(spelled):
                        inside.append(spelled)
                    else:
                        self.notice(item.kind, "a result cannot hold it with this model: it is sent after the result")
                        after.append(spelled)
                case Opaque():
                    inside += self._opaque(item)
                case Text() | Json():
                    pass
        name = part.name if part.name is not None else self.names.get(part.call_id)
        if name is None:
            raise UnsupportedContent(
                f"Gemini wants the tool's name with a result: set ToolResult.name of {part.call_id}"
            )
        return [encode_result(part, name, inside, self.own(part.meta)), *after]

    def _opaque(self, part: Opaque) -> list[JSONObject]:
        if not self.provider.accepts(part.origin):
            self.notice(part.kind, f"only {part.origin} understands this part")
            return []
        kept = self.own({part.origin: part.data})
        return [kept] if kept else []


def _wire_role(role: Role) -> str:
    return "model" if role == "assistant" else "user"


def _extend(content: JSONObject, parts: list[JSONObject]) -> None:
    held = content["parts"]
    if isinstance(held, list):
        held.extend(parts)
