"""Batches of texts, and the flow that turns one into vectors.

Law: a batch that a service refuses is halved until it is known which text it does not take: that one is named by its
line. Batches are cut by count alone, so two runs over one input ask the same.
"""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from chat_core.errors import ChatError, ContentBlocked, InvalidRequest, UnsupportedContent
from chat_core.text_calls import embed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chat_core.bulk.formats import Vector
    from chat_core.bulk.inputs import Item, Mark, Source
    from chat_core.codec.capabilities import EmbeddingResponse
    from chat_core.codec.effects import Flow
    from chat_core.response import Notice
    from chat_core.setup import Setup
    from chat_core.text_calls import Embedding

REFUSALS = (InvalidRequest, ContentBlocked, UnsupportedContent)
"""Errors that one text of many can be to blame for, or the number of them."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Texts that are sent together.

    Attributes:
        items: the texts.
        mark: how far the input was read when the last of them was.
        blank: the blank texts that were passed over until then.
    """

    items: tuple[Item, ...]
    mark: Mark
    blank: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """A batch, and its vectors.

    Attributes:
        batch: the texts.
        vectors: one for each.
        tokens: the input tokens that the service told of; `None` = it told of none.
        model: the model that answered.
        notices: what was dropped or adapted.
        halved: how often the service took only a half of what it was sent.
    """

    batch: Batch
    vectors: tuple[Vector, ...]
    tokens: int | None
    model: str | None
    notices: tuple[Notice, ...]
    halved: int


def batches(source: Source, size: int) -> Iterator[Batch]:
    """Cut an input into batches, each when it is asked for."""
    items = source.items()
    while taken := tuple(islice(items, size)):
        yield Batch(taken, source.mark, source.blank)


def flows(setup: Setup, source: Source, size: int, asking: Embedding) -> Iterator[Flow[Done]]:
    """Make the flow of each batch; what is wrong with the input is raised after the batches before it."""
    try:
        for batch in batches(source, size):
            yield embedded(setup, source, batch, asking)
    except (ValueError, TypeError, OSError) as error:
        yield _failed(error)


def _failed(error: Exception) -> Flow[Done]:
    raise error
    yield  # makes it a flow


def embedded(setup: Setup, source: Source, batch: Batch, asking: Embedding) -> Flow[Done]:
    """Turn a batch into vectors.

    Raises:
        ChatError: as `Chat.embed`; of a text that is refused, with its line.
    """
    found = yield from _found(setup, source, batch.items, asking)
    tokens = [None if one.usage is None else one.usage.input_tokens for one in found]
    return Done(
        batch=batch,
        vectors=tuple(vector for one in found for vector in one.vectors),
        tokens=None if None in tokens else sum(filter(None, tokens)),
        model=found[0].model,
        notices=tuple(dict.fromkeys(notice for one in found for notice in one.notices)),
        halved=len(found) - 1,
    )


def _found(
    setup: Setup, source: Source, items: tuple[Item, ...], asking: Embedding
) -> Flow[tuple[EmbeddingResponse, ...]]:
    try:
        response = yield from embed(setup, [item.text for item in items], asking)
    except REFUSALS as error:
        if len(items) == 1:
            raise _located(error, source.place(items[0].line)) from None
    else:
        return (response,)
    half = len(items) // 2
    first = yield from _found(setup, source, items[:half], asking)
    return first + (yield from _found(setup, source, items[half:], asking))


def _located(error: ChatError, place: str) -> ChatError:
    """Return the same error with the text that it is about."""
    told = copy(error)
    told.message = f"{place}: {error.message}"
    told.args = (told.message,)
    return told
