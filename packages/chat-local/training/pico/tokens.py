"""The tokenizer: byte-level pieces learnt from the training text, digits one by one.

Law: every text has a spelling, and control tokens are the ChatML ones alone.
"""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers

from pico.text import conversations, pieces

VOCABULARY = 1536
CONTROL = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")
MARKS = ("<tools>", "</tools>", "<tool_call>", "</tool_call>")


def _texts(seed: int, count: int) -> Iterator[str]:
    for made in islice(conversations(seed), count):
        yield "".join(piece for piece, _ in pieces(made))


def make(path: Path, *, seed: int, count: int = 30000) -> Tokenizer:
    """Learn the tokenizer and write it."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY - len(MARKS),
        special_tokens=list(CONTROL),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(
        (text.replace("<|im_start|>", " ").replace("<|im_end|>", " ") for text in _texts(seed, count)), trainer
    )
    tokenizer.add_tokens([AddedToken(mark, normalized=False) for mark in MARKS])
    tokenizer.save(str(path))
    return tokenizer
