"""The models that a server has: `GET /api/tags`, one page.

Law: every model that is listed comes out, with all that is said about it; size, digest and details are in `meta`.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from chat_core.codec.capabilities import Model, ModelPage
from chat_core.errors import DecodeError
from chat_core.frozen import dataclass
from chat_core.jsonvalue import excerpt, parse_object, rest
from chat_ollama.errors import error_from

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chat_core.codec.wire import WireRequest, WireResponse
    from chat_core.jsonvalue import JSON
    from chat_ollama.provider import Ollama

PATH = "/api/tags"

IGNORED: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class OllamaModels:
    """Lists the models of a server; implements `chat_core.codec.capabilities.Models`."""

    provider: Ollama

    def encode(self, *, after: str | None = None) -> WireRequest:  # noqa: ARG002 - the protocol's parameter: there is one page
        """Ask for the list."""
        return self.provider.wire(PATH, method="GET")

    def decode(self, reply: WireResponse) -> ModelPage:
        """Read the list.

        Raises:
            DecodeError: the reply is malformed.
            ProviderError: the reply is an error in the guise of a success.
        """
        data = parse_object(reply.body)
        match data:
            case {"models": (list() | None) as items}:
                models = tuple(self._model(item) for item in items or ())
            case {"error": error} if error is not None:
                raise error_from(data, status=reply.status, headers=reply.headers, body=excerpt(reply.body, 4000))
            case _:
                raise DecodeError(f"a list of models without `models`: {excerpt(reply.body)}")
        meta = rest(data, {"models"})
        return ModelPage(models=models, meta={self._origin: meta} if meta else {}, raw=data)

    @property
    def _origin(self) -> str:
        return self.provider.origin("")

    def _model(self, data: JSON) -> Model:
        if not isinstance(data, dict):
            raise DecodeError(f"a model is no object but {type(data).__name__}")
        match data.get("model"), data.get("name"):
            case (str(model), (str() | None) as name) | (None, str(model) as name):
                meta = rest(data, {"model", "name"})
            case _:
                raise DecodeError(f"a model without a name: {sorted(data)}")
        return Model(
            id=model,
            name=name if name != model else None,
            created=seconds(data.get("modified_at")),
            context_tokens=_context(data.get("details")),
            meta={self._origin: meta} if meta else {},
        )


def _context(details: JSON) -> int | None:
    match details:
        case {"context_length": int(tokens)} if not isinstance(tokens, bool):
            return tokens
        case _:
            return None


def seconds(value: JSON) -> float | None:
    """Read a date of RFC 3339 as seconds since 1970; `None` for anything else."""
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
        return moment.replace(tzinfo=moment.tzinfo or UTC).timestamp() if moment is not None else None
    except (ValueError, OverflowError):
        return None
