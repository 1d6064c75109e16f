"""Flags become what the library takes: a client, messages, options, a form of the answer.

Law: everything that is wrong with them is an error here, before any I/O with a service, and its message names the fix.
"""

from __future__ import annotations

import os
import sys
from dataclasses import fields, replace
from difflib import get_close_matches
from typing import TYPE_CHECKING, cast

import click

from chat_cli.keys import SIGNING
from chat_cli.retries import tell
from chat_core import media
from chat_core.chat import Chat
from chat_core.errors import ChatError, DecodeError, UnknownProvider
from chat_core.flow.retry import Retry
from chat_core.flow.rules import MAX_STEPS
from chat_core.flow.timeouts import Timeouts
from chat_core.jsonvalue import parse_object
from chat_core.keys import KeyFile
from chat_core.messages import system, user
from chat_core.options import Options
from chat_core.request import OutputFormat

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from chat_cli.flags import Flags
    from chat_core.approval import Policy
    from chat_core.messages import Message
    from chat_core.parts import Media, Part
    from chat_core.signing import Signer

STDIN = "-"
SIGNING_KEY = "CHAT_SIGNING_KEY"
"""The variable that may hold the key to sign calls with."""


def client(flags: Flags, model: str, *, policy: Policy | None = None) -> Chat:
    """Make the client that the flags describe; a `policy` says that it runs tools.

    Raises:
        ConfigurationError: the set-up is wrong; of an unknown provider, the message says who names it.
    """
    try:
        return _client(flags, model, policy)
    except UnknownProvider as error:
        from chat_cli.defaults import told_by  # noqa: PLC0415 - for an error

        if flags.model is not None or (source := told_by(model)) is None:
            raise
        raise UnknownProvider(f"{error.message}. The model {model!r} is from {source}") from None


def _client(flags: Flags, model: str, policy: Policy | None) -> Chat:
    return Chat(
        model,
        api_key=flags.key,
        base_url=flags.base_url,
        options=options(flags.options),
        timeouts=None if flags.timeout is None else Timeouts(total=flags.timeout),
        retry=None if flags.retries is None else Retry(attempts=flags.retries + 1),
        watch=tell,
        policy=policy,
        max_steps=MAX_STEPS if flags.max_steps is None else flags.max_steps,
        tool_timeout=flags.tool_timeout,
        takeover=flags.takeover,
        signer=None if policy is None else signer(),
    )


def signer() -> Signer | None:
    """Sign what waits, where the user has a key for that."""
    given = os.environ.get(SIGNING_KEY)
    if not given:
        kept = KeyFile().get(SIGNING)
        given = None if kept is None else kept.value
    if given is None:
        return None
    from chat_core.signing import Signer  # noqa: PLC0415 - for those who sign

    return Signer(given)


def instructions(flags: Flags) -> tuple[Message, ...]:
    """Return the messages that a conversation begins with."""
    return () if flags.system is None else (system(flags.system),)


def question(flags: Flags, words: str) -> Message:
    """Make the user's message of words and attachments."""
    return user(*([words] if words else []), *attachments(flags))


def form(flags: Flags) -> OutputFormat | None:
    """Return the form that the answer has to have."""
    if flags.schema is None:
        return None
    from chat_cli import schemas  # noqa: PLC0415 - few questions have one

    return OutputFormat(schema=schemas.read(flags.schema))


# attachments


def attachments(flags: Flags) -> tuple[Part, ...]:
    """Make parts of what is attached; a text file becomes a document like any other.

    Raises:
        click.UsageError: a file cannot be read, or it cannot be told what it is.
    """
    given = [*((item, None) for item in flags.attachments), *flags.typed]
    return tuple(_attached(item, mime) for item, mime in given)


def _attached(item: str, mime: str | None) -> Media:
    try:
        if item == STDIN:
            return media.from_bytes(sys.stdin.buffer.read(media.MAX_BYTES + 1), mime=mime)
        if item.startswith("data:") or "://" in item:
            return media.from_url(item, mime=mime)
        return media.from_path(item, mime=mime)
    except OSError as error:
        raise click.UsageError(f"-a {item}: {error.strerror or error}") from None
    except ChatError as error:
        raise click.UsageError(f"-a {item:.200}: {error.message} (here: --at FILE TYPE)") from None


# options


def options(given: Iterable[tuple[str, str]]) -> Options:
    """Read portable options; one of several texts is given several times.

    Raises:
        click.UsageError: an option is not known, or its value is none of its type.
    """
    values: dict[str, object] = {}
    for name, text in given:
        kind = _kind(name)
        value = _read(name, kind, text)
        held = values.get(name)
        values[name] = (*held, *value) if isinstance(held, tuple) and isinstance(value, tuple) else value
    make = cast("Callable[..., Options]", replace)  # the names are those of its fields
    return make(Options(), **values)


def _number(text: str) -> float:
    value = float(text)
    if value != value or value in {float("inf"), float("-inf")}:  # noqa: PLR0124 - NaN is not equal to itself
        raise ValueError(text)
    return value


def _truth(text: str) -> bool:
    return {"true": True, "false": False}[text.lower()]


def _reasoning(text: str) -> str:
    return {word: word for word in ("drop", "as_text", "fail")}[text]


READERS: Mapping[str, tuple[Callable[[str], object], str]] = {
    "ForeignReasoning": (_reasoning, "drop, as_text or fail"),
    "Mapping[str, float]": (parse_object, "a JSON object of numbers"),
    "bool": (_truth, "true or false"),
    "float": (_number, "a number"),
    "int": (int, "a whole number"),
    "str": (str, "text"),
    "tuple[str, ...]": (lambda text: (text,), "text"),
}
"""How a value is read, by the annotation of its field, and what it has to be."""

KINDS: Mapping[str, str] = {
    item.name: str(item.type).removesuffix(" | None") for item in fields(Options) if item.name != "native"
}
"""The options that there are."""


def _kind(name: str) -> str:
    if name in KINDS:
        return KINDS[name]
    near = get_close_matches(name, KINDS, n=1)
    guess = f" Did you mean {near[0]!r}?" if near else ""
    raise click.UsageError(f"there is no option {name!r}.{guess} Options: {', '.join(KINDS)}")


def _read(name: str, kind: str, text: str) -> object:
    read, expected = READERS[kind]
    try:
        return read(text)
    except (ValueError, KeyError, DecodeError):
        raise click.UsageError(f"-o {name} takes {expected}, not {text!r:.80}") from None
