"""The service in the process as it fetches a model: its progress, one event after another, as the local wire has it.

The events: `{"status": "…"}`, for a file with `digest`, `total` and `completed`. The last one is
`{"status": "success"}` or `{"error": {…}}`.

Law: a model that cannot be had at all is an error before the first event. Closing the stream ends the work, and what
arrived is kept.
"""

from __future__ import annotations

import threading
from time import monotonic
from typing import TYPE_CHECKING

from chat_core.codec.wire import dump
from chat_core.errors import ChatError, ConfigurationError
from chat_core.jsonvalue import parse_object
from chat_local import names
from chat_local.server import Begun

if TYPE_CHECKING:
    from collections.abc import Callable

    from chat_core.jsonvalue import JSONObject
    from chat_local.hub import Listed

INTERVAL = 0.1
"""Seconds between two events about the same file, but for its first and last one."""


class _Abandoned(Exception):
    """Nobody waits any more."""


def begin(body: bytes, tell: Callable[[bytes, bool], None]) -> Begun:
    """Begin to fetch a model: ask the hub for it, and fetch its files in a thread.

    Args:
        body: `{"model": NAME}`, with `weights: true` for what a graph is made of, and `gpu: true` for a variant that
            suits one.
        tell: is given each further event, and whether it is the last one.

    Raises:
        ConfigurationError: there is no such model, or it is none of the hub.
        ConnectFailed: the hub cannot be reached.
    """
    asked = parse_object(body)
    name = names.read(str(asked.get("model")))
    if name.source != "hub":
        raise ConfigurationError(f"{name} is on this machine already: only models of the hub are fetched")
    from chat_local.hub import listed  # noqa: PLC0415 - the hub's client is loaded for models of the hub

    pull = Pull(listed(name), tell, weights=asked.get("weights") is True, gpu=asked.get("gpu") is True)
    pull.start()
    return Begun(pull, dump({"status": f"fetching {name}"}))


class Pull:
    """A model that is on its way."""

    def __init__(self, listed: Listed, tell: Callable[[bytes, bool], None], *, weights: bool, gpu: bool) -> None:
        """Get ready."""
        self._listed = listed
        self._weights = weights
        self._gpu = gpu
        self._tell = tell
        self._left = threading.Event()
        self._shown: tuple[object, float] = (None, 0.0)

    def start(self) -> None:
        """Begin in a thread of its own."""
        threading.Thread(target=self._run, name="chat-local-pull", daemon=True).start()

    def cancel(self) -> None:
        """End the work at its next piece; from any thread."""
        self._left.set()

    def _run(self) -> None:
        from chat_local.fetching import fetch  # noqa: PLC0415 - as in `begin`

        try:
            fetch(self._listed, gpu=self._gpu, weights=self._weights, tell=self._progress)
        except _Abandoned:
            return
        except ChatError as error:
            self._tell(dump({"error": {"type": type(error).__name__, "message": error.message}}), True)  # noqa: FBT003 - a callback
        except Exception as error:  # noqa: BLE001 - a thread's end is told, whatever it was
            self._tell(dump({"error": {"type": type(error).__name__, "message": str(error)[:300]}}), True)  # noqa: FBT003 - as above
        else:
            self._tell(dump({"status": "success"}), True)  # noqa: FBT003 - as above

    def _progress(self, progress: JSONObject) -> None:
        """Pass on how far a file is, now and then."""
        if self._left.is_set():
            raise _Abandoned
        file, since = self._shown
        now = monotonic()
        over = progress.get("completed") == progress.get("total")
        if over or file != progress.get("digest") or now - since >= INTERVAL:
            self._shown = (progress.get("digest"), now)
            self._tell(dump(progress), False)  # noqa: FBT003 - as above
