"""The user's folder, and the configuration file in it: which model to use, providers by name, what is kept and where.

Law: the file is read when somebody asks, read again after it changed, and never written. What it says is right, or an
error that names the file, the place and the fix; an absent file is an empty one. It holds no secrets: keys have a file
of their own.
"""

from __future__ import annotations

import os
import sys
from dataclasses import field
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias, cast

from chat_core.errors import ConfigurationError
from chat_core.frozen import dataclass
from chat_core.plugins.files import content, opened, stamp

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.plugins.files import Stamp

HOME = "CHAT_HOME"
"""The variable that names the user's folder."""

FILE = "config.toml"

KNOWN = ("model", "models", "providers", "log", "store")
"""What the file may hold at its top."""

TASKS = ("embed", "classify", "stance", "entail", "rerank", "tokens", "image", "speak", "transcribe")
"""What may have a model of its own: commands of the command line by their names."""

Log: TypeAlias = bool | Literal["no-content"]


@dataclass(frozen=True, slots=True, kw_only=True, weakref_slot=True)
class UserSettings:
    """What the configuration file says.

    Attributes:
        path: the file, whether it is there or not.
        model: `provider:model` to use when none is named.
        models: those to use for some `TASKS` instead.
        providers: the tables `[providers.NAME]`, by name.
        log: whether the command line keeps conversations; `no-content` = their structure and usage, and no words.
        store: where it keeps them, as `NAME:ADDRESS` of a store; `None` = in a file in the user's folder.
    """

    path: Path
    model: str | None = None
    models: Mapping[str, str] = field(default_factory=dict[str, str], hash=False)
    providers: Mapping[str, JSONObject] = field(default_factory=dict[str, "JSONObject"], hash=False, repr=False)
    log: Log = True
    store: str | None = field(default=None, repr=False)  # an address may hold a password


def config_home(environ: Mapping[str, str] = os.environ) -> Path:
    """Return the user's folder: `CHAT_HOME`, or else where the platform keeps a user's settings."""
    if named := environ.get(HOME, ""):
        return Path(os.path.expanduser(named))  # noqa: PTH111 - Path.expanduser raises where there is no home
    if (folder := _usual(os.environ)) is not None:
        return folder
    from platformdirs import user_config_path  # noqa: PLC0415 - 10 ms, paid where it is not plain to see

    return user_config_path("chat", appauthor=False)


def _usual(environ: Mapping[str, str]) -> Path | None:
    """Return the folder of users of Linux, as platformdirs does; `None` = ask there."""
    if sys.platform != "linux" or "ANDROID_ROOT" in environ:
        return None
    if os.path.isabs(named := environ.get("XDG_CONFIG_HOME", "")):  # noqa: PTH117 - no path is made of what is none
        return Path(named, "chat")
    home = environ.get("HOME", "")
    return Path(home, ".config", "chat") if os.path.isabs(home) else None  # noqa: PTH117 - as above


def user_settings(environ: Mapping[str, str] = os.environ) -> UserSettings:
    """Read the configuration file.

    Raises:
        ConfigurationError: it cannot be read, is no TOML, or holds what it may not; the message names file and fix.
    """
    return SettingsFile(environ)()


class SettingsFile:
    """The configuration file, parsed once for each of its versions."""

    def __init__(self, environ: Mapping[str, str] = os.environ) -> None:
        """Keep the environment; nothing is read yet."""
        self._environ = environ
        self._held: tuple[Path, Stamp, UserSettings] | None = None  # one value, so that threads see all or none

    def __call__(self) -> UserSettings:
        """Return what the file says now; raises as `user_settings`."""
        path = config_home(self._environ) / FILE
        now = stamp(path, named=bool(self._environ.get(HOME)))
        if now is None:
            return UserSettings(path=path)
        held = self._held
        if held is None or held[:2] != (path, now):
            held = self._held = (path, now, _parsed(path, _read(path)))
        return held[2]


