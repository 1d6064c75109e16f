"""The thread of a store: blocking calls, one after the other, for callers of either colour.

Law: a call that began is finished, and awaited, even when its caller is cancelled or interrupted, or the program ends;
one that had not begun is withdrawn. A forked child gets a thread of its own.
"""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING, TypeVar
from weakref import WeakKeyDictionary

from chat_core.codec.effects import Job

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future, ThreadPoolExecutor

T = TypeVar("T")


class StoreThread:
    """Runs calls of a store."""

    def __init__(self) -> None:
        """Begin without a thread; the first call starts it."""
        self._pool: tuple[int, ThreadPoolExecutor] | None = None

    def call(self, work: Callable[[], T]) -> T:
        """Run a call and wait for it."""
        from concurrent.futures import wait  # noqa: PLC0415 - loaded with the thread

        begun = self._begin(work)
        try:
            return begun.result()
        except BaseException:  # interrupted, or what the call raised
            if not begun.cancel():
                wait((begun,))
            raise

    async def acall(self, work: Callable[[], T]) -> T:
        """As `call`, for coroutines."""
        import asyncio  # noqa: PLC0415 - coroutines only

        begun = self._begin(work)
        result = asyncio.wrap_future(begun)
        try:
            await asyncio.wait({result})
        except asyncio.CancelledError:
            begun.cancel()
            while not result.done():
                with contextlib.suppress(asyncio.CancelledError):
                    await asyncio.wait({result})
            if not result.cancelled():
                result.exception()  # looked at: the caller is gone
            raise
        return result.result()

    def job(self, key: str, work: Callable[[], object]) -> Job:
        """Return a job for a flow; a driver that abandons it leaves the call to this thread."""
        return Job(key, lambda _: self.call(work))

    def close(self) -> None:
        """Wait for the calls that were made, and end the thread; the next call starts another."""
        pool, self._pool = self._pool, None
        if pool is not None and pool[0] == os.getpid():
            pool[1].shutdown()

    def _begin(self, work: Callable[[], T]) -> Future[T]:
        if self._pool is None or self._pool[0] != os.getpid():
            from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 - the first call only

            self._pool = (os.getpid(), ThreadPoolExecutor(1, thread_name_prefix="chat-store"))
        return self._pool[1].submit(work)


_threads: WeakKeyDictionary[object, StoreThread] = WeakKeyDictionary()


def thread_of(store: object) -> StoreThread:
    """Return the one thread of a store, whoever asks for it."""
    return _threads.setdefault(store, StoreThread())
