"""The key file: the user's keys by provider, in a file that only he can read.

Law: a key shows in no `repr` and no error. The file is looked at on each call, so that a changed key is found without
a restart, and is refused, not passed over, when others can read it or when it is damaged. A value that is no key stops
its own provider and no other. The file is replaced whole, never written in place.
"""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from dataclasses import field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from chat_core.codec.provider import Secret
from chat_core.codec.wire import dump
from chat_core.errors import ConfigurationError, DecodeError, MissingCredential
from chat_core.flow.credential import variable
from chat_core.frozen import dataclass
from chat_core.jsonvalue import parse_object
from chat_core.plugins.files import alone, content, opened, stamp, stamp_of
from chat_core.plugins.settings import HOME, config_home

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chat_core.codec.effects import Flow
    from chat_core.jsonvalue import JSON
    from chat_core.plugins.files import Stamp
    from chat_core.plugins.spec import ProviderSpec

FILE = "keys.json"
KEY_FILE = "key file"
"""What `Kept.found` calls a secret's place when it is this file."""

OTHERS = stat.S_IRWXG | stat.S_IRWXO
"""What nobody but the owner may do with the file."""


@dataclass(frozen=True, slots=True)
class _Damaged:
    """What stands in the place of a key and is none: `set` and `remove` mend it, and nothing else touches it."""

    value: JSON = field(repr=False)
    why: str


class KeyFile:
    """Keys by the names of providers.

    A link is followed, and what it leads to is what must be private: people keep such files in one folder and link
    them. A file of another user is refused, unless the reader is root.
    """

    def __init__(self, path: Path | None = None, *, environ: Mapping[str, str] = os.environ) -> None:
        """Name the file; nothing is read yet.

        Args:
            path: the file; `None` = `keys.json` in the user's folder.
            environ: the environment that names that folder.
        """
        self._path = path
        self._environ = environ
        self._held: tuple[Path, Stamp, dict[str, Secret | _Damaged]] | None = (
            None  # one value, so that threads see all or none
        )

    def __repr__(self) -> str:
        """Name the file."""
        return f"KeyFile({str(self.path)!r})"

    @property
    def path(self) -> Path:
        """The file, whether it is there or not."""
        return config_home(self._environ) / FILE if self._path is None else self._path

    @property
    def _real(self) -> Path:
        """The file that is written; a link stays one."""
        return Path(os.path.realpath(self.path))

    def get(self, *names: str) -> Secret | None:
        """Return the key of a provider, the first of its names that has one counts; `None` when there is none.

        Raises:
            ConfigurationError: the file or the key is damaged, or others can read it; the message names the fix.
        """
        keys = self._keys()
        key = next((keys[name] for name in names if name in keys), None)
        if isinstance(key, _Damaged):
            raise ConfigurationError(key.why)
        return key

    def names(self) -> tuple[str, ...]:
        """List the names that have a key; raises as `get` where the whole file is refused."""
        return tuple(sorted(name for name, key in self._keys().items() if isinstance(key, Secret)))

    def problems(self) -> tuple[str, ...]:
        """Say what is wrong with single keys, and the fix; raises as `names`."""
        return tuple(key.why for _, key in sorted(self._keys().items()) if isinstance(key, _Damaged))

    def set(self, name: str, value: str) -> None:
        """Keep a key, in place of the one that the name may have.

        Raises:
            MissingCredential: the value is no key.
            ConfigurationError: as `get`, the name is empty, or the file cannot be written.
        """
        if not name.strip():
            raise ConfigurationError("a key needs the name of its provider")
        key = checked(value, "the key")
        with alone(self._real):
            self._write({**self._keys(), name: key})

    def remove(self, name: str) -> None:
        """Forget a key.

        Raises:
            ConfigurationError: as `set`, or there is no key of that name.
        """
        with alone(self._real):
            keys = self._keys()
            if name not in keys:
                raise ConfigurationError(
                    f"{self.path} has no key for {name!r}. It has: {', '.join(sorted(keys)) or 'none'}"
                )
            self._write({other: key for other, key in keys.items() if other != name})

    def _keys(self) -> dict[str, Secret | _Damaged]:
        path = self.path
        now = stamp(path, named=self._path is not None or bool(self._environ.get(HOME)))
        if now is None:
            return {}
        held = self._held
        if held is None or held[:2] != (path, now):
            held = self._held = _read(path)
        return held[2]

    def _write(self, keys: Mapping[str, Secret | _Damaged]) -> None:
        path = self._real
        lines = [f"  {dump(name).decode()}: {dump(key.value).decode()}" for name, key in sorted(keys.items())]
        try:
            _replace(path, "{\n" + ",\n".join(lines) + "\n}\n")
        except OSError as error:
            raise ConfigurationError(f"{path} cannot be written: {error.strerror or type(error).__name__}") from None


def checked(value: str, what: str) -> Secret:
    """Strip a key's white space, which headers cannot hold; the errors never show it.

    Raises:
        MissingCredential: no key is left, or it has characters that no key has.
    """
    value = value.strip()
    if not value:
        raise MissingCredential(f"{what} is empty: give the key, or nothing to have it looked for")
    if not (value.isascii() and value.isprintable()):
        raise MissingCredential(f"{what} holds characters that no key has: line breaks or letters beyond ASCII")
    return Secret(value)


