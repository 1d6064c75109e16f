"""The models of a place: `GET models`, on Vertex AI those of Google as publisher, page by page.

Law: every model that is listed comes out, with all that is said about it; methods and defaults are in `meta`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat_core.codec.capabilities import Model, ModelPage
from chat_core.errors import DecodeError
from chat_core.frozen import dataclass
from chat_core.jsonvalue import rest
from chat_gemini.sending import PAGE, count_of, items_of, meta_of, object_of, text_of, wire_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chat_core.codec.wire import WireRequest, WireResponse
    from chat_core.jsonvalue import JSONObject
    from chat_gemini.sending import Sender

PUBLISHED = "publishers/google/models"

BEGINNINGS = ("models/", f"{PUBLISHED}/")
"""What the names of models begin with, and requests need not."""

IGNORED: Mapping[str, str] = {}

_TYPED = {"displayName", "inputTokenLimit", "outputTokenLimit"}


@dataclass(frozen=True, slots=True)
class GeminiModels:
    """Lists the models of a place; implements `chat_core.codec.capabilities.Models`."""

    provider: Sender

    def encode(self, *, after: str | None = None) -> WireRequest:
        """Ask for a page."""
        place = self.provider.place
        url = f"{place.base_url.rstrip('/')}/{place.version}/{PUBLISHED}" if place.vertex else place.url("models")
        token = {} if after is None else {"pageToken": after}
        return wire_of(self.provider, url, method="GET", query={"pageSize": str(PAGE), **token})

    def decode(self, reply: WireResponse) -> ModelPage:
        """Read a page.

        Raises:
            DecodeError: the reply is malformed.
            ProviderError: the reply is an error in the guise of a success.
        """
        data = object_of(self.provider, reply)
        key = next((key for key in ("models", "publisherModels", "tunedModels") if key in data), "models")
        items, token = items_of(data, key)
        return ModelPage(
            models=tuple(self._model(item) for item in items),
            next=token,
            meta=meta_of(self.provider, rest(data, {key, "nextPageToken"})),
            raw=data,
        )

    def _model(self, data: JSONObject) -> Model:
        name = text_of(data, "name")
        if name is None:
            raise DecodeError(f"a model without a name: {sorted(data)}")
        beginning = next((part for part in BEGINNINGS if name.startswith(part)), "")
        return Model(
            id=name.removeprefix(beginning),
            name=text_of(data, "displayName"),
            context_tokens=count_of(data, "inputTokenLimit"),
            max_output_tokens=count_of(data, "outputTokenLimit"),
            meta=meta_of(self.provider, rest(data, _TYPED)),
        )
