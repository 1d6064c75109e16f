"""The models of the Anthropic API: `GET /v1/models`, page by page.

Law: every model that is listed comes out, with all that is said about it; capabilities and lifecycle are in `meta`.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import quote

from chat_claude.errors import error_from
from chat_core.codec.capabilities import Model, ModelPage
from chat_core.codec.wire import WireRequest
from chat_core.errors import DecodeError
from chat_core.frozen import dataclass
from chat_core.jsonvalue import excerpt, parse_object, rest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chat_claude.provider import Claude
    from chat_core.codec.wire import WireResponse
    from chat_core.jsonvalue import JSON

PATH = "/v1/models"
PAGE = 1000
"""Most models that a page can have."""

IGNORED: Mapping[str, str] = {
    "data[].type": "always `model`",
    "first_id": "the id of the first model",
    "last_id": "the id of the last model",
    "has_more": "a further page is `ModelPage.next`",
}


@dataclass(frozen=True, slots=True)
class ClaudeModels:
    """Lists the models of a service; implements `chat_core.codec.capabilities.Models`."""

    provider: Claude

    def encode(self, *, after: str | None = None) -> WireRequest:
        """Ask for a page."""
        query = f"?limit={PAGE}" + (f"&after_id={quote(after, safe='')}" if after is not None else "")
        return WireRequest(
            url=self.provider.url(PATH) + query,
            method="GET",
            headers={"anthropic-version": self.provider.version, **self.provider.headers},
        )

    def decode(self, reply: WireResponse) -> ModelPage:
        """Read a page.

        Raises:
            DecodeError: the reply is malformed.
            ProviderError: the reply is an error in the guise of a success.
        """
        data = parse_object(reply.body)
        match data:
            case {"data": list(items)}:
                models = tuple(self._model(item) for item in items)
            case {"error": error} if error is not None:
                raise error_from(data, status=reply.status, headers=reply.headers, body=excerpt(reply.body, 4000))
            case _:
                raise DecodeError(f"a list of models without `data`: {excerpt(reply.body)}")
        last = data.get("last_id")
        meta = rest(data, {"data", "has_more", "first_id", "last_id"})
        return ModelPage(
            models=models,
            next=last if data.get("has_more") is True and isinstance(last, str) else None,
            meta={self._origin: meta} if meta else {},
            raw=data,
        )

    @property
    def _origin(self) -> str:
        return self.provider.origin("")

    def _model(self, data: JSON) -> Model:
        if not isinstance(data, dict):
            raise DecodeError(f"a model is no object but {type(data).__name__}")
        match data.get("id"):
            case str(name):
                meta = rest(data, {"id", "type"})
            case _:
                raise DecodeError(f"a model without an id: {sorted(data)}")
        return Model(
            id=name,
            name=shown if isinstance(shown := data.get("display_name"), str) else None,
            created=_seconds(data.get("created_at")),
            context_tokens=_count(data.get("max_input_tokens")),
            max_output_tokens=_count(data.get("max_tokens")),
            meta={self._origin: meta} if meta else {},
        )


def _count(value: JSON) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _seconds(value: JSON) -> float | None:
    """Read a date of RFC 3339 as seconds since 1970; it stays in `meta` as it came."""
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
        return moment.replace(tzinfo=moment.tzinfo or UTC).timestamp() if moment is not None else None
    except (ValueError, OverflowError):
        return None
