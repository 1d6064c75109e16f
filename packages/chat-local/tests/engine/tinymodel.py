"""Whole model folders around tiny graphs, and requests to them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tinygraphs import Tiny, write
from tinytokens import write_tokens

from chat_core.codec.wire import Outgoing, WireRequest

if TYPE_CHECKING:
    from pathlib import Path

    from tinygraphs import Flavour

TEMPLATE = "{% for m in messages %}<|im_start|>{{ m.role }} {{ m.content }}<|im_end|>{% endfor %}<|im_start|>"

TINY = Tiny()

HEAVY = Tiny(width=512, layers=4, heads=8, head=64, inner=2048)
"""A graph that takes a second or so to read a prompt that fills its context."""


def write_model(folder: Path, tiny: Tiny = TINY, *, context: int = 512, flavour: Flavour = "shared") -> Path:
    """Write a model folder, and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    write(folder / "model.onnx", tiny, flavour)
    write_tokens(folder / "tokenizer.json")
    # no token ends an answer but `<|im_end|>`, which these weights never find likely enough
    described = {"max_position_embeddings": context, "eos_token_id": tiny.vocabulary - 1}
    (folder / "config.json").write_text(json.dumps(described))
    (folder / "chat_template.jinja").write_text(TEMPLATE)
    return folder


def asking(folder: Path, text: str = "hello there", service: str = "generate", **options: object) -> Outgoing:
    """Return a request to such a model, as a transport gets it."""
    body = {
        "model": str(folder),
        "messages": [{"role": "user", "content": text}],
        "options": {"device": "cpu", "threads": 1, "temperature": 0, "max_tokens": 20, **options},
    }
    wire = WireRequest(url=f"local://service/{service}")
    return Outgoing(wire=wire, body=json.dumps(body).encode())
