"""A hub of our own on loopback: it speaks the parts of the hub's API that its client uses to fetch a model."""

from __future__ import annotations

import hashlib
import json
import re
import threading
import time
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Self, cast

if TYPE_CHECKING:
    from collections.abc import Mapping

COMMIT = "c0ffee" + "0" * 34
LARGE = 1000
"""Bytes from which on a file is kept as large ones are: its tag is its SHA-256."""


class Hub:
    """A server; `with` starts and stops it.

    Attributes:
        files: the repositories' files, by `org/name` and path.
        commit: the commit of the main branch.
        asked: method, path and range of every request, in order.
        lies: paths whose tag is that of other bytes.
        breaks: how many bytes of a path are sent before the connection breaks, once.
        holds: a path of which half is sent, and then nothing for a while.
        status: what is answered to everything, where it is not 200.
        gated: whether a token is wanted.
    """

    def __init__(self, files: Mapping[str, Mapping[str, bytes]]) -> None:
        self.files = {name: dict(held) for name, held in files.items()}
        self.commit = COMMIT
        self.asked: list[tuple[str, str, str | None]] = []
        self.lies: set[str] = set()
        self.breaks: dict[str, int] = {}
        self.status = 200
        self.gated = False
        self.holds: str | None = None
        self._server = _Server(("127.0.0.1", 0), _Connection)
        self._server.hub = self
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *failure: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def fetched(self) -> list[str]:
        """Return the paths whose bytes were sent."""
        return [
            path.rpartition(f"/{self.commit}/")[2]
            for method, path, _ in self.asked
            if method == "GET" and "/resolve/" in path
        ]

    def tag(self, path: str, data: bytes) -> str:
        data = b"others" if path in self.lies else data
        return (hashlib.sha256 if len(data) >= LARGE or path in self.lies else hashlib.sha1)(data).hexdigest()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    hub: Hub

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: clients of tests break connections on purpose."""


class _Connection(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    @property
    def hub(self) -> Hub:
        return cast("_Server", self.server).hub

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""

    def do_HEAD(self) -> None:
        self._answer()

    def do_GET(self) -> None:
        self._answer()

    def _answer(self) -> None:
        path, _, _ = self.path.partition("?")
        self.hub.asked.append((self.command, path, self.headers.get("range")))
        if self.hub.status != 200:
            self._say(self.hub.status, b"{}", {})
        elif self.hub.gated and not self.headers.get("authorization"):
            self._say(401, b"{}", {"X-Error-Code": "GatedRepo"})
        elif found := re.fullmatch(r"/api/models/([^/]+/[^/]+)/?(?:revision/(.+))?", path):
            self._list(found[1], found[2])
        elif found := re.fullmatch(r"/([^/]+/[^/]+)/resolve/([^/]+)/(.+)", path):
            self._file(found[1], found[2], found[3])
        else:
            self._say(404, b"{}", {})

    def _list(self, name: str, revision: str | None) -> None:
        if name not in self.hub.files:
            return self._say(404, b"{}", {"X-Error-Code": "RepoNotFound"})
        if revision not in {None, "main", "v1", self.hub.commit}:
            return self._say(404, b"{}", {"X-Error-Code": "RevisionNotFound"})
        held = [{"rfilename": path, "size": len(data)} for path, data in self.hub.files[name].items()]
        made: dict[str, Any] = {"id": name, "modelId": name, "sha": self.hub.commit, "siblings": held}
        return self._say(200, json.dumps(made).encode(), {"content-type": "application/json"})

    def _file(self, name: str, commit: str, path: str) -> None:
        data = self.hub.files.get(name, {}).get(path)
        if data is None or commit != self.hub.commit:
            return self._say(404, b"{}", {"X-Error-Code": "EntryNotFound"})
        head = {"ETag": f'"{self.hub.tag(path, data)}"', "X-Repo-Commit": commit, "Accept-Ranges": "bytes"}
        begin, status = 0, 200
        if found := re.fullmatch(r"bytes=(\d+)-", self.headers.get("range") or ""):
            begin, status = int(found[1]), 206
            head["Content-Range"] = f"bytes {begin}-{len(data) - 1}/{len(data)}"
        return self._say(
            status, data[begin:], head, cut=self.hub.breaks.pop(path, None) if self.command == "GET" else None
        )

    def _say(self, status: int, body: bytes, head: Mapping[str, str], *, cut: int | None = None) -> None:
        self.send_response(status)
        for name, value in {**head, "content-length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "HEAD":
            return
        with suppress(OSError):
            if self.command == "GET" and self.hub.holds and self.path.endswith(self.hub.holds):
                self.wfile.write(body[: len(body) // 2])
                time.sleep(20)
                return
            self.wfile.write(body[:cut])
            if cut is not None:
                self.wfile.flush()
                self.close_connection = True
                self.connection.shutdown(2)
