"""Docstrings: what they say about parameters, in the styles of Google, NumPy and Sphinx.

Law: only the descriptions of parameters are taken out; all else stays as it was written, and so does a section that is
not understood.
"""

from __future__ import annotations

import re
from inspect import cleandoc
from itertools import takewhile

_TITLES = {
    "Args", "Arguments", "Params", "Parameters", "Keyword Args", "Keyword Arguments", "Keyword Parameters",
    "Other Args", "Other Arguments", "Other Parameters",
}  # fmt: skip
_NAMES = r"(?P<names>\*{0,2}\w+(?:\s*,\s*\*{0,2}\w+)*)"
_GOOGLE = re.compile(_NAMES + r"\s*(?:\(.*?\))?\s*:(?:\s+|$)(?P<text>.*)")
_NUMPY = re.compile(_NAMES + r"(?:\s*:.*)?(?P<text>)")
_SPHINX = re.compile(
    r":(?:param|parameter|arg|argument|key|keyword)\s+(?:[^:]*\s)?\*{0,2}(?P<name>\w+)\s*:\s*(?P<text>.*)"
)
_SPHINX_TYPE = re.compile(r":type\s+\w+\s*:")


def read(document: str | None) -> tuple[str | None, dict[str, str]]:
    """Return the text without its parameters, and what it says about each of them; `None` = it says nothing else."""
    lines = cleandoc(document or "").splitlines()
    words: dict[str, str] = {}
    kept: list[str] = []
    while lines:
        taken, found = _section(lines)
        words |= found
        kept += [] if taken else lines[:1]
        lines = lines[taken or 1 :]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(kept)).strip() or None, words


def _section(lines: list[str]) -> tuple[int, dict[str, str]]:
    """Return how many lines here are about parameters, and what they say; 0 when they are about something else."""
    title, under = lines[0].rstrip(), lines[1].strip() if len(lines) > 1 else ""
    if title.removesuffix(":") in _TITLES and title.endswith(":"):
        block = _indented(lines[1:])
        return _counted(1, block, _items(_dedented(block), _GOOGLE))
    if title in _TITLES and under and set(under) == {"-"}:
        block = _to_next_title(lines[2:])
        return _counted(2, block, _items(block, _NUMPY))
    if (field := _SPHINX.match(title)) is not None:
        block = _indented(lines[1:])
        return 1 + len(block), {field["name"]: _text([field["text"], *block])}
    if _SPHINX_TYPE.match(title) is not None:
        return 1 + len(_indented(lines[1:])), {}
    return 0, {}


def _counted(head: int, block: list[str], items: dict[str, str] | None) -> tuple[int, dict[str, str]]:
    return (0, {}) if items is None else (head + len(block), items)


def _items(block: list[str], pattern: re.Pattern[str]) -> dict[str, str] | None:
    """Return what a section says by name; `None` when a line of it is not understood."""
    found: dict[str, list[str]] = {}
    names: list[str] = []
    for line in block:
        if line.strip() and not line[0].isspace():
            if (item := pattern.fullmatch(line.rstrip())) is None:
                return None
            names = [name.strip().lstrip("*") for name in item["names"].split(",")]
            found |= {name: [item["text"]] for name in names}
        else:
            for name in names:
                found[name].append(line)
    return {name: text for name, lines in found.items() if (text := _text(lines))} or None


def _indented(lines: list[str]) -> list[str]:
    return list(takewhile(lambda line: not line.strip() or line[0].isspace(), lines))


def _dedented(lines: list[str]) -> list[str]:
    return cleandoc("\n" + "\n".join(lines)).splitlines()


def _to_next_title(lines: list[str]) -> list[str]:
    """Return the lines before the next title that is underlined."""
    for number, line in enumerate(lines[1:]):
        if line.strip() and set(line.strip()) == {"-"} and not line[0].isspace():
            return lines[:number]
    return lines


def _text(lines: list[str]) -> str:
    return cleandoc("\n".join(lines)).strip()
