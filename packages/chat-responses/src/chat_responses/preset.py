"""The type of a preset: what one service of the Responses wire wants otherwise than the others.

Law: a quirk is a field here and a value in a table of rows; no code asks for a service by name.
"""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, Literal, TypeAlias

from chat_core.codec.host import masked
from chat_core.frozen import SHOWN, dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping

MediaForm: TypeAlias = Literal["image", "image_url", "audio", "file", "file_id", "file_url"]
"""A way to send media: `image` and `file` are data URLs in the body, the `…_url` forms are addresses to fetch."""

Sockets: TypeAlias = Literal["lanes", "single"]

RealtimeForm: TypeAlias = Literal["nested", "flat", "mixed"]
"""How a service spells the settings of a live session: see `realtime.forms`."""

ALL_MEDIA: frozenset[MediaForm] = frozenset({"image", "image_url", "audio", "file", "file_id", "file_url"})

CAPABILITIES = ("token_count", "state")
"""The words that `Preset.capabilities` takes."""


def no_names() -> dict[str, str]:
    """Return an empty table of names."""
    return {}


@dataclass(frozen=True, slots=True, kw_only=True, weakref_slot=True)
class Preset:
    """One service that speaks the Responses wire.

    Attributes:
        name: the name users type before the colon.
        base_url: where its API begins; `None` when every account or machine has its own address.
        serve: the command that starts its server at this address; `None` = it is no server of the user's.
        env: environment variables that may hold the key, in order; empty = no key is needed.
        bearer_env: those of `env` that hold an access token, which goes as a bearer whatever the header of keys is.
        base_url_env: environment variables that may hold the address, in order, after `NAME_BASE_URL`.
        auth_header: the header of the credential.
        auth_scheme: what stands before the credential in it; empty = nothing.
        headers: headers that every request needs.
        path: the path of the endpoint below `base_url`.
        capabilities: what it has beside answers: `token_count`, an endpoint that counts the input's tokens; `state`,
            answers that are kept and can be continued, polled and cancelled by their id.
        routed: models of many vendors stand behind one address, named `vendor/model`; private data of one vendor's
            models is then not sent to another's.
        names: body fields of options that the wire has no field for, or that are called otherwise here, by option; a
            dot leads into an object.
        unsupported: options that it does not take, with the reason.
        system_role: the role of instructions that stand among the messages.
        media: ways to send media.
        strict_tools: whether tools can be declared strict.
        strict_subset: whether strict schemas have to keep to OpenAI's subset of JSON Schema; they are weakened to it.
        whole_tools: whether a function has to say `strict` and `parameters`, as null where they are not given.
        json_schema: whether an answer can be bound to a JSON schema.
        forced_tools: whether a choice of `required` or of one tool is taken.
        allowed_tools: whether the choice can be narrowed to some of the tools.
        websocket: whether it answers over WebSockets, several at once on one connection (`lanes`) or one by one; `None`
            = it does not.
        realtime: how it spells live sessions; `None` = it has none.
        transcriber: the model that writes down what a user speaks, where only that it shall be written is said.
        runs_undeclared: whether a free-form call of a tool that nobody declared was run by the service itself.
    """

    name: str
    base_url: str | None = field(default=None, metadata={SHOWN: masked})
    serve: str | None = None
    env: tuple[str, ...] = ()
    bearer_env: tuple[str, ...] = ()
    base_url_env: tuple[str, ...] = ()
    auth_header: str = "authorization"
    auth_scheme: str = "Bearer"
    headers: Mapping[str, str] = field(default_factory=no_names, hash=False)
    path: str = "/responses"
    capabilities: frozenset[str] = frozenset()
    routed: bool = False
    names: Mapping[str, str] = field(default_factory=no_names, hash=False)
    unsupported: Mapping[str, str] = field(default_factory=no_names, hash=False)
    system_role: Literal["system", "developer"] = "system"
    media: frozenset[MediaForm] = ALL_MEDIA
    strict_tools: bool = True
    strict_subset: bool = False
    whole_tools: bool = False
    json_schema: bool = True
    forced_tools: bool = True
    allowed_tools: bool = False
    websocket: Sockets | None = None
    realtime: RealtimeForm | None = None
    transcriber: str | None = None
    runs_undeclared: bool = False
