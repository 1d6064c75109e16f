"""The entry point `chat`: sets the streams up, runs the command line, and ends with an exit code.

Law: whatever happens ends in one line on stderr and a code, never in a traceback; a reader that went away is no error.
"""

from __future__ import annotations

import os
import sys
import warnings
from io import TextIOWrapper
from typing import TextIO

from chat_cli.exits import INTERRUPTED, OTHER, PIPE


def main() -> None:
    """Run the command line and leave the process."""
    _prepare()
    code = _run()
    sys.exit(_flushed(code))


def _run() -> int:
    try:
        from chat_cli.cli import cli  # noqa: PLC0415 - an interrupted import is an interrupted program

        if os.environ.get("_CHAT_COMPLETE", "").startswith("bash"):
            from click.shell_completion import add_completion_class  # noqa: PLC0415 - shells ask, users do not

            from chat_cli.completing import Bash  # noqa: PLC0415 - as above

            add_completion_class(Bash)
        cli.main(prog_name="chat")
    except SystemExit as left:
        return left.code if isinstance(left.code, int) else int(left.code is not None)
    except KeyboardInterrupt:
        return INTERRUPTED
    return 0


def _prepare() -> None:
    """Let every text be written, whatever the encoding, and warnings be one line."""
    _replace_closed()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    warnings.showwarning = _warn


def _replace_closed() -> None:
    """Put something in the place of streams that whoever began the program has closed; Python has `None` there.

    What goes to a closed standard output fails, as all output does that cannot be written.
    """
    for name, flags, mode in (("stdin", os.O_RDONLY, "r"), ("stdout", os.O_RDONLY, "w"), ("stderr", os.O_WRONLY, "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(os.open(os.devnull, flags), mode, encoding="utf-8"))


def _warn(
    message: Warning | str,
    category: type[Warning],  # noqa: ARG001 - the signature of the module warnings
    filename: str,  # noqa: ARG001 - as above
    lineno: int,  # noqa: ARG001 - as above
    file: TextIO | None = None,  # noqa: ARG001 - as above
    line: str | None = None,  # noqa: ARG001 - as above
) -> None:
    sys.stderr.write(f"warning: {' '.join(str(message).split())}\n")


def _flushed(code: int) -> int:
    """Write what is left; what cannot be written changes the exit code."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        _drop(sys.stdout)
        return PIPE
    except OSError as error:
        _drop(sys.stdout)
        sys.stderr.write(f"Error: {error.strerror}\n" if code == 0 else "")
        return code or OTHER
    return code


def _drop(stream: object) -> None:
    """Lead a stream nowhere, so that the interpreter's own flush at the end says nothing."""
    if isinstance(stream, TextIOWrapper):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
