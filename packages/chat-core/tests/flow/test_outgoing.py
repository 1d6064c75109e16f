"""What leaves: bytes, headers, credentials; and what errors do not say."""

from __future__ import annotations

from dataclasses import replace

import pytest
from toy import HELLO, Toy

from chat_core.codec.provider import Secret
from chat_core.codec.wire import FormField, Multipart, WireRequest
from chat_core.errors import InvalidRequest
from chat_core.flow.outgoing import Sender, merged
from chat_core.transport.redaction import HIDDEN, sensitive

TOY = Toy()
KEY = Secret("canary-key-1")


def sender(wire: WireRequest | None = None, **headers: str) -> Sender:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Sender(TOY, TOY.encode(HELLO) if wire is None else wire, named, lambda: 0.5)


def test_a_json_body_is_dumped_and_typed() -> None:
    outgoing = sender().outgoing(None, 0.0, connect=1.0, pool=2.0)
    assert outgoing.body == b'{"model":"toy-1","texts":["Hi"],"stream":false}'
    assert outgoing.headers == {"content-type": "application/json", "Accept": "application/json"}
    assert outgoing.headers == outgoing.wire.headers
    assert (outgoing.connect, outgoing.pool) == (1.0, 2.0)
    assert outgoing.credentials == {}


def test_bytes_and_nothing_are_sent_as_they_are() -> None:
    assert sender(WireRequest(url="x", body=b"\x00\x01")).outgoing(None, 0, connect=None, pool=None).body == b"\x00\x01"
    empty = sender(WireRequest(url="x", method="GET")).outgoing(None, 0, connect=None, pool=None)
    assert (empty.body, empty.headers) == (b"", {})


def test_a_form_is_spelled_with_a_boundary_that_is_not_in_it() -> None:
    form = Multipart(
        (
            FormField(name="purpose", data=b"test"),
            FormField(name='f"ile', filename="a\r\nb.txt", mime="text/plain", data=b"--x--"),
        )
    )
    outgoing = sender(WireRequest(url="x", body=form)).outgoing(None, 0, connect=None, pool=None)
    boundary = outgoing.headers["content-type"].removeprefix("multipart/form-data; boundary=")
    lines = outgoing.body.decode().split("\r\n")
    assert lines == [
        f"--{boundary}", 'content-disposition: form-data; name="purpose"', "", "test",
        f"--{boundary}", 'content-disposition: form-data; name="f%22ile"; filename="a%0D%0Ab.txt"',
        "content-type: text/plain", "", "--x--",
        f"--{boundary}--", "",
    ]  # fmt: skip


def test_the_providers_proof_is_made_of_the_moment_and_stands_apart() -> None:
    outgoing = sender().outgoing(KEY, 0.0, connect=None, pool=None)
    assert outgoing.credentials == {"authorization": f"Bearer {KEY.value}", "x-date": "1970-01-01T00:00:00+00:00"}
    assert KEY.value not in repr(outgoing)


def test_headers_of_the_program_win_whatever_their_case() -> None:
    outgoing = sender(ACCEPT="text/plain", x_trace="7").outgoing(None, 0, connect=None, pool=None)
    assert outgoing.headers == {"content-type": "application/json", "ACCEPT": "text/plain", "x-trace": "7"}


def test_a_header_that_may_hold_a_secret_is_treated_as_one() -> None:
    outgoing = sender(Authorization="Basic canary", x_gateway_key="canary").outgoing(KEY, 0.0, connect=None, pool=None)
    assert outgoing.credentials["Authorization"] == "Basic canary"
    assert outgoing.credentials["x-gateway-key"] == "canary"
    assert "authorization" not in outgoing.credentials
    assert "canary" not in repr(outgoing)


@pytest.mark.parametrize(
    ("name", "may"),
    [("Authorization", True), ("x-api-key", True), ("Cookie", True), ("x-goog-user-project", False),
     ("Idempotency-Key", False), ("anthropic-beta", False), ("X-Auth-Token", True)],
)  # fmt: skip
def test_names_tell_secrets(name: str, may: bool) -> None:
    assert sensitive(name) is may


def test_the_idempotency_key_is_the_same_for_every_attempt() -> None:
    wire = replace(TOY.encode(HELLO), idempotency_header="Idempotency-Key")
    numbers = iter([0.1, 0.2, 0.3, 0.4])
    keyed = Sender(TOY, wire, {}, lambda: next(numbers))
    first = keyed.outgoing(None, 0, connect=None, pool=None).headers["Idempotency-Key"]
    assert keyed.outgoing(None, 1, connect=None, pool=None).headers["Idempotency-Key"] == first
    assert len(first) == 32
    other = Sender(TOY, wire, {}, lambda: next(numbers)).outgoing(None, 0, connect=None, pool=None)
    assert other.headers["Idempotency-Key"] != first


def test_a_program_may_choose_the_idempotency_key() -> None:
    wire = replace(TOY.encode(HELLO), idempotency_header="Idempotency-Key")
    own = Sender(TOY, wire, {"idempotency-key": "mine"}, lambda: 0.5).outgoing(None, 0, connect=None, pool=None)
    assert {name.lower(): value for name, value in own.headers.items()}["idempotency-key"] == "mine"
    assert len([name for name in own.headers if name.lower() == "idempotency-key"]) == 1


def test_merging_keeps_one_header_of_a_name() -> None:
    assert merged({"A": "1", "B": "2"}, {"a": "3"}) == {"a": "3", "B": "2"}


def test_what_a_service_repeats_of_our_secrets_is_hidden() -> None:
    error = InvalidRequest(
        f"bad key {KEY.value}",
        code=KEY.value,
        body=f'{{"key":"{KEY.value}"}}',
        details={"keys": [KEY.value, {KEY.value: f"Bearer {KEY.value}"}], "n": 1},
    )
    sender().hide(error, KEY)
    assert error.message == f"bad key {HIDDEN}"
    assert KEY.value not in f"{error!s} {error!r} {error.body} {error.details} {error.__dict__}"
    assert error.details == {"keys": [HIDDEN, {HIDDEN: f"Bearer {HIDDEN}"}], "n": 1}


def test_a_secret_in_a_header_of_the_program_is_hidden_too() -> None:
    error = InvalidRequest("bad key canary-key-2")
    sender(Authorization="Bearer canary-key-2").hide(error, None)
    assert str(error) == f"bad key {HIDDEN}"


def test_a_secret_too_short_to_be_one_hides_no_words() -> None:
    error = InvalidRequest("no such model")
    sender().hide(error, Secret("no"))
    assert str(error) == "no such model"
