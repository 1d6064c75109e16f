"""Options: portable knobs, each sent only when set, and the providers' own ones beside them."""

from __future__ import annotations

import re
from dataclasses import field, fields
from typing import TYPE_CHECKING, ClassVar, Literal, TypeAlias, TypeVar

from chat_core.errors import ConfigurationError
from chat_core.frozen import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from chat_core.jsonvalue import JSON, JSONObject

ForeignReasoning: TypeAlias = Literal["drop", "as_text", "fail"]

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
        """Refuse a text where texts belong: its letters would be sent one by one."""
        if isinstance(self.stop, str):  # for programs without a type checker
            raise ConfigurationError(f"Options.stop takes several texts: stop=({self.stop!r},)")

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
        return kind()


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
