"""Options: portable knobs, each sent only when set, and the providers' own ones beside them.

Law: a value of a wrong type is an error where it is given. A value of the right type is the service's to judge.
"""

from __future__ import annotations

import re
from dataclasses import field, fields
from operator import attrgetter
from typing import TYPE_CHECKING, ClassVar, Literal, TypeAlias, TypeVar, cast

from chat_core.errors import ConfigurationError
from chat_core.frozen import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from chat_core.jsonvalue import JSON, JSONObject

ForeignReasoning: TypeAlias = Literal["drop", "as_text", "fail"]

_PLAIN: Mapping[str, tuple[tuple[type, ...], str]] = {
    "bool": ((bool,), "True or False"),
    "float": ((int, float), "a number"),
    "int": ((int,), "a whole number"),
    "str": ((str,), "text"),
}
"""What fields of these annotations take, and what that is in words. Other fields are their provider's to check."""

_REASONING = ("drop", "as_text", "fail")
_MOST = 1000
"""Most combinations of types that are remembered as right."""

_TUPLE = re.compile(r"\btuple\[(.*)\]")


@dataclass(frozen=True, slots=True, kw_only=True, weakref_slot=True)
class NativeOptions:
    """The options of one provider: subclassed by each provider package with typed fields.

    A field holds JSON, or tuples of it where its annotation spells `tuple[…]`: so a saved history can bring it back.

    Attributes:
        provider: who reads them; other providers leave them alone without a word.
        extra: further body fields, sent as they are.
    """

    provider: ClassVar[str] = ""
    extra: Mapping[str, JSON] = field(default_factory=dict[str, "JSON"], hash=False)

    def __post_init__(self) -> None:
        """Refuse values of a wrong type."""
        _require_kinds(self)


@dataclass(frozen=True, slots=True, kw_only=True, weakref_slot=True)
class StoredOptions(NativeOptions):
    """Native options as a saved history holds them, before their provider reads them."""

    name: str
    values: JSONObject = field(hash=False)


Native = TypeVar("Native", bound=NativeOptions)


@dataclass(frozen=True, slots=True, kw_only=True, weakref_slot=True)
class Options:
    """What most services can be told about how to answer; `None` = not sent.

    Attributes:
        max_tokens: most tokens the answer may have, reasoning included.
        temperature: randomness; 0 is as repeatable as the service can be.
        top_p, top_k, min_p: limits on the tokens drawn from.
        frequency_penalty, presence_penalty: discouragement of repetition.
        stop: texts that end the answer.
        seed: best-effort repeatability.
        logit_bias: added logits by token id.
        logprobs: whether to report the tokens' log probabilities.
        top_logprobs: how many of the likeliest tokens to report at each place.
        n: number of answers.
        reasoning_effort: the service's word for how hard to think: none, minimal, low, medium, high, xhigh, max.
        reasoning_tokens: most tokens to think with.
        parallel_tool_calls: whether several tools may be called in one answer.
        user: an id of the end user that is safe to send.
        service_tier: the service's word for how to treat the request.
        foreign_reasoning: what to do with reasoning that another origin wrote: leave it out (the default), send it
            as text, or raise `UnsupportedContent`.
        native: one value per provider.
    """

    max_tokens: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    min_p: float | None = None
    frequency_penalty: float | None = None
    presence_penalty: float | None = None
    stop: tuple[str, ...] | None = None
    seed: int | None = None
    logit_bias: Mapping[str, float] | None = field(default=None, hash=False)
    logprobs: bool | None = None
    top_logprobs: int | None = None
    n: int | None = None
    reasoning_effort: str | None = None
    reasoning_tokens: int | None = None
    parallel_tool_calls: bool | None = None
    user: str | None = None
    service_tier: str | None = None
    foreign_reasoning: ForeignReasoning | None = None
    native: tuple[NativeOptions, ...] = ()

    def __post_init__(self) -> None:
        """Refuse values of a wrong type, for programs without a type checker.

        Raises:
            ConfigurationError: there is one; the message names the option, and says what it takes.
        """
        _require_kinds(self)
        if self.stop is not None:
            _require_texts(self.stop)
        if self.logit_bias is not None and not hasattr(self.logit_bias, "items"):
            raise _wrong("Options.logit_bias", "a dict of numbers by token id", self.logit_bias)
        if self.foreign_reasoning is not None and self.foreign_reasoning not in _REASONING:
            raise _wrong("Options.foreign_reasoning", ", ".join(map(repr, _REASONING)), self.foreign_reasoning)
        if self.native:
            _require_native(self.native)

    def native_of(self, kind: type[Native]) -> Native:
        """Return the native options of one provider, all unset when there are none.

        Raises:
            ConfigurationError: stored options hold a field that this version of the provider does not have.
        """
        for options in self.native:
            if isinstance(options, kind):
                return options
            if isinstance(options, StoredOptions) and options.name == kind.provider:
                return _restored(kind, options)
        unset = _UNSET.get(kind)
        if not isinstance(unset, kind):
            _UNSET[kind] = unset = kind()
        return unset


