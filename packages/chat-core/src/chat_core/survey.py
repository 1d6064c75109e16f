"""The survey of a user's set-up: for each provider its key and address, and where they come from; the environment.

Law: pure data. No key and no password is in it, and nothing is called: what is missing or wrong is said, not raised.
"""

from __future__ import annotations

import os
from dataclasses import field
from typing import TYPE_CHECKING, Literal, TypeAlias

from chat_core.errors import BrokenPlugin, ChatError, ConfigurationError
from chat_core.frozen import dataclass
from chat_core.keys import KeyFile, kept
from chat_core.plugins.definitions import located
from chat_core.plugins.loading import described
from chat_core.plugins.settings import FILE, config_home
from chat_core.plugins.spec import Condition, ProviderConfig
from chat_core.transport.redaction import plain_url

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from chat_core.jsonvalue import JSONObject
    from chat_core.plugins.registry import Registry
    from chat_core.plugins.spec import ProviderSpec

MODEL = "CHAT_MODEL"
"""The variable that names the model to use when none is named; it goes before the configuration file."""

State: TypeAlias = Literal["ready", "not asked", "not set up", "problem"]
"""How far a provider's set-up is."""

PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")
"""The variables of proxies, in lower case; the upper case counts as well."""

PACKAGES = ("chat-core", "httpx", "httpcore", "pydantic", "pluggy")
"""The packages whose versions are told."""


@dataclass(frozen=True, slots=True, kw_only=True, weakref_slot=True)
class ProviderSurvey:
    """The set-up of one provider.

    Attributes:
        name: what users type before the colon.
        aliases: further names.
        source: the package that offers it, with its version, or where the user defined it.
        key: where its key comes from: `key file` or a variable; `None` = there is none.
        key_before: the variable that is set and not read, as the key file goes before it.
        key_needed: whether a call without a key is an error.
        variables: the variables that may hold its key.
        base_url: its address; `None` = it has none of its own, and none is set.
        base_url_source: who says so: where the user defined it, a variable, or `default`.
        missing: what it wants to be told or to have, such as its address, and has not; `None` = nothing but a key.
        ready_model: a model of it that answers with nothing set up; `None` = there is none.
        found: what it finds on this machine, such as the devices that its models run on.
        problem: why it cannot be used; `None` = nothing is known to be wrong.
    """

    name: str
    aliases: tuple[str, ...] = ()
    source: str = ""
    key: str | None = None
    key_before: str | None = None
    key_needed: bool = False
    variables: tuple[str, ...] = ()
    base_url: str | None = None
    base_url_source: str | None = None
    missing: str | None = None
    ready_model: str | None = None
    found: tuple[str, ...] = ()
    problem: str | None = None

    @property
    def ready(self) -> bool:
        """Whether nothing is missing for a call: its server need not be there."""
        settled = self.problem is None and self.missing is None
        return settled and (self.key is not None or not self.key_needed)

    @property
    def state(self) -> State:
        """How far it is: `not asked` is a server that wants no key, and may or may not be there."""
        if self.problem is not None:
            return "problem"
        if not self.ready:
            return "not set up"
        return "not asked" if self.key is None and self.base_url is not None else "ready"


@dataclass(frozen=True, slots=True, kw_only=True, weakref_slot=True)
class Survey:
    """A user's set-up.

    Attributes:
        providers: every provider, by name.
        model: the model to use when none is named; `None` = none is set.
        model_source: the variable or the file that says so.
        config_file, key_file: the user's files, whether they are there or not.
        keys: the names that the key file has a key for.
        proxies: the proxy variables that are set, without names and passwords.
        versions: Python, OpenSSL and the packages that calls go through.
        problems: what is wrong with the user's files.
    """

    providers: tuple[ProviderSurvey, ...]
    config_file: str
    key_file: str
    model: str | None = None
    model_source: str | None = None
    keys: tuple[str, ...] = ()
    proxies: Mapping[str, str] = field(default_factory=dict[str, str], hash=False)
    versions: Mapping[str, str] = field(default_factory=dict[str, str], hash=False)
    problems: tuple[str, ...] = ()


def survey(registry: Registry, environ: Mapping[str, str] = os.environ) -> Survey:
    """Look at everything that decides how calls are made; loads every provider, calls none."""
    file = KeyFile(environ=environ)
    problems: list[str] = []
    model, source = _model(registry, environ, problems)
    return Survey(
        providers=tuple(sorted(_providers(registry, environ, file), key=lambda found: found.name)),
        config_file=str(config_home(environ) / FILE),
        key_file=str(file.path),
        model=model,
        model_source=source,
        keys=_keys(file, problems),
        proxies=_proxies(environ),
        versions=_versions(),
        problems=tuple(problems),
    )


def as_json(found: Survey) -> JSONObject:
    """Return a survey as JSON."""
    return {
        "model": found.model,
        "model_source": found.model_source,
        "config_file": found.config_file,
        "key_file": found.key_file,
        "keys": list(found.keys),
        "proxies": dict(found.proxies),
        "versions": dict(found.versions),
        "problems": list(found.problems),
        "providers": [
            {
                "name": provider.name,
                "aliases": list(provider.aliases),
                "source": provider.source,
                "state": provider.state,
                "ready": provider.ready,
                "key": provider.key,
                "key_before": provider.key_before,
                "key_needed": provider.key_needed,
                "variables": list(provider.variables),
                "base_url": provider.base_url,
                "base_url_source": provider.base_url_source,
                "missing": provider.missing,
                "ready_model": provider.ready_model,
                "found": list(provider.found),
                "problem": provider.problem,
            }
            for provider in found.providers
        ],
    }


