"""Vectors of many texts: a stream of them in bounded memory, or a file that a run which was ended goes on with.

Law: results come in the order of the texts. A few batches are held, however many texts there are. A run over a file
that is killed at any moment and begun again makes the same bytes as one that was not.
"""

from __future__ import annotations

from contextlib import aclosing, closing
from typing import TYPE_CHECKING

from chat_core import calls
from chat_core.bulk.batches import flows
from chat_core.bulk.inputs import BulkRefused, Shape, Source
from chat_core.bulk.job import (
    BATCH_SIZE,
    CONCURRENCY,
    Bulk,
    BulkProgress,
    BulkResult,
    Job,
    Streaming,
    own,
    require_embeddings,
)
from chat_core.flow.many import in_order, in_order_async
from chat_core.setup import awaiting, blocking

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Generator, Iterable, Iterator
    from typing import Unpack

    from chat_core.achat import AsyncChat
    from chat_core.bulk.batches import Done
    from chat_core.bulk.formats import Vector
    from chat_core.bulk.inputs import Given
    from chat_core.bulk.job import Target
    from chat_core.chat import Chat
    from chat_core.codec.effects import Flow
    from chat_core.setup import Setup

__all__ = [
    "BulkProgress",
    "BulkRefused",
    "BulkResult",
    "embed_file",
    "embed_file_async",
    "embed_texts",
    "embed_texts_async",
]


def embed_texts(chat: Chat, texts: Iterable[str], **asking: Unpack[Streaming]) -> Generator[Vector, None, None]:
    """Turn texts into vectors, as they are taken; the first error ends it, in the place of its batch.

    Args:
        chat: the client.
        texts: any number of them; one that is refused is named by its place, counted from 1.
        asking: see `chat_core.bulk.job.Streaming`.
    """
    setup = calls.told(_setup(chat), asking, Streaming)
    with closing(in_order(_flows(setup, texts, asking), blocking(setup), _concurrency(asking))) as found:
        for done in found:
            yield from done.vectors


async def embed_texts_async(
    chat: AsyncChat, texts: Iterable[str], **asking: Unpack[Streaming]
) -> AsyncGenerator[Vector, None]:
    """Turn texts into vectors, as `embed_texts`."""
    setup = calls.told(_setup(chat), asking, Streaming)
    async with aclosing(in_order_async(_flows(setup, texts, asking), awaiting(setup), _concurrency(asking))) as found:
        async for done in found:
            for vector in done.vectors:
                yield vector


def embed_file(chat: Chat, source: Given, target: Target, **asking: Unpack[Bulk]) -> BulkResult:
    """Turn a file of texts into a file of vectors, and go on where a run that was ended has left it.

    Args:
        chat: the client.
        source: a path, an open binary file, or texts; of what cannot be read twice a later run is given the same again.
        target: a path, or an open binary file, which is written once.
        asking: see `chat_core.bulk.job.Bulk`.

    Raises:
        BulkRefused: the input holds something that is no text, or what is left is of another run.
        ChatError: a batch failed after all attempts; what was written is kept, and the same call goes on.
        OSError: a file cannot be read, or not be written.
    """
    setup = calls.told(_setup(chat), asking, Bulk)
    with (
        Job(setup, source, target, asking) as job,
        closing(in_order(job.flows(), blocking(setup), job.concurrency)) as found,
    ):
        for done in found:
            job.take(done)
    return job.result


async def embed_file_async(chat: AsyncChat, source: Given, target: Target, **asking: Unpack[Bulk]) -> BulkResult:
    """Turn a file of texts into a file of vectors, as `embed_file`; files are read and written in the loop's thread."""
    setup = calls.told(_setup(chat), asking, Bulk)
    with Job(setup, source, target, asking) as job:
        async with aclosing(in_order_async(job.flows(), awaiting(setup), job.concurrency)) as found:
            async for done in found:
                job.take(done)
    return job.result


def _flows(setup: Setup, texts: Iterable[str], asking: Streaming) -> Iterator[Flow[Done]]:
    require_embeddings(setup, asking)
    given = (texts,) if isinstance(texts, str) else (text for text in texts)  # of an open file: what it gives
    source = Source(given, Shape(kind="texts"))
    return flows(setup, source, asking.get("batch_size", BATCH_SIZE), own(asking))


def _concurrency(asking: Streaming) -> int:
    return asking.get("concurrency", CONCURRENCY)


def _setup(chat: Chat | AsyncChat) -> Setup:
    return chat._setup  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - of one package
