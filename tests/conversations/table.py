"""What is proved on which provider: the table of `docs/concepts/conversations.md`, made from the tests themselves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.conversations.asking import STREAMS, WAYS
from tests.conversations.wires import WIRES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from types import ModuleType

    from tests.conversations.recorded import Recorded

EVERY = frozenset(way.__name__ for way in WAYS)


@dataclass(frozen=True, slots=True)
class Lack:
    """Why a wire cannot play a scenario, and in which ways to ask."""

    reason: str
    ways: frozenset[str] = EVERY


NO_PAUSE = Lack("the wire has no such pause")
STREAMED = Lack("a whole answer holds them as an object", EVERY - STREAMS)
LACKS: Mapping[tuple[str, str], Lack] = {
    ("a pause of the service", "openai-chat"): NO_PAUSE,
    ("a pause of the service", "mistral"): NO_PAUSE,
    ("a pause of the service", "compatible"): NO_PAUSE,
    ("a pause of the service", "huggingface"): NO_PAUSE,
    ("a pause of the service", "openai"): NO_PAUSE,
    ("a pause of the service", "ollama"): NO_PAUSE,
    ("a pause of the service", "gemini"): Lack("it goes on by a token, after the same contents"),
    ("a pause of the service", "gemini-interactions"): Lack("it goes on by a token, and the history is not sent again"),
    ("arguments that are no json", "claude"): STREAMED,
    ("arguments that are no json", "gemini"): STREAMED,
    ("arguments that are no json", "gemini-interactions"): STREAMED,
    ("arguments that are no json", "ollama"): Lack("an answer holds them as an object, streamed ones too"),
}

APIS: Mapping[str, str] = {
    "claude": "anthropic-messages",
    "openai-chat": "openai-chat",
    "mistral": "mistral-chat",
    "huggingface": "huggingface-chat",
    "openai": "openai-responses",
    "ollama": "ollama-chat",
    "gemini": "gemini-generate",
    "gemini-interactions": "gemini-interactions",
}
"""The API whose recordings prove a provider; `compatible` is proved by those of all other vendors of its wire."""

COMPATIBLE = "openai-chat"
"""The wire of `compatible`."""


def title(test: str) -> str:
    """Return a test's name in words."""
    return test.removeprefix("test_").replace("_", " ")


def titles(module: ModuleType) -> list[str]:
    """Return the scenarios of a module, in order."""
    return [title(name) for name in vars(module) if name.startswith("test_")]


def lines(scenarios: ModuleType, demo: ModuleType, recorded: Iterable[Recorded] | None) -> Iterator[str]:
    """Yield the lines of the table; without recordings their numbers are left out."""
    found = None if recorded is None else list(recorded)
    played = frozenset(titles(demo))
    yield f"| scenario | {' | '.join(WIRES)} | demo |"
    yield f"|---|{'---|' * (len(WIRES) + 1)}"
    for name in titles(scenarios):
        cells = [_cell(name, provider, found) for provider in WIRES]
        yield f"| {name} | {' | '.join(cells)} | {'scripted' if name in played else '—'} |"


def _cell(scenario: str, provider: str, recorded: list[Recorded] | None) -> str:
    lack = LACKS.get((scenario, provider))
    if lack is not None and lack.ways == EVERY:
        return "—"
    scripted = "scripted" if lack is None else "scripted, streamed only"
    if scenario not in SHOWS or recorded is None:
        return scripted
    count = sum(_of(each, provider) and SHOWS[scenario](each) for each in recorded)
    return f"{count} recorded, {scripted}" if count else scripted


def _of(recorded: Recorded, provider: str) -> bool:
    first = recorded.exchanges[0]
    if provider in APIS:
        return first.api == APIS[provider]
    return first.wire == COMPATIBLE and first.api not in APIS.values()


def _called(_: Recorded) -> bool:
    return True


def _in_parallel(recorded: Recorded) -> bool:
    histories = (codec.request.messages for codec in recorded.codecs)
    return any(len(message.tool_calls) > 1 for messages in histories for message in messages)


def _with_a_form(recorded: Recorded) -> bool:
    return recorded.codecs[0].request.output is not None


SHOWS = {
    "a tool round trip": _called,
    "parallel calls whose ends are swapped": _in_parallel,
    "structured output after tools": _with_a_form,
}
"""The scenarios that recordings show, and which of them do."""
