"""URLs are taken apart as the network needs it, and never quoted in errors."""

from __future__ import annotations

import subprocess
import sys

import pytest

from chat_core.errors import ConfigurationError
from chat_core.transport.client import ClientName, address

CLIENTS: tuple[ClientName, ...] = ("httpx", "httpx2")


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize(
    ("url", "key", "target", "header"),
    [
        ("https://api.example", ("https", "api.example", 443), b"/", "api.example"),
        ("https://API.example:443/v1", ("https", "api.example", 443), b"/v1", "api.example"),
        ("http://h:8080/a/b?c=d&e=%20", ("http", "h", 8080), b"/a/b?c=d&e=%20", "h:8080"),
        ("http://[::1]:80/x", ("http", "::1", 80), b"/x", "[::1]"),
        ("http://[::1]:81/x", ("http", "::1", 81), b"/x", "[::1]:81"),
        ("https://h/m/a b/ü:go?q=ü x#part", ("https", "h", 443), b"/m/a%20b/%C3%BC:go?q=%C3%BC%20x", "h"),
        ("https://h/model/us.x-v1%3A0/invoke", ("https", "h", 443), b"/model/us.x-v1%3A0/invoke", "h"),
        ("https://bücher.example/", ("https", "xn--bcher-kva.example", 443), b"/", "xn--bcher-kva.example"),
    ],
)
def test_the_address_of_a_request(
    client: ClientName, url: str, key: tuple[str, str, int], target: bytes, header: str
) -> None:
    found = address(client, url)
    assert (found.key, found.target, found.header) == (key, target, header)


@pytest.mark.parametrize(
    "url",
    ["", "h", "h:80", "//h/", "ftp://h/", "http://", "https:///x", "http://h:x/", "http://h:99999/", "http://[::1"],
)
@pytest.mark.parametrize("client", CLIENTS)
def test_what_http_does_not_reach_is_refused(client: ClientName, url: str) -> None:
    with pytest.raises(ConfigurationError, match="base_url"):
        address(client, url)


@pytest.mark.parametrize("url", ["https://me:s3cret@h/", "ftp://h/s3cret"])
@pytest.mark.parametrize("client", CLIENTS)
def test_what_is_refused_is_not_quoted(client: ClientName, url: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        address(client, url)
    assert "s3cret" not in str(caught.value)


def test_a_request_straight_to_a_server_loads_no_client_library() -> None:
    program = (
        "import sys\n"
        "from chat_core.transport.http import HTTPTransport\n"
        "from chat_core.codec.wire import Outgoing, WireRequest\n"
        "from chat_core.errors import ConnectFailed\n"
        "for url in ('http://127.0.0.1:1/v1', 'https://127.0.0.1:1/v1'):\n"
        "    try: HTTPTransport().send(Outgoing(wire=WireRequest(url=url), body=b''), None)\n"
        "    except ConnectFailed: pass\n"
        "print({'httpx', 'httpcore', 'h11', 'anyio'} & set(sys.modules))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert done.stdout.strip() == b"set()"
