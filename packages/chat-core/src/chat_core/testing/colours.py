"""Both colours of the front door, seen from blocking code.

Law: nothing here depends on more of a client than `complete` and `stream`.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Protocol, Self

from chat_core.achat import AsyncChat
from chat_core.chat import Chat
from chat_core.errors import ChatError
from chat_core.flow.retry import NEVER

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chat_core.events import Event
    from chat_core.flow.retry import Retry
    from chat_core.flow.timeouts import Timeouts
    from chat_core.request import Request
    from chat_core.response import Response
    from chat_core.testing.loopback import Redirected
    from chat_core.testing.subject import Subject
    from chat_core.transport.recording import Recording


class Client(Protocol):
    """A client of either colour; `with` closes it."""

    def __enter__(self) -> Self:
        """Begin."""
        ...

    def __exit__(self, *failure: object) -> None:
        """Close the connections."""
        ...

    def complete(self, request: Request) -> Response:
        """Ask and wait for the whole answer."""
        ...

    def events(self, request: Request) -> tuple[list[Event], ChatError | None]:
        """Ask and return the events of the answer, and what ended them early."""
        ...

    def leave(self, request: Request) -> Event | None:
        """Ask, take the first event and leave."""
        ...


class Blocking:
    """`Chat` as it is."""

    def __init__(
        self,
        subject: Subject,
        transport: Redirected | Recording,
        timeouts: Timeouts | None = None,
        retry: Retry = NEVER,
    ) -> None:
        """Make a client that goes over a transport."""
        self.chat = Chat(
            subject.model,
            provider=subject.provider,
            api_key=subject.secret,
            transport=transport,
            timeouts=timeouts,
            retry=retry,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        self.chat.close()

    def complete(self, request: Request) -> Response:
        """As `Client.complete`."""
        return self.chat.complete(request).response

    def events(self, request: Request) -> tuple[list[Event], ChatError | None]:
        """As `Client.events`."""
        events: list[Event] = []
        try:
            with self.chat.stream(request) as stream:
                for event in stream:
                    events.append(event)  # noqa: PERF402 - what came before an error counts
        except ChatError as error:
            return events, error
        return events, None

    def leave(self, request: Request) -> Event | None:
        """As `Client.leave`."""
        with self.chat.stream(request) as stream:
            return next(stream, None)


class Looped:
    """`AsyncChat`, whose loop runs while something is asked of it."""

    def __init__(
        self,
        subject: Subject,
        transport: Redirected | Recording,
        timeouts: Timeouts | None = None,
        retry: Retry = NEVER,
    ) -> None:
        """Make a client that goes over a transport."""
        self._transport = transport
        self._runner = asyncio.Runner()
        self.chat = AsyncChat(
            subject.model,
            provider=subject.provider,
            api_key=subject.secret,
            transport=transport,
            timeouts=timeouts,
            retry=retry,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        self._runner.run(self._transport.aclose())
        self._runner.close()

    def complete(self, request: Request) -> Response:
        """As `Client.complete`."""
        return self._runner.run(self._complete(request))

    def events(self, request: Request) -> tuple[list[Event], ChatError | None]:
        """As `Client.events`."""
        return self._runner.run(self._events(request))

    def leave(self, request: Request) -> Event | None:
        """As `Client.leave`."""
        return self._runner.run(self._leave(request))

    async def _complete(self, request: Request) -> Response:
        return (await self.chat.complete(request)).response

    async def _events(self, request: Request) -> tuple[list[Event], ChatError | None]:
        events: list[Event] = []
        try:
            async with self.chat.stream(request) as stream:
                async for event in stream:
                    events.append(event)  # noqa: PERF401 - what came before an error counts
        except ChatError as error:
            return events, error
        return events, None

    async def _leave(self, request: Request) -> Event | None:
        async with self.chat.stream(request) as stream:
            return await anext(stream, None)


class Make(Protocol):
    """Makes a client."""

    def __call__(
        self,
        subject: Subject,
        transport: Redirected | Recording,
        timeouts: Timeouts | None = None,
        retry: Retry = NEVER,
    ) -> Client:
        """Make a client that goes over a transport."""
        ...


COLOURS: Mapping[str, Make] = {"blocking": Blocking, "asyncio": Looped}
"""Both colours by name."""
