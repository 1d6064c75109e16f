"""Nothing lost: change one leaf of a reply at a time, and see that what is decoded changes with it.

Law: a leaf whose change changes nothing is lost; unclaimed it is unless a row of the codec's `IGNORED` says why.
Nulls and empty containers carry nothing. `Response.raw` does not count. What all events of a stream repeat, such as its
id, is one fact: it is enough that one of its leaves is claimed.
"""

from __future__ import annotations

import re
from collections import defaultdict
from functools import cache
from typing import TYPE_CHECKING, Protocol, TypeAlias, TypeVar

from chat_core.codec.wire import Frame, dump
from chat_core.errors import DecodeError
from chat_core.jsonvalue import parse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from random import Random
    from typing import Self

    from chat_core.errors import ChatError
    from chat_core.jsonvalue import JSON

Path: TypeAlias = tuple[str | int, ...]


class Told(Protocol):
    """What decoding came to; `testing.outcome.Outcome` is one."""

    @property
    def error(self) -> ChatError | None:
        """What ended it early."""
        ...

    def same(self, other: Self, /) -> bool:
        """Tell whether a program sees no difference between the two."""
        ...


AnyTold = TypeVar("AnyTold", bound=Told)

MARK = "~other~"
EVERY = 1000
"""Documents with at most this many leaves are checked whole; of longer ones each path is checked at a few places."""
PLACES = 6
MOST = 800
"""Most leaves of one large reply that are changed: a mutated one has as many paths as objects."""
FRAMES = 60
"""Longest short form of a stream, in frames; kinds not seen before may double it."""


def leaves(value: JSON, path: Path = ()) -> Iterator[Path]:
    """Yield the paths of all leaves that say something."""
    match value:
        case None:
            return
        case dict():
            for key, item in value.items():
                yield from leaves(item, (*path, key))
        case list():
            for index, item in enumerate(value):
                yield from leaves(item, (*path, index))
        case _:
            yield path


def general(path: Path) -> str:
    """Write a path as `choices[].message.role`."""
    return "".join("[]" if isinstance(step, int) else f".{step}" for step in path).removeprefix(".")


def changed(value: JSON) -> JSON:
    """Return a leaf that says something else."""
    match value:
        case bool():
            return not value
        case int():
            return value + 1
        case float():
            return value + 0.5
        case str():
            return value + MARK
        case _:
            return MARK


def row_of(path: str, table: Mapping[str, str]) -> str | None:
    """Return the row of a table that names a path; `None` when no row does."""
    return next((pattern for pattern in table if _pattern(pattern).fullmatch(path)), None)


@cache
def _pattern(pattern: str) -> re.Pattern[str]:
    """Compile `a[].b`, with `*` for any one key and a last `.*` for all that is below."""
    whole, below = (pattern[:-2], r"(?:\..*|\[.*)?") if pattern.endswith(".*") else (pattern, "")
    return re.compile(re.escape(whole).replace(r"\*", r"[^.\[]+") + below)


def lost_in_document(document: JSON, decode: Callable[[bytes], AnyTold], random: Random) -> list[str]:
    """Return the general paths of the leaves of a document that are lost, with repetitions.

    Raises:
        Crash: an altered document made the decoder raise what it must not.
    """
    before = decode(dump(document))
    lost: list[str] = []
    for path in _chosen([(0, path) for path in leaves(document)], random, everything=True):
        with_change = _altered(document, path[1])
        if decode(with_change).same(before):
            lost.append(general(path[1]))
    return lost


