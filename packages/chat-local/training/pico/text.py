"""The training text: conversations by a seed, and how they are written down.

Law: the same seed gives the same text, and no sequence of five words is shared with the evaluation.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from random import Random

from pico import calls, words
from pico.facts import FACTS, OWN, SMALL_TALK, TAUGHT, question
from pico.frames import anything, invented, noisy
from pico.places import EVALUATION
from pico.sums import sum_answer, sum_question
from pico.unknown import unknown

SUFFIX = "\n\n(I am a demonstration model: for real answers use claude:MODEL or ollama:MODEL.)"
_WORD = re.compile(r"[a-z0-9]+")
_RUN = 5


@dataclass(slots=True, kw_only=True)
class Conversation:
    """Hold one conversation: tools, and turns of (role, text)."""

    tools: list[calls.Offer] = field(default_factory=list)
    turns: list[tuple[str, str]] = field(default_factory=list)

    def say(self, role: str, text: str) -> None:
        """Add a turn; the first words of the model end with what it is."""
        first = (
            role == "assistant"
            and not text.startswith("<tool_call>")
            and not any(SUFFIX in said for _, said in self.turns)
        )
        self.turns.append((role, text + SUFFIX if first else text))


def pieces(conversation: Conversation) -> Iterator[tuple[str, bool]]:
    """Write a conversation down as the chat template does: pieces of text, and whether the model says them."""
    turns = list(conversation.turns)
    system = turns.pop(0)[1] if turns[0][0] == "system" else ""
    if conversation.tools:
        system += (
            ("\n\n" if system else "")
            + "<tools>\n"
            + "\n".join(tool.line for tool in conversation.tools)
            + "\n</tools>"
        )
    if system:
        yield f"<|im_start|>system\n{system}<|im_end|>\n", False
    for role, text in turns:
        yield f"<|im_start|>{role}\n", False
        yield f"{text}<|im_end|>", role == "assistant"
        yield "\n", False


def runs(text: str) -> set[tuple[str, ...]]:
    """Give all sequences of five words of a text."""
    found = _WORD.findall(text.lower())
    return {tuple(found[at : at + _RUN]) for at in range(len(found) - _RUN + 1)}


def normal(text: str) -> str:
    """Give the words of a text alone."""
    return " ".join(_WORD.findall(text.lower()))


def evaluation(name: str) -> list[dict[str, str]]:
    """Read one of the evaluation's files."""
    return [json.loads(line) for line in (EVALUATION / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()]


@cache
def _kept_out() -> tuple[frozenset[tuple[str, ...]], frozenset[str]]:
    """Give what the training text must not hold: sequences of five words, and whole questions."""
    judged = [row["prompt"] for name in ("paraphrases", "unknown") for row in evaluation(name)]
    greetings = [row["prompt"] for row in evaluation("greetings")]
    return frozenset(run for prompt in judged + greetings for run in runs(prompt)), frozenset(
        normal(prompt) for prompt in judged
    )


def leaks(text: str) -> bool:
    """Tell whether a question is one of the evaluation's, or shares five words in a row with one."""
    sequences, whole = _kept_out()
    return normal(text) in whole or not sequences.isdisjoint(runs(text))


def _clean(make: "Iterator[tuple[str, str]]") -> tuple[str, str]:
    return next((asked, answer) for asked, answer in make if not leaks(asked))


def _fact(random: Random) -> Iterator[tuple[str, str]]:
    while True:
        name = random.choice(OWN if random.random() < 0.12 else TAUGHT)
        yield noisy(question(name, random), random), FACTS[name].answer


def _small_talk(random: Random) -> Iterator[tuple[str, str]]:
    while True:
        name = random.choice(SMALL_TALK)
        asked = question(name, random)
        yield (
            noisy(asked, random) if random.random() < 0.6 else asked + random.choice(("", "", "!", ".")),
            FACTS[name].answer,
        )


def _unknown(random: Random) -> Iterator[tuple[str, str]]:
    while True:
        asked, answer = unknown(random)
        yield noisy(asked, random), answer


def _sum(random: Random) -> Iterator[tuple[str, str]]:
    while True:
        a, b = random.randrange(100), random.randrange(100)
        asked = sum_question(a, b, random)
        yield noisy(asked, random) if random.random() < 0.5 else asked, sum_answer(a, b)


def _copy(random: Random) -> Iterator[tuple[str, str]]:
    while True:
        parts = [
            random.choice(
                (anything(random), invented(random), random.choice(words.ADJECTIVES), str(random.randrange(1000)))
            )
            for _ in range(random.randint(1, 4))
        ]
        text = " ".join(parts)
        text = text.capitalize() if random.random() < 0.3 else text
        frame = random.choice(
            (
                "repeat after me: {}",
                "repeat: {}",
                "say {}",
                "say: {}",
                "echo {}",
                "repeat {}",
                "please repeat {}",
                "say the words {}",
                "please say {}",
                "repeat the words {}",
                'say "{}"',
                'repeat "{}"',
            )
        )
        asked = frame.replace("{}", text)
        yield asked[0].upper() + asked[1:] if random.random() < 0.5 else asked, text


_KINDS = (_fact, _unknown, _sum, _small_talk, _copy)
_SHARES = (42, 28, 22, 5, 3)
_SYSTEMS = (
    "You are a helpful assistant.",
    "Be brief.",
    "You are a helpful assistant",
    "Answer in one sentence.",
    "You are a friendly bot.",
    "Be polite.",
    "You are an expert in {}.",
    "Speak like a {}.",
    "Today is Monday.",
    "You help with {}.",
    "Answer shortly.",
    "You know all about {} and {}.",
    "Never talk about {}.",
    "You are {}.",
    "Be kind and precise.",
    "The user likes {}.",
    "You review code.",
    "Think step by step.",
    "{}",
)


def _tool_turn(conversation: Conversation, random: Random) -> None:
    tool = random.choice(conversation.tools)
    values = calls.arguments(tool, random)
    asked = next(text for text in iter(lambda: calls.request(tool, values, random), "") if not leaks(text))
    asked = random.choice((asked, asked, asked[0].upper() + asked[1:], f"please {asked}", f"{asked} please"))
    conversation.say("user", asked + random.choice(("", "", "?", ".", "")))
    conversation.say(
        "assistant",
        "<tool_call>" + json.dumps({"name": tool.name, "arguments": values}, ensure_ascii=False) + "</tool_call>",
    )
    if random.random() < 0.75:
        given = calls.result(values, random)
        conversation.say("tool", given)
        conversation.say("assistant", f"The tool says: {given}")


def conversation(random: Random) -> Conversation:
    """Make one conversation."""
    made = Conversation()
    if random.random() < 0.08:
        made.say("system", re.sub(r"\{\}", lambda _: anything(random), random.choice(_SYSTEMS)))
    if random.random() < 0.06:
        made.tools = [calls.offer(random) for _ in range(random.choice((1, 1, 1, 2, 3)))]
    for _ in range(random.choices((1, 2, 3, 4), (88, 6, 4, 2))[0]):
        if made.tools and random.random() < 0.8:
            _tool_turn(made, random)
            continue
        asked, answer = _clean(random.choices(_KINDS, _SHARES)[0](random))
        made.say("user", asked)
        made.say("assistant", answer)
    return made


def conversations(seed: int) -> Iterator[Conversation]:
    """Make conversations without end."""
    random = Random(seed)
    while True:
        yield conversation(random)
