"""The README's tables are what the code declares."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from chat_core.codec.capabilities import StructuredOutput
from chat_core.codec.provider import Provider, capability
from chat_core.options import Options
from chat_gemini.encode import NAMES, UNSUPPORTED
from chat_gemini.interactions.provider import Interactions
from chat_gemini.places import vertex
from chat_gemini.provider import Gemini
from chat_gemini.settings import ALLOWED

README = Path(__file__).parents[1] / "README.md"
PROVIDERS: tuple[Provider, ...] = (Gemini(), Gemini(name="vertex", place=vertex("p", "global")), Interactions())


def strategies(provider: Provider) -> str:
    offered = capability(provider, StructuredOutput)
    return "" if offered is None else " ".join(f"`{word}`" for word in offered.strategies)


SAYS = {
    "Embeddings": ("`batchEmbedContents`", "`embedContent`, `batchEmbedContents`, older models `predict`", "yes"),
    "Images": ("`generateContent`, whole and streamed",) * 3,
    "Live": ("`BidiGenerateContent`", "`LlmBidiService`", "yes"),
    "Models": ("`models`", "those of Google", "yes"),
    "Speech": ("`generateContent`, whole and streamed",) * 3,
    "StructuredOutput": tuple(strategies(provider) for provider in PROVIDERS),
    "TokenCounter": ("`countTokens`", "`countTokens`", "yes"),
    "Unchain": ("yes", "yes", "`chain=True`"),
}
"""How each provider does it, where it does."""
SPECIAL = {
    "reasoning_effort": "`thinkingConfig`: a level, before Gemini 3 a budget",
    "reasoning_tokens": "`thinkingConfig.thinkingBudget`",
    "service_tier": "`serviceTier`",
}
OURS = {"native", "foreign_reasoning"}  # no settings of the service


def options() -> list[str]:
    rows = {
        **{name: f"`generationConfig.{spelled}`" for name, spelled in NAMES.items()},
        **{name: f"a notice: {reason}" for name, reason in UNSUPPORTED.items()},
        **SPECIAL,
    }
    named = [item.name for item in fields(Options) if item.name not in OURS]
    return ["| portable option | sent as |", "|---|---|", *(f"| `{name}` | {rows[name]} |" for name in named)]


def settings() -> list[str]:
    return ["| setting | takes |", "|---|---|", *(f"| `{name}` | {takes} |" for name, takes in ALLOWED.items())]


def capabilities() -> list[str]:
    offered = [{kind.__name__ for kind in provider.capabilities} for provider in PROVIDERS]
    lines = ["| capability | " + " | ".join(f"`{one.name}`" for one in PROVIDERS) + " |", "|---|---|---|---|"]
    for name in sorted(set[str]().union(*offered)):
        cells = (how if name in names else "" for how, names in zip(SAYS[name], offered, strict=True))
        lines.append(re.sub(r" +", " ", f"| `{name}` | {' | '.join(cells)} |"))
    return lines


TABLES = {
    "made of the settings": settings,
    "made of the encoder's tables": options,
    "made of what the providers declare": capabilities,
}


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