def _require_kinds(options: Options | NativeOptions) -> None:
    """Refuse a value of a wrong type; combinations of types that were seen to be right cost one look."""
    kind = type(options)
    checks = _CHECKS.get(kind)
    if checks is None:
        _CHECKS[kind] = checks = _checks(kind)
    values, wanted = checks
    found = (kind, *map(type, values(options)))
    if found in _RIGHT:
        return
    for name, (kinds, words) in wanted.items():
        value: object = getattr(options, name)
        if value is not None and (not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds)):
            raise _wrong(f"{kind.__name__}.{name}", words, value)
    if len(_RIGHT) < _MOST:
        _RIGHT.add(found)


Checks: TypeAlias = "tuple[Callable[[object], tuple[object, ...]], Mapping[str, tuple[tuple[type, ...], str]]]"

_CHECKS: dict[type, Checks] = {}
"""By class: what returns the values of its plain fields, and what these take."""
_RIGHT: set[tuple[type, ...]] = set()
"""A class, and the types of its plain fields' values in options that were right."""


def _checks(kind: type[Options | NativeOptions]) -> Checks:
    annotations = {item.name: str(item.type).removesuffix(" | None") for item in fields(kind)}
    wanted = {name: _PLAIN[annotation] for name, annotation in annotations.items() if annotation in _PLAIN}
    if len(wanted) > 1:
        return attrgetter(*wanted), wanted
    return (lambda options: tuple(getattr(options, name) for name in wanted)), wanted


def _require_texts(stop: object) -> None:
    if isinstance(stop, str):  # its letters would be sent one by one
        raise ConfigurationError(f"Options.stop takes several texts: stop=({stop!r},)")
    kind = type(stop).__name__
    texts = cast("list[object]", stop) if isinstance(stop, tuple | list) else [None]
    if not all(isinstance(text, str) for text in texts):
        raise ConfigurationError(f"Options.stop takes several texts, not {kind}")


def _require_native(native: object) -> None:
    if isinstance(native, NativeOptions):
        raise ConfigurationError(f"Options.native takes several options: native=({type(native).__name__}(…),)")
    if not isinstance(native, tuple | list):
        raise _wrong("Options.native", "a tuple of options of providers", native)
    for options in cast("list[object]", native):
        if not isinstance(options, NativeOptions):
            raise _wrong("Options.native", "options of providers", options)


def _wrong(name: str, words: str, value: object) -> ConfigurationError:
    """Return the error for a value of a wrong type; only plain values are shown."""
    shown = f"{value!r:.80}" if isinstance(value, bool | int | float | str) else type(value).__name__
    return ConfigurationError(f"{name} takes {words}, not {shown}")


_UNSET: dict[type[NativeOptions], NativeOptions] = {}
"""By class: its options with nothing set; a client's calls need them again and again."""


def _restored(kind: type[Native], stored: StoredOptions) -> Native:
    annotations = {item.name: str(item.type) for item in fields(kind)}
    unknown = stored.values.keys() - annotations.keys()
    if unknown:
        names = ", ".join(sorted(unknown))
        raise ConfigurationError(f"{kind.__name__} has no option {names}: update the package, or put it into `extra`")
    return _made(kind, {name: _frozen(value, annotations[name]) for name, value in stored.values.items()})


def _made(make: Callable[..., Native], values: Mapping[str, object]) -> Native:
    return make(**values)


def _frozen(value: JSON, annotation: str) -> object:
    """Turn lists into tuples again where the annotation says `tuple[…]`; a list inside of JSON stays one."""
    if isinstance(value, list) and (inner := _TUPLE.search(annotation)):
        return tuple(_frozen(item, inner[1]) for item in value)
    return value
