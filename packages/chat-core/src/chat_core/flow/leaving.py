"""Leaving a flow before its end: it is told so by `Cancelled`, and may say how far it had come.

Law: a flow that is left opens and waits for nothing more. Its streams are closed already, what it emits goes nowhere;
it has the clock, and `PATIENCE` for jobs that keep what it did. Whatever else it wants ends it.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from chat_core.codec.effects import Close, Emit, Instant, Join, Now, Start
from chat_core.errors import Cancelled, ChatError

if TYPE_CHECKING:
    from collections.abc import Generator

    from chat_core.codec.effects import Effect, Flow

T = TypeVar("T")

PATIENCE = 5.0
"""Most seconds that a flow which is left may wait for its jobs."""

Leaving: TypeAlias = "Generator[Start | Join, Any, list[T]]"
"""Asks a driver to carry out jobs, and returns the flow's result, if it has one after all."""


def leave(flow: Flow[T]) -> Leaving[T]:
    """Tell a flow that it is left. One that has ended stays as it is.

    Raises:
        ValueError: it is running at this moment, in another thread.
    """
    end = time.monotonic() + PATIENCE
    try:
        effect: Effect = flow.throw(Cancelled("the program left before the answer was complete"))
        while True:
            match effect:
                case Close() | Emit():
                    effect = flow.send(None)
                case Now():
                    effect = flow.send(Instant(time.monotonic(), time.time()))
                case Start():
                    effect = flow.send((yield effect))
                case Join(until):
                    effect = flow.send((yield Join(end if until is None else min(until, end))))
                case _:
                    return []
    except StopIteration as stop:
        return [stop.value]
    except ChatError:
        return []
    finally:
        flow.close()
