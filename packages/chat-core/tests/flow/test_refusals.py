"""What servers say at an address where the service is not: the error names the address, without secrets."""

from __future__ import annotations

import pytest
from toy import HELLO, Toy, World, refused

from chat_core.codec.provider import Secret
from chat_core.codec.wire import WireRequest, WireResponse
from chat_core.errors import ProviderError
from chat_core.flow.call import CallSettings, exchange, provider_call
from chat_core.flow.credential import Static
from chat_core.flow.refusals import refusal
from chat_core.flow.retry import NEVER

WRONG = Toy(base_url="https://user:pass@toy.example/v2")
WIRE = WireRequest(url="https://user:pass@toy.example/v2/chat?key=sesame")
FIX = "Asked: https://toy.example/v2/chat; if the service is not there, check base_url="


@pytest.mark.parametrize(
    "body", [b"<html>Not Found</html>", b"", b'{"detail":"Not Found"}', b"[]", b'"no"', b'{"status":404,"path":"/v2"}']
)
@pytest.mark.parametrize("status", [301, 404, 405])
def test_what_is_no_error_of_the_service_names_the_address_that_was_asked(status: int, body: bytes) -> None:
    error = refusal(Toy(), WIRE, WireResponse(status=status, body=body))
    assert error.fix == FIX
    assert str(error).endswith(FIX)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (404, b'{"error":{"message":"no such model"}}'),
        (404, b'{"error":"no such model"}'),
        (404, b'{"message":"no such model"}'),
        (404, b'{"code":"model_not_found"}'),
        (500, b"<html>"),
        (400, b"<html>"),
    ],
)
def test_the_services_own_word_stays_as_it_is(status: int, body: bytes) -> None:
    assert refusal(Toy(), WIRE, WireResponse(status=status, body=body)).fix is None


@pytest.mark.parametrize("stream", [False, True])
def test_a_call_says_so_whole_and_streamed(stream: bool) -> None:
    flow = provider_call(WRONG, CallSettings(retry=NEVER), stream=stream)(HELLO)
    with pytest.raises(ProviderError, match="check base_url=") as caught:
        World(WireResponse(status=404, body=b"<html>")).run(flow)
    assert "user" not in str(caught.value)


def test_other_exchanges_say_so_too() -> None:
    world = World(WireResponse(status=405))
    with pytest.raises(ProviderError, match="check base_url="):
        world.run(exchange(Toy(), CallSettings(), WIRE, lambda reply: reply.body))


def test_a_key_that_is_part_of_the_address_is_not_named() -> None:
    settings = CallSettings(credential=Static(Secret("sesame-0ddba11")))
    wire = WireRequest(url="https://toy.example/sesame-0ddba11/chat")
    with pytest.raises(ProviderError, match="check base_url=") as caught:
        World(WireResponse(status=404)).run(exchange(Toy(), settings, wire, lambda reply: reply.body))
    assert "sesame" not in str(caught.value)


def test_a_fix_that_the_provider_knows_is_kept() -> None:
    class Knowing(Toy):
        def decode_error(self, reply: WireResponse) -> ProviderError:
            error = super().decode_error(reply)
            error.fix = "Pull the model"
            return error

    assert refusal(Knowing(), WIRE, refused(404)).fix == "Pull the model"
    assert refusal(Knowing(), WIRE, WireResponse(status=404)).fix == "Pull the model"
