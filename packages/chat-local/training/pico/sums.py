"""Addition from 0 to 99, in many words.

Law: the answer repeats the sum, so that adding does not depend on how it was asked for.
"""

from random import Random

_FRAMES = (
    "what is {}",
    "what is {}",
    "what's {}",
    "{}",
    "{}",
    "how much is {}",
    "calculate {}",
    "compute {}",
    "please calculate {}",
    "can you add {&}",
    "add {&}",
    "the sum of {&}",
    "what is the sum of {&}",
    "{} =",
    "{} is",
    "tell me {}",
    "how much do {&} make",
    "what do {&} make",
    "solve {}",
    "work out {}",
    "what does {} give",
    "and {}",
    "now {}",
    "add {&} for me",
    "could you compute {}",
    "find the sum of {&}",
    "give me {}",
    "i need {}",
    "sum {&}",
    "what do you get for {}",
    "what is {} then",
    "do you know {}",
    "let me see: {}",
    "can you calculate {}",
    "how many are {}",
    "total of {&}",
    "what is the total of {&}",
    "add up {&}",
    "what will {} be",
    "if i have {apples} and get {more}, how many have i got",
    "i have {apples} and buy {more}, how many are that",
)
_THINGS = ("apples", "books", "coins", "stones", "cats", "tickets", "pens", "eggs", "cups")


def sum_question(a: int, b: int, random: Random) -> str:
    """Ask for a sum."""
    frame = random.choice(_FRAMES)
    thing = random.choice(_THINGS)
    frame = frame.replace("{apples}", f"{a} {thing}").replace("{more}", f"{b} more").replace("{&}", f"{a} and {b}")
    return frame.replace(
        "{}", random.choice((f"{a} + {b}", f"{a} + {b}", f"{a}+{b}", f"{a} plus {b}", f"{a} plus {b}", f"{a} + {b}"))
    )


def sum_answer(a: int, b: int) -> str:
    """Say a sum."""
    return f"{a} + {b} = {a + b}."
