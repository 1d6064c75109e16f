"""One answer of a reply: a whole message, or the deltas of one choice, put into a `ResponseBuilder`.

Law: a whole message is one delta that holds everything, so that both ways give the same parts. All text of an answer
is one part, all reasoning another, held open to the end; only parts of a content list stay apart in a whole message.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING

from chat_completions.calls import LEGACY, Calls
from chat_completions.citations import decode_annotations
from chat_completions.content import decode_part
from chat_completions.logprobs import decode_logprobs
from chat_completions.reasoning import KEYS, Thoughts
from chat_completions.sound import Sound
from chat_completions.usage import finish_reason
from chat_core.codec.wire import dump
from chat_core.errors import DecodeError
from chat_core.jsonvalue import rest
from chat_core.parts import Json, Media, Opaque, Reasoning, Refusal, Text

if TYPE_CHECKING:
    from chat_core.codec.alike import Say
    from chat_core.codec.builder import ResponseBuilder
    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.parts import Citation

KNOWN = KEYS | {"role", "content", "refusal", "audio", "images", "annotations", "tool_calls", LEGACY}
"""The members of a message or delta that have a place of their own."""

PER_DELTA = frozenset({"channel", "token_id"})
"""Members that describe one delta, not the message; they are collected in the response's `meta`."""

TEXT, THOUGHT, REFUSAL = "text", "reasoning", "refusal"


