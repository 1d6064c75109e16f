"""What several threads send arrives whole and in order, and nobody waits too long."""

from __future__ import annotations

import socket
import threading
import time
from typing import TYPE_CHECKING

import pytest
from peers import soon

from chat_core.errors import TimedOut, TransportError
from chat_core.transport.deadline import Deadline
from chat_core.transport.outbox import Outbox
from chat_core.transport.sockets import Socket

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def pair() -> Iterator[tuple[Outbox, socket.socket]]:
    here, there = socket.socketpair()
    here.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    there.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    yield Outbox(Socket(here, Deadline("there"), OSError), "there"), there
    here.close()
    there.close()


def read_all(there: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        data += there.recv(65536)
    return data


def test_messages_of_many_threads_are_never_mixed(pair: tuple[Outbox, socket.socket]) -> None:
    outbox, there = pair
    messages = [bytes([65 + number]) * 20_000 for number in range(20)]

    def send(message: bytes) -> None:
        outbox.add(message)
        outbox.flush(soon())

    threads = [threading.Thread(target=send, args=(message,)) for message in messages]
    for thread in threads:
        thread.start()
    data = read_all(there, 400_000)
    for thread in threads:
        thread.join()
    found = {data[start : start + 20_000] for start in range(0, len(data), 20_000)}
    assert found == set(messages)


def test_who_sends_already_sends_for_those_who_do_not_wait(pair: tuple[Outbox, socket.socket]) -> None:
    outbox, there = pair
    outbox.add(b"a" * 500_000)
    thread = threading.Thread(target=outbox.flush, args=(soon(),))
    thread.start()
    time.sleep(0.05)
    outbox.add(b"pong")
    began = time.monotonic()
    outbox.flush(soon(), wait=False)
    assert time.monotonic() - began < 1
    assert read_all(there, 500_004).endswith(b"apong")
    thread.join()


def test_who_is_stuck_gives_up_in_time_and_what_was_sent_in_part_is_known(pair: tuple[Outbox, socket.socket]) -> None:
    outbox, _ = pair
    outbox.add(b"a" * 5_000_000)

    def stuck() -> None:
        with pytest.raises(TimedOut):
            outbox.flush(soon(0.4))

    thread = threading.Thread(target=stuck)
    thread.start()
    time.sleep(0.05)
    outbox.add(b"b")
    with pytest.raises(TimedOut):
        outbox.flush(soon(0.1))
    assert not outbox.cut  # it only waited for the other one
    thread.join()
    assert outbox.cut


def test_a_broken_connection_is_an_error_for_who_sends_and_none_for_a_farewell(
    pair: tuple[Outbox, socket.socket],
) -> None:
    outbox, there = pair
    there.close()
    outbox.send_now(b"bye")
    outbox.add(b"x")
    with pytest.raises(TransportError):
        outbox.flush(soon())
    assert outbox.cut
