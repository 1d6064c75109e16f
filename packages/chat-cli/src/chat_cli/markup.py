"""Markdown coloured while it comes: headings, emphasis and code get a style, the text itself stays as it is.

Law: without the styles the output is the input, whatever pieces it came in. Nothing that was written is written again,
so no resize, scroll or interruption can garble it; what is copied from the terminal is the Markdown that was sent.
"""

from __future__ import annotations

from chat_cli.terminal import BOLD, CYAN, RESET

_FENCES = ("```", "~~~")
_OPENINGS = frozenset({"", "`", "``", "~", "~~", *("#" * level for level in range(1, 7))})
"""Beginnings of a line that do not tell yet what the line is."""

_LONGEST = 1000
"""How much of a line in a block of code is looked at, in characters, to see whether it ends the block."""


class Markup:
    """Colours one text, piece by piece."""

    def __init__(self, *, coloured: bool = True) -> None:
        """Begin at the beginning of a line; without colours, only find out what is a block of code."""
        self._coloured = coloured
        self._style = ""  # what the terminal is set to
        self._held = ""  # what waits for the next character: the beginning of a line, or a star
        self._is_start = True
        self._is_heading = self._is_bold = self._is_code = False
        self._fence = ""  # the marks that opened a block of code
        self._line: str | None = None  # the line so far inside of such a block; `None` on the line that opens it
        self._info = ""  # the rest of that line

    @property
    def in_block(self) -> bool:
        """Whether what comes next is in a block of code."""
        return bool(self._fence)

    def feed(self, text: str) -> str:
        """Take a piece and return what can be shown of it."""
        return "".join(map(self._take, text))

    def finish(self) -> str:
        """Return what was held back, and leave the terminal without a style."""
        held, self._held = self._held, ""
        return self._styled(held) + self._set("")

    def _take(self, char: str) -> str:
        if char == "\n":
            return self._end_line()
        if self._fence:
            return self._in_fence(char)
        return self._begin(char) if self._is_start else self._inside(char)

    def _in_fence(self, char: str) -> str:
        if self._line is None:
            self._info += char if len(self._info) < _LONGEST else ""
        elif len(self._line) < _LONGEST:
            self._line += char
        return self._set(CYAN) + char

    def _begin(self, char: str) -> str:
        """Find out what a line is; spaces before it tell nothing, and are not held back: there may be many."""
        if char == " " and not self._held:
            return char
        self._held += char
        head = self._held
        if head in _OPENINGS:
            return ""
        held, self._held, self._is_start = self._held, "", False
        if head.startswith(_FENCES):
            self._fence, self._info, self._line = head, "", None
            return self._set(CYAN) + held
        self._is_heading = head.startswith("#") and head.endswith(" ")
        return "".join(map(self._inside, held))

    def _inside(self, char: str) -> str:
        """Show a character of a line that is no code."""
        held, self._held = self._held, ""
        if char == "*" and not self._is_code:
            if held:
                return self._bold()
            self._held = "*"
            return ""
        return self._styled(held) + (self._code() if char == "`" else self._styled(char))

    def _bold(self) -> str:
        """Begin or end strong text; its marks are part of it."""
        closes, self._is_bold = self._is_bold, True
        shown = self._styled("**")
        self._is_bold = not closes
        return shown

    def _code(self) -> str:
        """Begin or end a span of code."""
        closes, self._is_code = self._is_code, True
        shown = self._styled("`")
        self._is_code = not closes
        return shown

    def _end_line(self) -> str:
        shown = self.finish()
        if self._fence:
            self._end_fence_line()
        self._is_start = True
        self._is_heading = self._is_bold = self._is_code = False
        return f"{shown}\n"

    def _end_fence_line(self) -> None:
        """See whether the block really began, or ends here."""
        mark = self._fence[0]
        if self._line is None:
            self._fence += mark * (len(self._info) - len(self._info.lstrip(mark)))
            if mark == "`" and "`" in self._info.lstrip("`"):  # a span of code that is spelled with three marks
                self._fence = ""
        elif (line := self._line.strip()).startswith(self._fence) and not line.strip(mark):
            self._fence = ""
        self._line = ""

    def _styled(self, text: str) -> str:
        if not text:
            return ""
        strong = self._is_bold or self._is_heading
        return self._set(CYAN if self._is_code else BOLD if strong else "") + text

    def _set(self, style: str) -> str:
        if style == self._style or not self._coloured:
            return ""
        off = RESET if self._style else ""
        self._style = style
        return off + style
