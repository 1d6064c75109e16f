"""Plain addresses are taken apart as the client library would."""

from __future__ import annotations

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat_core.transport.addresses import plain
from chat_core.transport.exchange import PORTS, Address

hosts = st.sampled_from(
    ["api.example", "h", "a-1.b2.example", "1a", "127.0.0.1", "256.0.0.1", "1.2.3", "01.2.3.4", "x.1"]
)
paths = st.text("aZ09-._~!$&'()*+,;=:@/%?# \u00fc[]|^", max_size=12)


@given(
    st.sampled_from(["http", "https"]),
    hosts,
    st.sampled_from(["", ":80", ":443", ":8080", ":0", ":70000", ":08"]),
    paths,
)
def test_a_plain_address_is_taken_apart_as_the_client_library_would(
    scheme: str, host: str, port: str, path: str
) -> None:
    url = f"{scheme}://{host}{port}{'/' if path else ''}{path}"
    if (found := plain(url)) is not None:
        parsed = httpx.URL(url)
        number = parsed.port or PORTS[scheme]
        assert found == Address(scheme, parsed.raw_host.decode(), number, parsed.raw_path, parsed.netloc.decode())


@pytest.mark.parametrize(
    "url",
    [
        "https://api.openai.com/v1/responses",
        "http://localhost:11434/api/chat",
        "http://127.0.0.1:8080/v1",
        "https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse",
    ],
)
def test_the_addresses_of_services_are_plain(url: str) -> None:
    assert plain(url) is not None


@pytest.mark.parametrize(
    "url", ["http://h/a/../b", "http://h/./b", "http://h/a%20b", "http://H/", "http://u@h/", "http://h/#a"]
)
def test_what_has_to_be_normalised_is_left_to_the_client_library(url: str) -> None:
    assert plain(url) is None
