"""What may be written down holds no secret."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat_core.transport.redaction import HIDDEN, masked, plain_headers, plain_url, told_in, told_live, words

SECRET = b"sk-0123456789"


def test_headers_that_suggest_a_secret_lose_their_values() -> None:
    shown = plain_headers(
        {
            "Authorization": "Bearer x",
            "X-Api-Key": "x",
            "Cookie": "x",
            "X-Amz-Security-Token": "x",
            "Content-Type": "a/b",
            "X-RateLimit-Remaining-Tokens": "5",
            "Idempotency-Key": "i",
            "X-Mine": "m",
        },
        also=["x-mine"],
    )
    assert {name for name, value in shown.items() if value == HIDDEN} == {
        "authorization",
        "x-api-key",
        "cookie",
        "x-amz-security-token",
        "x-mine",
    }


@pytest.mark.parametrize(
    ("url", "plain"),
    [
        ("https://h/p?a=b&alt=sse", "https://h/p?a=b&alt=sse"),
        ("https://h/p?key=x&a=b", f"https://h/p?key={HIDDEN}&a=b"),
        ("https://h/p?X-Goog-Api-Key=x", f"https://h/p?X-Goog-Api-Key={HIDDEN}"),
        ("https://me:x@h:1/p", "https://h:1/p"),
        ("https://h/p?key", "https://h/p?key"),
        ("wss://h/p?conversation_id=conv_1", f"wss://h/p?conversation_id={HIDDEN}"),
    ],
)
def test_a_url_loses_its_secrets(url: str, plain: str) -> None:
    assert plain_url(url) == plain


def test_a_body_tells_secrets_in_members_whose_names_say_so() -> None:
    body = (
        b'{"tools":[{"headers":{"Authorization": "Bearer to\\"ken-1"}},'
        b'{"authorization_token":"token-2","api_key":"k"}],'
        b'"schema":{"api_key":{"type":"string"}},'
        b'"text":"\\"authorization\\":\\"nothing\\"","thoughtSignature":"signed-1"}'
    )
    assert {*told_in(body)} == {b'Bearer to\\"ken-1', b'to\\"ken-1', b"token-2"}
    assert told_in(b"\xff\x00") == ()


@pytest.mark.parametrize(
    "said",
    [
        b'{"sessionResumptionUpdate":{"newHandle":"token-1","resumable":true}}',
        b'{"setup":{"sessionResumption":{"transparent":true, "handle": "token-1"}}}',
        b'{"session_resumption":{"handle":"token-1"}}',
        b'{"resumption_token":"token-1"}',
    ],
)
def test_what_a_live_session_is_taken_up_with_is_a_secret(said: bytes) -> None:
    assert told_in(said) == told_live(said) == (b"token-1",)


def test_the_id_of_a_conversation_is_one_in_a_live_session_only() -> None:
    said = b'{"type":"conversation.created","conversation":{"object":"c","id":"conv_1"}}'
    assert (told_in(said), told_live(said)) == ((), (b"conv_1",))
    assert told_live(b'{"handle":"of a door","x_handles":["a"],"resume":"a long life"}') == ()


def test_the_words_to_look_for_are_the_values_and_not_their_scheme() -> None:
    assert set(words({"a": "Bearer sk-0123456789", "b": "raw-key-1", "c": "short"})) == {
        b"Bearer sk-0123456789",
        SECRET,
        b"raw-key-1",
    }


@given(st.lists(st.binary(max_size=6)), st.lists(st.integers(0, 40), max_size=6))
def test_a_secret_is_masked_wherever_it_is_cut_and_nothing_else_moves(around: list[bytes], cuts: list[int]) -> None:
    text = SECRET.join([b"", *around, b""])
    places = sorted({0, len(text), *(cut for cut in cuts if cut < len(text))})
    pieces = [text[a:b] for a, b in pairwise(places)] or [text]
    hidden = masked(pieces, [SECRET])
    assert [len(piece) for piece in hidden] == [len(piece) for piece in pieces]
    assert SECRET not in b"".join(hidden)
    assert b"".join(hidden) == text.replace(SECRET, b"*" * len(SECRET))