def lost_in_stream(frames: Sequence[Frame], decode: Callable[[Sequence[Frame]], AnyTold], random: Random) -> list[str]:
    """Return the general paths of the leaves of a stream's frames that are lost.

    Of consecutive frames with the same paths only the first and the last are kept, where the stream decodes so too.

    Raises:
        Crash: an altered frame made the decoder raise what it must not.
    """
    kept = short_form(frames)
    before = decode(kept)
    if before.error is not None:
        kept, before = list(frames), decode(frames)
    documents = [_document(frame) for frame in kept]
    places = [(at, path) for at, document in enumerate(documents) for path in leaves(document)]
    lost: list[tuple[int, Path]] = []
    claimed: set[str] = set()
    for at, path in _chosen(places, random, everything=False):
        frame = kept[at]
        kept[at] = Frame(_altered(documents[at], path), event=frame.event, id=frame.id, cut=frame.cut)
        if decode(kept).same(before):
            lost.append((at, path))
        else:
            claimed.add(general(path))
        kept[at] = frame
    repeated = claimed & _constant(places, documents)
    return [general(path) for _, path in lost if general(path) not in repeated]


def _constant(places: Iterable[tuple[int, Path]], documents: Sequence[JSON]) -> set[str]:
    """Return the paths at which all events say the same."""
    values: dict[str, set[str]] = defaultdict(set)
    for at, path in places:
        value = documents[at]
        for step in path:
            value = _child(value, step)
        values[general(path)].add(repr(value))
    return {path for path, found in values.items() if len(found) == 1}


def short_form(frames: Sequence[Frame]) -> list[Frame]:
    """Leave out what repeats: the middle of runs of frames with the same paths."""
    kinds = [_kind(frame) for frame in frames]
    seen: dict[object, int] = defaultdict(int)
    kept: list[Frame] = []
    for at, kind in enumerate(kinds):
        edge = not 0 < at < len(kinds) - 1 or kinds[at - 1] != kind or kinds[at + 1] != kind
        room = len(kept) < FRAMES or (not seen[kind] and len(kept) < 2 * FRAMES)
        if edge and (room or at >= len(kinds) - 4):
            seen[kind] += 1
            kept.append(frames[at])
    return kept


def _kind(frame: Frame) -> object:
    document = _document(frame)
    named = document.get("type") if isinstance(document, dict) else None
    return (frame.event, named if isinstance(named, str) else None, frozenset(map(general, leaves(document))))


def _document(frame: Frame) -> JSON:
    """Parse a frame; what is no JSON, such as `[DONE]`, has no leaves."""
    try:
        return parse(frame.data)
    except DecodeError:
        return None


def _chosen(places: Iterable[tuple[int, Path]], random: Random, *, everything: bool) -> list[tuple[int, Path]]:
    """Choose the leaves to change: all of a small document, else the first, the last and others of each path."""
    by_path: dict[str, list[tuple[int, Path]]] = defaultdict(list)
    for place in places:
        by_path[general(place[1])].append(place)
    if everything and sum(map(len, by_path.values())) <= EVERY:
        return [place for found in by_path.values() for place in found]
    chosen: list[tuple[int, Path]] = []
    for found in by_path.values():
        inner = found[1:-1]
        some = random.sample(inner, min(PLACES - 2, len(inner)))
        chosen += found if len(found) <= PLACES else [found[0], *some, found[-1]]
    return chosen if len(chosen) <= MOST else random.sample(chosen, MOST)


def _altered(document: JSON, path: Path) -> bytes:
    """Serialise a document with one leaf changed; the document itself stays as it was."""
    *above, last = path or (None,)
    if last is None:
        return dump(changed(document))
    inner = document
    for step in above:
        inner = _child(inner, step)
    before = _child(inner, last)
    _put(inner, last, changed(before))
    try:
        return dump(document)
    finally:
        _put(inner, last, before)


def _child(value: JSON, step: str | int | None) -> JSON:
    match value, step:
        case dict(), str():
            return value[step]
        case list(), int():
            return value[step]
        case _:
            raise LookupError(f"no {step!r} in a {type(value).__name__}")


def _put(value: JSON, step: str | int, item: JSON) -> None:
    match value, step:
        case dict(), str():
            value[step] = item
        case list(), int():
            value[step] = item
        case _:
            raise LookupError(f"no {step!r} in a {type(value).__name__}")
