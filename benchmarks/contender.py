"""What a contender's process does: it reads an order as a line of JSON, works, and answers with a line of JSON.

    python -m benchmarks.floors.httpx_async                  orders come on the standard input
    python -m benchmarks.floors.httpx_async first chat URL   one stream in a fresh process, up to its first text

Law: this runs in the environments of other libraries as well, so it imports the standard library alone; and nothing
that the client at hand may not need, because a fresh process is measured too.
"""

from __future__ import annotations

import gc
import json
import os
import sys
import time
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

Seen: TypeAlias = "Callable[[str], object]"
"""Takes the text of a chunk."""

Told: TypeAlias = "dict[str, float | int | str]"
"""What a job found out."""

KEY = "sk-benchmark"
"""The key that everyone sends; the server looks at none."""


class Client(Protocol):
    """A library at work. `base` is the address with a recipe, without the service's own path.

    A client may also have `call(wire, base, seen)`, which reads a stream of a tool call and reads its arguments so far
    with each fragment, and `embed(base, encoding, texts)`, which returns how many numbers it received.
    """

    async def stream(self, wire: str, base: str, seen: Seen) -> None:
        """Read a whole stream, and show the text of each chunk."""
        ...

    async def unary(self, wire: str, base: str) -> str:
        """Ask once, and return the text."""
        ...


class BlockingClient(Protocol):
    """As `Client`, without a loop."""

    def stream(self, wire: str, base: str, seen: Seen) -> None:
        """Read a whole stream, and show the text of each chunk."""
        ...

    def unary(self, wire: str, base: str) -> str:
        """Ask once, and return the text."""
        ...


class Waiting:
    """A blocking client in the place of an async one; what it costs is one coroutine a call."""

    def __init__(self, client: BlockingClient) -> None:
        self._client = client

    async def stream(self, wire: str, base: str, seen: Seen) -> None:
        """As `Client.stream`."""
        self._client.stream(wire, base, seen)

    async def unary(self, wire: str, base: str) -> str:
        """As `Client.unary`."""
        return self._client.unary(wire, base)


def main(make: Callable[[], Client], *libraries: str) -> None:
    """Run an async client."""
    if sys.argv[1:2] == ["first"]:
        import asyncio  # noqa: PLC0415 - a blocking client needs none

        asyncio.run(make().stream(sys.argv[2], sys.argv[3], First(tell=True)))
        return
    serve(make(), libraries)


def main_blocking(make: Callable[[], BlockingClient], *libraries: str) -> None:
    """Run a blocking client."""
    if sys.argv[1:2] == ["first"]:
        make().stream(sys.argv[2], sys.argv[3], First(tell=True))
        return
    serve(Waiting(make()), libraries)


class First:
    """Takes the times of the first text: the process's own, and the world's."""

    def __init__(self, *, tell: bool = False) -> None:
        self.cpu = 0.0
        self.wall = 0.0
        self._tell = tell

    def __call__(self, text: str) -> None:
        """Look at the clocks, the first time."""
        if not self.wall and text:
            self.cpu, self.wall = time.process_time(), time.monotonic()
            if self._tell:
                sys.stdout.write(f"{self.cpu} {self.wall}\n")
                sys.stdout.flush()


def serve(client: Client, libraries: tuple[str, ...]) -> None:
    """Take orders until there are no more."""
    import asyncio  # noqa: PLC0415 - see the law

    from benchmarks import jobs  # noqa: PLC0415 - see the law

    answers = os.dup(1)
    os.dup2(2, 1)  # what a library prints is no answer

    def say(words: dict[str, Any]) -> None:
        os.write(answers, json.dumps(words).encode() + b"\n")

    runner = asyncio.new_event_loop()
    say({"versions": versions(libraries)})
    for line in sys.stdin:
        order: dict[str, Any] = json.loads(line)
        job = order.pop("job")
        gc.collect()
        say(runner.run_until_complete(worked(jobs.JOBS[job](client, **order))))
    os._exit(0)  # no farewell to connections: nothing is measured any more


async def worked(job: Coroutine[Any, Any, Told]) -> dict[str, Any]:
    """Return what a job tells, or why it failed."""
    try:
        return await job
    except Exception as error:  # noqa: BLE001 - whatever a library raises is a result
        return {"failed": f"{type(error).__name__}: {str(error)[:300]}"}


def versions(libraries: tuple[str, ...]) -> dict[str, str]:
    """Return the versions of the libraries that a contender is made of, and of Python."""
    from importlib.metadata import version  # noqa: PLC0415 - see the law

    own = ".".join(str(number) for number in sys.version_info[:3])
    return {"python": own, **{name: version(name) for name in libraries}}
