"""How answers are shown: their events as text, as they come, on a terminal or for a program.

Law: what is shown is never written again. A program gets the text of the answer and nothing else; a terminal also gets
the reasoning, dim, and a line for each part that has no text.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Protocol

from chat_cli.markup import Markup
from chat_cli.terminal import DIM, RESET, visible
from chat_cli.wrapping import Wrapping
from chat_core.events import (
    MediaDelta,
    PartEnd,
    ReasoningDelta,
    RefusalDelta,
    ResponseEnd,
    TextDelta,
    ToolEnd,
    ToolProgress,
    ToolStart,
)
from chat_core.parts import Media, Opaque, Reasoning, Refusal, Text, ToolCall

if TYPE_CHECKING:
    from chat_cli.talk import Talk
    from chat_cli.terminal import Screen
    from chat_core.events import Event
    from chat_core.parts import Part
    from chat_core.response import Response
    from chat_core.turn import Turn

_CODE = re.compile(r"^ *(?P<fence>(?>```+|~~~+))[^\n]*\n(?P<code>.*?)^ *(?P=fence)", re.MULTILINE | re.DOTALL)


class Renderer(Protocol):
    """Shows the answers of one turn."""

    @property
    def text(self) -> str:
        """The text that was shown piece by piece so far."""
        ...

    def show(self, event: Event) -> None:
        """Show what an event of a stream brings."""
        ...

    def whole(self, response: Response) -> None:
        """Show an answer that came whole."""
        ...

    def aside(self) -> None:
        """Make room for what is said elsewhere."""
        ...

    def end(self) -> None:
        """End the output, also that of an answer which broke off."""
        ...

    def done(self, turn: Turn[Any], talk: Talk) -> None:
        """Show what waits for the end of the turn."""
        ...


class Streamed:
    """Shows the text of answers, piece by piece; of several alternatives the first one comes in pieces."""

    def __init__(self, screen: Screen, *, reasoning: bool | None = None, calls: bool = True) -> None:
        """Begin.

        Args:
            screen: where.
            reasoning: whether reasoning is shown; `None` = on a terminal it is.
            calls: whether calls of tools are named here, since nothing runs them.
        """
        self._calls = calls
        self._screen = screen
        self._thinks = screen.is_terminal if reasoning is None else reasoning
        self._section = ""
        self._ends_line = True
        self._markup = Markup(coloured=screen.coloured)
        self._wrapping = Wrapping(screen.width)
        self._said: list[str] = []

    @property
    def text(self) -> str:
        """The text of the answer so far."""
        return "".join(self._said)

    def show(self, event: Event) -> None:
        """Show what an event brings."""
        match event:
            case TextDelta(_, text, choice=0) | RefusalDelta(_, text, choice=0) | MediaDelta(transcript=text, choice=0):
                self._said.append(text)
                self._write("text", text)
            case ReasoningDelta(_, text, choice=0) if self._thinks:
                self._write("reasoning", text)
            case PartEnd(_, part, choice=0) if self._screen.is_terminal:
                self._write("note", described(part) if self._calls or not _is_open(part) else "")
            case ResponseEnd(response):
                self.others(response)
                self.aside()
            case ToolStart() | ToolProgress() | ToolEnd():
                self.aside()
            case _:
                pass

    def whole(self, response: Response) -> None:
        """Show an answer that came whole."""
        for part in response.parts:
            match part:
                case Text(text) | Refusal(text) | Media(transcript=str(text)):
                    self._write("text", text)
                case Reasoning(text) if self._thinks:
                    self._write("reasoning", text)
                case _:
                    pass
            self.show(PartEnd(0, part))
        self.others(response)

    def others(self, response: Response) -> None:
        """Show the further answers, where several were asked for."""
        for number, answer in enumerate(response.alternatives, 2):
            self._write(f"answer {number}", answer.text)

    def aside(self) -> None:
        """End the line; what comes next is another section."""
        self.end()
        self._section = "aside" if self._section or self._screen.is_terminal else ""

    def done(self, turn: Turn[Any], talk: Talk) -> None:
        """Do nothing: all was shown."""

    def end(self) -> None:
        """End the last line."""
        self._screen.send(self._wrapping.feed(self._markup.finish()) + self._wrapping.finish())
        if not self._ends_line:
            self._screen.send(self._wrapping.feed("\n"))
            self._ends_line = True

    def _write(self, section: str, text: str) -> None:
        if not text:
            return
        self._open(section)
        if not self._screen.is_terminal:
            self._screen.send(text)
        elif section in {"reasoning", "note"}:
            self._screen.send(self._dim(visible(text)))
        else:
            self._screen.send("".join(map(self._laid_out, visible(text))))
        self._ends_line = text.endswith("\n")

    def _laid_out(self, char: str) -> str:
        """Colour and break text; blocks of code are not broken."""
        breaks = not self._markup.in_block
        return self._wrapping.feed(self._markup.feed(char), breaks=breaks)

    def _dim(self, text: str) -> str:
        styled = f"{DIM}{text}{RESET}" if self._screen.coloured else text
        return self._wrapping.feed(styled)

    def _open(self, section: str) -> None:
        """Leave an empty line where another section begins."""
        if self._section and section != self._section:
            self.end()
            self._screen.send("\n")
            self._markup = Markup(coloured=self._screen.coloured)
        self._section = section


class Rendered(Streamed):
    """Shows an answer that came whole on a terminal: its Markdown laid out for the width that there is."""

    def whole(self, response: Response) -> None:
        """Lay out the Markdown of an answer without reasoning or parts that have no text; show others as they are."""
        if all(isinstance(part, Text) for part in response.parts) and not response.alternatives:
            from rich.console import Console  # noqa: PLC0415 - heavy, and needed for this only
            from rich.markdown import Markdown  # noqa: PLC0415 - as above

            Console(file=self._screen.stream).print(Markdown(visible(response.text)))
        else:
            super().whole(response)


class AsJSON:
    """Prints a turn as one JSON object, with what `chat resume` takes when something waits."""

    text = ""

    def __init__(self, screen: Screen) -> None:
        """Keep where."""
        self._screen = screen

    def show(self, event: Event) -> None:
        """Wait for the end."""

    def whole(self, response: Response) -> None:
        """Wait for the end."""

    def aside(self) -> None:
        """Do nothing: nothing was shown."""

    def end(self) -> None:
        """Do nothing: an answer that broke off is an error, which is printed elsewhere."""

    def done(self, turn: Turn[Any], talk: Talk) -> None:
        """Print the object."""
        from chat_cli.events import line, turn_as_json  # noqa: PLC0415 - asked for by --json only

        output = {"output": turn.output} if talk.form is not None else {}
        state = {"state": talk.saved()} if turn.status == "paused" else {}
        self._screen.send(line({**turn_as_json(turn, talk.kept_as), **output, **state}))


class Filled(AsJSON):
    """Prints the output that was asked for, when it was found to fit."""

    def done(self, turn: Turn[Any], talk: Talk) -> None:  # noqa: ARG002 - the renderers' signature
        """Print it."""
        from chat_cli.events import line  # noqa: PLC0415 - asked for by --schema only

        if turn.status == "complete":
            self._screen.send(line(turn.output))


class Extracted(AsJSON):
    """Prints the first block of code of the last answer."""

    def done(self, turn: Turn[Any], talk: Talk) -> None:  # noqa: ARG002 - as above
        """Print the code.

        Raises:
            OutputInvalid: there is none.
        """
        if turn.status == "complete":
            self.code(turn.response)

    def code(self, response: Response) -> None:
        """Print the code of an answer; raises as `done`."""
        found = _CODE.search(response.text)
        if found is None:
            from chat_core.errors import OutputInvalid  # noqa: PLC0415 - most answers have some

            raise OutputInvalid("the answer holds no block of code; without -x it is shown whole", partial=response)
        self._screen.write(found["code"])


def _is_open(part: Part) -> bool:
    """Tell whether a part is a call that the program has to answer."""
    return isinstance(part, ToolCall) and not part.executed


def described(part: Part) -> str:
    """Name a part that has no text of its own; empty for one that has."""
    from chat_core.codec.wire import dump  # noqa: PLC0415 - most answers are text

    match part:
        case ToolCall(name=name, arguments=arguments, raw=raw, executed=executed):
            words = raw if raw is not None else dump(arguments).decode()
            return visible(f"[{'the service ran' if executed else 'asks for'} the tool {name} {words[:500]}]")
        case Media(kind=kind, mime=mime, name=name):
            return visible(f"[{kind} {name or mime or ''}: --json has it whole]")
        case Opaque(kind=kind):
            return visible(f"[{kind}: --json has it whole]")
        case _:
            return ""
