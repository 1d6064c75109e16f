"""What the seam itself does: credentials hide, capabilities are looked up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat_core.codec.capabilities import Embeddings, TokenCount, TokenCounter
from chat_core.codec.provider import Provider, Secret, capability
from chat_core.codec.wire import WireRequest, WireResponse
from chat_core.errors import ProviderError
from chat_core.messages import assistant
from chat_core.response import Response

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from chat_core.codec.provider import Decoder
    from chat_core.codec.wire import Channel
    from chat_core.request import Request


class Counter:
    """Counts nothing."""

    def encode(self, request: Request) -> WireRequest:
        return WireRequest(url=request.model)

    def decode(self, request: Request, reply: WireResponse) -> TokenCount:
        return TokenCount(input_tokens=len(request.messages), raw=reply.status)


COUNTER = Counter()


class Mute:
    """The smallest provider: it answers nothing, and type checkers take it for a `Provider`."""

    name = "mute"
    channels: frozenset[Channel] = frozenset({"http"})
    capabilities: Mapping[type, object] = {TokenCounter: COUNTER}

    def encode(self, request: Request, *, channel: Channel = "http", stream: bool = False) -> WireRequest:
        return WireRequest(url=f"{channel}://{request.model}", body={"stream": stream})

    def authorize(self, wire: WireRequest, body: bytes, secret: Secret, now: datetime) -> Mapping[str, str]:
        return {"authorization": f"{secret.value} {wire.url} {len(body)} {now.year}"}

    def decode(self, request: Request, reply: WireResponse) -> Response:
        return Response(message=assistant(), model=request.model, raw=reply.status)

    def decoder(self, request: Request) -> Decoder:
        raise NotImplementedError(request.model)

    def decode_error(self, reply: WireResponse) -> ProviderError:
        return ProviderError("no", status=reply.status)

    def origin(self, model: str) -> str:
        return f"mute@nowhere/{model}"

    def accepts(self, origin: str) -> bool:
        return origin.startswith("mute@")


def test_a_plain_class_is_a_provider() -> None:
    provider: Provider = Mute()
    assert provider.accepts(provider.origin("m"))


def test_a_capability_is_found_or_is_none() -> None:
    assert capability(Mute(), TokenCounter) is COUNTER
    assert capability(Mute(), Embeddings) is None


def test_a_secret_hides_but_is_equal_by_content() -> None:
    secret = Secret("sk-1")
    assert secret == Secret("sk-1")
    assert secret != Secret("sk-2")
    assert "sk-1" not in f"{secret} {secret!r} {secret!s} {[secret]}"
