"""Texts as the tokens of an encoder: many at once, cut to what the model reads.

Law: special tokens come from the tokenizer only: in the words of people they are spelled as ordinary text. Which texts
were cut is known.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias, cast

import numpy as np

from chat_core.errors import ConfigurationError, UnsupportedContent

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path
    from typing import Any

    from numpy.typing import NDArray

    Whole = NDArray[np.int64]

Text: TypeAlias = "str | tuple[str, str]"
"""What is read: a text, or two as a pair."""

Cut: TypeAlias = Literal["longest_first", "only_first"]
"""Which of a pair is cut when both are too long: always the longer one, or the first one only."""

SLICE = 256
"""Texts that are made tokens at once; between two slices whoever waits may leave."""


class Stop(Protocol):
    """Says whether nobody waits any more: `threading.Event`, for one."""

    def is_set(self) -> bool:
        """Tell whether that is so."""
        ...


class Stopped(Exception):
    """Nobody waits any more."""


class _Encoding(Protocol):
    """What a text became, as `tokenizers` has it."""

    @property
    def ids(self) -> list[int]: ...
    @property
    def type_ids(self) -> list[int]: ...
    @property
    def overflowing(self) -> Sequence[object]: ...


@dataclass(frozen=True, slots=True)
class Reading:
    """A text as it is read.

    Attributes:
        ids: its tokens, `[length]`.
        kinds: to which text of a pair each belongs, `[length]`.
        cut: whether it was longer.
    """

    ids: Whole
    kinds: Whole
    cut: bool

    @property
    def length(self) -> int:
        """How many tokens it has."""
        return len(self.ids)


class Texts:
    """The tokenizer of one encoder; safe to share between threads."""

    def __init__(self, path: Path, *, limit: int, lower: bool = False) -> None:
        """Read a `tokenizer.json`.

        Args:
            path: the file.
            limit: most tokens of a text, special ones included.
            lower: whether letters are made small first.

        Raises:
            ConfigurationError: it cannot be read.
        """
        library = cast("Any", import_module("tokenizers"))
        try:
            made = library.Tokenizer.from_file(str(path))
        except Exception as error:  # noqa: BLE001 - the library raises bare exceptions
            raise ConfigurationError(f"{path.name} is no tokenizer: {error}") from None
        made.no_padding()
        made.encode_special_tokens = True
        if lower:
            small = library.normalizers.Lowercase()
            own = made.normalizer
            made.normalizer = small if own is None else library.normalizers.Sequence([small, own])
        self.limit = limit
        self._tokenizer = made
        self._cut: Cut | None = None
        self._lock = threading.Lock()

    def encode(self, texts: Sequence[Text], stop: Stop, *, cut: Cut = "longest_first") -> list[Reading]:
        """Return texts as tokens.

        Raises:
            Stopped: nobody waits for them any more.
            UnsupportedContent: one of them cannot be read at all.
        """
        found: list[Reading] = []
        for start in range(0, len(texts), SLICE):
            if stop.is_set():
                raise Stopped
            found += map(_reading, self._encoded(texts[start : start + SLICE], cut))
        return found

    def prompt_length(self, prompt: str) -> int:
        """Return how many of a text's first tokens are those of a prompt before it."""
        with self._lock:
            bare: list[int] = self._tokenizer.encode(prompt, add_special_tokens=False).ids
            whole: list[int] = self._tokenizer.encode(prompt).ids
        start = next((at for at in range(len(whole)) if whole[at : at + len(bare)] == bare), 0)
        return start + len(bare)

    def _encoded(self, texts: Sequence[Text], cut: Cut) -> Sequence[_Encoding]:
        with self._lock:
            try:
                return self._tried(texts, cut)
            except Exception:  # noqa: BLE001 - the library raises bare exceptions; mostly of one text, and never says which
                return [self._alone(text, cut) for text in texts]

    def _alone(self, text: Text, cut: Cut) -> _Encoding:
        """Encode one text: the longer of a pair is cut where the second one alone is too long."""
        failure: Exception | None = None
        for way in dict.fromkeys((cut, "longest_first")):
            try:
                return self._tried([text], way)[0]
            except Exception as error:  # noqa: BLE001 - as above
                failure = error
        raise UnsupportedContent(f"the model's tokenizer cannot read a text: {failure}") from None

    def _tried(self, texts: Sequence[Text], cut: Cut) -> Sequence[_Encoding]:
        if self._cut != cut:
            self._tokenizer.enable_truncation(self.limit, strategy=cut)
            self._cut = cut
        encode: Callable[[list[Text]], Sequence[_Encoding]] = self._tokenizer.encode_batch_fast
        return encode([*texts])


def _reading(encoding: _Encoding) -> Reading:
    ids = np.array(encoding.ids, np.int64)
    if not len(ids):
        raise UnsupportedContent("a text is empty, and the model's tokenizer makes no token of it: leave it out")
    return Reading(ids, np.array(encoding.type_ids, np.int64), bool(encoding.overflowing))
