"""Several exchanges about texts, one after the other, and one response made of theirs.

Law: results keep the order of the texts. What a service said beside them is in `meta`, as a list of `exchanges`; usage
is added up where each told it. An error takes nothing away: what was found before is its `finished`.
"""

from __future__ import annotations

import sys
from dataclasses import fields, replace
from math import isfinite
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, cast

from chat_core.codec.capabilities import EmbeddingRequest, EmbeddingResponse
from chat_core.errors import ChatError, DecodeError
from chat_core.flow.call import exchange
from chat_core.media_calls import noticed
from chat_core.response import Usage

if TYPE_CHECKING:
    from array import array
    from collections.abc import Callable, Mapping, Sequence

    from chat_core.codec.effects import Flow
    from chat_core.codec.wire import WireRequest, WireResponse
    from chat_core.jsonvalue import JSON
    from chat_core.parts import Meta
    from chat_core.response import Notice
    from chat_core.setup import Setup


class _Response(Protocol):
    """A response of any of them."""

    @property
    def notices(self) -> tuple[Notice, ...]: ...
    @property
    def meta(self) -> Meta: ...
    @property
    def raw(self) -> JSON: ...


T = TypeVar("T")
R = TypeVar("R")
N = TypeVar("N", bound=_Response)
Taken = TypeVar("Taken", contravariant=True)  # noqa: PLC0105 - a name as short as the others
Given = TypeVar("Given", bound=_Response, covariant=True)  # noqa: PLC0105 - as above


class _Capability(Protocol[Taken, Given]):
    """What they have in common."""

    def encode(self, request: Taken) -> WireRequest: ...
    def decode(self, request: Taken, reply: WireResponse) -> Given: ...


def cut(inputs: tuple[T, ...], most: int | None) -> list[tuple[T, ...]]:
    """Cut inputs into as many as an exchange takes; `None` = any number. None at all are one part too."""
    if most is None or len(inputs) <= most:
        return [inputs]
    return [inputs[start : start + most] for start in range(0, len(inputs), most)]


def asked(setup: Setup, offered: _Capability[R, N], requests: list[R]) -> Flow[N]:
    """Ask one after the other, and make one response of all.

    Raises:
        ChatError: one failed; `finished` is made of those before it.
        DecodeError: a reply is malformed, or has not one vector of numbers for each text.
    """
    return (yield from each(setup, offered, requests, joined))


def each(setup: Setup, offered: _Capability[R, N], requests: list[R], together: Callable[[list[N]], N]) -> Flow[N]:
    """Ask one after the other, and make one response of all, as told; raises as `asked`."""
    found: list[N] = []
    try:
        for request in requests:
            found.append((yield from _one(setup, offered, request)))  # noqa: PERF401 - a comprehension cannot yield
    except ChatError as error:
        error.finished = together(found) if found else None
        raise
    return together(found)


def _one(setup: Setup, offered: _Capability[R, N], request: R) -> Flow[N]:
    wire = offered.encode(request)
    found = yield from exchange(setup.provider, setup.settings, wire, lambda reply: _read(offered, request, reply))
    return noticed(found, wire)


def _read(offered: _Capability[R, N], request: R, reply: WireResponse) -> N:
    found = offered.decode(request, reply)
    if isinstance(request, EmbeddingRequest) and isinstance(found, EmbeddingResponse):
        sent, wanted = len(found.vectors), len(request.inputs)
        if sent != wanted:
            raise DecodeError(f"the service sent {sent} vectors of {wanted} texts")
        if not all(map(holds_numbers, found.vectors)):
            raise DecodeError("the service sent a vector with NaN or an infinity in it")
    return found


def holds_numbers(vector: array[float] | array[int]) -> bool:
    """Tell whether a vector is free of NaN and infinities, which packed vectors can hold.

    Of 32-bit floats the highest bytes are looked at first: adding the numbers up takes longer than to receive them.
    """
    if vector.typecode == "f":
        highest = vector.tobytes()[3 if sys.byteorder == "little" else 0 :: 4]
        if b"\x7f" not in highest and b"\xff" not in highest:
            return True
    return isfinite(sum(vector))


def joined(found: list[N]) -> N:
    """Make one response of several: the first one's, with the results of all; one stays as it is."""
    if len(found) == 1:
        return found[0]
    several = "vectors" if isinstance(found[0], EmbeddingResponse) else "results"
    together: dict[str, Any] = {
        several: tuple(result for one in found for result in getattr(one, several)),
        "notices": tuple(dict.fromkeys(notice for one in found for notice in one.notices)),
        "meta": _said(found),
        "raw": [one.raw for one in found],
    }
    if any(field.name == "usage" for field in fields(cast("Any", found[0]))):
        together["usage"] = _added([one.usage for one in cast("list[Any]", found)])
    return cast("Callable[..., N]", replace)(found[0], **together)


def _said(found: Sequence[_Response]) -> Meta:
    """Keep what was said in each exchange, by origin; null where nothing was."""
    origins = dict.fromkeys(origin for one in found for origin in one.meta)
    return {
        origin: {"exchanges": [dict(one.meta[origin]) if origin in one.meta else None for one in found]}
        for origin in origins
    }


def _added(found: list[Usage | None]) -> Usage | None:
    """Add up what was told; what one did not tell is not known of all."""
    known = [usage for usage in found if usage is not None]
    if not known or len(known) < len(found):
        return None
    numbers = [field.name for field in fields(Usage) if field.name != "raw"]
    told: dict[str, list[int | None]] = {name: [getattr(usage, name) for usage in known] for name in numbers}
    sums = {name: sum(cast("list[int]", values)) for name, values in told.items() if None not in values}
    return Usage(**cast("Mapping[str, Any]", sums))
