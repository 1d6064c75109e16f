"""Dialling: how the tasks of a loop get a connected socket.

Law: no wait without asking the `Deadline`; whoever gives up, or is too many, leaves no socket open.
"""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING, Any, TypeVar
from weakref import WeakKeyDictionary

from chat_core.transport.names import numeric, spelled
from chat_core.transport.reasons import no_connection, ours

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable

    from chat_core.transport.deadline import Deadline
    from chat_core.transport.names import Found

P = TypeVar("P", bound=asyncio.Protocol)

_LOOKUPS: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[tuple[str, int], asyncio.Future[Any]]] = WeakKeyDictionary()
"""The names that are being looked up, in each loop."""

STAGGER = 0.25
"""Seconds after which the next address of a name is tried beside those before it."""


async def connected(
    make: Callable[[], P],
    deadline: Deadline,
    host: str,
    port: int,
    tls: ssl.SSLContext | None = None,
) -> P:
    """Connect a protocol to the address of a name that answers first, over TLS if there are settings for it.

    Raises:
        ConnectFailed: none did.
        TimedOut: the deadline passed.
    """
    loop = asyncio.get_running_loop()
    name = None if tls is None else host.rstrip(".")  # certificates are made for names without the last dot
    try:
        async with asyncio.timeout(deadline.left(connecting=True)):
            sock = await _first_to_answer(loop, host, port)
            _, protocol = await loop.create_connection(make, sock=sock, ssl=tls, server_hostname=name)
    except (OSError, ValueError) as error:
        if ours(error):
            raise deadline.late(connecting=True) from None
        raise no_connection(deadline.peer, error, f"{host}:{port}") from None
    return protocol


async def _first_to_answer(loop: asyncio.AbstractEventLoop, host: str, port: int) -> socket.socket:
    """Connect to a name's addresses, each a little after the one before, and return the first that answers.

    Not the standard library's way, whose race loses an open socket when it is cancelled as it ends.
    """
    addresses = await _looked_up(loop, host, port)
    if len(addresses) == 1:
        return await _dialled(loop, addresses[0])
    failure: OSError | None = None
    running: set[asyncio.Task[socket.socket]] = set()
    try:
        for number, address in enumerate(addresses, 1):
            running.add(loop.create_task(_dialled(loop, address)))
            while running:
                seconds = None if number == len(addresses) else STAGGER
                done, _ = await asyncio.wait(running, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    running.discard(task)
                    if (error := task.exception()) is None:
                        return task.result()
                    failure = error if isinstance(error, OSError) else failure
                if number < len(addresses):
                    break
    finally:
        for task in running:
            task.add_done_callback(_close_late)
            task.cancel()
    raise failure or OSError


async def _looked_up(loop: asyncio.AbstractEventLoop, host: str, port: int) -> Found:
    """Look up a host; those who want the same name in the same moment share one look, which takes a thread."""
    running = _LOOKUPS.setdefault(loop, {})
    looking = running.get((host, port))
    if looking is None:
        if found := numeric(host, port):
            return found
        looking = running[host, port] = asyncio.ensure_future(
            loop.getaddrinfo(spelled(host), port, type=socket.SOCK_STREAM)
        )
        looking.add_done_callback(lambda _: running.pop((host, port), None))
        looking.add_done_callback(lambda done: done.cancelled() or done.exception())  # whoever asked may have left
    answer: Found = await asyncio.shield(looking)
    return answer


async def _dialled(
    loop: asyncio.AbstractEventLoop, found: tuple[int, int, int, str, tuple[object, ...]]
) -> socket.socket:
    family, kind, protocol, _, address = found
    sock = socket.socket(family, kind, protocol)
    try:
        sock.setblocking(False)  # noqa: FBT003 - the standard library's own parameter
        await loop.sock_connect(sock, address)
    except BaseException:
        sock.close()
        raise
    return sock


def _close_late(task: asyncio.Task[socket.socket]) -> None:
    """Close the socket of an address that answered after another one had."""
    if not task.cancelled() and task.exception() is None:
        task.result().close()
