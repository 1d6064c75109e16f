"""The rows of this package: Hugging Face's own service, and the two servers that it publishes.

Law: data only. A row is a `Preset` of the chat completions wire; what is beside chat depends on the kind of server.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias, get_args

from chat_completions.preset import Preset

if TYPE_CHECKING:
    from collections.abc import Mapping

Server: TypeAlias = Literal["hf-inference", "endpoint", "tei", "tgi"]
"""What answers, and so in which words it is asked beside chat.

- `hf-inference`: Hugging Face's own service, whose tasks are below `/hf-inference/models/MODEL`.
- `endpoint`: an Inference Endpoint, or another server that has one task at its address.
- `tei`: Text Embeddings Inference, by its native paths.
- `tgi`: Text Generation Inference.
"""

Relation: TypeAlias = Literal["entailment", "neutral", "contradiction"]
"""How a hypothesis stands to its premise."""

Pooling: TypeAlias = Literal["mean", "first"]
"""How the vectors of a text's tokens become one: their mean, or that of the first token."""

SERVERS: tuple[Server, ...] = get_args(Server)
RELATIONS: tuple[Relation, ...] = get_args(Relation)
POOLINGS: tuple[Pooling, ...] = get_args(Pooling)

KEYS = ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "HUGGINGFACE_API_KEY")
"""The variables of a token: the second one is the older name of the first."""

CHAT = "/v1/chat/completions"
LIST = "/v1/models"

IGNORED = "the server ignores it"

HUGGINGFACE = Preset(
    name="huggingface",
    base_url="https://router.huggingface.co",
    env=KEYS,
    path=CHAT,
    models_path=LIST,
    routed=True,
    names={"top_k": "top_k", "min_p": "min_p"},
    reasoning_field="reasoning",
)
"""The router, behind which are models of many vendors at many hosts."""

TEI = Preset(name="tei", base_url="http://localhost:8080", env=("TEI_API_KEY",), path=CHAT, capabilities=frozenset())
"""Text Embeddings Inference, which has no chat."""

TGI = Preset(
    name="tgi",
    base_url="http://localhost:8080",
    env=("TGI_API_KEY",),
    path=CHAT,
    models_path=LIST,
    unsupported={"n": IGNORED, "logit_bias": IGNORED, "user": IGNORED, "parallel_tool_calls": IGNORED},
    strict_tools=False,
    json_object=False,  # it is the word for a schema here
)
"""Text Generation Inference."""

ROWS: Mapping[str, tuple[Preset, Server]] = {
    HUGGINGFACE.name: (HUGGINGFACE, "hf-inference"),
    TEI.name: (TEI, "tei"),
    TGI.name: (TGI, "tgi"),
}
"""Every row by its name, with the server that it means unless a setting says otherwise."""
