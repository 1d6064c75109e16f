"""The models that are on this machine: the one that comes along, and those of the hub's cache."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from chat_core.codec.capabilities import Model, ModelPage
from chat_core.codec.wire import WireRequest
from chat_core.errors import DecodeError
from chat_core.jsonvalue import excerpt, parse_object, rest

if TYPE_CHECKING:
    from chat_core.codec.wire import WireResponse
    from chat_core.jsonvalue import JSON
    from chat_local.provider import Local


@dataclass(frozen=True, slots=True)
class LocalModels:
    """Implements `chat_core.codec.capabilities.Models`."""

    provider: Local

    def encode(self, *, after: str | None = None) -> WireRequest:  # noqa: ARG002 - there is one page
        """Ask for the list."""
        return WireRequest(url="local://service/models", method="GET")

    def decode(self, reply: WireResponse) -> ModelPage:
        """Read the list.

        Raises:
            DecodeError: the reply is malformed.
        """
        data = parse_object(reply.body)
        match data.get("models"):
            case list(items):
                return ModelPage(models=tuple(self._model(item) for item in items), raw=data)
            case _:
                raise DecodeError(f"a list of models without `models`: {excerpt(reply.body)}")

    def _model(self, data: JSON) -> Model:
        if not isinstance(data, dict):
            raise DecodeError(f"a model is no object but {type(data).__name__}")
        match data.get("id"):
            case str(name):
                meta = rest(data, {"id", "name", "context_tokens"})
                title, tokens = data.get("name"), data.get("context_tokens")
                return Model(
                    id=name,
                    name=title if isinstance(title, str) else None,
                    context_tokens=tokens if isinstance(tokens, int) else None,
                    meta={self.provider.origin(""): meta} if meta else {},
                )
            case _:
                raise DecodeError(f"malformed model: {excerpt(repr(data))}")
