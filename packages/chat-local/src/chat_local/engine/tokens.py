"""Tokens: text → tokens and back, the tokens that end an answer, and texts that do.

Law: control tokens come from templates only: in the words of people they are spelled as ordinary text. A character is
given out when it is whole, and nothing that may be the beginning of a stop text is given out before that is known.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast

from chat_core.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path
    from types import ModuleType


class Encoding(Protocol):
    """What a text became."""

    @property
    def ids(self) -> list[int]: ...
    @property
    def offsets(self) -> list[tuple[int, int]]: ...
    @property
    def special_tokens_mask(self) -> list[int]: ...


class Tokenizer(Protocol):
    """`tokenizers.Tokenizer` as far as it is used here."""

    def encode(self, text: str, *, add_special_tokens: bool = True) -> Encoding: ...
    def decode(self, ids: Sequence[int], *, skip_special_tokens: bool = True) -> str: ...
    def token_to_id(self, token: str) -> int | None: ...
    def id_to_token(self, token: int) -> str | None: ...
    def get_vocab_size(self, *, with_added_tokens: bool = True) -> int: ...
    def no_padding(self) -> None: ...
    def no_truncation(self) -> None: ...


class Piece(Protocol):
    """A stretch of a prompt; `trusted` is what the template wrote, and not a person."""

    @property
    def text(self) -> str: ...
    @property
    def trusted(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Cut:
    """A token of a text.

    Attributes:
        id: its number.
        text: how it is written by itself; half a character is `�`.
        start, end: where it is in the text, in characters.
        special: whether it was added around the text.
    """

    id: int
    text: str
    start: int
    end: int
    special: bool


class Tokens:
    """The tokenizer of one model."""

    def __init__(self, path: Path) -> None:
        """Read a `tokenizer.json`.

        Raises:
            ConfigurationError: it cannot be read.
        """
        try:
            self._spelled = path.read_text(encoding="utf-8")
            self._tokenizer = _plain(self._spelled)
        except Exception as error:  # noqa: BLE001 - the library raises bare exceptions
            raise ConfigurationError(f"{path.name} is no tokenizer: {error}") from None

    @property
    def size(self) -> int:
        """How many tokens there are."""
        return self._tokenizer.get_vocab_size(with_added_tokens=True)

    @property
    def controls(self) -> tuple[str, ...]:
        """The texts of all control tokens, the longest first: special ones and others, such as `<tool_call>`."""
        return self._controls

    @cached_property
    def _controls(self) -> tuple[str, ...]:
        """Added tokens, but for those that are white space or a word, which mean themselves."""
        found: set[str] = set()
        for token in _added(self._spelled):
            text = str(token["content"])
            if token.get("special") is True or not (text.strip("\u2581 \t\r\n") == "" or text.isalnum()):
                found.add(text)
        return tuple(sorted(found, key=len, reverse=True))

    def id_of(self, token: str) -> int | None:
        """Return the number of a token; `None` when there is no such token."""
        return self._tokenizer.token_to_id(token)

    def text_of(self, token: int) -> str:
        """Return how one token is written, control tokens included; half a character is `�`."""
        return self._tokenizer.decode([token], skip_special_tokens=False)

    def encode(self, pieces: Iterable[Piece]) -> list[int]:
        """Return the tokens of a prompt."""
        ids: list[int] = []
        for trusted, text in _joined(pieces):
            if trusted:
                ids += self._tokenizer.encode(text, add_special_tokens=False).ids
            else:
                ids += self._as_words(text)
        return ids

    def cut(self, text: str, *, special: bool = False) -> list[Cut]:
        """Return the tokens of the words of a person, with their places.

        Args:
            text: the words.
            special: whether to add the special tokens that the model sees around them.
        """
        cutter = self._words_only if any(control in text for control in self.controls) else self._tokenizer
        found = cutter.encode(text, add_special_tokens=special)
        return [
            Cut(token, self.text_of(token), start, end, special=bool(added))
            for token, (start, end), added in zip(found.ids, found.offsets, found.special_tokens_mask, strict=True)
        ]

    def _as_words(self, text: str) -> list[int]:
        """Return the tokens of a text that holds control tokens, without any of those."""
        ids = self._words_only.encode(text, add_special_tokens=False).ids
        if self._control_ids.isdisjoint(ids):
            return ids
        # some vocabularies hold control tokens among their words as well: letter by letter none is found
        return [token for letter in text for token in self._words_only.encode(letter, add_special_tokens=False).ids]

    @cached_property
    def _control_ids(self) -> frozenset[int]:
        found = (self.id_of(control) for control in self.controls)
        return frozenset(token for token in found if token is not None)

    def stream(self) -> Decoding:
        """Begin to write an answer's tokens as text."""
        return Decoding(self._tokenizer)

    @cached_property
    def _words_only(self) -> Tokenizer:
        """The same tokenizer without any added token."""
        spelled = json.loads(self._spelled)
        return _plain(json.dumps({**spelled, "added_tokens": []}))