def _read(path: Path) -> bytes:
    file = opened(path)
    try:
        return content(file, path)
    finally:
        os.close(file)


def _parsed(path: Path, data: bytes) -> UserSettings:
    import tomllib  # noqa: PLC0415 - for users who have such a file

    try:
        values = tomllib.loads(data.decode())
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ConfigurationError(f"{path} is not UTF-8 (at line {line}): save it as UTF-8") from None
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ConfigurationError(f"{path} is no TOML: {error}. Correct the line, or move the file away") from None
    for key in values:
        if key not in KNOWN:
            raise ConfigurationError(
                f"{path} holds {key!r}, which is nothing.{guess(key, KNOWN)} Known: {', '.join(KNOWN)}"
            )
    return UserSettings(
        path=path,
        model=_model(path, values.get("model")),
        models=_models(path, values.get("models", {})),
        providers=_tables(path, values),
        log=_log(path, values.get("log", True)),
        store=_store(path, values.get("store")),
    )


def _model(path: Path, value: object) -> str | None:
    if value is None or (isinstance(value, str) and value.strip()):
        return value
    raise ConfigurationError(f'{path}: model takes a text of the kind "provider:model", not {value!r:.80}')


def _models(path: Path, value: object) -> dict[str, str]:
    if not isinstance(value, dict):
        raise ConfigurationError(f'{path}: models is a table: write [models] and below it embed = "provider:model"')
    models: dict[str, str] = {}
    for task, model in cast("dict[str, object]", value).items():
        if task not in TASKS:
            known = f"{guess(task, TASKS)} Known: {', '.join(TASKS)}"
            raise ConfigurationError(f"{path} holds {task!r} in [models], which is nothing.{known}")
        if not isinstance(model, str) or not model.strip():
            raise ConfigurationError(f'{path}: {task} takes a text of the kind "provider:model", not {model!r:.80}')
        models[task] = model
    return models


def _log(path: Path, value: object) -> Log:
    if isinstance(value, bool):
        return value
    if value == "no-content":
        return "no-content"
    raise ConfigurationError(f'{path}: log takes true, false or "no-content", not {value!r:.80}')


def _store(path: Path, value: object) -> str | None:
    if value is None or (isinstance(value, str) and value.partition(":")[1]):
        return value
    raise ConfigurationError(f'{path}: store takes a text of the kind "NAME:ADDRESS", such as "sqlite:FILE"')


def _tables(path: Path, values: Mapping[str, object]) -> dict[str, JSONObject]:
    providers = values.get("providers", {})
    if not isinstance(providers, dict):
        raise ConfigurationError(f"{path}: providers are tables: write [providers.NAME] and the settings below it")
    tables: dict[str, JSONObject] = {}
    for name, table in cast("dict[str, object]", providers).items():
        if not isinstance(table, dict):
            raise ConfigurationError(
                f"{path}: providers.{name} is no table: write [providers.{name}] and settings below"
            )
        tables[name] = cast("JSONObject", as_json(cast("object", table), f"{path}: providers.{name}"))
    return tables


def as_json(value: object, where: str) -> JSON:
    """Return a value that is JSON.

    Raises:
        ConfigurationError: it, or something in it, is none; the message begins with `where` it is.
    """
    match value:
        case None | bool() | int() | str():
            return value
        case float() if isfinite(value):
            return value
        case list() | tuple():
            items = cast("list[object]", value)
            return [as_json(item, where) for item in items]
        case dict():
            members = cast("dict[object, object]", value)
            return {str(key): as_json(item, f"{where}.{key}") for key, item in members.items()}
        case _:
            raise ConfigurationError(
                f"{where} is a {type(value).__name__}: write text, a number, true, false or a list"
            )


def guess(name: str, names: tuple[str, ...]) -> str:
    """Return a question for a misspelt name, or nothing."""
    from difflib import get_close_matches  # noqa: PLC0415 - for an error

    near = get_close_matches(name, names, n=1)
    return f" Did you mean {near[0]!r}?" if near else ""
