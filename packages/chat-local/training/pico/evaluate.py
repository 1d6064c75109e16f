"""Measure a model's files: `python -m pico.evaluate [--folder FOLDER] [--full FOLDER]`.

Law: the table that is printed is the one that is written; what is not reached is in it.
"""

import argparse
import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from random import Random

from pico import calls
from pico.decode import Model
from pico.facts import FACTS, SMALL_TALK, TAUGHT, canonical, plain
from pico.judge import holds, judged
from pico.places import EVALUATION, SHIPPED
from pico.sums import sum_answer, sum_question
from pico.text import SUFFIX, evaluation, leaks

SEED = 7
GATE = {
    "greetings": 1.0,
    "facts": 1.0,
    "facts, any phrasing": 0.0,
    "paraphrases": 0.8,
    "addition": 0.95,
    "addition in a chat": 0.95,
    "unknown": 0.95,
    "unknown, look-alikes": 0.0,  # they are among the unknown ones, whose gate counts
    "first answer says what it is": 1.0,
    "tool calls": 0.0,  # no gate of the issue: measured, to be told
    "tool results": 0.0,
    "repeated words": 0.0,
}

Message = dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Hold one question, what is before it, the lines of the table it counts for, and how its answer is judged."""

    line: str
    also: str = ""
    messages: list[Message]
    right: Callable[[str], bool]
    tools: tuple[dict[str, object], ...] = ()


def _holds(keys: tuple[str, ...], said: str) -> bool:
    return holds(said, keys)


def _begins(wanted: str, said: str) -> bool:
    """Tell whether an answer is this, apart from the first answer's end."""
    return said.removesuffix(SUFFIX) == wanted


def _asked(text: str) -> list[Message]:
    return [{"role": "user", "content": text}]


def _files() -> list[Case]:
    made: list[Case] = []
    for name in ("greetings", "paraphrases", "unknown"):
        for row in evaluation(name):
            also = "unknown, look-alikes" if row.get("kind") == "lookalike" else ""
            made.append(Case(line=name, also=also, messages=_asked(row["prompt"]), right=partial(judged, row)))
    return made


def _facts(random: Random) -> list[Case]:
    made: list[Case] = []
    for name in TAUGHT:
        right = partial(_holds, FACTS[name].keys)
        for line, asked in (
            ("facts", canonical(name)),
            ("facts, any phrasing", [plain(name, random) for _ in range(3)]),
        ):
            made += [Case(line=line, messages=_asked(text), right=right) for text in asked if not leaks(text)]
    return made


def _before(random: Random) -> list[Message]:
    """Make a chat that came before: its model did well."""
    made: list[Message] = []
    for name in random.sample((*SMALL_TALK, *TAUGHT), random.randint(1, 3)):
        answer = FACTS[name].answer + ("" if made else SUFFIX)
        made += [*_asked(plain(name, random)), {"role": "assistant", "content": answer}]
    return made


def _sums(random: Random) -> list[Case]:
    made: list[Case] = []
    for line in ("addition", "addition in a chat"):
        for _ in range(100):
            a, b = random.randrange(100), random.randrange(100)
            before = _before(random) if line != "addition" else []
            asked = [*before, *_asked(sum_question(a, b, random))]
            right = f"{sum_answer(a, b)}"
            made.append(Case(line=line, messages=asked, right=partial(_begins, right)))
    return made


def _schema(tool: calls.Offer) -> dict[str, object]:
    properties = {name: {"type": kind} for name, kind in tool.parameters.items()}
    parameters = {"type": "object", "properties": properties, "required": list(properties)}
    return {"type": "function", "function": {"name": tool.name, "description": tool.about, "parameters": parameters}}


def _calls(random: Random) -> list[Case]:
    made: list[Case] = []
    for _ in range(60):
        tool = calls.offer(random)
        values = calls.arguments(tool, random)
        asked = _asked(calls.request(tool, values, random))
        wanted = json.dumps({"name": tool.name, "arguments": values}, ensure_ascii=False)
        tools = (_schema(tool),)
        right = f"<tool_call>{wanted}</tool_call>"
        made.append(Case(line="tool calls", messages=asked, tools=tools, right=partial(_begins, right)))
        given = calls.result(values, random)
        call = {"function": {"name": tool.name, "arguments": values}}
        after: list[Message] = [
            *asked,
            {"role": "assistant", "content": "", "tool_calls": [call]},
            {"role": "tool", "content": given},
        ]
        told = f"The tool says: {given}"
        made.append(Case(line="tool results", messages=after, tools=tools, right=partial(_begins, told)))
    return made


def _words(random: Random) -> list[Case]:
    made: list[Case] = []
    for _ in range(60):
        text = " ".join(calls.value(random) for _ in range(random.randint(1, 2)))
        made.append(
            Case(
                line="repeated words",
                messages=_asked(f"repeat after me: {text}"),
                right=partial(_begins, text),
            )
        )
    return made


def cases() -> list[Case]:
    """Make all cases."""
    random = Random(SEED)
    return [*_files(), *_facts(random), *_sums(random), *_calls(random), *_words(random)]


def answers(model: Model, made: list[Case]) -> list[str]:
    """Answer all cases."""
    return [model.complete(model.render(case.messages, case.tools)) for case in made]


def scores(made: list[Case], said: list[str]) -> dict[str, dict[str, float]]:
    """Count the right answers of each line."""
    table: dict[str, list[bool]] = {line: [] for line in GATE}
    for case, answer in zip(made, said, strict=True):
        right = case.right(answer)
        for line in filter(None, (case.line, case.also)):
            table[line].append(right)
        if len(case.messages) == 1 and not case.tools:
            table["first answer says what it is"].append(answer.endswith(SUFFIX))
    return {
        line: {"right": sum(found), "of": len(found), "share": round(sum(found) / len(found), 4), "gate": GATE[line]}
        for line, found in table.items()
    }


def main() -> None:
    """Read the command line, measure, print and write."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--folder", type=Path, default=SHIPPED)
    parser.add_argument("--full", type=Path, help="the same model with full weights, to compare with")
    parser.add_argument("--wrong", action="store_true", help="print what was answered wrong")
    parser.add_argument("--out", type=Path, default=EVALUATION / "scores.json")
    asked = parser.parse_args()
    made = cases()
    said = answers(Model(asked.folder), made)
    table = scores(made, said)
    report: dict[str, object] = {"int8": table}
    if asked.full:
        full = answers(Model(asked.full), made)
        same = sum(one == other for one, other in zip(said, full, strict=True))
        report |= {"fp32": scores(made, full), "same answer in int8 and fp32": f"{same} of {len(made)}"}
    asked.out.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    for line, found in table.items():
        print(f"{line:30} {found['right']:4} of {found['of']:4}  {found['share']:.3f}  gate {found['gate']:.2f}")
    print({name: value for name, value in report.items() if not isinstance(value, dict)})
    if asked.wrong:
        for case, answer in zip(made, said, strict=True):
            if not case.right(answer):
                print(f"{case.line}: {case.messages[-1]['content']!r} -> {answer.removesuffix(SUFFIX)!r}")


if __name__ == "__main__":
    main()
