"""The model that a server of Text Embeddings Inference runs: `GET /info`, a list of one.

Law: all that the server says comes out; what has no field of its own is in `meta`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat_core.codec.capabilities import Model, ModelPage
from chat_core.codec.leftovers import meta_of
from chat_core.codec.wire import WireRequest
from chat_core.errors import DecodeError
from chat_core.frozen import dataclass
from chat_core.jsonvalue import excerpt, rest
from chat_huggingface.sending import read

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chat_core.codec.wire import WireResponse
    from chat_core.jsonvalue import JSON
    from chat_huggingface.provider import HuggingFace

PATH = "/info"

IGNORED: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class ServedModel:
    """Lists the one model of a server; implements `chat_core.codec.capabilities.Models`."""

    provider: HuggingFace

    def encode(self, *, after: str | None = None) -> WireRequest:  # noqa: ARG002 - the protocol's parameter: there is one page
        """Ask for the model."""
        return WireRequest(url=self.provider.url(PATH), method="GET", headers=self.provider.headers)

    def decode(self, reply: WireResponse) -> ModelPage:
        """Read the model.

        Raises:
            DecodeError: the reply is malformed.
            ProviderError: the reply is an error in the guise of a success.
        """
        data = read(reply)
        said = data if isinstance(data, dict) else {}
        match said:
            case {"model_id": str(name)}:
                meta = meta_of(self.provider.origin(""), rest(said, {"model_id", "max_input_length"}))
                model = Model(id=name, context_tokens=_count(said.get("max_input_length")), meta=meta)
                return ModelPage(models=(model,), raw=data)
            case _:
                raise DecodeError(f"no model with a name: {excerpt(reply.body)}")


def _count(value: JSON) -> int | None:
    if value is None or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    raise DecodeError(f"a number of tokens is no whole number but {type(value).__name__}")
