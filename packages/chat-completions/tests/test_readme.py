"""The table of services in the README is the table of presets."""

from __future__ import annotations

import re
from pathlib import Path

from chat_completions.plugin import chat_providers
from chat_completions.presets import PRESETS

README = Path(__file__).parents[1] / "README.md"
TABLE = re.compile(r"<!-- made of PRESETS -->\n(?P<table>.*?)<!-- end -->", re.DOTALL)
MARKS = (
    "embeddings", "models", "completions", "token_count", "tokenization", "rerank", "images", "speech", "transcription",
    "moderation",
)  # fmt: skip


def table() -> str:
    keys = {spec.name: (*spec.env, "(optional)") if spec.key_optional else spec.env for spec in chat_providers()}
    lines = ["| name | address | key | " + " | ".join(MARKS) + " |", "|---|---|---|" + "---|" * len(MARKS)]
    for name, row in PRESETS.items():
        key = " ".join(word if word == "(optional)" else f"`{word}`" for word in keys[name])
        address = f"`{row.base_url}`" if row.base_url is not None else "your own"
        marks = " | ".join("yes" if mark in row.capabilities else "" for mark in MARKS)
        lines.append(re.sub(r" +", " ", f"| `{name}` | {address} | {key} | {marks} |"))
    return "\n".join(lines)


def test_the_table_of_services_is_made_of_the_presets() -> None:
    found = TABLE.search(README.read_text(encoding="utf-8"))
    assert found is not None
    assert found["table"].splitlines() == table().splitlines()


if __name__ == "__main__":  # writes the table anew
    text = README.read_text(encoding="utf-8")
    README.write_text(TABLE.sub(lambda _: f"<!-- made of PRESETS -->\n{table()}\n<!-- end -->", text), encoding="utf-8")
