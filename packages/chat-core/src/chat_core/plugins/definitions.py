"""Providers that the user defines, in the configuration file or by `add_provider`: an installed one, told otherwise.

Law: a definition changes nothing for other names. What it does not say is as the installed provider has it, but a key
goes to no address that it was not meant for: a new name with an address of its own inherits no variable.
"""

from __future__ import annotations

import os
import re
from dataclasses import field, replace
from functools import partial
from typing import TYPE_CHECKING, cast

from chat_core.codec.host import schemeless
from chat_core.errors import ConfigurationError
from chat_core.frozen import dataclass
from chat_core.plugins.settings import as_json, guess
from chat_core.plugins.spec import ProviderConfig

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from chat_core.codec.provider import Provider
    from chat_core.jsonvalue import JSON
    from chat_core.plugins.spec import ProviderSpec

DEFAULT = "compatible"
"""What a definition is like that does not say so and whose name is no installed provider's."""

GENERAL = ("like", "base_url", "env")
"""What every definition may say; all else is a setting of the provider that it is like."""

_SCHEMES = frozenset({"http", "https", "ws", "wss"})


@dataclass(frozen=True, slots=True, kw_only=True, weakref_slot=True)
class Definition:
    """What a user says about a provider.

    Attributes:
        name: what the user calls it.
        source: where that is said, for messages: the file's path, or the function's name.
        like: the installed provider that it is like; `None` = the one of that name, or else `compatible`.
        base_url: its address; `None` = as the other's.
        env: the variables that may hold its key; `None` = not said.
        settings: the other settings.
    """

    name: str
    source: str
    like: str | None = None
    base_url: str | None = None
    env: tuple[str, ...] | None = None
    settings: Mapping[str, JSON] = field(default_factory=dict[str, "JSON"], hash=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    """Where a provider is: its address, `None` when it is the provider's own, and who says so.

    Attributes:
        url: the address.
        source: `argument`, where the user defined it, the name of a variable, or `default`.
    """

    url: str | None
    source: str


def defined(name: str, values: Mapping[str, object], source: str) -> Definition:
    """Read a definition.

    Raises:
        ConfigurationError: the name cannot be one, or a value is of the wrong kind.
    """
    where = f"{source}: provider {name!r}"
    if not re.fullmatch(r"[^\s:]+", name):
        raise ConfigurationError(f"{where} cannot be called so: a name has no blanks and no colon")
    like, base_url, env = (values.get(key) for key in GENERAL)
    if not (like is None or isinstance(like, str)):
        raise ConfigurationError(f"{where}: like takes the name of an installed provider, not {like!r:.80}")
    if base_url is not None:
        base_url = _url(base_url, f"{where}: base_url")
    return Definition(
        name=name,
        source=source,
        like=like,
        base_url=base_url,
        env=None if env is None else _variables(env, where),
        settings={key: as_json(value, f"{where}: {key}") for key, value in values.items() if key not in GENERAL},
    )


def derived(definition: Definition, parent: ProviderSpec) -> ProviderSpec:
    """Return the spec of a defined provider that is like an installed one.

    Raises:
        ConfigurationError: it has a setting that the other does not know.
    """
    for key in definition.settings:
        if key not in parent.settings:
            raise _unknown(key, definition, parent)
    own = _is_own(definition, parent)
    elsewhere = definition.base_url is not None and not own
    inherits = definition.env is None and not own and not elsewhere
    return replace(
        parent,
        name=parent.name if own else definition.name,
        aliases=parent.aliases if own else (),
        env=definition.env if definition.env is not None else () if elsewhere else parent.env,
        key_optional=definition.env is None and (elsewhere or parent.key_optional),
        key_names=(parent.name, *parent.aliases) if inherits else (),
        load=partial(_load, definition, parent),
        definition=definition,
    )


def located(spec: ProviderSpec, given: str | None = None, environ: Mapping[str, str] = os.environ) -> Location:
    """Find out where a provider is: the argument, the user's definition, the environment, or its own address.

    Raises:
        ConfigurationError: a variable holds no address.
    """
    if given is not None:
        return Location(url=given, source="argument")
    if spec.definition is not None and spec.definition.base_url is not None:
        return Location(url=spec.definition.base_url, source=spec.definition.source)
    for variable in spec.base_url_env:
        if value := environ.get(variable, "").strip():
            found = value if spec.address is None else spec.address(variable, value)
            return Location(url=_url(found, f"the environment variable {variable}"), source=variable)
    return Location(url=None, source="default")


def _is_own(definition: Definition, parent: ProviderSpec) -> bool:
    """Tell whether an installed provider is told otherwise, and no further one defined."""
    return definition.name in (parent.name, *parent.aliases)


def _load(definition: Definition, parent: ProviderSpec, config: ProviderConfig) -> Provider:
    changed = ProviderConfig(
        base_url=definition.base_url if config.base_url is None else config.base_url,
        name=None if _is_own(definition, parent) else definition.name,
        settings=definition.settings,
    )
    try:
        return parent.load(changed)
    except ConfigurationError as error:
        raise ConfigurationError(f"{definition.source}: provider {definition.name!r}: {error.message}") from None


def _unknown(key: str, definition: Definition, parent: ProviderSpec) -> ConfigurationError:
    known = (*GENERAL, *sorted(parent.settings))
    if "key" in key.lower() or "token" in key.lower() or "secret" in key.lower():
        hint = f" Keys have a file of their own: run `chat keys set {definition.name}`, or name a variable in env."
    else:
        hint = guess(key, known)
    return ConfigurationError(
        f"{definition.source}: provider {definition.name!r} has no setting {key!r}.{hint} "
        f"It is like {parent.name!r}, which knows: {', '.join(known)}"
    )


def _url(value: object, what: str) -> str:
    """Check an address; the error shows no more of it than a host, as it may hold a password."""
    from urllib.parse import urlsplit  # noqa: PLC0415 - for users who name an address

    if isinstance(value, str):
        try:
            parts = urlsplit(value)
            if parts.scheme in _SCHEMES and parts.hostname and parts.username is None and parts.port != 0:
                return value
        except ValueError:  # a port that is no number, an unclosed bracket
            pass
    wrong = f": {words}" if isinstance(value, str) and (words := schemeless(value)) else ""
    raise ConfigurationError(f"{what} is no address of the kind https://host/path, without name and password{wrong}")


def _variables(value: object, where: str) -> tuple[str, ...]:
    if isinstance(value, list | tuple):
        items = cast("Sequence[object]", value)
        names = tuple(name for name in items if isinstance(name, str) and re.fullmatch(r"[A-Za-z_]\w*", name, re.ASCII))
        if len(names) == len(items):
            return names
    raise ConfigurationError(f'{where}: env takes a list of names of environment variables, such as ["MY_KEY"]')
