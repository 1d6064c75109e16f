"""Hosts as servers are told them, read as a client has to."""

from __future__ import annotations

import pytest

from chat_core.codec.host import host_url, masked, place_of, schemeless


@pytest.mark.parametrize(
    ("value", "url"),
    [
        ("", "http://127.0.0.1:11434"),
        ("1.2.3.4", "http://1.2.3.4:11434"),
        (":56789", "http://127.0.0.1:56789"),
        ("gpu:1234", "http://gpu:1234"),
        ("  'gpu:1234'\n", "http://gpu:1234"),
        ("gpu:", "http://gpu:11434"),
        ("http://example.com", "http://example.com:80"),
        ("https://example.com", "https://example.com:443"),
        ("HTTPS://example.com", "https://example.com:443"),
        ("https://example.com:8443", "https://example.com:8443"),
        ("example.com:56789/path/", "http://example.com:56789/path"),
        ("http://example.com/a/b/", "http://example.com:80/a/b"),
        ("[::1]", "http://[::1]:11434"),
        ("[::1]:80", "http://[::1]:80"),
        ("::1", "http://[::1]:11434"),
        ("fe80::1", "http://[fe80::1]:11434"),
        ("0.0.0.0", "http://127.0.0.1:11434"),
        ("0.0.0.0:1", "http://127.0.0.1:1"),
        ("[::]:1", "http://[::1]:1"),
        ("cloud.example", "https://cloud.example:443"),
        ("http://cloud.example", "http://cloud.example:80"),
    ],
)
def test_what_is_left_out_is_filled_in(value: str, url: str) -> None:
    assert host_url(value, port=11434, secure={"cloud.example"}) == url


@pytest.mark.parametrize("port", ["x", "65536", "-1", "1x", "٣", "9" * 5000])
def test_a_port_that_is_none_counts_as_missing(port: str) -> None:
    assert host_url(f"gpu:{port}", port=11434) == "http://gpu:11434"
    assert host_url(f"https://gpu:{port}/a", port=11434) == "https://gpu:443/a"


@pytest.mark.parametrize("place", ["me:secret@gpu", "me:secret@gpu:1", "me@gpu"])
def test_a_name_and_a_password_stay_for_whoever_refuses_them(place: str) -> None:
    assert place in host_url(place, port=11434)


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("https://a.example/v1", "a.example"),
        ("http://localhost:8000", "localhost:8000"),
        ("https://me:s3cret@a.example:1/v1", "a.example:1"),
        ("http://[::1]:80/x", "[::1]:80"),
    ],
)
def test_where_an_address_is_holds_no_password(url: str, place: str) -> None:
    assert place_of(url) == place


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        (None, "None"),
        ("https://host.example/v1", "'https://host.example/v1'"),
        ("https://user:secret@host.example:1/v1", "'https://***@host.example:1/v1'"),
        ("https://user:se/cr@et@host.example", "'https://***@host.example'"),
        ("user:secret@host", "'***@host'"),
    ],
)
def test_a_name_and_a_password_are_not_shown(url: str | None, shown: str) -> None:
    assert masked(url) == shown


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("localhost:8080/v1", "localhost:8080"),
        ("api.example.com/v1?key=s3cret", "api.example.com"),
        ("10.0.0.1", "10.0.0.1"),
        ("box:11434", "box:11434"),
        ("https://api.example.com", None),
        ("me:1s3cret@localhost", None),
        ("sk-ant-0123456789abcdef", None),
        ("", None),
    ],
)
def test_a_host_without_a_scheme_is_shown_with_the_fix_and_what_may_be_a_secret_is_not(
    url: str, shown: str | None
) -> None:
    words = schemeless(url)
    assert words == ("" if shown is None else f"{shown!r} has no scheme: write http://{shown} or https://{shown}")
