"""A server for `test_streaming_cost.py`, in a process of its own: bytes made beforehand, sent as fast as they go.

    python streaming_server.py EVENTS

prints its port. The path says how many events one HTTP chunk holds: `/1/chat/completions`, `/16/chat/completions`.
"""

from __future__ import annotations

import socket
import sys
import threading

HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
EVENT = (
    b'data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"m","service_tier":"default",'
    b'"system_fingerprint":"fp_1","choices":[{"index":0,"delta":{"content":" word%d"},"logprobs":null,'
    b'"finish_reason":null}],"usage":null}\n\n'
)
LAST = (
    b'data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,'
    b'"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'
)


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


def reply(events: int, together: int) -> bytes:
    """Return a whole reply."""
    made = [EVENT % number for number in range(events)]
    chunks = [chunk(b"".join(made[at : at + together])) for at in range(0, events, together)]
    return b"".join([HEAD, *chunks, chunk(LAST), chunk(b"")])


def serve(connection: socket.socket, replies: dict[bytes, bytes]) -> None:
    with connection, connection.makefile("rb") as incoming:
        while line := incoming.readline():
            length = 0
            while (row := incoming.readline()).strip():
                name, _, value = row.partition(b":")
                length = int(value) if name.lower() == b"content-length" else length
            incoming.read(length)
            connection.sendall(replies[line.split(b"/")[1]])


def main(events: int) -> None:
    replies = {b"%d" % together: reply(events, together) for together in (1, 16)}
    with socket.create_server(("127.0.0.1", 0)) as listener:
        sys.stdout.write(f"{listener.getsockname()[1]}\n")
        sys.stdout.flush()
        while True:
            connection, _ = listener.accept()
            threading.Thread(target=serve, args=(connection, replies), daemon=True).start()


if __name__ == "__main__":
    main(int(sys.argv[1]))
