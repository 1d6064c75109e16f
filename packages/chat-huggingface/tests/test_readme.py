"""The README's table of capabilities is what the servers offer, and its other tables are complete."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from chat_huggingface.offered import OFFERED, offered
from chat_huggingface.presets import ROWS, SERVERS, Server
from chat_huggingface.provider import HuggingFace
from chat_huggingface.settings import OWN

if TYPE_CHECKING:
    from collections.abc import Mapping

README = Path(__file__).parents[1] / "README.md"
MARK = re.compile("<!-- made of what the servers offer -->\n(.*?)<!-- end -->", re.DOTALL)
CHAT = {"hf-inference", "endpoint", "tgi"}
THINGS = {"Classification": "text", "Entailments": "pair", "Tokenization": "text"}
SPECIAL: Mapping[tuple[str, Server], str] = {
    ("Models", "tei"): "the one that runs",
    ("Rerank", "hf-inference"): "by similarity",
    ("Rerank", "endpoint"): "by similarity",
    ("Rerank", "tei"): "by cross-encoder",
}


def cell(name: str, server: Server) -> str:
    found = {kind.__name__: made for kind, made in offered(HuggingFace(server=server)).items()}
    if name not in found:
        return ""
    if name not in THINGS:
        return SPECIAL.get((name, server), "yes")
    most: int = getattr(found[name], "most_inputs")  # noqa: B009 - of several kinds
    return f"one {THINGS[name]} a request" if most == 1 else f"{most} {THINGS[name]}s a request"


def table() -> list[str]:
    names = sorted({kind.__name__ for kinds in OFFERED.values() for kind in kinds} | {"StructuredOutput"})
    rows = [
        [f"| capability | {' | '.join(SERVERS)} |", "|---|" + "---|" * len(SERVERS)],
        [row("chat", ["yes" if server in CHAT else "" for server in SERVERS])],
        [row(f"`{name}`", [cell(name, server) for server in SERVERS]) for name in names],
    ]
    return [line for lines in rows for line in lines]


def row(name: str, cells: list[str]) -> str:
    return re.sub(r" +", " ", f"| {name} | {' | '.join(cells)} |")


def test_the_table_says_what_the_servers_offer() -> None:
    found = MARK.search(README.read_text(encoding="utf-8"))
    assert found is not None
    assert found[1].splitlines() == table()


def test_every_setting_server_and_name_is_told() -> None:
    text = README.read_text(encoding="utf-8")
    assert all(f"\n| `{name}` |" in text for name in (*OWN, *SERVERS))
    assert all(f"`{name}`" in text for name in ROWS)


if __name__ == "__main__":  # writes the table anew
    body = "".join(f"{line}\n" for line in table())
    text = README.read_text(encoding="utf-8")
    mark = f"<!-- made of what the servers offer -->\n{body}<!-- end -->"
    README.write_text(MARK.sub(lambda _: mark, text), encoding="utf-8")
