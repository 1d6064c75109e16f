"""Get a value instead of text, and watch it grow."""

from __future__ import annotations

from dataclasses import dataclass

from chat_core import Chat
from chat_core.events import OutputDelta


@dataclass(frozen=True)
class City:
    """A city and how many people live there."""

    name: str
    people: int


with Chat("replay:demo").stream("Tell me about Oslo.", output=City) as stream:
    for event in stream:
        if isinstance(event, OutputDelta):
            print(event.value)
city = stream.result.output
print(f"{city.name} has {city.people:,} people.")
