"""An address is known without being looked up, and a name never is."""

from __future__ import annotations

import socket

import pytest

from chat_core.transport.names import numeric, spelled


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "2001:db8::7"])
def test_an_address_is_what_the_system_says_of_it(host: str) -> None:
    assert numeric(host, 80) == tuple(socket.getaddrinfo(host, 80, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP))


@pytest.mark.parametrize("host", ["localhost", "example.org", "127.1", "1", "::1%lo", "", "é.example", "a\0b"])
def test_whatever_else_has_to_be_looked_up(host: str) -> None:
    assert numeric(host, 80) == ()


@pytest.mark.parametrize(("host", "name"), [("example.org", b"example.org"), ("é.example", "é.example")])
def test_international_names_alone_are_spelled_as_text(host: str, name: str | bytes) -> None:
    assert spelled(host) == name
