"""Credentials: where a call's secret comes from, and when it is fetched anew.

Law: a secret is asked for per call and shows in no `repr` and no error. One that is refused is renewed at most once.
"""

from __future__ import annotations

import os
from dataclasses import field
from typing import TYPE_CHECKING, Protocol

from chat_core.codec.effects import Job, now, run
from chat_core.codec.provider import Secret
from chat_core.errors import ChatError, MissingCredential
from chat_core.frozen import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from chat_core.codec.effects import Flow

FUNCTION = "the function given as api_key="
"""What the secrets of a function say of their source."""

MARGIN = 30.0
"""Seconds before its end at which a secret counts as expired."""

PATIENCE = 60.0
"""Most seconds for a program's function to return a credential."""


class Credential(Protocol):
    """Gives secrets; a value or an object that is safe to share between threads and tasks."""

    def secret(self) -> Flow[Secret | None]:
        """Return the secret to use; `None` for a service that needs none.

        Raises:
            MissingCredential: there is none; the message says where it was looked for.
        """
        ...

    def renewed(self, refused: Secret) -> Flow[Secret | None]:
        """Return another secret in place of one that the service refused; `None` when there is no other."""
        ...


def variable(name: str) -> str:
    """Name an environment variable as the source of a secret."""
    return f"the environment variable {name}"


@dataclass(frozen=True, slots=True)
class Static:
    """A secret that the program holds."""

    value: Secret

    def secret(self) -> Flow[Secret | None]:
        """Return it."""
        yield from ()
        return self.value

    def renewed(self, refused: Secret) -> Flow[Secret | None]:  # noqa: ARG002 - there is no other
        """Return nothing."""
        yield from ()
        return None


@dataclass(frozen=True, slots=True)
class Environment:
    """A secret in an environment variable, read at each call: a rotated key is found without a restart.

    Attributes:
        names: the variables, the first one that is set counts.
        owner: whose key it is, for the error's text.
        required: whether the service refuses calls without one.
        environ: where to look.
    """

    names: tuple[str, ...]
    owner: str = ""
    required: bool = True
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ, repr=False, compare=False)

    def secret(self) -> Flow[Secret | None]:
        """Return the first variable's value.

        Raises:
            MissingCredential: none is set.
        """
        yield from ()
        return self._found()

    def renewed(self, refused: Secret) -> Flow[Secret | None]:
        """Return what the variable says now, if that is something else."""
        yield from ()
        found = self._found()
        return None if found == refused else found

    def _found(self) -> Secret | None:
        for name in self.names:
            if value := self.environ.get(name, "").strip():
                return Secret(value, source=variable(name))
        if not self.required:
            return None
        whose = f" for {self.owner}" if self.owner else ""
        names = " or ".join(self.names)
        raise MissingCredential(f"no API key{whose}: set the environment variable {names}, or pass api_key=")


@dataclass(frozen=True, slots=True)
class Expiring:
    """What a function returns when its secret does not last.

    Attributes:
        value: the secret.
        expires: when it ends, in seconds since 1970.
    """

    value: str = field(repr=False)
    expires: float


class Called:
    """A secret that a function of the program returns: `str`, `Secret`, `Expiring`, or an awaitable of these.

    It is called when a secret is needed and the last one has expired or was refused. A plain `str` is kept until it
    is refused.
    """

    def __init__(self, function: Callable[[], object]) -> None:
        """Keep the function; it is not called yet."""
        self._function = function
        self._held: tuple[Secret, float | None] | None = None  # one value, so that threads see both or none

    def secret(self) -> Flow[Secret | None]:
        """Return the secret at hand, or call for one.

        Raises:
            MissingCredential: the function failed, or returned something else.
        """
        held = self._held
        if held is not None:
            secret, expires = held
            if expires is None or (yield from now()).wall < expires - MARGIN:
                return secret
        return (yield from self._fetched())

    def renewed(self, refused: Secret) -> Flow[Secret | None]:
        """Call for another secret, unless another call has got one meanwhile."""
        held = self._held
        if held is not None and held[0] != refused:
            return held[0]
        fresh = yield from self._fetched()
        return None if fresh == refused else fresh

    def _fetched(self) -> Flow[Secret]:
        job = Job("credential", lambda _: self._function(), timeout=PATIENCE)
        (done,) = yield from run((job,))
        if done is None:
            raise MissingCredential("the credential's function was not waited for")
        match done.error, done.value:
            case None, str(value):
                self._held = Secret(value, source=FUNCTION), None
            case None, Secret() as secret:
                self._held = secret, None
            case None, Expiring(value, expires):
                self._held = Secret(value, source=FUNCTION), expires
            case None, other:
                kind = type(other).__name__
                raise MissingCredential(f"the credential's function returned {kind}, not str, Secret or Expiring")
            case ChatError() as error, _:
                raise error
            case error, _:
                raise MissingCredential(f"the credential's function raised {type(error).__name__}") from error
        return self._held[0]
