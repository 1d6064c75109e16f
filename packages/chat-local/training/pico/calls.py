"""Tool calls: tools that were never seen before, requests for them, and what is said about their results.

Law: a call names only what was offered and what was asked for; the template writes it as the model has learnt it.
"""

from dataclasses import dataclass
from random import Random

from pico import words
from pico.frames import anything, invented

_DOES = (
    "get",
    "find",
    "search",
    "look_up",
    "fetch",
    "read",
    "show",
    "list",
    "make",
    "create",
    "delete",
    "remove",
    "send",
    "book",
    "order",
    "open",
    "close",
    "start",
    "stop",
    "play",
    "buy",
    "sell",
    "count",
    "check",
    "set",
    "update",
    "translate",
    "convert",
    "store",
    "call",
    "add",
    "save",
)
_NOUNS = (
    "weather",
    "time",
    "price",
    "news",
    "mail",
    "file",
    "user",
    "page",
    "song",
    "table",
    "ticket",
    "light",
    "room",
    "note",
    "task",
    "event",
    "forecast",
    "temperature",
    "stock",
    "city",
    "country",
    "map",
    "route",
    "movie",
    "book",
    "recipe",
    "photo",
    "order",
    "invoice",
    "message",
    "alarm",
    "timer",
    "door",
    "list",
    "number",
    "word",
    "name",
    "address",
    "score",
    "record",
    "product",
    "customer",
    "animal",
    "colour",
    "flight",
)
_TEXTS = (
    "city",
    "name",
    "title",
    "place",
    "query",
    "text",
    "topic",
    "word",
    "item",
    "person",
    "location",
    "country",
    "key",
    "path",
    "animal",
    "colour",
    "product",
    "language",
    "subject",
    "id",
    "address",
    "food",
)
_NUMBERS = (
    "count",
    "number",
    "amount",
    "days",
    "a",
    "b",
    "x",
    "y",
    "limit",
    "age",
    "size",
    "hours",
    "minutes",
    "level",
    "page",
    "year",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """Hold one tool: its name, its parameters with their types, and what it does."""

    name: str
    parameters: dict[str, str]
    about: str

    @property
    def line(self) -> str:
        """Write it as the template does."""
        inside = ", ".join(f"{name}: {kind}" for name, kind in self.parameters.items())
        return f"{self.name}({inside}): {self.about}"


def value(random: Random) -> str:
    """Choose a text that a person may ask about."""
    kind = random.random()
    if kind < 0.4:
        return random.choice(words.PLACES)
    if kind < 0.55:
        return random.choice(words.PEOPLE)
    if kind < 0.8:
        return anything(random)
    if kind < 0.9:
        return f"{random.choice(words.ADJECTIVES)} {random.choice(words.THINGS)}"
    return invented(random).capitalize()


def offer(random: Random) -> Offer:
    """Make up a tool."""
    does, noun = random.choice(_DOES), random.choice((*_NOUNS, *_NOUNS, invented(random)))
    names = (
        random.sample(_TEXTS, 1)
        if random.random() < 0.65
        else [*random.sample(_TEXTS, random.randint(0, 1)), *random.sample(_NUMBERS, random.randint(1, 2))]
    )
    if random.random() < 0.05:
        names = []
    verb = does.replace("_", " ").capitalize()
    about = random.choice(
        (
            f"{verb} the {noun}.",
            f"{verb} the {noun}.",
            f"{verb} {noun}.",
            f"Tell the {noun}.",
            f"{verb} a {noun} of a {names[0] if names else noun}.",
            f"The {noun} of a {names[0] if names else noun}.",
            "",
        )
    )
    kinds = {name: "string" if name in _TEXTS else random.choice(("integer", "integer", "number")) for name in names}
    return Offer(
        name=random.choice((f"{does}_{noun}", f"{does}_{noun}", f"{does}_{noun}", noun, f"{does}{noun.capitalize()}")),
        parameters=kinds,
        about=about,
    )


def arguments(tool: Offer, random: Random) -> dict[str, object]:
    """Choose what it is called with."""
    return {
        name: value(random) if kind == "string" else random.randrange(random.choice((10, 100, 1000)))
        for name, kind in tool.parameters.items()
    }


def request(tool: Offer, values: dict[str, object], random: Random) -> str:
    """Ask for a call of it."""
    spoken = tool.name.replace("_", " ")
    noun = tool.name.rsplit("_", 1)[-1]
    if not values:
        return random.choice(
            (
                f"call {tool.name}",
                f"use {tool.name}",
                f"{spoken} please",
                f"please {spoken}",
                f"run {tool.name} now",
                f"{spoken} now",
            )
        )
    listed = " and ".join(str(each) for each in values.values())
    named = " and ".join(f"{name} {each}" for name, each in values.items())
    equal = ", ".join(f"{name}={each}" for name, each in values.items())
    loose = (
        f"{spoken} {listed}",
        f"{spoken} for {listed}",
        f"please {spoken} of {listed}",
        f"can you {spoken} for {listed}",
        f"what is the {noun} of {listed}",
        f"what is the {noun} in {listed}",
        f"how is the {noun} in {listed}",
        f"the {noun} for {listed} please",
        f"what's the {noun} for {listed}",
        f"{noun} of {listed}",
        f"tell me the {noun} in {listed}",
        f"i want the {noun} of {listed}",
        f"{spoken} in {listed}",
        f"how is the {noun} for {listed}",
    )
    exact = (
        f"call {tool.name} with {named}",
        f"use {tool.name} with {named}",
        f"use {tool.name} for {listed}",
        f"run {tool.name} with {equal}",
        f"{tool.name} {listed}",
        f"call {tool.name}({equal})",
        f"{spoken} with {named}",
        f"use the tool {tool.name} for {listed}",
        f"call {tool.name} for {listed}",
    )
    return random.choice(loose if len(values) == 1 and random.random() < 0.65 else exact)


def result(values: dict[str, object], random: Random) -> str:
    """Make up what a tool gives back."""
    topic = next(iter(values.values()), anything(random))
    thing, adjective = anything(random), random.choice(words.ADJECTIVES)
    return random.choice(
        (
            f"{adjective} in {topic}",
            f"{thing} in {topic}",
            f"{topic}: {random.randrange(100)}",
            str(random.randrange(2000)),
            f"{adjective} {thing}",
            f"{random.randrange(40)} degrees and {adjective}",
            "done",
            "ok",
            f'{{"{thing}": {random.randrange(100)}}}',
            f"no {thing} found",
            f"the {thing} is {adjective}",
            f"{thing}, {anything(random)} and {anything(random)}",
            f"rain in {topic}",
            f"sunny in {topic}",
            f"snow, {random.randrange(30)} degrees",
            f'{{"{thing}": "{adjective}"}}',
            "true",
            "error: not found",
            f"{topic} has {random.randrange(500)} {thing}s",
            f"{random.randrange(10)}.{random.randrange(100)}",
            value(random),
        )
    )
