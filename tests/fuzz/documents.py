"""Damaged documents: values that change, move and multiply, and JSON that only a careless or hostile service writes.

Law: what is damaged depends on the chance that is handed in and on nothing else. A value that Python's JSON cannot
write stands in the tree as `Verbatim` and is written as it is.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from chat_core.jsonvalue import JSON

Chance: TypeAlias = "Callable[[int], int]"
"""Draws a number below the one that it is given."""


@dataclass(frozen=True, slots=True)
class Verbatim:
    """A piece of a document as it is written."""

    text: str


Node: TypeAlias = "bool | int | float | str | list[Node] | dict[str, Node] | Verbatim | None"
Path: TypeAlias = "tuple[str | int, ...]"

OTHERS: tuple[Node, ...] = (
    None, True, False, 0, -1, 1, 2**31, 2**63, 2**64, 2**70, 0.5, 1e300, -0.0, "", " ", "0", "null", "{}", "[]",
    "\u2028", "\x00", "é", "\U0001f600", "a" * 300, [], [[]], {}, {"": None}, [None], [{}], [0, "a"], {"type": 0},
    {"type": ""}, {"index": -1}, {"text": ["a"]}, {"error": {"message": "no"}},
    Verbatim("NaN"), Verbatim("-Infinity"), Verbatim("1e999"), Verbatim("-1e-999"), Verbatim("9" * 400),
    Verbatim("9" * 5000), Verbatim("1" + "0" * 320), Verbatim('"\\ud800"'), Verbatim('"\\udc00\\ud800"'),
    Verbatim("[" * 150 + "]" * 150), Verbatim("[" * 3000 + "]" * 3000), Verbatim('{"a":' * 190 + "1" + "}" * 190),
    Verbatim("\ufeff1"), Verbatim("undefined"), Verbatim("'a'"), Verbatim("01"), Verbatim('"\\x"'), Verbatim('"\t"'),
)  # fmt: skip
"""What a value may become."""

TEXTS = ("\ud800", "\x00", "\u2028", "\r\n", "\\", '"', "{", "}", "\u0301", "\U0001f600", "%", "NaN", "=", "data:image")
"""What may come into the middle of a text."""


def written(node: Node) -> bytes:
    """Write a document; lone surrogates become escapes."""
    return "".join(_pieces(node)).encode("utf-8", "surrogatepass")


def _pieces(node: Node) -> Iterator[str]:
    match node:
        case Verbatim(text):
            yield text
        case dict():
            for number, (key, item) in enumerate(node.items()):
                yield f"{',' if number else '{'}{json.dumps(key)}:"
                yield from _pieces(item)
            yield "}" if node else "{}"
        case list():
            for number, item in enumerate(node):
                yield "," if number else "["
                yield from _pieces(item)
            yield "]" if node else "[]"
        case _:
            yield json.dumps(node)


def damaged(document: JSON, donor: JSON, chance: Chance) -> Node:
    """Damage a document at one to three places; `donor` gives keys and values of its own."""
    node = cast("Node", document)
    for _ in range(1 + (chance(3) == 0) + (chance(6) == 0)):
        node = _once(node, cast("Node", donor), chance)
    return node


def _once(node: Node, donor: Node, chance: Chance) -> Node:
    places = list(_places(node))
    place = places[chance(len(places))]
    here = _at(node, place)
    given = _at(donor, _any(list(_places(donor)), chance))
    match chance(9):
        case 0 | 1:
            return _replaced(node, place, OTHERS[chance(len(OTHERS))])
        case 2:
            return _replaced(node, place, given)
        case 3:
            return _without(node, place)
        case 4:
            return _replaced(node, place, _multiplied(here, chance))
        case 5:
            return _renamed(node, place, donor, chance)
        case 6:
            return _replaced(node, place, _wrapped(here, chance))
        case 7:
            other = _any(places, chance)
            moved = _at(node, other)
            return _replaced(node, place, moved)
        case _:
            return _replaced(node, place, _retouched(here, chance))


def _any(items: Sequence[Path], chance: Chance) -> Path:
    return items[chance(len(items))]


def _places(node: Node, path: Path = ()) -> Iterator[Path]:
    yield path
    match node:
        case dict():
            for key, item in node.items():
                yield from _places(item, (*path, key))
        case list():
            for index, item in enumerate(node):
                yield from _places(item, (*path, index))
        case _:
            pass


def _at(node: Node, path: Path) -> Node:
    for step in path:
        match node, step:
            case dict(), str():
                node = node[step]
            case list(), int():
                node = node[step]
            case _:
                raise KeyError(step)
    return node


def _changed(node: Node, path: Path, change: Callable[[Node], Node]) -> Node:
    match node, path:
        case dict(), (str(step), *more):
            return {**node, step: _changed(node[step], tuple(more), change)}
        case list(), (int(step), *more):
            return [_changed(item, tuple(more), change) if at == step else item for at, item in enumerate(node)]
        case _:
            return change(node)


def _replaced(node: Node, path: Path, other: Node) -> Node:
    return _changed(node, path, lambda _: other)


def _without(node: Node, path: Path) -> Node:
    if not path:
        return {}

    def leave_out(parent: Node) -> Node:
        match parent, path[-1]:
            case dict(), str(step):
                return {key: item for key, item in parent.items() if key != step}
            case list(), int(step):
                return [item for at, item in enumerate(parent) if at != step]
            case _:
                return parent

    return _changed(node, path[:-1], leave_out)


def _multiplied(node: Node, chance: Chance) -> Node:
    """Repeat an item of a list, a key of an object, or a text."""
    match node:
        case [*items] if items:
            at = chance(len(items))
            return items[:at] + [items[at]] * (2 + 30 * chance(2)) + items[at:]
        case dict() if node:
            key = list(node)[chance(len(node))]
            other = OTHERS[chance(len(OTHERS))]
            return Verbatim(
                f"{written(node).decode('utf-8', 'surrogatepass')[:-1]},{json.dumps(key)}:{''.join(_pieces(other))}}}"
            )
        case str():
            return node * (2 + 50 * chance(2))
        case _:
            return [node, node]


def _renamed(node: Node, place: Path, donor: Node, chance: Chance) -> Node:
    """Give a member the name of another one."""
    names = [str(path[-1]) for path in (*_places(node), *_places(donor)) if path and isinstance(path[-1], str)]
    if not place or not isinstance(place[-1], str) or not names:
        return node
    name = names[chance(len(names))]

    def rename(parent: Node) -> Node:
        items = parent.items() if isinstance(parent, dict) else ()
        return {name if key == place[-1] else key: item for key, item in items}

    return _changed(node, place[:-1], rename)


def _wrapped(node: Node, chance: Chance) -> Node:
    """Put a value into another one, or take it out."""
    match chance(4), node:
        case 0, [first, *_]:
            return first
        case 0, dict() if node:
            return next(iter(node.values()))
        case 1, _:
            return {"text": node}
        case 2, _:
            return written(node).decode("utf-8", "surrogatepass")
        case _:
            return [node]


def _retouched(node: Node, chance: Chance) -> Node:
    """Change a value without changing its kind."""
    match node:
        case bool():
            return not node
        case int() | float():
            half = node / 2 if abs(node) < 2**60 else 0.5  # a larger one is no float
            return (-node, node + 1, node * 10**9, half, -1, 0, Verbatim("9" * 400), Verbatim("1e308"))[chance(8)]
        case str():
            at, text = chance(len(node) + 1), TEXTS[chance(len(TEXTS)) if chance(2) else 0]
            return (node[:at], node[at:], node[:at] + text + node[at:], node.upper())[chance(4)]
        case list():
            return node[::-1]
        case dict():
            return dict(reversed(node.items()))
        case _:
            return ""
