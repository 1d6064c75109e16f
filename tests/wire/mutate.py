"""A mutated corpus: the same exchanges with keys nobody knows, other words, other ids.

What is true of the recorded corpus has to be true of this one: no codec can have learnt the recordings by heart.

    python -m tests.wire.mutate FOLDER [--seed N]     write a mutated copy of the corpus

Law: a reply and its `expect` are changed together. Each planted key occurs once, so that it can be found again.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from tests.wire.bodies import documents, with_documents
from tests.wire.corpus import entries, folder, load
from tests.wire.strangers import with_strangers
from tests.wire.words import rename, say_more

from chat_core.codec.wire import dump
from chat_core.jsonvalue import parse_object

if TYPE_CHECKING:
    from tests.wire.corpus import Exchange

    from chat_core.jsonvalue import JSON, JSONObject

NOT_INSIDE = frozenset({"input", "arguments", "parameters", "content_object", "args", "partialArgs"})
"""Objects under these keys are the model's own words, not the service's: nothing is planted there."""
PLANTS = 40
"""About how many objects of one stream get a key; in a whole reply all do."""


@dataclass(slots=True)
class Planting:
    """The keys planted into one reply.

    Attributes:
        random: decides.
        share: which part of the objects get a key.
        planted: the keys with their values.
    """

    random: Random
    share: float = 1.0
    planted: JSONObject = field(default_factory=dict[str, "JSON"])

    def plant(self, value: JSON) -> JSON:
        """Return a copy with keys planted."""
        match value:
            case dict():
                mutated = {key: item if self._is_words(key, item) else self.plant(item) for key, item in value.items()}
                if self.random.random() < self.share:
                    key, item = self.new()
                    mutated[key] = item
                return mutated
            case list():
                return [self.plant(item) for item in value]
            case _:
                return value

    def _is_words(self, key: str, item: JSON) -> bool:
        return key in NOT_INSIDE or key in {"usage", "usageMetadata"} or (key == "content" and isinstance(item, dict))

    def new(self) -> tuple[str, JSON]:
        """Make a key that occurs once, with a value."""
        number = self.random.randrange(10**9)
        values: list[JSON] = [
            f"planted {number}", number, number + 0.5, [number, "planted"], {"planted": number}, [{"planted": number}],
        ]  # fmt: skip
        key = f"x_{self.random.choice(('new', 'beta', 'later'))}_{number}"
        self.planted[key] = value = self.random.choice(values)
        return key, value


def mutated(exchange: Exchange, seed: int) -> tuple[Exchange, JSONObject]:
    """Return a mutated exchange, and what was planted into it."""
    random = Random(f"{seed}/{exchange.id}")
    planting = Planting(random)
    changed = usage_more(say_more(rename(exchange, random), random), planting)
    if changed.streamed:
        objects = sum(map(_objects, documents(changed)))
        planting.share = min(1.0, PLANTS / max(1, objects))
    changed = with_documents(changed, planting.plant)
    return with_strangers(changed, planting.new, random), planting.planted


def usage_more(exchange: Exchange, planting: Planting) -> Exchange:
    """Plant a key into the last usage of a reply, and into the raw usage that is expected."""
    found = documents(exchange)
    holders = [at for at, document in enumerate(found) if isinstance(document, dict) and document.get("usage")]
    usage = exchange.expect.get("usage")
    raw = usage.get("raw") if isinstance(usage, dict) else None
    if not holders or not isinstance(usage, dict) or not isinstance(raw, dict):
        return exchange
    key, value = planting.new()
    place = iter(range(len(found)))

    def change(document: JSON) -> JSON:
        counted = document.get("usage") if isinstance(document, dict) else None
        if next(place) != holders[-1] or not isinstance(document, dict) or not isinstance(counted, dict):
            return document
        return {**document, "usage": {**counted, key: value}}

    expect: JSONObject = {**exchange.expect, "usage": {**usage, "raw": {**raw, key: value}}}
    return with_documents(exchange, change).but(expect=expect)


def _objects(value: JSON) -> int:
    match value:
        case dict():
            return 1 + sum(map(_objects, value.values()))
        case list():
            return sum(map(_objects, value))
        case _:
            return 0


def main(arguments: list[str] | None = None) -> int:
    """Write a mutated copy of the corpus."""
    options = argparse.ArgumentParser(prog="tests.wire.mutate", description=main.__doc__)
    options.add_argument("out", type=Path)
    options.add_argument("--seed", type=int, default=1)
    asked = options.parse_args(arguments)
    written = 0
    for entry in entries(folder()):
        exchange, _ = mutated(load(entry), asked.seed)
        whole = parse_object(entry.path.read_bytes())
        path: Path = asked.out / exchange.api / entry.path.name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(dump({**whole, "response": exchange.response, "expect": exchange.expect}))
        written += 1
    print(f"{written} exchanges, mutated with seed {asked.seed}: {asked.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
