"""Hugging Face: chat over its router or on a server, and the tasks of its models beside chat.

Law: chat is chat-completions', tasks are this package's. What answers is said by `server`, and never found out by
trying.
"""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from chat_completions.provider import Completions
from chat_core.errors import UnsupportedCapability, UnsupportedContent
from chat_core.frozen import dataclass
from chat_huggingface.addresses import root
from chat_huggingface.presets import HUGGINGFACE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chat_completions.preset import Preset
    from chat_core.codec.wire import Channel, WireRequest, WireResponse
    from chat_core.errors import ProviderError
    from chat_core.jsonvalue import JSONObject
    from chat_core.request import Request
    from chat_huggingface.presets import Pooling, Relation, Server

BATCH = 32
"""Most texts at once that a server of Text Embeddings Inference takes, unless it was started otherwise."""

BILL_TO = "x-hf-bill-to"

PIPELINES = frozenset({"feature-extraction", "sentence-similarity"})
"""Tasks that the service has for models of another main task, and that its addresses name therefore."""

_ROUTE = "hf-inference"


@dataclass(frozen=True, slots=True, weakref_slot=False, init=False)
class HuggingFace(Completions):
    """Hugging Face; implements `chat_core.codec.provider.Provider`.

    Attributes:
        preset: the row of the service.
        base_url: its address; `/v1` at the end does not count.
        name: the name users type before the colon.
        headers: further headers of every request.
        server: what answers, and so how it is asked.
        classes: what classes of a model stand for in natural language inference, where their names do not say it.
        batch: most texts that one request to a `tei` server holds.
        pooling: how vectors of tokens become one of the text, for models that give those; `None` = they are an error.
    """

    server: Server = "hf-inference"
    classes: Mapping[str, Relation] = field(default_factory=dict[str, "Relation"], hash=False)
    batch: int = BATCH
    pooling: Pooling | None = None

    def __init__(  # noqa: PLR0913 - one for each attribute
        self,
        preset: Preset = HUGGINGFACE,
        *,
        server: Server = "hf-inference",
        base_url: str | None = None,
        name: str | None = None,
        headers: Mapping[str, str] | None = None,
        bill_to: str | None = None,
        classes: Mapping[str, Relation] | None = None,
        batch: int = BATCH,
        pooling: Pooling | None = None,
    ) -> None:
        """Fill in from the row what is not given; `bill_to` is the organisation that pays, as a header says it."""
        bill = {} if bill_to is None else {BILL_TO: bill_to}
        given = base_url if base_url is None else root(base_url)
        told = {**headers, **bill} if headers is not None else bill
        Completions.__init__(self, preset, base_url=given, name=name, headers=told)
        object.__setattr__(self, "server", server)
        object.__setattr__(self, "classes", classes if classes is not None else {})
        object.__setattr__(self, "batch", batch)
        object.__setattr__(self, "pooling", pooling)

    @property
    def capabilities(self) -> Mapping[type, object]:
        """What the server offers beside chat, by protocol."""
        from chat_huggingface.offered import offered  # noqa: PLC0415 - it imports this module's type

        return offered(self)

    def encode(self, request: Request, *, channel: Channel = "http", stream: bool = False) -> WireRequest:
        """Spell a chat request.

        Raises:
            UnsupportedContent: the wire cannot spell a part, or `foreign_reasoning` is `fail`.
            UnansweredToolCall: a call in the history has no result.
            UnsupportedTransport: the channel is none of `channels`.
            UnsupportedCapability: the server has no chat.
        """
        if self.server == "tei":
            raise UnsupportedCapability(
                f"{self.name} is a server of Text Embeddings Inference, which has no chat: use `embed`, `rerank`, "
                "`classify`, `entail` or `tokenize`, or another provider"
            )
        wire = Completions.encode(self, request, channel=channel, stream=stream)
        if self.server != "tgi" or request.output is None:
            return wire
        from chat_huggingface.schemas import as_value  # noqa: PLC0415 - for this server only

        return as_value(wire, request.output.description, request.output.strict)

    def parse(self, body: JSONObject, *, model: str | None = None) -> Request:
        """Read a chat request body: the inverse of `encode`.

        Args:
            body: what was or would be sent; `stream` is no part of a request and is left out.
            model: the model, where the body does not name it.

        Raises:
            DecodeError: the body is no chat completions request.
        """
        if self.server == "tgi":
            from chat_huggingface.schemas import as_schema  # noqa: PLC0415 - as in `encode`

            body = as_schema(body)
        return Completions.parse(self, body, model=model)

    def decode_error(self, reply: WireResponse) -> ProviderError:
        """Read a reply whose status says that it failed; never raises."""
        from chat_huggingface.errors import decode_error  # noqa: PLC0415 - the codec is loaded by whoever calls

        return decode_error(reply, server=self.server, host=urlsplit(self.base_url).hostname)

    def task_url(self, task: str, model: str) -> str:
        """Return the address of a model's task.

        Raises:
            UnsupportedContent: the model is not named, or to be asked of another host than the tasks are.
        """
        if self.server != "hf-inference":
            return self.base_url
        named, colon, host = model.partition(":")
        if colon and host != _ROUTE:
            raise UnsupportedContent(f"tasks are asked of {_ROUTE} only: leave {colon + host!r} off the model's name")
        if not named:
            raise UnsupportedContent(f"name the model for {task}, such as {self.name}:owner/model")
        pipeline = f"/pipeline/{task}" if task in PIPELINES else ""
        return self.url(f"/{_ROUTE}/models/{quote(named, safe='/')}{pipeline}")
