"""Texts cut into the tokens that a model reads, of any kind of model; the model itself is not loaded.

Law: as in a prompt: control tokens in the words of people are spelled as ordinary text. Places are counted in
characters.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from chat_core.codec.wire import dump
from chat_core.errors import UnsupportedContent
from chat_local.engine.tokens import Tokens

if TYPE_CHECKING:
    from pathlib import Path

    from chat_core.jsonvalue import JSON, JSONObject
    from chat_local.engine.tokens import Cut
    from chat_local.layout import ModelFiles


def cut(files: ModelFiles, asked: JSONObject) -> bytes:
    """Cut texts: `{"inputs": […], "special": true}` → for each, columns with a row for every token.

    Raises:
        UnsupportedContent: they are no texts.
        ConfigurationError: the model's tokenizer cannot be read.
    """
    state = files.tokenizer.stat()
    tokens = _tokens(files.tokenizer, state.st_mtime_ns, state.st_size)
    special = asked.get("special") is True
    inputs = asked.get("inputs")
    results: list[JSON] = []
    for text in inputs if isinstance(inputs, list) else [inputs]:
        if not isinstance(text, str):
            raise UnsupportedContent(f"inputs has to be a list of texts, and has {type(text).__name__} in it")
        results.append(_columns(tokens.cut(text, special=special)))
    return dump({"model": files.name, "results": results})


@lru_cache(maxsize=4)
def _tokens(path: Path, _time: int, _size: int) -> Tokens:
    """Read a tokenizer, which takes a second for a large one; a file that has not changed since is not read again."""
    return Tokens(path)


def _columns(pieces: list[Cut]) -> JSONObject:
    return {
        "ids": [piece.id for piece in pieces],
        "texts": [piece.text for piece in pieces],
        "places": [None if piece.special else [piece.start, piece.end] for piece in pieces],
    }
