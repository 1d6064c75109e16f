"""A client's set-up: arguments are checked and become a provider, a transport and settings.

Law: everything that can be wrong with a set-up is an error here, before any I/O, and its message names the fix.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import field, fields, replace
from typing import TYPE_CHECKING, TypeAlias, TypedDict, cast

from chat_core.codec.host import masked
from chat_core.codec.provider import Secret
from chat_core.errors import ConfigurationError, UnsupportedTransport
from chat_core.flow.attempts import CallSettings
from chat_core.flow.credential import Called, Credential, Static
from chat_core.flow.retry import Retry
from chat_core.flow.rules import CONCURRENCY, MAX_STEPS, OUTPUT_RETRIES
from chat_core.flow.timeouts import Timeouts
from chat_core.flow.watching import logger, together
from chat_core.frozen import SHOWN, dataclass
from chat_core.keys import checked, kept
from chat_core.options import Options
from chat_core.plugins.definitions import located
from chat_core.plugins.registry import registry
from chat_core.plugins.spec import ProviderConfig

if TYPE_CHECKING:
    from chat_core.approval import Policy
    from chat_core.codec.provider import Provider
    from chat_core.codec.wire import Channel
    from chat_core.flow.compose import Middleware
    from chat_core.flow.watching import Watcher
    from chat_core.plugins.spec import ProviderSpec
    from chat_core.signing import Signer
    from chat_core.stores.protocol import Journal
    from chat_core.transport.protocol import AsyncTransport, Transport

ApiKey: TypeAlias = str | Secret | Credential | Callable[[], object]
"""A key, or a function that returns one (or an awaitable of one) when it is needed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arguments:
    """What a client is told.

    Attributes:
        model: `provider:model`; only the first colon splits.
        provider: a provider of one's own; `model` is then its name of a model, colons and all.
        api_key: the key; without one, the provider's environment variables are looked at.
        base_url: where the service is.
        headers: further headers of every request.
        transport: a transport, or the name of an installed one.
        options: how to answer, unless a call says otherwise.
        middleware: what goes around each chat call, the outermost first.
        strict: whether a setting that cannot be sent as asked is an error instead of a notice.
        timeouts: how long each phase may take.
        retry: when to try again.
        watch: is told what calls do: their start, each further attempt, their end; see `flow.watching`.
        keep_raw: whether a streamed response keeps every object of its stream.
        policy: judges each tool call before it runs; `None` = as each tool says.
        max_steps: most answers of the model in one turn.
        tool_concurrency: most tools that run at once.
        tool_timeout: seconds for each tool that has no timeout of its own; `None` = no limit.
        raise_on_tool_error: whether a tool that fails ends the turn, instead of telling the model.
        context: what tools get as `ToolContext.deps`.
        signer: signs what is shown to a human, and checks what comes back.
        journal: a store or a journal that keeps what was begun, for programs that are ended in the middle.
        takeover: `resume` goes on although another process has taken up the turn: it is known to be no more.
        output_retries: how often the model is asked again for an output that does not fit.
    """

    model: str
    provider: Provider | None = None
    api_key: ApiKey | None = field(default=None, repr=False)
    base_url: str | None = field(default=None, metadata={SHOWN: masked})
    headers: Mapping[str, str] | None = field(default=None, repr=False)
    transport: str | Transport | AsyncTransport | None = None
    options: Options | None = None
    middleware: Sequence[Middleware] = ()
    strict: bool = False
    timeouts: Timeouts | None = None
    retry: Retry | None = None
    watch: Watcher | None = field(default=None, repr=False)
    keep_raw: bool = False
    policy: Policy | None = None
    max_steps: int = MAX_STEPS
    tool_concurrency: int = CONCURRENCY
    tool_timeout: float | None = None
    raise_on_tool_error: bool = False
    context: object = field(default=None, repr=False)
    signer: Signer | None = None
    journal: Journal | None = None
    takeover: bool = False
    output_retries: int = OUTPUT_RETRIES


class Settings(TypedDict, total=False):
    """What a client of either colour can be told beside its model: see `Arguments`."""

    provider: Provider | None
    api_key: ApiKey | None
    base_url: str | None
    headers: Mapping[str, str] | None
    options: Options | None
    middleware: Sequence[Middleware]
    strict: bool
    timeouts: Timeouts | None
    retry: Retry | None
    watch: Watcher | None
    keep_raw: bool
    policy: Policy | None
    max_steps: int
    tool_concurrency: int
    tool_timeout: float | None
    raise_on_tool_error: bool
    context: object
    signer: Signer | None
    journal: Journal | None
    takeover: bool
    output_retries: int


