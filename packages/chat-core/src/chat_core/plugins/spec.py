"""What plugins offer: light descriptions of providers, transports, stores and tools, by name.

Law: a spec is data and one function, `load`, which imports what is heavy when it is called and not before.
"""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, Literal, TypeAlias

from chat_core.codec.host import masked
from chat_core.frozen import SHOWN, dataclass

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from chat_core.codec.provider import Provider
    from chat_core.codec.wire import Channel
    from chat_core.jsonvalue import JSON
    from chat_core.plugins.definitions import Definition
    from chat_core.stores.protocol import Store
    from chat_core.transport.protocol import AsyncTransport, Transport

API = 1
"""Version of the contract between plugins and this package: `hooks` and the specs below."""

Kind: TypeAlias = Literal["provider", "transport", "store", "tools", "command"]


@dataclass(frozen=True, slots=True, kw_only=True, weakref_slot=True)
class ProviderConfig:
    """What a user may say about where a provider is served, and how.

    Attributes:
        base_url: the address of the service; `None` = the provider's own.
        name: what the user calls the provider; `None` = by its own name.
        settings: what else the user says, by names out of `ProviderSpec.settings`; the values are not checked yet.
    """

    base_url: str | None = field(default=None, metadata={SHOWN: masked})
    name: str | None = None
    settings: Mapping[str, JSON] = field(default_factory=dict[str, "JSON"], hash=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True, weakref_slot=True)
class Condition:
    """What a provider finds of what it needs of this machine.

    Attributes:
        missing: what is missing or wrong, with the fix; `None` = nothing.
        found: what is worth telling.
    """

    missing: str | None = None
    found: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, weakref_slot=True)
class ProviderSpec:
    """A provider that can be had by name.

    Attributes:
        name: what users type before the colon.
        load: imports the provider and makes it.
        env: environment variables that may hold its key, in order; empty = it needs no key.
        bearer_env: those of `env` that hold an access token, which goes as a bearer whatever the header of keys is.
        key_optional: a call without a key is no error, though there is a variable for one.
        channels: the channels that it speaks.
        transport: the transport that carries it when the user names none.
        aliases: further names; each is found without importing other plugins if it is an entry point too.
        settings: the names in `ProviderConfig.settings` that `load` reads; others are an error before it is called.
        base_url_env: environment variables that may hold its address, in order.
        address: what turns such a variable's name and value into an address; `None` = the value is one.
        key_names: names beside its own under which its key may be in the key file.
        definition: how the user defined it, for one that is no package's.
        ready_model: a model that comes with the package and answers with nothing set up; `None` = there is none here.
        condition: looks at what the provider needs of this machine; `None` = nothing but a network.
        api: the version of the plugin contract that the plugin was written for; state it, it is not `API`.
    """

    name: str
    load: Callable[[ProviderConfig], Provider] = field(repr=False)
    env: tuple[str, ...] = ()
    bearer_env: tuple[str, ...] = ()
    key_optional: bool = False
    channels: frozenset[Channel] = frozenset({"http"})
    transport: str = "httpx"
    aliases: tuple[str, ...] = ()
    settings: frozenset[str] = frozenset()
    base_url_env: tuple[str, ...] = ()
    address: Callable[[str, str], str] | None = field(default=None, repr=False)
    key_names: tuple[str, ...] = ()
    definition: Definition | None = None
    ready_model: str | None = None
    condition: Callable[[], Condition] | None = field(default=None, repr=False)
    api: int = 1


@dataclass(frozen=True, slots=True, kw_only=True, weakref_slot=True)
class TransportSpec:
    """A transport that can be had by name.

    Attributes:
        name: what users pass as `transport=`.
        load: imports the transport and makes the one instance that all clients of the process share.
        channel: the channel that it carries.
        aliases: further names.
        api: as `ProviderSpec.api`.
    """

    name: str
    load: Callable[[], Transport | AsyncTransport] = field(repr=False)
    channel: Channel = "http"
    aliases: tuple[str, ...] = ()
    api: int = 1


@dataclass(frozen=True, slots=True, kw_only=True, weakref_slot=True)
class StoreSpec:
    """A store of conversations that can be had by name.

    Attributes:
        name: what users type.
        load: imports the store and opens it at an address, such as a file or a URL.
        aliases: further names.
        api: as `ProviderSpec.api`.
    """

    name: str
    load: Callable[[str], Store] = field(repr=False)
    aliases: tuple[str, ...] = ()
    api: int = 1


@dataclass(frozen=True, slots=True, kw_only=True, weakref_slot=True)
class ToolsSpec:
    """A set of tools that can be had by name.

    Attributes:
        name: what users type.
        load: imports the tools and returns them.
        aliases: further names.
        api: as `ProviderSpec.api`.
    """

    name: str
    load: Callable[[], tuple[object, ...]] = field(repr=False)
    aliases: tuple[str, ...] = ()
    api: int = 1


Spec: TypeAlias = ProviderSpec | TransportSpec | StoreSpec | ToolsSpec

OFFERS: dict[Kind, tuple[str, type[Spec]]] = {
    "provider": ("chat_providers", ProviderSpec),
    "transport": ("chat_transports", TransportSpec),
    "store": ("chat_stores", StoreSpec),
    "tools": ("chat_tools", ToolsSpec),
}
"""What a kind of entry is asked for: the hook, and the class of what it yields."""
