"""Batches of texts, and the flow that turns one into vectors.

Law: a batch that a service refuses is halved until it is known which text it does not take: that one is named by its
line, unless others are refused alone in the same words: then it is the request that the service does not take. Batches
are cut by count alone, so two runs over one input ask the same.
"""

from __future__ import annotations

from copy import copy
from itertools import islice
from typing import TYPE_CHECKING

from chat_core.errors import ChatError, ContentBlocked, InvalidRequest, UnsupportedContent
from chat_core.frozen import dataclass
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

OTHERS = 3
"""How many texts are asked about alone before a refusal is the request's fault, at most."""

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
    try:
        found = yield from _found(setup, batch.items, asking)
    except _Refused as refused:
        others = () if refused.item is not batch.items[0] else _spread(batch.items[1:])  # else the first one was taken
        if others and (yield from _all_refused(setup, refused.error, others, asking)):
            place = "the request is refused, whichever text is in it"
        else:
            place = source.place(refused.item.line)
        raise _told(refused.error, place) from None
    tokens = [None if one.usage is None else one.usage.input_tokens for one in found]
    return Done(
        batch=batch,
        vectors=tuple(vector for one in found for vector in one.vectors),
        tokens=None if None in tokens else sum(filter(None, tokens)),
        model=found[0].model,
        notices=tuple(dict.fromkeys(notice for one in found for notice in one.notices)),
        halved=len(found) - 1,
    )


class _Refused(Exception):
    """A text that is refused alone."""

    def __init__(self, item: Item, error: ChatError) -> None:
        super().__init__()
        self.item = item
        self.error = error


def _found(setup: Setup, items: tuple[Item, ...], asking: Embedding) -> Flow[tuple[EmbeddingResponse, ...]]:
    try:
        response = yield from embed(setup, [item.text for item in items], asking)
    except REFUSALS as error:
        if len(items) == 1:
            raise _Refused(items[0], error) from None
    else:
        return (response,)
    half = len(items) // 2
    first = yield from _found(setup, items[:half], asking)
    return first + (yield from _found(setup, items[half:], asking))


def _spread(items: tuple[Item, ...]) -> tuple[Item, ...]:
    """Pick some, far from each other."""
    return items[:: max(1, -(-len(items) // OTHERS))]


def _all_refused(setup: Setup, refusal: ChatError, items: tuple[Item, ...], asking: Embedding) -> Flow[bool]:
    """Tell whether texts are refused, each alone, in the words in which another one was."""
    for item in items:
        try:
            yield from embed(setup, [item.text], asking)
        except REFUSALS as error:
            if (type(error), error.message) != (type(refusal), refusal.message):
                return False
        else:
            return False
    return True


def _told(error: ChatError, what: str) -> ChatError:
    """Return the same error with what it is about."""
    told = copy(error)
    told.message = f"{what}: {error.message}"
    told.args = (told.message,)
    return told
