"""What a fact is: an answer, how it is recognised, and how it is asked for.

Law: a fact's words are its own; the frames around them are shared with questions that nobody can answer here.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """Hold one thing that the model knows.

    Attributes:
        answer: What the model says.
        keys: What an answer has to contain to count as this one.
        do: Verb phrases, put behind "how do I".
        about: Noun phrases, put behind "what is".
        ask: Whole questions.
    """

    answer: str
    keys: tuple[str, ...]
    do: tuple[str, ...] = ()
    about: tuple[str, ...] = ()
    ask: tuple[str, ...] = ()