class Changes(Settings, total=False):
    """What a copy of a client, or one call of it, can be told otherwise.

    A `model` without a colon stays with the provider; headers and options add to those of the client. Another provider
    gets nothing of the old one's key, address and headers.
    """

    model: str
    transport: str | Transport | AsyncTransport | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """A client's set-up, resolved.

    Attributes:
        given: the arguments that it was made from.
        name: the name of the provider as the user spelled it.
        provider, model, transport, settings, options: what they mean.
    """

    given: Arguments
    name: str
    provider: Provider
    model: str
    transport: Transport | AsyncTransport
    settings: CallSettings
    options: Options

    @property
    def owns_transport(self) -> bool:
        """Whether the transport was passed in, and is not the one that all clients share."""
        return self.given.transport is self.transport

    @property
    def channels(self) -> tuple[Channel, Channel | None]:
        """The channel that calls go over, and the one that they may fall back to."""
        first, *others = _spoken(self.transport, self.provider)
        return first, next(iter(others), None)

    def __repr__(self) -> str:
        """Name the model and nothing that could be secret."""
        return f"{self.name}:{self.model}"


def set_up(given: Arguments) -> Setup:
    """Find the provider and the transport, and check what can be checked.

    Raises:
        ConfigurationError: the set-up is wrong; the message names the fix.
    """
    _require_kinds(given)
    _require_model(given.model)
    if given.provider is not None:
        spec, model, provider = None, given.model, given.provider
    else:
        spec, model, provider = _named(given)
    if not model:
        raise ConfigurationError(f"no model is named: write {provider.name}:MODEL")
    return Setup(
        given=given,
        name=provider.name if spec is None else spec.name,
        provider=provider,
        model=model,
        transport=_transport(given, spec, provider),
        settings=CallSettings(
            credential=_credential(given.api_key, spec),
            headers={} if given.headers is None else dict(given.headers),
            retry=Retry() if given.retry is None else given.retry,
            timeouts=Timeouts() if given.timeouts is None else given.timeouts,
            strict=given.strict,
            keep_raw=given.keep_raw,
            watch=_watcher(given.watch),
        ),
        options=Options() if given.options is None else given.options,
    )


def _watcher(given: Watcher | None) -> Watcher | None:
    """Return who is told what calls do: the program, plugins under `CHAT_OBSERVE`, the log under `CHAT_LOG`."""
    plugins = registry().observe if os.environ.get("CHAT_OBSERVE") else None
    return together(given, plugins, logger(os.environ.get("CHAT_LOG")))


def changed(setup: Setup, changes: Changes) -> Setup:
    """Return the set-up of a copy, or of one call, that is told something else.

    Raises:
        ConfigurationError: as `set_up`.
    """
    if not changes:
        return setup
    given = setup.given
    more = dict(changes)
    _require_model(changes.get("model", given.model))
    if given.provider is None and "model" in changes and ":" not in changes["model"]:
        more["model"] = f"{setup.name}:{changes['model']}"
    asked = _replaced(given, more)
    if _moves(setup, asked):
        private = {"api_key": None, "base_url": None, "headers": None}
        given = _replaced(given, private)
        asked = _replaced(given, more)
    if given.headers is not None and asked.headers is not None:
        asked = replace(asked, headers={**given.headers, **asked.headers})
    if given.options is not None and asked.options is not None:
        asked = replace(asked, options=merged(given.options, asked.options))
    return set_up(asked)


def arguments(model: str, transport: str | Transport | AsyncTransport | None, settings: Settings) -> Arguments:
    """Make the arguments of a client.

    Raises:
        TypeError: there is no such setting; the message names the one that is meant.
    """
    return _replaced(Arguments(model=model, transport=transport), settings)


def blocking(setup: Setup) -> Transport:
    """Return the transport for a blocking client.

    Raises:
        UnsupportedTransport: it has only the other colour.
    """
    if not hasattr(setup.transport, "send"):
        raise UnsupportedTransport(f"{type(setup.transport).__name__} cannot block: use AsyncChat")
    return cast("Transport", setup.transport)


def awaiting(setup: Setup) -> AsyncTransport:
    """Return the transport for an asyncio client.

    Raises:
        UnsupportedTransport: it has only the other colour.
    """
    if not hasattr(setup.transport, "asend"):
        raise UnsupportedTransport(f"{type(setup.transport).__name__} cannot be awaited: use Chat")
    return cast("AsyncTransport", setup.transport)


def merged(under: Options, over: Options) -> Options:
    """Lay options over others: what is set above counts; native options count by their class."""
    values = {item.name: getattr(over, item.name) for item in fields(Options) if item.name != "native"}
    kinds = {type(native) for native in over.native}
    native = (*over.native, *(other for other in under.native if type(other) not in kinds))
    return replace(under, native=native, **{name: value for name, value in values.items() if value is not None})


def _replaced(given: Arguments, changes: Mapping[str, object]) -> Arguments:
    for name in changes.keys() - _NAMES:
        raise TypeError(f"there is no setting {name}={_hint(name)}")
    make = cast("Callable[..., Arguments]", replace)  # the names were checked
    return make(given, **changes)


