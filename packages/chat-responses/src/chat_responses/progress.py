"""One item while it is streamed: its open parts, and what has been said of each.

Law: a part is what its deltas were. What is said again later is compared: it may go on, and where it differs it is
surfaced. The item's end gives the parts what came beside their content.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from chat_core.jsonvalue import rest, same
from chat_core.parts import Reasoning, Refusal, Text, ToolCall
from chat_responses.calls import input_of
from chat_responses.items import emptied
from chat_responses.overlay import absent, contradicts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from chat_core.codec.alike import Say
    from chat_core.codec.builder import ResponseBuilder
    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.parts import Citation, Part, TokenLogprob

Place: TypeAlias = "tuple[str, int]"
"""A list of an item, and an index in it."""

INPUT: Place = ("input", 0)
"""The place of what is no list: a call, an image, a block that stays as it is."""

_LISTS = ("summary", "content")

TEXT, THOUGHT, REFUSAL = Text(""), Reasoning(""), Refusal("")
"""What a part is before anything was said."""


class Item:
    """One item.

    Attributes:
        begun: the item as it began.
        settled: whether its end has come.
        parts: its parts, complete.
    """

    def __init__(self, build: ResponseBuilder, at: int) -> None:
        """Begin; `at` is the item's place in the answer."""
        self.begun: JSONObject = {}
        self.settled = False
        self.parts: tuple[Part, ...] = ()
        self._build = build
        self._at = at
        self._end: JSONObject = {}
        self._pieces: list[tuple[str, Place, JSONObject]] = []
        self._said: dict[Place, _Said] = {}

    def open(self, part: Part) -> None:
        """Open the part that an item begins with; reasoning waits for the list that it is in."""
        place = ("reasoning", 0) if isinstance(part, Reasoning) else INPUT
        self._open(place, part)

    def text(self, place: Place, text: str, tokens: tuple[TokenLogprob, ...] = ()) -> None:
        """Append to a text."""
        said = self._said.get(place) or self._begun(place, TEXT)
        if tokens:
            said.tokens += tokens
        self._build.text(said.key, text, logprobs=tokens)

    def saying(self, place: Place) -> Say:
        """Return what appends to a text that has begun, as long as it is open."""
        return self._build.saying(self._said[place].key)

    def refusal(self, place: Place, text: str) -> None:
        """Append to a refusal."""
        said = self._begun(place, REFUSAL)
        self._build.refusal(said.key, text)

    def reasoning(self, place: Place, text: str) -> None:
        """Append to reasoning."""
        said = self._begun(place, THOUGHT)
        self._build.reasoning(said.key, text)

    def arguments(self, text: str) -> None:
        """Append to the input of a call."""
        said = self._said.get(INPUT)
        if said is None or not isinstance(said.kind, ToolCall):
            self._build.unknown("arguments", {"output_index": self._at, "delta": text})
            return
        self._build.arguments(said.key, text)

    def citation(self, place: Place, citation: Citation, number: JSON) -> None:
        """Add a citation to a text; one that came already is not repeated."""
        said = self._begun(place, TEXT)
        if number != len(said.citations):
            self._build.unknown("annotation_index", number)
        said.citations.append(citation)
        self._build.citation(said.key, citation)

    def again(self, kind: str, place: Place, text: str, *, thought: bool) -> None:
        """Compare a text that is said again, and append what it says more."""
        start = THOUGHT if thought else REFUSAL if kind == "response.refusal.done" else TEXT
        self._go_on(kind, self._begun(place, start), text)

    def tokens_again(self, kind: str, place: Place, tokens: tuple[TokenLogprob, ...], data: JSON) -> None:
        """Compare probabilities that are said again, and append what they say more; `data` is how they are said."""
        self._more_tokens(kind, self._begun(place, TEXT), tokens, data)

    def input_again(self, kind: str, text: str) -> None:
        """Compare the input of a call that is said again."""
        said = self._said.get(INPUT)
        if said is None or not isinstance(said.kind, ToolCall):
            self._build.unknown(kind, {"output_index": self._at, "input": text})
        else:
            self._go_on(kind, said, text)

    def piece_again(self, kind: str, place: Place, part: JSONObject) -> None:
        """Compare a content part that begins or is said again; what it holds is compared at the item's end too."""
        self._pieces.append((kind, place, part))
        match part:
            case {"type": "output_text", "text": str(text)}:
                said = self._begun(place, TEXT)
            case {"type": "refusal", "refusal": str(text)}:
                said = self._begun(place, REFUSAL)
            case {"type": "reasoning_text" | "summary_text", "text": str(text)}:
                said = self._begun(place, THOUGHT)
            case _:
                return
        if text or kind.endswith(".done"):
            self._go_on(kind, said, text)

    def settle(self, data: JSONObject, parts: Sequence[Part]) -> None:
        """Give the parts what the whole item says beside their content, and end them."""
        if self.settled:
            self._build.unknown("response.output_item.done", data)
            return
        self._compare(data)
        self._compare_pieces(data)
        places = list(_places(data, parts))
        for place, part in zip(places, parts, strict=True):
            self._complete(place, part, data)
        self.settled, self._end = True, data
        self.close()

    def differs(self, data: JSONObject) -> bool:
        """Tell whether the whole answer has the item otherwise; ids that services change do not count."""
        return not same(_lasting(self._end), _lasting(data))

    def unfinished(self) -> Iterator[JSONObject]:
        """Yield what an item without an end said when it began."""
        if not self.settled and self.begun:
            yield {"response.output_item.added": {str(self._at): self.begun}}
        for kind, (name, number), part in self._pieces:
            yield {kind: {str(self._at): {name: {str(number): part}}}}

    def close(self) -> None:
        """End the parts that are open; what began and never came is surfaced."""
        if not self.settled and self.begun:
            self._build.unknown("response.output_item.added", self.begun)
        for said in self._said.values():
            if self._build.is_open(said.key):
                if not self.settled:
                    self.parts = (*self.parts, self._build.part(said.key))
                self._build.close(said.key)

    def _compare(self, data: JSONObject) -> None:
        """Surface what the item's beginning said otherwise, and keep what it alone said."""
        begun = rest(self.begun, _PROVISIONAL)
        if contradicts(begun, data):
            self._build.unknown("response.output_item.added", self.begun)
        if left := absent(begun, data):
            self._build.note({"response.output_item.added": {str(self._at): left}})

    def _compare_pieces(self, data: JSONObject) -> None:
        """Do the same with the content parts that began or were said again."""
        for kind, (name, number), part in self._pieces:
            match data.get(name):
                case list(pieces) if number < len(pieces):
                    piece = pieces[number]
                case _:
                    piece = None
            if piece is None or contradicts(part, piece):
                self._build.unknown(kind, part)
            if left := absent(part, piece):
                self._build.note({kind: {str(self._at): {name: {str(number): left}}}})
        self._pieces = []

    def _complete(self, place: Place, part: Part, data: JSONObject) -> None:
        said = self._said.get(place)
        if said is None and isinstance(part, Reasoning):
            said = self._taken(place) or self._moved(place)
        if said is not None and type(said.kind) is not type(part):
            self._build.unknown("response.output_item.done", data)
            return
        if said is None:
            said = self._open(place, part)
        match part:
            case Text(text, citations=citations, logprobs=tokens):
                self._go_on("text", said, text)
                self._more_tokens("logprobs", said, tokens, data)
                self._more_citations(said, citations, data)
            case Reasoning(text) | Refusal(text):
                self._go_on("text", said, text)
            case ToolCall():
                self._go_on("arguments", said, input_of(data, part))
            case _:
                pass
        self._build.update(said.key, part)
        self.parts = (*self.parts, part)

    def _go_on(self, kind: str, said: _Said, text: str) -> None:
        """Append what a text that is said again says more; surface one that is another."""
        before = self._build.text_of(said.key)
        if not text.startswith(before):
            self._build.unknown(kind, {"output_index": self._at, "said": text})
            return
        more = text[len(before) :]
        if not more:
            return
        match said.kind:
            case Text():
                self._build.text(said.key, more)
            case Refusal():
                self._build.refusal(said.key, more)
            case Reasoning():
                self._build.reasoning(said.key, more)
            case _:
                self._build.arguments(said.key, more)

    def _more_tokens(self, kind: str, said: _Said, tokens: tuple[TokenLogprob, ...], data: JSON) -> None:
        known = tuple(said.tokens)
        if tokens[: len(known)] != known:
            if tokens:
                self._build.unknown(kind, data)
            return
        if more := tokens[len(known) :]:
            said.tokens += more
            self._build.text(said.key, "", logprobs=more)

    def _more_citations(self, said: _Said, citations: tuple[Citation, ...], data: JSON) -> None:
        if citations[: len(said.citations)] != tuple(said.citations):
            self._build.unknown("annotations", data)
            return
        for citation in citations[len(said.citations) :]:
            said.citations.append(citation)
            self._build.citation(said.key, citation)

    def _begun(self, place: Place, part: Part) -> _Said:
        said = self._said.get(place)
        if said is None and isinstance(part, Reasoning):
            said = self._taken(place)
        return self._open(place, part) if said is None else said

    def _taken(self, place: Place) -> _Said | None:
        """Let the part that reasoning began with be the first one of its lists."""
        said = self._said.pop(("reasoning", 0), None)
        if said is not None:
            self._said[place] = said
        return said

    def _moved(self, place: Place) -> _Said | None:
        """Find the part that began at a place, and is the first one of a list by now: an end may leave lists out."""
        return next((said for said in self._said.values() if said.key[1:] == place), None)

    def _open(self, place: Place, part: Part) -> _Said:
        said = _Said((self._at, *place), part)
        self._said[place] = said
        start = emptied(part)
        free_form = isinstance(part, ToolCall) and self._is_free_form(part)
        self._build.open(said.key, start, free_form=free_form)
        return said

    def _is_free_form(self, part: ToolCall) -> bool:
        return any(data.get("type") == "custom_tool_call" for data in part.meta.values())


class _Said:
    """What has been said of one part."""

    __slots__ = ("citations", "key", "kind", "tokens")

    def __init__(self, key: tuple[int, str, int], kind: Part) -> None:
        self.key = key
        self.kind = kind
        self.tokens: list[TokenLogprob] = []
        self.citations: list[Citation] = []


_PROVISIONAL = frozenset({"id", "status", "encrypted_content"})
"""What an item's beginning says for the time being."""


def _places(data: JSONObject, parts: Sequence[Part]) -> list[Place]:
    """Return where in an item its parts stand, in their order."""
    if len(parts) == 1 and not isinstance(parts[0], Text | Refusal | Reasoning):
        return [INPUT]
    places: list[Place] = []
    for name in _LISTS:
        match data.get(name):
            case list(pieces):
                places += [(name, number) for number in range(len(pieces))]
            case _:
                pass
    return places or [("reasoning", 0)]


def _lasting(data: JSONObject) -> JSONObject:
    return {key: value for key, value in data.items() if key not in {"id", "encrypted_content"} and value is not None}
