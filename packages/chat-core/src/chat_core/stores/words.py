"""Words: what of a message is searched, how its text and a search are cut into words, and snippets.

Law: every store cuts text here, so all find the same. What a user types is never another program's search syntax.
Case, accents and compatibility forms are folded away; scripts written without spaces are cut into characters.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING
from unicodedata import category, combining, normalize

from chat_core.errors import StoreError
from chat_core.frozen import dataclass
from chat_core.parts import Media, Reasoning, Refusal, Text, ToolResult
from chat_core.stores.records import Found

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from chat_core.messages import Message
    from chat_core.parts import Part
    from chat_core.stores.records import Node

MAX_WORD = 200
"""Longest word that is told apart, in characters; what is longer counts by its beginning."""

MAX_WORDS = 200
"""Most words of a search."""

BEFORE, BEHIND = 40, 120
"""Characters of a snippet before its first hit, and from there on."""

_ALONE = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
"""Thai, Lao, Burmese, Khmer, kana, ideographs: written without spaces, so that each character is a word."""

_JOINED = "\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0900-\u0dff"
"""Accents and vowel signs, which stand for no letter of their own to `re`."""

_SPACES = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Term:
    """What an entry has to hold: words one after the other, the last of which may be the beginning of one."""

    words: tuple[str, ...]
    prefix: bool = False


def searched(message: Message) -> str:
    """Return the text of a message that can be found: what was said, thought, refused, and what tools gave."""
    return "\n".join(text for part in message.parts for text in _texts(part) if text)


def split(text: str) -> list[str]:
    """Cut a text into folded words."""
    if text.isascii():
        return [word[:MAX_WORD] for word in _ascii_words().findall(text.lower())]
    return [word for word, _, _ in _placed(text)]


def terms(words: str) -> tuple[Term, ...]:
    """Read what a user looks for; empty when it holds no word.

    Raises:
        StoreError: it holds more than `MAX_WORDS` words.
    """
    read = dict.fromkeys(Term(tuple(split(word)), word.endswith("*")) for word in words.split())
    wanted = tuple(term for term in read if term.words)
    if sum(len(term.words) for term in wanted) > MAX_WORDS:
        raise StoreError(f"the search has more than {MAX_WORDS} words: look for fewer")
    return wanted


def holds(text: str, wanted: Sequence[Term]) -> bool:
    """Tell whether a text holds all terms."""
    words = split(text)
    return all(next(_places(words, term), None) is not None for term in wanted)


def snippet(text: str, wanted: Sequence[Term], marks: tuple[str, str]) -> str:
    """Return the text around the first hit, in one line, with marks around each hit."""
    placed = list(_placed(text))
    words = [word for word, _, _ in placed]
    spans = sorted(
        {
            (placed[at][1], placed[at + len(term.words) - 1][2])
            for term in wanted
            for at in _places(words, term)
        }
    )  # fmt: skip
    start = max(0, (spans[0][0] if spans else 0) - BEFORE)
    end = min(len(text), start + BEFORE + BEHIND)
    middle = "".join(_marked(text, start, end, spans, marks))
    return f"{'…' if start else ''}{_SPACES.sub(' ', middle).strip()}{'…' if end < len(text) else ''}"


def found(node: Node, conversations: Iterable[str], wanted: Sequence[Term], marks: tuple[str, str]) -> Found:
    """Say what was found."""
    return Found(
        node=node.id,
        conversations=tuple(conversations),
        role=node.message.role,
        snippet=snippet(searched(node.message), wanted, marks),
        at=node.entry.at,
    )


def _texts(part: Part) -> Iterable[str | None]:
    match part:
        case Text(text=text) | Reasoning(text=text) | Refusal(text=text):
            return (text,)
        case Media(transcript=transcript):
            return (transcript,)
        case ToolResult(content=content):
            return (text for item in content for text in _texts(item))
        case _:
            return ()


def _places(words: Sequence[str], term: Term) -> Iterator[int]:
    """Yield where a term begins in a list of words."""
    *first, last = term.words
    for at in range(len(first), len(words)):
        if words[at] == last or (term.prefix and words[at].startswith(last)):
            begin = at - len(first)
            if list(words[begin:at]) == first:
                yield begin


def _placed(text: str) -> Iterator[tuple[str, int, int]]:
    """Yield the words of a text, folded, with their places."""
    for found in _any_words().finditer(text):
        if word := _folded(found[0]):
            yield word, found.start(), found.end()


def _folded(word: str) -> str:
    if word.isascii():
        return word.lower()[:MAX_WORD]
    spread = normalize("NFKD", word.casefold())
    kept = (sign for sign in spread if sign.isalnum() or (category(sign)[0] == "M" and not combining(sign)))
    return "".join(kept)[:MAX_WORD]


def _marked(text: str, start: int, end: int, spans: Iterable[tuple[int, int]], marks: tuple[str, str]) -> Iterator[str]:
    """Yield the pieces of a window with marks; overlapping hits are marked once."""
    at = start
    for begin, over in spans:
        if begin >= at and over <= end:
            yield from (text[at:begin], marks[0], text[begin:over], marks[1])
            at = over
    yield text[at:end]


@cache
def _ascii_words() -> re.Pattern[str]:
    return re.compile("[a-z0-9]+")


@cache
def _any_words() -> re.Pattern[str]:
    return re.compile(f"[{_ALONE}]|(?:[^\\W_{_ALONE}]|[{_JOINED}])+")
