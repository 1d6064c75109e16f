"""The environment chooses the proxy as it does for curl."""

from __future__ import annotations

import pytest

from chat_core.transport.proxies import proxy_for


@pytest.mark.parametrize(
    ("environ", "scheme", "proxy"),
    [
        ({}, "https", None),
        ({"HTTPS_PROXY": "http://p:1"}, "https", "http://p:1"),
        ({"HTTPS_PROXY": "http://p:1"}, "http", None),
        ({"HTTPS_PROXY": "http://p:1", "https_proxy": "http://q:1"}, "https", "http://q:1"),
        ({"HTTPS_PROXY": "http://p:1", "https_proxy": ""}, "https", None),
        ({"ALL_PROXY": "socks5://p:1"}, "https", "socks5://p:1"),
        ({"all_proxy": "socks5://p:1", "http_proxy": "http://q:1"}, "http", "http://q:1"),
        ({"http_proxy": "p:3128"}, "http", "http://p:3128"),
        ({"HTTP_PROXY": "http://evil", "REQUEST_METHOD": "POST"}, "http", None),
        ({"http_proxy": "http://p", "REQUEST_METHOD": "POST"}, "http", "http://p"),
    ],
)
def test_the_variable_for_the_scheme_counts(environ: dict[str, str], scheme: str, proxy: str | None) -> None:
    assert proxy_for(scheme, "api.example", 443, environ) == proxy


@pytest.mark.parametrize(
    ("rules", "host", "direct"),
    [
        ("*", "api.example", True),
        ("example", "api.example", True),
        (".example", "api.example", True),
        ("*.example", "api.example", True),
        ("api.example", "API.example", True),
        ("pi.example", "api.example", False),
        ("other, api.example ,x", "api.example", True),
        ("api.example:443", "api.example", True),
        ("api.example:8080", "api.example", False),
        ("10.0.0.0/8", "10.1.2.3", True),
        ("10.0.0.0/8", "11.1.2.3", False),
        ("127.0.0.1", "127.0.0.1", True),
        ("127.0.0.1:443", "127.0.0.1", True),
        ("::1", "::1", True),
        ("[::1]", "[::1]", True),
        ("[::1]:443", "::1", True),
        ("[::1]:80", "::1", False),
        ("fe80::/10", "fe80::1", True),
        ("", "api.example", False),
        (",", "api.example", False),
        (".", "api.example", False),
    ],
)
def test_no_proxy_names_hosts_domains_networks_and_ports(rules: str, host: str, direct: bool) -> None:
    environ = {"https_proxy": "http://p", "no_proxy": rules}
    assert (proxy_for("https", host, 443, environ) is None) == direct
