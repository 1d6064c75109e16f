"""All facts by their ids, and the questions that ask for them.

Law: one table; what a question asks for is its key.
"""

from dataclasses import replace
from random import Random

from pico import facts_around, facts_call, facts_feature, facts_install, facts_provider, facts_self
from pico.fact import Fact
from pico.facts_more import MORE
from pico.frames import both, first, framed, spell
from pico.phrases import HOW, WHAT

_WRITTEN: dict[str, Fact] = {
    **facts_install.FACTS,
    **facts_provider.FACTS,
    **facts_feature.FACTS,
    **facts_call.FACTS,
    **facts_around.FACTS,
    **facts_self.FACTS,
}
FACTS = {name: replace(fact, ask=fact.ask + MORE.get(name, ())) for name, fact in _WRITTEN.items()}

SMALL_TALK = ("hello", "how_are_you", "thanks", "bye")
TAUGHT = tuple(name for name in FACTS if name not in SMALL_TALK)
OWN = ("identity", "abilities", "size", "offline", "privacy", "training", "trust", "language")
"""What a model is asked about itself: more often, as so much else begins with "are you"."""


def question(name: str, random: Random) -> str:
    """Ask for a fact in one of its phrasings."""
    fact = FACTS[name]
    if random.random() < 0.15:
        return random.choice(canonical(name))
    if fact.do and fact.about and random.random() < 0.1:
        do, about = spell(random.choice(fact.do), random), spell(random.choice(fact.about), random)
        return both(do, about, random)
    sources = [source for source in (fact.do, fact.about, fact.ask) if source]
    more = name in MORE and random.random() < 0.3
    source = fact.ask if more else random.choice(sources)
    phrase = spell(random.choice(source), random)
    if source is fact.do:
        return framed(phrase, HOW, random)
    return framed(phrase, WHAT, random) if source is fact.about else phrase


def canonical(name: str) -> list[str]:
    """Ask for a fact in the first of its phrasings of each kind, in the plainest frame."""
    fact = FACTS[name]
    asked = [first(phrase) for phrase in fact.ask[:1]]
    asked += [f"how do i {first(phrase)}" for phrase in fact.do[:1]]
    return [*asked, *(f"what is {first(phrase)}" for phrase in fact.about[:1])]


def plain(name: str, random: Random) -> str:
    """Ask for a fact in the plainest of its trained phrasings."""
    fact = FACTS[name]
    if fact.do and random.random() < 0.5:
        return f"how do i {spell(random.choice(fact.do), random)}"
    return spell(random.choice(fact.ask or fact.about), random)
