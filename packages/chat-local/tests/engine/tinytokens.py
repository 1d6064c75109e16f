"""A tokenizer of 96 tokens: letters, halves of characters, and control tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tokenizers import Tokenizer, decoders, models, pre_tokenizers

if TYPE_CHECKING:
    from pathlib import Path

CONTROLS = ("<|im_start|>", "<|im_end|>", "<tool_call>", "</tool_call>")


def write_tokens(path: Path) -> None:
    """Write a byte-level `tokenizer.json` whose tokens are single bytes, six of ASCII left out."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    euro = pre_tokenizers.ByteLevel(add_prefix_space=False).pre_tokenize_str("€")[0][0]  # three bytes, three tokens
    letters = [letter for letter in alphabet if letter.isascii() and letter not in "$&*^`~"]
    vocabulary = {letter: number for number, letter in enumerate(dict.fromkeys([*euro, *letters, "Ġ"]))}
    tokenizer: Any = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens(list(CONTROLS[:2]))
    tokenizer.add_tokens(list(CONTROLS[2:]))
    tokenizer.save(str(path))
