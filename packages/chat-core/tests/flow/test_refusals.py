"""What servers say at an address where the service is not: the error names the address, without secrets."""

from __future__ import annotations

import pickle
from dataclasses import dataclass

import pytest
from toy import HELLO, Streamed, Toy, World, refused

from chat_core.codec.provider import Secret
from chat_core.codec.wire import WireRequest, WireResponse
from chat_core.errors import (
    AuthenticationFailed,
    ChatError,
    ConnectFailed,
    DecodeError,
    NotFound,
    ProviderError,
)
from chat_core.flow.call import CallSettings, exchange, provider_call
from chat_core.flow.credential import Static
from chat_core.flow.refusals import advise, refusal
from chat_core.flow.retry import NEVER
from chat_core.jsonvalue import parse_object

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


@pytest.mark.parametrize("stream", [False, True])
def test_a_page_for_people_instead_of_an_answer_names_the_address(stream: bool) -> None:
    page = WireResponse(headers={"content-type": "text/html; charset=utf-8"}, body=b"<!doctype html><p>Welcome")
    answer = Streamed((page.body,), WireResponse(headers=page.headers)) if stream else page
    flow = provider_call(WRONG, CallSettings(retry=NEVER), stream=stream)(HELLO)
    with pytest.raises(
        ChatError, match=r"is a web page\. Asked: https://toy\.example/\S+; .*check base_url="
    ) as caught:
        World(answer).run(flow)
    assert "user" not in str(caught.value)
    with pytest.raises(DecodeError, match="check base_url="):
        World(page).run(exchange(Toy(), CallSettings(retry=NEVER), WIRE, lambda reply: parse_object(reply.body)))


def test_what_is_no_page_has_no_such_fix() -> None:
    reply = WireResponse(headers={"content-type": "application/json"}, body=b"<")
    with pytest.raises(DecodeError) as caught:
        World(reply).run(exchange(Toy(), CallSettings(retry=NEVER), WIRE, lambda reply: parse_object(reply.body)))
    assert caught.value.fix is None


def test_a_redirect_says_where_it_leads() -> None:
    headers = {"location": "https://me:s3cret@new.example/v1?key=sesame"}
    said = str(refusal(Toy(), WIRE, WireResponse(status=308, headers=headers)))
    assert "Asked: https://toy.example/v2/chat, which leads to https://new.example/v1; if" in said
    assert "s3cret" not in said
    assert "no address" in str(refusal(Toy(), WIRE, WireResponse(status=308, headers={"location": "http://[oops"})))


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


def test_a_key_that_is_refused_is_named_by_its_source_and_not_shown() -> None:
    flow = provider_call(Toy(), CallSettings(retry=NEVER, credential=Static(Secret("canary-1", source="api_key="))))(
        HELLO
    )
    with pytest.raises(AuthenticationFailed) as caught:
        World(refused(401, "no")).run(flow)
    assert str(caught.value) == "no (HTTP 401). The key is from api_key="


def test_the_source_of_a_key_goes_before_what_the_provider_knows() -> None:
    error = AuthenticationFailed("no")
    error.fix = "Set A_KEY"
    advise(error, Toy(), Secret("canary-1", source="the environment variable B_KEY"))
    assert str(error) == "no. The key is from the environment variable B_KEY. Set A_KEY"


@pytest.mark.parametrize("error", [NotFound("no"), ChatError("no"), AuthenticationFailed("no")])
def test_other_errors_and_keys_of_nobody_say_no_source(error: ChatError) -> None:
    known = isinstance(error, AuthenticationFailed)
    advise(error, Toy(), Secret("canary-1", source=None if known else "api_key="))
    advise(error, Toy(), None)
    assert str(error) == "no"


@dataclass(frozen=True)
class Served(Toy):
    """One whose server runs on the user's machine."""

    serve: str | None = "toy serve"


def test_a_server_that_is_not_there_is_named_with_the_command_that_starts_it() -> None:
    flow = provider_call(Served(), CallSettings(retry=NEVER))(HELLO)
    with pytest.raises(ConnectFailed) as caught:
        World(ConnectFailed("no connection to here: refused")).run(flow)
    assert str(caught.value) == "no connection to here: refused. Is the server running? Start it: toy serve"
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


@pytest.mark.parametrize("provider", [Toy(), Served(serve=None)])
def test_a_server_that_nobody_can_start_is_not_guessed_at(provider: Toy) -> None:
    error = ConnectFailed("no connection")
    advise(error, provider, None)
    assert str(error) == "no connection"
