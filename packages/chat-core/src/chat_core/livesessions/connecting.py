"""A handshake that can be given up, for threads: it has one of its own.

Law: whoever gives it up does not wait for it. Nothing is tried again then, and a connection that is made all the same
is closed at once.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, cast

from chat_core.flow.drive import Drive
from chat_core.livesessions.opening import handshake

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextvars import Context

    from chat_core.codec.wire import WireRequest
    from chat_core.livesessions.opening import Opening
    from chat_core.setup import Setup
    from chat_core.transport.protocol import Connection


class Connecting:
    """One handshake."""

    def __init__(self, setup: Setup, wire: WireRequest, opening: Opening, changed: threading.Condition) -> None:
        """Get ready; `changed` is told when it is over, and guards what is known of it."""
        self._drive = Drive(handshake(setup, wire), opening)
        self._opening = opening
        self._changed = changed
        self._over = False
        self._given_up = False
        self._failure: BaseException | None = None

    def connected(self, context: Context, ended: Callable[[], bool]) -> Connection | None:
        """Wait for the connection; `None` when nobody needs it any more, because the session has `ended`.

        Raises:
            ChatError: there is none.
        """
        run = context.copy().run
        threading.Thread(target=run, args=(self._run,), name="chat-live-handshake", daemon=True).start()
        wanted = False
        try:
            with self._changed:
                self._changed.wait_for(lambda: self._over or ended())
                wanted = self._over and not ended()
            if not wanted:
                return None
            if self._failure is not None:
                raise self._failure
            return cast("Connection", self._opening.connection)
        finally:
            if not wanted:
                self._give_up()

    def _run(self) -> None:
        try:
            self._drive.finish()
        except BaseException as failure:  # noqa: BLE001 - it is raised where the connection is waited for
            self._failure = failure
        with self._changed:
            self._over = True
            self._changed.notify_all()
            self._close_unwanted()

    def _give_up(self) -> None:
        with self._changed:
            self._given_up = True
            self._close_unwanted()
        self._drive.close()

    def _close_unwanted(self) -> None:
        if self._over and self._given_up and self._opening.connection is not None:
            self._opening.connection.close()
