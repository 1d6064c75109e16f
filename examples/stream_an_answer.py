"""Print an answer while it comes. Try another model by its name: `python examples/stream_an_answer.py claude:MODEL`."""

from __future__ import annotations

import sys

from chat_core import Chat
from chat_core.events import TextDelta

model = sys.argv[1] if len(sys.argv) > 1 else "replay:demo"  # the demo needs no key and no network

with Chat(model).stream("Tell me a story") as stream:
    for event in stream:
        if isinstance(event, TextDelta):
            print(event.text, end="", flush=True)
print()
print(f"{stream.result.usage.output_tokens} tokens")