class Decoding:
    """Writes tokens as text, whole characters only."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        """Begin an answer."""
        self._tokenizer = tokenizer
        self._stream = cast("_DecodeStream", _library().decoders.DecodeStream(skip_special_tokens=False))
        self._waiting: list[int] = []

    def add(self, token: int) -> str:
        """Return what a token adds to the text."""
        text = self._stream.step(self._tokenizer, token)
        self._waiting = [*self._waiting, token] if text is None else []
        return text or ""

    def rest(self) -> str:
        """Return what never became a whole character."""
        waiting, self._waiting = self._waiting, []
        return self._tokenizer.decode(waiting, skip_special_tokens=False) if waiting else ""


class _DecodeStream(Protocol):
    def step(self, tokenizer: Tokenizer, token: int) -> str | None: ...


class Stops:
    """Looks for the texts that end an answer, over the borders of tokens."""

    def __init__(self, texts: Sequence[str]) -> None:
        """Look for any of these texts; empty ones are none."""
        self._texts = tuple(text for text in texts if text)
        self._held = ""

    def add(self, text: str) -> tuple[str, bool]:
        """Return what can be given out, and whether a stop text was found; that one is not given out."""
        if not self._texts:
            return text, False
        held = self._held + text
        found = [(place, stop) for stop in self._texts if (place := held.find(stop)) >= 0]
        if found:
            self._held = ""
            return held[: min(found)[0]], True
        keep = max(_overlap(held, stop) for stop in self._texts)
        self._held = held[len(held) - keep :]
        return held[: len(held) - keep], False

    def rest(self) -> str:
        """Return what was held back, at the end of the answer."""
        held, self._held = self._held, ""
        return held


def _overlap(text: str, stop: str) -> int:
    """Return how long the end of `text` is that is a beginning of `stop`."""
    longest = min(len(text), len(stop) - 1)
    return next((size for size in range(longest, 0, -1) if text.endswith(stop[:size])), 0)


def _joined(pieces: Iterable[Piece]) -> list[tuple[bool, str]]:
    """Join neighbours of one kind: words next to each other may be one token."""
    joined: list[tuple[bool, str]] = []
    for piece in pieces:
        if joined and joined[-1][0] == piece.trusted:
            joined[-1] = (piece.trusted, joined[-1][1] + piece.text)
        elif piece.text:
            joined.append((piece.trusted, piece.text))
    return joined


def _added(spelled: str) -> list[dict[str, object]]:
    """Return the descriptions of the added tokens of a `tokenizer.json`."""
    held: object = json.loads(spelled).get("added_tokens")
    return cast("list[dict[str, object]]", held) if isinstance(held, list) else []


def _plain(spelled: str) -> Tokenizer:
    made = cast("Tokenizer", _library().Tokenizer.from_str(spelled))
    made.no_padding()
    made.no_truncation()
    return made


def _library() -> ModuleType:
    return import_module("tokenizers")
