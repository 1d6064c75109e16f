"""The README's tables are what the code declares."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from chat_core.options import Options
from chat_local.encode import SENT, UNSUPPORTED
from chat_local.formats import FORMATS, SIGNS
from chat_local.options import LocalOptions
from chat_local.provider import Local

README = Path(__file__).parents[1] / "README.md"
HOW = {
    "Classification": "the classes of a model that sorts texts; given ones by a model of natural language inference",
    "Embeddings": "models of sentences; pooling, prompts, length and normalisation as their own files say",
    "Entailments": "models of natural language inference, of three classes or two",
    "Models": "the demonstration model, and those of the hub's cache",
    "Rerank": "cross-encoders of one class",
    "StructuredOutput": "`native` with the extra `grammar`; `prompted`",
    "TokenCounter": "the model's own tokenizer and template; the model is not loaded",
    "Tokenization": "the model's own tokenizer, with places in characters; the model is not loaded",
}
SPECIAL = {
    "logprobs": "`options.top_logprobs`",
    "top_logprobs": "`options.top_logprobs`",
    "n": "a notice: one answer is made",
    "reasoning_effort": "`options.template`: `enable_thinking` and `reasoning_effort`",
}
OURS = {"native", "foreign_reasoning"}  # no settings of the service


def options() -> list[str]:
    rows = {
        **{name: f"`options.{name}`" for name in SENT},
        **{name: f"a notice: {reason}" for name, reason in UNSUPPORTED.items()},
        **SPECIAL,
    }
    named = [item.name for item in fields(Options) if item.name not in OURS]
    return ["| portable option | sent as |", "|---|---|", *(f"| `{name}` | {rows[name]} |" for name in named)]


def own() -> list[str]:
    doc = LocalOptions.__doc__ or ""
    said = re.findall(r"^        (\w+): (.*?)(?=^        \w+: |\Z)", doc, re.MULTILINE | re.DOTALL)
    words = {name: " ".join(text.split()).removesuffix(".") for name, text in said}
    named = [item.name for item in fields(LocalOptions)]
    return [
        "| option | what it says |",
        "|---|---|",
        *(f"| `{name}` | {words[name]} |" for name in named if name in words),
    ]


def capabilities() -> list[str]:
    offered = sorted(kind.__name__ for kind in Local().capabilities)
    return ["| capability | how |", "|---|---|", *(f"| `{name}` | {HOW[name]} |" for name in offered)]


def formats() -> list[str]:
    signs: dict[str, list[str]] = {name: [] for name in FORMATS}
    for sign, name in SIGNS:
        signs[name].append("`" + sign.replace("|", "\\|") + "`")
    return [
        "| format | seen by |",
        "|---|---|",
        *(f"| `{name}` | {', '.join(found) or 'nothing of the others'} |" for name, found in signs.items()),
    ]


TABLES = {
    "made of the encoder's tables": options,
    "made of its fields": own,
    "made of what the provider declares": capabilities,
    "made of the table of formats": formats,
}


@pytest.mark.parametrize("mark", TABLES)
def test_a_table_says_what_the_code_says(mark: str) -> None:
    found = re.search(f"<!-- {mark} -->\n(.*?)<!-- end -->", README.read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    assert found[1].splitlines() == TABLES[mark]()


def test_every_field_of_the_options_is_described() -> None:
    assert {item.name for item in fields(LocalOptions)} - {"extra"} <= set(
        re.findall(r"\| `(\w+)` \|", "\n".join(own()))
    )


if __name__ == "__main__":  # writes the tables anew
    text = README.read_text(encoding="utf-8")
    for word, table in TABLES.items():
        before, mark, rest = text.partition(f"<!-- {word} -->\n")
        text = before + mark + "".join(f"{line}\n" for line in table()) + rest[rest.index("<!-- end -->") :]
    README.write_text(text, encoding="utf-8")
