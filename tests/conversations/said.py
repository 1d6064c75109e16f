"""What a scripted service says, and what a wire has to spell and to read for it.

Law: no wire is known here.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from chat_core.parts import Reasoning, Text, ToolCall

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chat_core.parts import Part

Body: TypeAlias = dict[str, Any]
Told: TypeAlias = tuple[str, str, bool]
"""What a request says a tool gave: the call's id, the text, whether it failed."""

ERROR = "Error: "
"""What the text of a failed tool begins with on wires that have no field for it."""


@dataclass(frozen=True, slots=True)
class Said:
    """An answer of the service.

    Attributes:
        parts: text, reasoning, calls.
        pause: the service wants the history again, to go on.
        cut: the words at which a stream stops; the connection then stays silent.
    """

    parts: tuple[Part, ...]
    pause: bool = False
    cut: str | None = None

    @property
    def calls(self) -> bool:
        return any(isinstance(part, ToolCall) for part in self.parts)

    def text(self, kind: type[Text | Reasoning]) -> str:
        return "".join(part.text for part in self.parts if isinstance(part, kind))


class Wire(Protocol):
    """One wire, as its service speaks it.

    Attributes:
        media_type: that of a stream.
        done: what follows the last event of a stream.
    """

    media_type: str
    done: bytes

    def whole(self, said: Said) -> Body: ...
    def events(self, said: Said) -> Iterator[Body]: ...
    def event(self, body: Body) -> bytes: ...
    def history(self, body: Body) -> list[Body]: ...
    def told(self, body: Body) -> list[Told]: ...
    def called(self, body: Body) -> list[tuple[str, Body]]: ...
    def words(self, body: Body) -> list[tuple[str, str]]: ...


class ServerSentEvents:
    """The stream of most wires."""

    media_type = "text/event-stream"
    done = b""

    def event(self, body: Body) -> bytes:
        name = f"event: {body['type']}\n" if "type" in body else ""
        return f"{name}data: {json.dumps(body)}\n\n".encode()


def cut(text: str) -> list[str]:
    """Return a text in the pieces in which it is streamed."""
    return [text[start : start + 7] for start in range(0, len(text), 7)]


def arguments_of(call: ToolCall) -> str:
    """Return the arguments of a call as text."""
    return json.dumps(call.arguments) if call.raw is None else call.raw


def marked(call: str, text: str) -> Told:
    """Read what a tool gave on a wire that says in the text that it failed."""
    return call, text.removeprefix(ERROR), text.startswith(ERROR)
