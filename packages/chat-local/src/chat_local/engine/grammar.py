"""Grammars: answers that can only be what a schema, or a grammar, allows. The one module that knows llguidance.

Law: what a grammar cannot be made of is an error before the first token. White space is not the model's choice, as weak
models lose themselves in it.
"""

from __future__ import annotations

import json
from functools import lru_cache
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from chat_core.errors import ConfigurationError, UnsupportedContent
from chat_local.output import INSTALL

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

    from chat_core.jsonvalue import JSONObject
    from chat_local.engine.answer import Constraint


def installed() -> bool:
    """Tell whether answers can be held to a schema."""
    return find_spec("llguidance") is not None


def by_schema(tokenizer: Path, schema: JSONObject, *, width: int, end: int) -> Callable[[], Constraint]:
    """Return what makes the constraint of one answer that has to fit a JSON schema.

    Args:
        tokenizer: the model's `tokenizer.json`.
        schema: the schema; `{}` = any JSON.
        width: how many logits the model gives.
        end: the token that ends an answer.

    Raises:
        ConfigurationError: llguidance is not installed.
        UnsupportedContent: no grammar can be made of the schema; the message says of what in it.
    """
    guided = {"x-guidance": {"whitespace_flexible": False}, **schema} if schema else _ANY
    return _by(tokenizer, json.dumps({"grammars": [{"json_schema": guided}]}), width=width, end=end)


def by_lark(tokenizer: Path, grammar: str, *, width: int, end: int) -> Callable[[], Constraint]:
    """Return what makes the constraint of one answer that has to fit a grammar; as `by_schema`."""
    return _by(tokenizer, json.dumps({"grammars": [{"lark_grammar": grammar}]}), width=width, end=end)


_ANY: JSONObject = {"type": "object", "x-guidance": {"whitespace_flexible": False}}


def _by(tokenizer: Path, grammar: str, *, width: int, end: int) -> Callable[[], Constraint]:
    tokens = _tokenizer(tokenizer, width, end)
    fault: str = _library().LLMatcher.validate_grammar(grammar, tokens)
    if fault:
        raise UnsupportedContent(f"no grammar can be made of the schema: {fault.splitlines()[0]}")
    return lambda: Matcher(tokens, grammar, width)


class Matcher:
    """What one answer has to look like; implements `answer.Constraint`."""

    def __init__(self, tokens: object, grammar: str, width: int) -> None:
        """Begin an answer."""
        self._matcher: Any = _library().LLMatcher(tokens, grammar, log_level=0)
        self._width = width

    @property
    def complete(self) -> bool:
        """Whether the answer can only end here."""
        return bool(self._matcher.is_stopped())

    def allowed(self) -> NDArray[np.bool_] | None:
        """Tell which tokens may come next."""
        mask = np.frombuffer(cast("bytes", self._matcher.compute_bitmask()), np.uint8)
        self._check()
        return np.unpackbits(mask, bitorder="little")[: self._width].astype(np.bool_)

    def accept(self, token: int) -> None:
        """Note the token that came."""
        self._matcher.consume_token(token)
        self._check()

    def _check(self) -> None:
        if self._matcher.is_error():  # matchers never raise
            fault: str = self._matcher.get_error()  # its first line says what; the others are for who made the library
            raise UnsupportedContent(f"the grammar leads nowhere: {fault.splitlines()[0]}")


@lru_cache(maxsize=4)
def _tokenizer(path: Path, width: int, end: int) -> object:
    return _library().LLTokenizer(path.read_text(encoding="utf-8"), n_vocab=width, eos_token=end)


def _library() -> Any:  # noqa: ANN401 - a library of native code without types of its own
    try:
        return import_module("llguidance")
    except ImportError:
        raise ConfigurationError(f"answers are held to a schema by llguidance: {INSTALL}") from None
