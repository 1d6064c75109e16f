"""One item of an answer while it comes: its open parts, and what has been said of each.

Law: a part is what its deltas were. What is said again later is compared: it may go on, and where it differs it is
surfaced. The item's end gives its first part what came beside the content.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat_core.codec.leftovers import as_text
from chat_core.errors import DecodeError
from chat_core.jsonvalue import excerpt, rest
from chat_core.parts import Inline, Media, Reasoning, Refusal, Text, ToolCall
from chat_responses.calls import text_of
from chat_responses.items import decode_item, emptied
from chat_responses.overlay import contradicts
from chat_responses.realtime.said import Said
from chat_responses.realtime.words import CONTENTS, WORDS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from chat_core.codec.builder import ResponseBuilder
    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.parts import Part

CALL = -1
"""The place of what is not in a list of content: a call, or a block that is one part."""


class Item:
    """One item.

    Attributes:
        index: its place in the answer.
        settled: whether its end has come.
        parts: its parts, complete.
    """

    def __init__(self, build: ResponseBuilder, origin: str, name: str, *, mime: str) -> None:
        """Begin; `mime` is the media type of its sound."""
        self.index: JSON = None
        self.settled = False
        self.parts: tuple[Part, ...] = ()
        self._build = build
        self._origin = origin
        self._name = name
        self._mime = mime
        self._said: dict[int, Said] = {}
        self._end: JSONObject = {}
        self._again: list[tuple[str, JSONObject]] = []

    def known(self) -> Mapping[str, JSON]:
        """Return what events of the item repeat of it."""
        said = self._said.get(CALL)
        known: dict[str, JSON] = {"item_id": self._name, "output_index": self.index}
        if said is not None and isinstance(said.start, ToolCall):
            known |= {"call_id": said.start.id, "name": said.start.name}
        return known

    def sizes(self) -> Iterator[tuple[int, int]]:
        """Yield the places of its sound, and the bytes that have come of it."""
        yield from ((place, said.size) for place, said in self._said.items() if said.size)

    def begin(self, data: JSONObject, index: JSON) -> None:
        """Open a call; the content of messages comes in events of its own."""
        self.index = index
        match data:
            case {"type": "function_call", "call_id": str(id), "name": str(name)} if CALL not in self._said:
                self._open(CALL, ToolCall(id=id, name=name))
            case {"type": "function_call"} if CALL not in self._said:
                raise DecodeError(f"malformed function_call: {excerpt(as_text(data))}")
            case _:
                pass
        self._again.append(("response.output_item.added", data))

    def text(self, kind: str, place: int, text: str, what: str) -> None:
        """Append to a text, or to the words of sound."""
        said = self._part(place, what)
        if said.closed or said.what != what:
            self._build.unknown(kind, {"item_id": self._name, "content_index": place, "delta": text})
        else:
            self._more(said, text)

    def sound(self, place: int, data: bytes) -> None:
        """Append to sound."""
        said = self._part(place, "audio")
        if said.closed or said.what != "audio":
            raise DecodeError(f"sound of a part that has ended, or is {said.what}")
        said.size += len(data)
        self._build.media(said.key, data)

    def arguments(self, text: str) -> None:
        """Append to the arguments of a call."""
        said = self._said.get(CALL)
        if said is None or said.closed or not isinstance(said.start, ToolCall):
            self._build.unknown("response.function_call_arguments.delta", {"item_id": self._name, "delta": text})
        else:
            self._more(said, text)

    def arguments_again(self, kind: str, text: str) -> None:
        """Compare the arguments of a call that are said again."""
        said = self._said.get(CALL)
        if said is None:
            self._build.unknown(kind, {"item_id": self._name, "arguments": text})
        else:
            self._go_on(kind, said, text)

    def text_again(self, kind: str, place: int, text: str, what: str) -> None:
        """Compare a text that is said again."""
        said = self._part(place, what)
        if said.what != what:
            self._build.unknown(kind, {"item_id": self._name, "content_index": place, "text": text})
        else:
            self._go_on(kind, said, text)

    def piece(self, kind: str, place: int, data: JSONObject) -> None:
        """Open a content part, or compare one that is said again."""
        what = CONTENTS.get(word) if isinstance(word := data.get("type"), str) else None
        if what is None:
            self._build.unknown(kind, {"item_id": self._name, "content_index": place, "part": data})
            return
        said = self._part(place, what)
        match data.get(WORDS[what]):
            case str(text) if said.what == what:
                if text:
                    self._go_on(kind, said, text)
                left = rest(data, {"type", WORDS[what]})
            case _:
                left = rest(data, {"type"} if said.what == what else ())
        if left:
            self._build.unknown(kind, {"item_id": self._name, "content_index": place, "part": left})

    def again(self, kind: str, data: JSONObject) -> None:
        """Compare the item with what is said of it again; before its end that has to wait."""
        if self.settled:
            self._compare(kind, data)
        else:
            self._again.append((kind, data))

    def settle(self, data: JSONObject) -> None:
        """End the item, given what the service says of it as a whole.

        Raises:
            DecodeError: it is malformed.
        """
        if self.settled:
            self._build.unknown("response.output_item.done", data)
            return
        match data.get("type"):
            case "message":
                left = self._message(data)
            case "function_call":
                left = self._call(data)
            case _:
                left = self._whole(data)
        self.settled, self._end = True, data
        for kind, said in self._again:
            self._compare(kind, said)
        self._again = []
        self._keep(left)
        self.close()

    def close(self) -> None:
        """End the parts that are open; what was said of an item without an end is surfaced."""
        for kind, data in self._again:
            self._build.unknown(kind, data)
        self._again = []
        for said in self._said.values():
            if not said.closed:
                said.closed = True
                self.parts = (*self.parts, self._build.part(said.key))
                self._build.close(said.key)

    def _message(self, data: JSONObject) -> JSONObject:
        match data.get("content"):
            case None:
                pass
            case list(pieces):
                for place, piece in enumerate(pieces):
                    self._said_piece("response.output_item.done", place, piece)
            case other:
                raise DecodeError(f"malformed content of a message: {excerpt(repr(other))}")
        left = rest(data, {"type", "content"})
        if left.get("role") == "assistant":
            del left["role"]
        return left

    def _said_piece(self, kind: str, place: int, piece: JSON) -> None:
        if not isinstance(piece, dict):
            raise DecodeError(f"malformed content of a message: {excerpt(repr(piece))}")
        self.piece(kind, place, piece)

    def _call(self, data: JSONObject) -> JSONObject:
        match data:
            case {"call_id": str(id), "name": str(name), "arguments": str(text)}:
                pass
            case _:
                raise DecodeError(f"malformed function_call: {excerpt(as_text(data))}")
        said = self._said.get(CALL)
        if said is None:
            said = self._open(CALL, ToolCall(id=id, name=name))
        self._go_on("response.output_item.done", said, text)
        told = self.known()
        odd: JSONObject = {key: value for key, value in (("call_id", id), ("name", name)) if told[key] != value}
        if odd:
            self._build.unknown("response.output_item.done", odd)
        return rest(data, {"type", "call_id", "name", "arguments"})

    def _whole(self, data: JSONObject) -> JSONObject:
        """Read an item that is nothing of these: it comes as a whole."""
        if self._said:  # it began as another kind of item
            self._build.unknown("response.output_item.done", data)
            return {}
        for number, part in enumerate(decode_item(data, self._origin)):
            said = self._open(CALL - number, part)
            match part:
                case Text(text) | Reasoning(text) | Refusal(text):
                    self._more(said, text)
                case ToolCall():
                    self._more(said, text_of(part))
                case _:
                    pass
        return {}

    def _keep(self, left: JSONObject) -> None:
        """Give the first part what the item says beside its content; without a part the answer keeps it."""
        first = next((said for said in self._said.values() if not said.closed), None)
        if first is not None:
            self._build.note_part(first.key, left)
        elif left:
            self._build.note_choice({"items": {self._name: left}})

    def _compare(self, kind: str, data: JSONObject) -> None:
        """Surface what is said otherwise than at the item's end."""
        begun = kind != "response.done" and not kind.endswith(".done")
        said = rest(data, {"content", "status"} if begun else {"content"})
        left = {key: value for key, value in said.items() if key not in self._end or contradicts(value, self._end[key])}
        if left:
            self._build.unknown(kind, {"id": self._name, **left})
        match data.get("content"):
            case list(pieces):
                for place, piece in enumerate(pieces):
                    self._said_piece(kind, place, piece)
            case _:
                pass

    def _part(self, place: int, what: str) -> Said:
        said = self._said.get(place)
        if said is not None:
            return said
        empty = Media(kind="audio", source=Inline(b""), mime=self._mime)
        return self._open(place, Text("") if what == "text" else empty)

    def _open(self, place: int, part: Part) -> Said:
        said = Said((self._name, place), part)
        self._said[place] = said
        if self.settled:  # it is said after the item's end
            self._build.unknown("content", {"item_id": self._name, "content_index": place})
            said.closed = True
            return said
        self._build.open(said.key, emptied(part))
        return said

    def _go_on(self, kind: str, said: Said, text: str) -> None:
        """Append what a text that is said again says more; surface one that is another."""
        before = "".join(said.texts)
        if text == before or (not text and kind.endswith("part.done")):  # Azure's Voice Live leaves it empty
            return
        if said.closed or not text.startswith(before):
            self._build.unknown(kind, {"item_id": self._name, "said": text})
            return
        self._more(said, text[len(before) :])

    def _more(self, said: Said, text: str) -> None:
        said.texts.append(text)
        match said.start:
            case Text():
                self._build.text(said.key, text)
            case Media():
                self._build.media(said.key, b"", transcript=text)
            case ToolCall():
                self._build.arguments(said.key, text)
            case Reasoning():
                self._build.reasoning(said.key, text)
            case Refusal():
                self._build.refusal(said.key, text)
            case _:
                pass
