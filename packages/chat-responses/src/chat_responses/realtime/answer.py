"""One answer while it comes: events of the wire → events of ours, with a `ResponseBuilder`.

Law: deltas come first. What a `done` event, a complete item and the end of the answer say again is compared: the rest
of a text is appended, and what differs is surfaced. Items are named by their ids, parts by their places in an item.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat_core.codec.builder import ResponseBuilder
from chat_core.errors import DecodeError
from chat_core.jsonvalue import excerpt, rest, same
from chat_core.parts import Refusal, ToolCall
from chat_responses.content import unbase64
from chat_responses.errors import error_from
from chat_responses.overlay import contradicts
from chat_responses.realtime.item import Item
from chat_responses.realtime.sound import Sound, sound_format
from chat_responses.realtime.usage import decode_usage
from chat_responses.realtime.words import ALWAYS, PROVISIONAL, TEXTS
from chat_responses.usage import finish_reason

if TYPE_CHECKING:
    from chat_core.errors import ProviderError
    from chat_core.jsonvalue import JSON, JSONObject
    from chat_responses.realtime.sound import SoundFormat

OBJECT = "realtime.response"


class Answer:
    """Decodes one answer.

    Attributes:
        build: the response so far.
        id: the service's id of it.
        cancelled: whether it was cut short.
        failure: why it failed.
    """

    def __init__(self, data: JSONObject, origin: str, *, model: str | None, sound: SoundFormat) -> None:
        """Begin with the answer as `response.created` has it.

        Raises:
            DecodeError: it has no id.
        """
        match data.get("id"):
            case str(id):
                self.id = id
            case _:
                raise DecodeError(f"an answer without an id: {excerpt(repr(data))}")
        self.build = ResponseBuilder(origin)
        self.build.id, self.build.model = self.id, model
        self.cancelled = False
        self.failure: ProviderError | None = None
        self._origin = origin
        self._begun = data
        self._sound = _sound_of(data) or sound
        self._items: dict[str, Item] = {}

    @property
    def calls(self) -> tuple[str, ...]:
        """The ids of the calls that the program has to answer."""
        parts = [part for item in self._items.values() for part in item.parts]
        return tuple(part.id for part in parts if isinstance(part, ToolCall) and not part.executed)

    @property
    def sounds(self) -> tuple[Sound, ...]:
        """The pieces in sound, as far as they have come."""
        return tuple(
            Sound(item=name, place=place, milliseconds=self._sound.milliseconds(size))
            for name, item in self._items.items()
            for place, size in item.sizes()
        )

    def holds(self, item: JSON) -> bool:
        """Tell whether an item is one of this answer."""
        return isinstance(item, str) and item in self._items

    def on(self, kind: str, data: JSONObject) -> None:
        """Read an event of this answer.

        Raises:
            DecodeError: it is malformed.
        """
        match kind, data:
            case "response.output_item.added" | "response.output_item.done", {"item": dict(item)}:
                self._item_of(kind, item, data)
            case _, {"item_id": str(name)}:
                self._of_item(kind, name, data)
            case "response.done", {"response": dict(answer)}:
                self._end(answer, data)
            case _:
                raise DecodeError(f"malformed {kind} event: {excerpt(repr(data))}")

    def again(self, kind: str, item: JSONObject) -> None:
        """Compare an item that the conversation says again."""
        self._items[str(item["id"])].again(kind, item)

    def cancel(self) -> None:
        """End the answer where it is."""
        self._finish("cancelled", None)

    def _item_of(self, kind: str, item: JSONObject, data: JSONObject) -> None:
        """Read an event that begins or ends an item."""
        match item.get("id"):
            case str(name):
                pass
            case other:
                raise DecodeError(f"an item without an id: {excerpt(repr(other))}")
        if kind.endswith("added"):
            self._item(name, data).begin(item, data.get("output_index"))
        else:
            self._item(name, data).settle(item)
        self._beside(kind, data, name, {"item"})

    def _of_item(self, kind: str, name: str, data: JSONObject) -> None:
        """Read an event of one item."""
        match kind, data:
            case "response.function_call_arguments.delta", {"delta": str(text)}:
                self._item(name, data).arguments(text)
                self._beside(kind, data, name, {"delta"})
            case "response.function_call_arguments.done", {"arguments": str(text)}:
                self._item(name, data).arguments_again(kind, text)
                self._beside(kind, data, name, {"arguments"})
            case (
                "response.content_part.added" | "response.content_part.done",
                {"content_index": int(place)},
            ):
                self._piece(kind, name, place, data)
            case "response.output_audio.delta", {"content_index": int(place), "delta": str(text)}:
                if (sound := unbase64(text)) is None:
                    raise DecodeError(f"sound that is no base64: {excerpt(text)}")
                self._item(name, data).sound(place, sound)
                self._beside(kind, data, name, {"delta", "content_index"})
            case "response.output_audio.done", {"content_index": int()}:
                self._beside(kind, data, name, {"content_index"})
            case _ if kind in TEXTS:
                self._text(kind, name, data)
            case _:
                raise DecodeError(f"malformed {kind} event: {excerpt(repr(data))}")

    def _text(self, kind: str, name: str, data: JSONObject) -> None:
        """Read an event that says more of a text, or all of it again."""
        member, what = TEXTS[kind]
        match data.get("content_index"), data.get(member):
            case int(place), str(text) if member == "delta":
                self._item(name, data).text(kind, place, text, what)
            case int(place), str(text):
                self._item(name, data).text_again(kind, place, text, what)
            case _:
                raise DecodeError(f"malformed {kind} event: {excerpt(repr(data))}")
        self._beside(kind, data, name, {"content_index", member})

    def _piece(self, kind: str, name: str, place: int, data: JSONObject) -> None:
        match data.get("part"):
            case None:
                pass
            case dict(part):
                self._item(name, data).piece(kind, place, part)
            case other:
                raise DecodeError(f"malformed {kind} event: a part that is {excerpt(repr(other))}")
        said = {"part", "content_index"}
        if same(data.get("content"), data.get("part")):  # Azure says it twice
            said.add("content")
        self._beside(kind, data, name, said)

    def _item(self, name: str, data: JSONObject) -> Item:
        if name not in self._items:
            self._items[name] = Item(self.build, self._origin, name, mime=self._sound.mime)
            self._items[name].index = data.get("output_index")
        return self._items[name]

    def _beside(self, kind: str, data: JSONObject, name: str, said: set[str]) -> None:
        """Surface what an event says beside what was read, and beside what was known."""
        item = self._items.get(name)
        known: dict[str, JSON] = {"response_id": self.id, **(item.known() if item is not None else {})}
        beside = rest(data, said | ALWAYS)
        if left := {key: value for key, value in beside.items() if key not in known or not same(known[key], value)}:
            self.build.unknown(kind, left)

    def _end(self, answer: JSONObject, data: JSONObject) -> None:
        """End the answer, given what the service says of it as a whole."""
        self._compare(answer)
        match answer.get("output"):
            case None:
                pass
            case list(items):
                for item in items:
                    self._finish_item(item)
            case other:
                raise DecodeError(f"malformed output of an answer: {excerpt(repr(other))}")
        usage = decode_usage(answer.get("usage"))
        self.build.usage = usage if usage is not None else decode_usage(data.get("usage"))
        left = rest(answer, {"id", "output", "usage", "status"})
        if left.get("object") == OBJECT:
            del left["object"]
        self.build.note(left)
        beside = rest(data, {"response", "usage"} | ALWAYS)
        if beside := {key: value for key, value in beside.items() if (key, value) != ("response_id", self.id)}:
            self.build.unknown("response.done", beside)
        match answer.get("status"):
            case (str() | None) as status:
                self._finish(status, answer.get("status_details"))
            case other:
                raise DecodeError(f"malformed status of an answer: {excerpt(repr(other))}")

    def _compare(self, answer: JSONObject) -> None:
        """Surface what the answer's beginning said otherwise than its end."""
        if answer.get("id") != self.id:
            self.build.unknown("response.done", {"id": answer.get("id")})
        begun = rest(self._begun, PROVISIONAL)
        left = {key: value for key, value in begun.items() if key not in answer or contradicts(value, answer[key])}
        if left:
            self.build.unknown("response.created", left)

    def _finish_item(self, data: JSON) -> None:
        if not isinstance(data, dict) or not isinstance(name := data.get("id"), str):
            raise DecodeError(f"malformed item of an answer: {excerpt(repr(data))}")
        known = self._items.get(name)
        if known is None or not known.settled:
            self._item(name, {}).settle(data)
        else:
            known.again("response.done", data)

    def _finish(self, status: str | None, details: JSON) -> None:
        for item in self._items.values():
            item.close()
        parts = [part for item in self._items.values() for part in item.parts]
        self.cancelled = status == "cancelled"
        reason, error = _details(details)
        if status == "failed":
            self.failure = error_from(error if error is not None else {"message": "the answer failed without a reason"})
        self.build.finish(
            finish_reason(
                status,
                reason,
                calls=any(isinstance(part, ToolCall) and not part.executed for part in parts),
                refused=any(isinstance(part, Refusal) for part in parts),
            ),
            status,
        )
        self.build.end()


def _details(details: JSON) -> tuple[str | None, JSON]:
    """Return why an answer ended early, and the error where it is one."""
    match details:
        case dict():
            reason = details.get("reason")
            return reason if isinstance(reason, str) else None, details.get("error")
        case _:
            return None, None


def _sound_of(answer: JSONObject) -> SoundFormat | None:
    """Return how an answer's sound is written; `None` when it does not say so."""
    match answer:
        case {"audio": {"output": {"format": named}}} | {"output_audio_format": named}:
            return sound_format(named)
        case _:
            return None