@dataclass(frozen=True, slots=True)
class Kept:
    """A secret in the key file, or else in an environment variable; both are looked at on each call.

    Attributes:
        names: the names in the key file, the first one that is there counts.
        variables: the variables, the first one that is set counts.
        tokens: those of them that hold an access token.
        required: whether the service refuses calls without one.
        file: where keys are kept.
        environ: where variables are.
    """

    names: tuple[str, ...]
    variables: tuple[str, ...] = ()
    tokens: tuple[str, ...] = ()
    required: bool = True
    file: KeyFile = field(default_factory=KeyFile, compare=False)
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ, repr=False, compare=False)

    def secret(self) -> Flow[Secret | None]:
        """Return the first key that there is.

        Raises:
            MissingCredential: there is none; the message says where it was looked for.
            ConfigurationError: the key file is refused.
        """
        yield from ()
        return self._secret()

    def renewed(self, refused: Secret) -> Flow[Secret | None]:
        """Return what is there now, if that is something else."""
        yield from ()
        found = self._secret()
        return None if found == refused else found

    def found(self) -> tuple[Secret, str] | None:
        """Return the secret and where it comes from, `key file` or the variable's name; `None` = there is none.

        Raises:
            ConfigurationError: the key file is refused.
        """
        if (key := self.file.get(*self.names)) is not None:
            return key, KEY_FILE
        if (name := self._set()) is not None:
            value = self.environ[name].strip()
            return Secret(value, bearer=name in self.tokens, source=variable(name)), name
        return None

    def passed_over(self) -> str | None:
        """Return the variable that is set and not read, as the key file has a key; raises as `found`."""
        return None if self.file.get(*self.names) is None else self._set()

    def _set(self) -> str | None:
        return next((name for name in self.variables if self.environ.get(name, "").strip()), None)

    def _secret(self) -> Secret | None:
        found = self.found()
        if found is None and self.required:
            raise self._missing()
        key, where = found if found is not None else (None, None)
        if key is not None and where == KEY_FILE and (name := self._set()) is not None:
            return replace(key, source=f"{key.source}, which goes before {variable(name)}")
        return key

    def _missing(self) -> MissingCredential:
        name = self.names[0]
        variables = f"set the environment variable {' or '.join(self.variables)}, " if self.variables else ""
        return MissingCredential(f"no API key for {name}: {variables}run `chat keys set {name}`, or pass api_key=")


def kept(spec: ProviderSpec, environ: Mapping[str, str] = os.environ, file: KeyFile | None = None) -> Kept | None:
    """Return where a provider's key is looked for; `None` for a provider that takes none."""
    if not (spec.env or spec.key_optional or spec.definition is not None):
        return None
    return Kept(
        names=tuple(dict.fromkeys((spec.name, *spec.aliases, *spec.key_names))),
        variables=spec.env,
        tokens=spec.bearer_env,
        required=not spec.key_optional,
        file=KeyFile(environ=environ) if file is None else file,
        environ=environ,
    )


def _read(path: Path) -> tuple[Path, Stamp, dict[str, Secret | _Damaged]]:
    file = opened(path)
    try:
        status = os.fstat(file)
        _private(path, status)
        return path, stamp_of(status), _parsed(path, content(file, path))
    finally:
        os.close(file)


def _private(path: Path, status: os.stat_result) -> None:
    """Refuse a file that is not the user's alone; elsewhere than on POSIX, the user's folder is closed to others."""
    if not stat.S_ISREG(status.st_mode):
        raise ConfigurationError(f"{path} is no ordinary file: move it away, and run `chat keys set NAME`")
    if os.name != "posix":
        return
    if status.st_mode & OTHERS:
        raise ConfigurationError(f"other users can read the keys in {path}: run `chmod 600 {path}`")
    if os.geteuid() not in (0, status.st_uid):
        raise ConfigurationError(f"{path} belongs to another user: run `chown {os.geteuid()} {path}`, or move it away")


def _parsed(path: Path, data: bytes) -> dict[str, Secret | _Damaged]:
    try:
        values = parse_object(data) if data.strip() else {}
    except DecodeError:  # its text shows the file's
        values = None
    if values is None:
        raise ConfigurationError(
            f'{path} is no JSON object of the kind {{"claude": "KEY"}}: correct it, or move it away'
        )
    return {name: _key(path, name, value) for name, value in values.items()}


def _key(path: Path, name: str, value: JSON) -> Secret | _Damaged:
    what = f"{path}: the key of {name!r}"
    fix = f"run `chat keys set {name}`, or `chat keys remove {name}`"
    if not isinstance(value, str):
        return _Damaged(value, f"{what} is no text: {fix}")
    try:
        return replace(checked(value, what), source=f"the entry {name!r} of {path}")
    except MissingCredential as error:
        return _Damaged(value, f"{error.message.partition(': give')[0]}. To mend it, {fix}")


def _replace(path: Path, text: str) -> None:
    """Put a new file in the place of an old one: whoever reads meanwhile sees the one or the other."""
    import tempfile  # noqa: PLC0415 - who only reads keys needs none of it

    file, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)  # of mode 0600 from the beginning
    try:
        with os.fdopen(file, "w", encoding="utf-8") as new:
            new.write(text)
            new.flush()
            os.fsync(new.fileno())
        Path(name).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(name).unlink()
        raise
