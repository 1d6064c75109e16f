"""Ask a human before a tool runs, and let another process carry on from the saved history."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from chat_core import Approve, Chat, Signer, dump, jsonvalue, load, tool
from chat_core.codec import wire

SIGNER = Signer("a secret that both processes know")


@tool(approval=True)
def get_weather(city: str) -> str:
    """Tell the weather of a city."""
    return f"rain in {city}"


chat = Chat("replay:demo", signer=SIGNER)


def ask(file: Path) -> None:
    """Pause at the first call that needs a human, and save what is needed to go on."""
    turn = chat.complete("How is the weather?", tools=[get_weather])
    (pending,) = turn.pending
    print(f"{turn.status}: may {pending.call.name} run with {pending.call.arguments}?")
    file.write_bytes(wire.dump({"messages": dump(turn.messages), "id": pending.call.id, "token": pending.token}))


def approve(file: Path) -> None:
    """Go on, next week or elsewhere: a human has said yes."""
    match jsonvalue.parse(file.read_bytes()):
        case {"messages": saved, "id": str(call), "token": str(token)}:
            turn = chat.resume(load(saved, tuple), {call: Approve(token=token)}, tools=[get_weather])
            print(f"{turn.status}: {turn.text}")
        case _:
            raise SystemExit(f"{file} does not hold a paused turn")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        approve(Path(sys.argv[1]))
    else:
        with tempfile.TemporaryDirectory() as folder:
            paused = Path(folder, "paused.json")
            ask(paused)
            sys.stdout.flush()
            subprocess.run([sys.executable, __file__, str(paused)], check=True)
