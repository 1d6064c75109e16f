"""Lines of a loop: the connections that the tasks of one event loop share.

Law: as `lines`.
"""

from __future__ import annotations

import asyncio
from time import monotonic
from typing import TYPE_CHECKING, TypeVar

from chat_core.transport.deadline import late
from chat_core.transport.lines import Line, Lines, patience

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Hashable

    from chat_core.transport.pool import Lease

L = TypeVar("L", bound=Line)


class LoopLines(Lines[L]):
    """The connections that the tasks of one event loop share."""

    async def watch(self) -> None:
        """Close everything when the loop shuts its generators down, which is before it closes."""
        self._watch = self._until_the_loop_ends()
        await anext(self._watch)

    async def take(
        self, key: Hashable, peer: str, limit: float | None, until: float | None, prefer: L | None = None
    ) -> Lease[L]:
        """As `ThreadLines.take`."""
        began = monotonic()
        lease = self.pool.ask(key, began, prefer)
        for line in lease.close:
            self.discard(line)
        if lease.granted:
            return lease
        granted: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        lease.wake = lambda: None if granted.done() else granted.set_result(None)
        phase, seconds = patience(limit, until, began)
        try:
            async with asyncio.timeout(seconds):
                await granted
        except TimeoutError:
            if lease.granted:  # in the same turn of the loop
                return lease
            self.give_back(lease, rest=False)
            raise late(phase, seconds or 0.0, peer) from None
        except BaseException:
            self.give_back(lease, rest=True)
            raise
        return lease

    async def _until_the_loop_ends(self) -> AsyncGenerator[None]:
        try:
            yield
        finally:
            self.abort()
            await asyncio.sleep(0)  # sockets close in the loop's next turn
