"""What is sent shows no secret."""

from __future__ import annotations

from chat_core.transport.exchange import Address, Message

CANARY = "sk-canary-0123456789abcdef"


def test_a_request_does_not_show_what_may_be_secret() -> None:
    to = Address("https", "h", 443, f"/v1?key={CANARY}".encode(), "h")
    message = Message(to, "POST", [(b"authorization", f"Bearer {CANARY}".encode())], CANARY.encode())
    assert CANARY not in repr(message)
    assert "host='h'" in repr(message)
    assert (to.key, to.peer) == (("https", "h", 443), "h:443")