def _model(registry: Registry, environ: Mapping[str, str], problems: list[str]) -> tuple[str | None, str | None]:
    settings = None
    try:
        settings = registry.settings()
    except ChatError as error:
        problems.append(error.message)
    if named := environ.get(MODEL, "").strip():
        return named, MODEL
    if settings is None or settings.model is None:
        return None, None
    return settings.model, str(settings.path)


def _keys(file: KeyFile, problems: list[str]) -> tuple[str, ...]:
    try:
        problems += file.problems()
        return file.names()
    except ChatError as error:
        problems.append(error.message)
        return ()


def _providers(registry: Registry, environ: Mapping[str, str], file: KeyFile) -> Iterator[ProviderSurvey]:
    """Look at each provider once, whatever the number of its names."""
    seen: set[str] = set()
    for name in _names(registry):
        try:
            spec = registry.provider(name)
        except ChatError as error:
            yield ProviderSurvey(name=name, problem=error.message)
            continue
        if spec.name not in seen:
            seen.add(spec.name)
            yield _provider(registry, spec, environ, file)


def _names(registry: Registry) -> tuple[str, ...]:
    try:
        return registry.names("provider")
    except ChatError:  # the configuration file is broken, which is told beside the providers
        return tuple(sorted({entry.name for entry in registry.entries("provider")}))


def _provider(registry: Registry, spec: ProviderSpec, environ: Mapping[str, str], file: KeyFile) -> ProviderSurvey:
    problems: list[str] = []
    place, source, missing = _address(spec, environ, problems)
    condition = _condition(spec, problems)
    key, before = _key(spec, environ, file, problems)
    return ProviderSurvey(
        name=spec.name,
        aliases=spec.aliases,
        source=_source(registry, spec),
        key=key,
        key_before=before,
        key_needed=bool(spec.env) and not spec.key_optional,
        variables=spec.env,
        base_url=place,
        base_url_source=source,
        missing=missing if missing is not None else condition.missing,
        ready_model=spec.ready_model,
        found=condition.found,
        problem="; ".join(problems) or None,
    )


def _key(
    spec: ProviderSpec, environ: Mapping[str, str], file: KeyFile, problems: list[str]
) -> tuple[str | None, str | None]:
    """Return where a provider's key is from, and which variable is set and not read."""
    credential = kept(spec, environ, file)
    try:
        found = None if credential is None else credential.found()
        return (None, None) if credential is None or found is None else (found[1], credential.passed_over())
    except ChatError as error:
        problems.append(error.message)
        return None, None


def _address(
    spec: ProviderSpec, environ: Mapping[str, str], problems: list[str]
) -> tuple[str | None, str | None, str | None]:
    """Return a provider's address, who says so, and what it wants to be told that nobody has said."""
    place = None
    try:
        place = located(spec, environ=environ)
        provider = spec.load(ProviderConfig(base_url=place.url))
    except Exception as error:  # noqa: BLE001 - whatever goes wrong in a strange provider, the survey goes on
        untold = place is not None and place.url is None and spec.definition is None
        if untold and isinstance(error, ConfigurationError) and not isinstance(error, BrokenPlugin):
            return None, None, error.message
        problems.append(error.message if isinstance(error, ChatError) else described(error))
        return None, None, None
    url: object = getattr(provider, "base_url", None)
    return (plain_url(url), place.source, None) if isinstance(url, str) else (None, None, None)


def _condition(spec: ProviderSpec, problems: list[str]) -> Condition:
    """Return what the provider finds of what it needs of this machine."""
    try:
        return spec.condition() if spec.condition is not None else Condition()
    except Exception as error:  # noqa: BLE001 - whatever goes wrong in a strange provider, the survey goes on
        problems.append(error.message if isinstance(error, ChatError) else described(error))
        return Condition()


def _source(registry: Registry, spec: ProviderSpec) -> str:
    if spec.definition is not None:
        return spec.definition.source
    packages = sorted({entry.package for name in (spec.name, *spec.aliases) for entry in registry.rivals(name)})
    return ", ".join(packages) or "this process"


def _proxies(environ: Mapping[str, str]) -> dict[str, str]:
    found = {name: environ.get(name, "") for lower in PROXIES for name in (lower, lower.upper())}
    return {name: value if name.lower() == "no_proxy" else _plain(value) for name, value in found.items() if value}


def _plain(value: str) -> str:
    try:
        return plain_url(value if "://" in value else f"http://{value}")
    except ValueError:
        return "no address"


def _versions() -> dict[str, str]:
    import platform  # noqa: PLC0415 - for reports only
    import ssl  # noqa: PLC0415 - as above
    from importlib import metadata  # noqa: PLC0415 - as above

    versions = {"Python": platform.python_version(), "OpenSSL": ssl.OPENSSL_VERSION}
    for package in PACKAGES:
        try:
            versions[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            versions[package] = "not installed"
    return versions
