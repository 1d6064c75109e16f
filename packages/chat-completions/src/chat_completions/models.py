"""The models of a service: `GET /models` or where else the row says, as OpenAI and its compatible services answer it.

Law: every model that is listed comes out, with all that is said about it; a fact whose field is not known stays in
`meta`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from chat_completions.errors import error_from
from chat_core.codec.capabilities import Model, ModelPage
from chat_core.codec.wire import WireRequest
from chat_core.errors import DecodeError
from chat_core.frozen import dataclass
from chat_core.jsonvalue import excerpt, parse, rest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from chat_completions.provider import Completions
    from chat_core.codec.wire import WireResponse
    from chat_core.jsonvalue import JSON, JSONObject

IGNORED: Mapping[str, str] = {
    "object": "always `list`",
    "data[].object": "always `model`",
}

LISTS = ("data", "models")
"""Where the list is; the first one that is there counts, and null stands for none at all."""

IDS = ("id", "model_id", "slug", "model", "name")
"""What a model is called by; the first one that is there counts."""

NAMES = (("display_name",), ("name",), ("model_spec", "name"))
CREATED = (("created",),)
CONTEXT = (
    ("context_length",),
    ("context_window",),
    ("max_context_length",),
    ("max_model_len",),
    ("capabilities", "limits", "max_context_window_tokens"),
    ("model_spec", "availableContextTokens"),
    ("meta", "n_ctx"),
)
OUTPUT = (
    ("max_completion_tokens",),
    ("max_output_tokens",),
    ("top_provider", "max_completion_tokens"),
    ("capabilities", "limits", "max_output_tokens"),
    ("model_spec", "maxCompletionTokens"),
)
"""Where services put a fact: the first one that is there counts, and stays in `meta` as well."""


@dataclass(frozen=True, slots=True)
class CompletionsModels:
    """Lists the models of a service; implements `chat_core.codec.capabilities.Models`."""

    provider: Completions

    def encode(self, *, after: str | None = None) -> WireRequest:
        """Ask for a page."""
        query = f"?after={quote(after, safe='')}" if after is not None else ""
        return WireRequest(
            url=self.provider.url(self.provider.preset.models_path) + query, method="GET", headers=self.provider.headers
        )

    def decode(self, reply: WireResponse) -> ModelPage:
        """Read a page.

        Raises:
            DecodeError: the reply is malformed.
            ProviderError: the reply is an error in the guise of a success.
        """
        data = parse(reply.body)
        if isinstance(data, list):
            return ModelPage(models=self._models(data), raw=data)
        if not isinstance(data, dict):
            raise DecodeError(f"a list of models is neither list nor object but {type(data).__name__}")
        if data.get("error") is not None:
            raise error_from(data, status=reply.status, headers=reply.headers, body=excerpt(reply.body, 4000))
        place = next((key for key in LISTS if key in data), "data")
        match data.get(place, 0):
            case (list() | None) as items:
                meta = rest(data, {"object", place})
            case _:
                raise DecodeError(f"a list of models without `data`: {excerpt(reply.body)}")
        last = data.get("last_id")
        return ModelPage(
            models=self._models(items) if items is not None else (),
            next=last if data.get("has_more") is True and isinstance(last, str) else None,
            meta={self._origin: meta} if meta else {},
            raw=data,
        )

    @property
    def _origin(self) -> str:
        return self.provider.origin("")

    def _models(self, items: list[JSON]) -> tuple[Model, ...]:
        return tuple(self._model(item) for item in items)

    def _model(self, data: JSON) -> Model:
        if not isinstance(data, dict):
            raise DecodeError(f"a model is no object but {type(data).__name__}")
        ids = {key: value for key in IDS if isinstance(value := data.get(key), str)}
        if not ids:
            raise DecodeError(f"a model without an id: {sorted(data)}")
        key, name = next(iter(ids.items()))
        meta = rest(data, {key, "object"})
        return Model(
            id=name,
            name=next((value for path in NAMES if isinstance(value := _at(data, path), str)), None),
            created=next(_numbers(data, CREATED), None),
            context_tokens=next(_counts(data, CONTEXT), None),
            max_output_tokens=next(_counts(data, OUTPUT), None),
            meta={self._origin: meta} if meta else {},
        )


def _at(data: JSON, path: tuple[str, ...]) -> JSON:
    """Return what is at a path of keys; `None` when there is nothing."""
    for key in path:
        data = data.get(key) if isinstance(data, dict) else None
    return data


def _numbers(data: JSONObject, paths: tuple[tuple[str, ...], ...]) -> Iterator[float]:
    for path in paths:
        match _at(data, path):
            case bool():
                pass
            case (int() | float()) as number if abs(number) < 2**63:
                yield float(number)
            case _:
                pass


def _counts(data: JSONObject, paths: tuple[tuple[str, ...], ...]) -> Iterator[int]:
    return (int(number) for number in _numbers(data, paths) if number.is_integer())
