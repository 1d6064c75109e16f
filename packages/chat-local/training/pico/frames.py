"""The grammar that spells questions out, and the noise that people add to them.

Law: both are the same for facts and for unknown things.
"""

import re
from random import Random

from pico import words
from pico.phrases import AFTER, BEFORE, HOW, WHAT
from pico.rewording import reworded

_CHOICE = re.compile(r"\[([^\[\]]*)\]")
_SLOT = re.compile(r"\{(\w+)\}")
_SPACES = re.compile(r" {2,}")
_DIGIT = re.compile(r"[0-9]")

_WORLD = tuple(dict.fromkeys((*words.THINGS, *words.ANIMALS, *words.FOODS, *words.PROFESSIONS)))
_STARTS = (
    "b",
    "br",
    "c",
    "d",
    "dr",
    "f",
    "fl",
    "g",
    "gr",
    "h",
    "j",
    "k",
    "kr",
    "l",
    "m",
    "n",
    "p",
    "pl",
    "r",
    "s",
    "sk",
    "st",
    "t",
    "tr",
    "v",
    "w",
    "z",
    "",
)
_MIDDLES = ("a", "e", "i", "o", "u", "ai", "ee", "ou", "ia", "y")
_ENDS = ("", "", "n", "r", "l", "s", "t", "x", "m", "nd", "rk", "sh", "ck", "ng")


def invented(random: Random) -> str:
    """Invent a word that no list holds."""
    parts = [
        random.choice(_STARTS) + random.choice(_MIDDLES) + random.choice(_ENDS) for _ in range(random.randint(2, 3))
    ]
    return "".join(parts)


SLOTS = {
    "thing": words.THINGS,
    "animal": words.ANIMALS,
    "food": words.FOODS,
    "place": words.PLACES,
    "person": words.PEOPLE,
    "topic": words.TOPICS,
    "software": words.SOFTWARE,
    "verb": words.VERBS,
    "cooking": words.COOKING,
    "activity": words.ACTIVITIES,
    "profession": words.PROFESSIONS,
    "adjective": words.ADJECTIVES,
    "work": words.WORKS,
    "strange": tuple(invented(Random(seed)) for seed in range(2000)),
}


def spell(template: str, random: Random) -> str:
    """Spell a template out: `[a|b]` is one of them, `{thing}` a word of that list."""
    text = _CHOICE.sub(lambda found: random.choice(found[1].split("|")), template)
    text = _SLOT.sub(lambda found: random.choice(SLOTS[found[1]]), text)
    return _SPACES.sub(" ", text).strip()


def first(template: str) -> str:
    """Spell a template out with the first of all its variants."""
    return _SPACES.sub(" ", _CHOICE.sub(lambda found: found[1].split("|")[0], template)).strip()


def framed(phrase: str, frames: tuple[str, ...], random: Random) -> str:
    """Put a phrase into one of the frames."""
    return spell(random.choice(frames), random).replace("{}", phrase)


def both(do: str, about: str, random: Random) -> str:
    """Ask with two phrases for one thing."""
    first = random.choice(
        ("{}", "i want {}", "i need {}", "i have a question about {}", "{} please", "about {}", "i'd like {}")
    )
    if random.random() < 0.7:
        return f"{first.replace('{}', about)}{random.choice((',', ':', ';', ' -'))} {framed(do, HOW, random)}"
    return f"{framed(about, WHAT, random)}, i want to {do}"


def anything(random: Random) -> str:
    """Name anything of the world outside, now and then by an invented word."""
    return invented(random) if random.random() < 0.12 else random.choice(_WORLD)


def noisy(text: str, random: Random) -> str:
    """Write a question as people do: with or without capitals, marks, manners and slips, which spare numbers."""
    text = reworded(text, random)
    if random.random() < 0.12:
        text = f"{random.choice(BEFORE)} {text}"
    if random.random() < 0.1:
        text = f"{text} {random.choice(AFTER)}".replace(" ,", ",")
    if random.random() < 0.06 and len(text) > 8 and not _DIGIT.search(text):
        text = _slip(text, random)
    style = random.random()
    if style < 0.5:
        text = text[0].upper() + re.sub(r"\bi\b", "I", text[1:])
    elif style < 0.54:
        text = text.upper()
    elif style < 0.6:
        text = text.capitalize()
    return text + random.choice(("?", "?", "?", "?", "", "", "", ".", "!", " ?", "??", "..."))


def _slip(text: str, random: Random) -> str:
    at = random.randrange(1, len(text) - 1)
    kind = random.random()
    if kind < 0.35:
        return text[:at] + text[at + 1 :]
    if kind < 0.7:
        return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    return text[:at] + random.choice("abcdefghijklmnopqrstuvwxyz") + text[at + (kind < 0.85) :]
