"""A real HTTP server for the toy wire, on loopback: whole replies and streams."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

from chat_core.codec.wire import dump
from chat_core.jsonvalue import parse_object

if TYPE_CHECKING:
    from collections.abc import Generator


class _Answers(BaseHTTPRequestHandler):
    """Says back what was said, with the key that came."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        asked = parse_object(self.rfile.read(int(self.headers["content-length"])))
        texts = asked["texts"]
        words = f"{texts[-1] if isinstance(texts, list) else ''} {self.headers['authorization'] or ''}".strip()
        if asked["stream"]:
            pieces = [dump({"text": piece}) for piece in (words[:2], words[2:])]
            body = b"".join(b"data: " + piece + b"\n\n" for piece in (*pieces, b'{"finish":"stop"}', b"[DONE]"))
        else:
            body = dump({"text": words, "usage": {"in": 1, "out": 1}})
        self.send_response(200)
        self.send_header("content-type", "text/event-stream" if asked["stream"] else "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Keep quiet."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


@contextmanager
def serving() -> Generator[str]:
    """Serve, and give the address."""
    server = _Server(("127.0.0.1", 0), _Answers)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