class Answer:
    """One choice.

    Attributes:
        word: the service's finish reason so far.
    """

    def __init__(self, build: ResponseBuilder, choice: int, origin: str, first: int, mime: str | None) -> None:
        """Begin; `first` is the number of the first call for `local_id`, `mime` the media type of asked-for sound."""
        self.word: str | None = None
        self._build = build
        self._choice = choice
        self._origin = origin
        self._thoughts = Thoughts()
        self._calls = Calls(build, choice, origin, first)
        self._sound = Sound(build, choice, mime)
        self._text_key: str | tuple[str, int] = TEXT
        self._count = 0
        self._collected: dict[str, list[JSON]] = {}

    @property
    def finished(self) -> bool:
        """Whether the service said why the answer ended."""
        return bool(self.word)

    def finish(self, data: JSON) -> None:
        """Take a finish reason; an empty one does not replace another.

        Raises:
            DecodeError: it is no text.
        """
        match data:
            case None:
                pass
            case str(word):
                if self.word and word and word != self.word:
                    self._build.unknown("finish_reason", self.word)
                self.word = word if word or self.word is None else self.word
            case _:
                raise DecodeError(f"finish_reason is no text but {type(data).__name__}")

    def take(self, message: JSONObject, logprobs: JSON = None, *, whole: bool = False) -> None:
        """Take a message (`whole`) or a delta.

        Raises:
            DecodeError: a known member is malformed.
        """
        build, choice = self._build, self._choice
        if (thought := self._thoughts.take(message)) or self._withheld():
            self._reason(thought)
        tokens, others = decode_logprobs(logprobs, self._origin)
        match message.get("content"):
            case str(text):
                if text or tokens:
                    self._text_key = TEXT
                    build.text(TEXT, text, choice=choice, logprobs=tokens)
            case content:
                self._content(content, whole=whole)
                if tokens:
                    build.text(self._text_key, "", choice=choice, logprobs=tokens)
        self._refuse(message.get("refusal"))
        self._sound.take(message.get("audio"))
        self._images(message.get("images"))
        for citation in decode_annotations(message.get("annotations"), self._origin):
            build.citation(self._text_key, citation, choice=choice)
        self._calls.take(message.get("tool_calls"), whole=whole)
        self._calls.take_legacy(message.get(LEGACY))
        if others:
            self._collect("logprobs", others)
        if leftovers := rest(message, KNOWN):
            self._leftovers(leftovers, whole=whole)

    def say(self, text: str) -> None:
        """Take a delta that holds a text and nothing else."""
        self._text_key = TEXT
        self._build.text(TEXT, text, choice=self._choice)

    def saying(self) -> Say:
        """Return what does the same as `say` has just done, as long as nothing else comes."""
        return self._build.saying(TEXT, choice=self._choice)

    def repeats(self, message: JSON) -> bool:
        """Tell whether a message beside the deltas says nothing that they did not say."""
        match message:
            case {"content": str(text), **more}:
                return self._build.said(choice=self._choice).startswith(text) and more.keys() <= {"role"}
            case _:
                return False

    def cite(self, sources: list[Citation]) -> None:
        """Cite sources that are listed beside the answer, if it has text."""
        if self._build.is_open(self._text_key, choice=self._choice):
            for source in sources:
                self._build.citation(self._text_key, source, choice=self._choice)

    def settle(self, *, strict: bool) -> None:
        """Complete what only the end tells: memory of the reasoning, calls, why it ended.

        Raises:
            DecodeError: `strict`, and something never was completed.
        """
        build, choice = self._build, self._choice
        self._sound.settle()
        if self._thoughts.seen and build.is_open(THOUGHT, choice=choice):
            part = build.part(THOUGHT, choice=choice)
            if isinstance(part, Reasoning):
                build.update(THOUGHT, replace(part, meta={self._origin: self._thoughts.meta()}), choice=choice)
        for key, values in self._collected.items():
            whole: JSON = _gathered(values)
            build.note_choice({key: whole}, choice=choice)
        self._collected = {}
        if strict or self.word is not None:
            build.finish(finish_reason(self.word, calls=len(self._calls) > 0), self.word, choice=choice)
        self._calls.settle(strict=strict, finished=self.finished)

    def _withheld(self) -> bool:
        return self._thoughts.seen and not self._build.is_open(THOUGHT, choice=self._choice)

    def _reason(self, text: str) -> None:
        if not self._build.is_open(THOUGHT, choice=self._choice):
            self._build.open(THOUGHT, Reasoning(""), choice=self._choice)
        if text:
            self._build.reasoning(THOUGHT, text, choice=self._choice)

    def _refuse(self, data: JSON) -> None:
        match data:
            case None | "":
                pass
            case str(text):
                self._build.refusal(REFUSAL, text, choice=self._choice)
            case _:
                raise DecodeError(f"refusal is no text but {type(data).__name__}")

    def _content(self, data: JSON, *, whole: bool) -> None:
        match data:
            case None:
                pass
            case dict():
                self._build.open(self._next("json"), Json(data), choice=self._choice)
            case list():
                for item in data:
                    self._piece(item, whole=whole)
            case _:
                raise DecodeError(f"content is neither text nor a list but {type(data).__name__}")

    def _piece(self, data: JSON, *, whole: bool) -> None:
        """Take one object of a content list."""
        build, choice = self._build, self._choice
        match decode_part(data, self._origin):
            case Text(text, meta=meta) as part:
                self._text_key = key = self._next(TEXT) if whole else TEXT
                build.text(key, text, choice=choice)
                build.note_part(key, meta.get(self._origin, {}), choice=choice)
            case Reasoning(text, meta=meta):
                key = self._next(THOUGHT) if whole else "thinking"
                build.reasoning(key, text, choice=choice)
                build.note_part(key, meta.get(self._origin, {}), choice=choice)
            case Refusal(text, meta=meta):
                key = self._next(REFUSAL)
                build.refusal(key, text, choice=choice)
                build.note_part(key, meta.get(self._origin, {}), choice=choice)
            case part:
                build.open(self._next("part"), part, choice=choice)

    def _images(self, data: JSON) -> None:
        match data:
            case None:
                pass
            case list():
                for item in data:
                    self._build.open(self._next("image"), self._image(item), choice=self._choice)
            case _:
                raise DecodeError(f"images is no list but {type(data).__name__}")

    def _image(self, data: JSON) -> Media | Opaque:
        part = decode_part(data, self._origin)
        if isinstance(part, Media | Opaque):
            return part
        return Opaque(origin=self._origin, kind="image", data=data if isinstance(data, dict) else {"": data})

    def _leftovers(self, leftovers: JSONObject, *, whole: bool) -> None:
        if not whole:
            for key in PER_DELTA & leftovers.keys():
                self._collected.setdefault(key, []).append(leftovers.pop(key))
        self._build.note_message(leftovers, choice=self._choice)

    def _collect(self, key: str, value: JSON) -> None:
        self._collected.setdefault(key, []).append(value)

    def _next(self, kind: str) -> tuple[str, int]:
        self._count += 1
        return kind, self._count


def _gathered(values: list[JSON]) -> JSON:
    """Join what deltas said one after another: lists end to end, objects by key, equal values once."""
    lists = [value for value in values if isinstance(value, list)]
    objects = [value for value in values if isinstance(value, dict)]
    if len(lists) == len(values):
        return list(chain.from_iterable(lists))
    if len(objects) == len(values):
        keys = dict.fromkeys(chain.from_iterable(objects))
        return {key: _gathered([item[key] for item in objects if key in item]) for key in keys}
    different: dict[bytes, JSON] = {}
    for value in values:
        different.setdefault(dump(value), value)
    return values[0] if len(different) == 1 else [*different.values()]
