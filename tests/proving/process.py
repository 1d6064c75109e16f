"""A program of its own that asks or resumes, for proofs that need several processes: see `test_conversations`.

Its arguments are the provider, the address, a folder, what to do, and words for it. The history travels as a file of
JSON, the store is another file, and each tool says on a line of a third one that it began.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from chat_core import Approve, Chat, dump, load, tool
from chat_core.errors import AlreadyResumed
from chat_core.flow.retry import NEVER
from chat_core.stores.sqlite import SqliteStore

if TYPE_CHECKING:
    from chat_core.functions import FunctionTool

PROVIDER, ADDRESS, FOLDER, *REST = sys.argv[1:]
HISTORY, BEGUN = Path(FOLDER, "history.json"), Path(FOLDER, "begun.txt")


def _begin(name: str) -> None:
    with BEGUN.open("a", encoding="utf-8") as file:
        file.write(f"{name}\n")


def _slow() -> None:
    if "slow" in REST:
        time.sleep(60)


@tool(approval=True)
def get_weather(city: str) -> str:
    """Tell the weather of a city."""
    _begin("get_weather")
    _slow()
    return f"21 degrees in {city}"


@tool(approval=True, idempotent=True)
def get_time(zone: str) -> str:
    """Tell the time in a zone."""
    _begin("get_time")
    _slow()
    return f"noon in {zone}"


TOOLS: tuple[FunctionTool[..., object], ...] = (get_weather, get_time)


def main() -> None:
    store = SqliteStore(Path(FOLDER, "store.db"))
    chat = Chat(f"{PROVIDER}:m", base_url=ADDRESS, api_key="k", retry=NEVER, journal=store)
    if REST[0] == "ask":
        turn = chat.complete(REST[1], tools=TOOLS)
        HISTORY.write_text(json.dumps(dump(turn.messages)), encoding="utf-8")
        sys.stdout.write(json.dumps({"status": turn.status, "waiting": [each.call.id for each in turn.pending]}))
        return
    history = load(json.loads(HISTORY.read_text(encoding="utf-8")), tuple)
    decisions = {call.id: Approve() for call in history[-1].tool_calls}
    try:
        turn = chat.resume(history, decisions, tools=TOOLS, takeover="takeover" in REST)
    except AlreadyResumed:
        sys.stdout.write(json.dumps({"status": "already resumed"}))
        return
    results = [part for message in turn.messages if message.role == "tool" for part in message.parts]
    texts = ["".join(getattr(item, "text", "") for item in getattr(part, "content", ())) for part in results]
    sys.stdout.write(json.dumps({"status": turn.status, "text": turn.text, "results": texts}))


main()
