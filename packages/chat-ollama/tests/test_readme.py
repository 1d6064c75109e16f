"""The README's tables are what the code declares."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from chat_core.options import Options
from chat_ollama.encode import BESIDE, EFFORTS, NAMES, UNSUPPORTED
from chat_ollama.output import STRATEGIES
from chat_ollama.provider import Ollama

README = Path(__file__).parents[1] / "README.md"
ENDPOINTS = {"Embeddings": "`/api/embed`, texts only", "Models": "`/api/tags`"}
SPECIAL = {
    "reasoning_effort": "`think`; " + ", ".join(f"`{one}` as `{other}`" for one, other in EFFORTS.items()),
    "reasoning_tokens": "a notice: the wire has no budget for thinking; 0 is `think: false`",
    "n": "a notice: the wire gives one answer",
}
OURS = {"native", "foreign_reasoning"}  # no settings of the service


def options() -> list[str]:
    rows = {
        **{name: f"`options.{spelled}`" for name, spelled in NAMES.items()},
        **{name: f"`{name}`" for name in BESIDE},
        **{name: f"a notice: {reason}" for name, reason in UNSUPPORTED.items()},
        **SPECIAL,
    }
    named = [item.name for item in fields(Options) if item.name not in OURS]
    return ["| portable option | sent as |", "|---|---|", *(f"| `{name}` | {rows[name]} |" for name in named)]


def capabilities() -> list[str]:
    says = {**ENDPOINTS, "StructuredOutput": " ".join(f"`{word}`" for word in STRATEGIES)}
    offered = sorted(kind.__name__ for kind in Ollama().capabilities)
    return ["| capability | how |", "|---|---|", *(f"| `{name}` | {says[name]} |" for name in offered)]


TABLES = {"made of the encoder's tables": options, "made of what the provider declares": capabilities}


@pytest.mark.parametrize("mark", TABLES)
def test_a_table_says_what_the_code_says(mark: str) -> None:
    found = re.search(f"<!-- {mark} -->\n(.*?)<!-- end -->", README.read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    assert found[1].splitlines() == TABLES[mark]()


if __name__ == "__main__":  # writes the tables anew
    text = README.read_text(encoding="utf-8")
    for word, table in TABLES.items():
        before, mark, rest = text.partition(f"<!-- {word} -->\n")
        text = before + mark + "".join(f"{line}\n" for line in table()) + rest[rest.index("<!-- end -->") :]
    README.write_text(text, encoding="utf-8")
