"""The type of a preset: what one OpenAI-compatible service wants otherwise than the others.

Law: a quirk is a field here and a value in `presets.PRESETS`; no code asks for a service by name.
"""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, Literal, TypeAlias, get_args

from chat_core.codec.host import masked
from chat_core.frozen import SHOWN, dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping

MediaForm: TypeAlias = Literal["image", "image_url", "audio", "audio_url", "video_url", "file", "file_id", "file_url"]
"""A way to send media: `image` and `file` are data URLs in the body, the `…_url` forms are addresses to fetch."""

ALL_MEDIA: frozenset[MediaForm] = frozenset(
    {"image", "image_url", "audio", "audio_url", "video_url", "file", "file_id", "file_url"}
)

EmbeddingsDialect: TypeAlias = Literal["openai", "mistral", "openrouter", "perplexity", "voyage"]
CountingDialect: TypeAlias = Literal["llamacpp", "vllm"]
ImagesDialect: TypeAlias = Literal["openai", "xai", "together", "openrouter", "venice"]
AudioDialect: TypeAlias = Literal["openai", "groq", "mistral", "together", "openrouter", "venice", "vllm", "llamacpp"]
ModerationDialect: TypeAlias = Literal["openai", "mistral"]
RerankDialect: TypeAlias = Literal["cohere", "voyage"]
TokenizationDialect: TypeAlias = Literal["cohere", "llamacpp", "vllm"]

CAPABILITIES = (
    "completions", "embeddings", "images", "models", "moderation", "rerank", "speech", "token_count", "tokenization",
    "transcription",
)  # fmt: skip
EMBEDDINGS: tuple[EmbeddingsDialect, ...] = get_args(EmbeddingsDialect)
COUNTINGS: tuple[CountingDialect, ...] = get_args(CountingDialect)
IMAGES: tuple[ImagesDialect, ...] = get_args(ImagesDialect)
AUDIO: tuple[AudioDialect, ...] = get_args(AudioDialect)
MODERATIONS: tuple[ModerationDialect, ...] = get_args(ModerationDialect)
RERANKS: tuple[RerankDialect, ...] = get_args(RerankDialect)
TOKENIZATIONS: tuple[TokenizationDialect, ...] = get_args(TokenizationDialect)
"""The words that the fields of these names take."""


def no_names() -> dict[str, str]:
    """Return an empty table of names."""
    return {}


@dataclass(frozen=True, slots=True, kw_only=True, weakref_slot=True)
class Preset:
    """One service that speaks the chat completions wire.

    Attributes:
        name: the name users type before the colon.
        base_url: where its API begins; `None` when every account or machine has its own address.
        serve: the command that starts its server at this address; `None` = it is no server of the user's.
        env: environment variables that may hold the key, in order; empty = no key is needed.
        bearer_env: those of `env` that hold an access token, which goes as a bearer whatever the header of keys is.
        base_url_env: environment variables that may hold the address, in order, after `NAME_BASE_URL`; `addresses` says
            how they are read.
        auth_header: the header of the credential.
        auth_scheme: what stands before the credential in it; empty = nothing.
        headers: headers that every request needs.
        path: the path of chat completions below `base_url`.
        models_path: the path of its list of models below `base_url`; `/..` in front of it goes up.
        capabilities: which further endpoints it has: `embeddings`, `models`, `completions`, `token_count`, `images`,
            `speech`, `transcription`, `moderation`, `rerank`, `tokenization`.
        embeddings: the dialect of its embeddings endpoint.
        counting: the dialect of its endpoint that counts tokens.
        images: the dialect of its endpoints for pictures.
        audio: the dialect of its endpoints for speech and transcripts.
        moderation: the dialect of its endpoint that judges texts.
        rerank: the dialect of its endpoint that orders documents.
        tokenization: the dialect of its endpoint that cuts texts into tokens.
        routed: models of many vendors stand behind one address, named `vendor/model`; private data of one vendor's
            models is then not sent to another's.
        sisters: hosts of the same service whose private data it understands.
        names: body fields of options that the wire's own specification has no field for, or that are called otherwise
            here, by option; a dot leads into an object.
        unsupported: options that it does not take, with the reason.
        system_role: the role of instructions.
        stream_usage: whether it has to be asked for the usage of a stream, and can be.
        reasoning_field: the message field for reasoning of its own whose field is not known.
        replays_reasoning: whether its own reasoning goes back to it.
        media: ways to send media.
        tool_media: whether results of tools may hold media.
        plain_strings: whether a content of several texts has to be one string.
        empty_content: what stands for the content of an assistant message that has none.
        strict_tools: whether tools can be declared strict.
        strict_subset: whether strict schemas have to keep to OpenAI's subset of JSON Schema; they are weakened to it.
        json_schema: whether an answer can be bound to a JSON schema.
        json_object: whether an answer can be bound to be some JSON object.
        forced_tools: whether a choice of `required` or of one tool is taken.
        allowed_tools: whether the choice can be narrowed to some of the tools.
    """

    name: str
    base_url: str | None = field(default=None, metadata={SHOWN: masked})
    serve: str | None = None
    env: tuple[str, ...] = ()
    bearer_env: tuple[str, ...] = ()
    base_url_env: tuple[str, ...] = ()
    auth_header: str = "authorization"
    auth_scheme: str = "Bearer"
    headers: Mapping[str, str] = field(default_factory=no_names, hash=False, repr=False)  # a user's may hold a secret
    path: str = "/chat/completions"
    models_path: str = "/models"
    capabilities: frozenset[str] = frozenset({"models"})
    embeddings: EmbeddingsDialect = "openai"
    counting: CountingDialect = "llamacpp"
    images: ImagesDialect = "openai"
    audio: AudioDialect = "openai"
    moderation: ModerationDialect = "openai"
    rerank: RerankDialect = "cohere"
    tokenization: TokenizationDialect = "vllm"
    routed: bool = False
    sisters: frozenset[str] = frozenset()
    names: Mapping[str, str] = field(default_factory=no_names, hash=False)
    unsupported: Mapping[str, str] = field(default_factory=no_names, hash=False)
    system_role: Literal["system", "developer"] = "system"
    stream_usage: bool = True
    reasoning_field: Literal["reasoning_content", "reasoning"] = "reasoning_content"
    replays_reasoning: bool = True
    media: frozenset[MediaForm] = ALL_MEDIA
    tool_media: bool = False
    plain_strings: bool = False
    empty_content: Literal[""] | None = None
    strict_tools: bool = True
    strict_subset: bool = False
    json_schema: bool = True
    json_object: bool = True
    forced_tools: bool = True
    allowed_tools: bool = False
