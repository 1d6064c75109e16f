"""The kit's laws of transports hold for ours, and fail where a transport breaks them."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import pytest

from chat_core.errors import TransportError
from chat_core.testing.transports import TransportContract
from chat_core.transport.http import HTTPTransport

if TYPE_CHECKING:
    from collections.abc import Callable

    from chat_core.codec.wire import Outgoing, WireResponse
    from chat_core.testing.transports import Face


class TestHTTP(TransportContract):
    @pytest.fixture
    def make(self) -> Callable[[], HTTPTransport]:
        return HTTPTransport


class TestHTTPWithoutKeepingConnections(TransportContract):
    @pytest.fixture
    def make(self) -> Callable[[], HTTPTransport]:
        return partial(HTTPTransport, keepalive=0)


class Wrong:
    """A transport that breaks laws, as a face."""

    def __init__(self) -> None:
        self._inner = HTTPTransport()

    def send(self, request: Outgoing, until: float | None) -> WireResponse:
        failure = TransportError("not tried")
        for _ in range(3):
            try:
                return self._inner.send(replace(request, credentials={}), until)
            except TransportError as error:
                failure = TransportError(error.message)
        raise failure

    open = HTTPTransport().open


@pytest.mark.parametrize(
    "law",
    [
        TransportContract().test_a_whole_reply_and_what_the_server_got,
        TransportContract().test_only_a_connection_that_rested_and_died_is_tried_again_and_once,
        TransportContract().test_a_connection_that_nobody_takes_has_failed,
    ],
)
def test_a_transport_that_breaks_a_law_fails_its_test(law: Callable[[Face], None]) -> None:
    with pytest.raises((AssertionError, TransportError, pytest.fail.Exception, KeyError)):
        law(Wrong())