NETWORK = ("auto", "httpx", "websocket")
"""Transports that ask services on the network; a provider that has none of these asks none."""

_NAMES = frozenset(item.name for item in fields(Arguments))
_OPTIONS = frozenset(item.name for item in fields(Options))
_KINDS: Mapping[str, type] = {"options": Options, "timeouts": Timeouts, "retry": Retry}
"""What settings take that are given something else before anybody has read the documentation."""


def _hint(name: str) -> str:
    if name in _OPTIONS:
        return f": pass options=Options({name}=…)"
    if name in {"system", "instructions"}:
        return ": begin the history with system(…)"
    from difflib import get_close_matches  # noqa: PLC0415 - for an error

    near = get_close_matches(name, _NAMES, n=1)
    return f"; did you mean {near[0]}=?" if near else ""


def _require_kinds(given: Arguments) -> None:
    for name, kind in _KINDS.items():
        value: object = getattr(given, name)
        if value is not None and not isinstance(value, kind):
            raise ConfigurationError(f"{name}= takes {kind.__name__}(…), not {type(value).__name__}")
    if given.journal is not None and not hasattr(given.journal, "claim"):
        kind_of = type(given.journal).__name__
        raise ConfigurationError(f"journal= takes a store, such as SqliteStore('talks.db'), not {kind_of}")


def _require_model(model: object) -> None:
    """Refuse what no model can be called: what a program passes whose variable is not set."""
    if not isinstance(model, str):  # for programs without a type checker
        raise ConfigurationError(f"a model is text, 'provider:model', not {type(model).__name__}{_UNSET}")
    if not model.strip():
        raise ConfigurationError(f"no model is named: a model is text, 'provider:model', and this one is empty{_UNSET}")


_UNSET = "; if it comes from a variable, that may not be set"


def _moves(setup: Setup, asked: Arguments) -> bool:
    """Tell whether another provider is asked for; another name of the same one is none."""
    if asked.provider is not None or setup.given.provider is not None:
        return asked.provider != setup.given.provider
    name, colon, _ = asked.model.partition(":")
    return bool(colon) and registry().provider(name).name != setup.name


def _named(given: Arguments) -> tuple[ProviderSpec, str, Provider]:
    """Find the provider that a model's name begins with."""
    name, colon, model = given.model.partition(":")
    if not colon:
        name, _, model = registry().resolve_model(given.model).partition(":")
    spec = registry().provider(name)
    return spec, model, spec.load(ProviderConfig(base_url=located(spec, given.base_url).url))


def _transport(given: Arguments, spec: ProviderSpec | None, provider: Provider) -> Transport | AsyncTransport:
    """Find the transport, and check that the provider speaks over it."""
    wanted = given.transport if given.transport is not None else "httpx" if spec is None else spec.transport
    transport = registry().transport(wanted) if isinstance(wanted, str) else wanted
    if not hasattr(transport, "channel"):  # for programs without a type checker
        raise UnsupportedTransport(f"transport= takes a name or a transport, not {type(transport).__name__}")
    if not _spoken(transport, provider):
        channels = ", ".join(sorted(provider.channels))
        raise UnsupportedTransport(f"{provider.name} does not speak over {transport.channel}, only over {channels}")
    if given.transport is not None and spec is not None:
        _require_home(transport, spec)
    return transport


def _require_home(transport: Transport | AsyncTransport, spec: ProviderSpec) -> None:
    """Refuse to look on the network for a provider that is not there."""
    if spec.transport in NETWORK or not isinstance(transport, tuple(map(type, map(registry().transport, NETWORK)))):
        return
    raise UnsupportedTransport(
        f"{spec.name} is no service on the network: it answers over {spec.transport!r}, which it has without transport="
    )


def _spoken(transport: Transport | AsyncTransport, provider: Provider) -> tuple[Channel, ...]:
    """Return the channels that both speak, the one that the transport prefers first; most transports have one."""
    offered: tuple[Channel, ...] = getattr(transport, "channels", (transport.channel,))
    return tuple(channel for channel in offered if channel in provider.channels)


def _credential(key: ApiKey | None, spec: ProviderSpec | None) -> Credential | None:
    """Return where the secret comes from; nothing is looked up yet."""
    match key:
        case None:
            return None if spec is None else kept(spec)
        case str():
            return Static(replace(checked(key, "api_key="), source="api_key="))
        case Secret(value, source=source):
            checked(value, "api_key=")
            return Static(replace(key, value=value.strip(), source="api_key=" if source is None else source))
        case _ if hasattr(key, "renewed"):
            return cast("Credential", key)
        case _ if callable(key):
            return Called(key)
        case _:
            raise ConfigurationError(f"api_key= takes a str, a Secret or a function, not {type(key).__name__}")
