"""Completion in bash: words with a colon or an equals sign are completed as others are."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

ASKED = """
eval "$(_CHAT_COMPLETE=bash_source chat 2>/dev/null)"
compopt() { echo compopt "$@"; }
COMP_WORDBREAKS="$BREAKS"
COMP_LINE="$LINE"
COMP_POINT=${#COMP_LINE}
_chat_completion chat
printf '%s\\n' "${COMPREPLY[@]}"
"""
USUAL = " \t\n\"'><=;|&(:"
PLAIN = " \t\n\"'><;|&("


def completed(tmp_path: Path, line: str, breaks: str = USUAL) -> list[str]:
    program = tmp_path / "chat"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m chat_cli "$@"\n')
    program.chmod(0o755)
    env = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}", "BREAKS": breaks, "LINE": line}
    env |= {"CHAT_HOME": str(tmp_path), "CHAT_PLUGINS": ""}
    (tmp_path / "config.toml").write_text("[providers.nearby]\nbase_url = 'http://127.0.0.1:1'\n")
    done = subprocess.run(["bash", "--norc", "-c", ASKED], env=env, capture_output=True, text=True, check=True)
    return done.stdout.split("\n")[:-1]


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash")
@pytest.mark.parametrize(
    ("line", "breaks", "found"),
    [
        ("chat -m near", USUAL, ["compopt -o nospace", "nearby:"]),
        ("chat -m rep", USUAL, ["replay:demo"]),
        ("chat -m replay:d", USUAL, ["demo"]),
        ("chat -m replay:d", PLAIN, ["replay:demo"]),
        ("chat --model=replay:d", USUAL, ["demo"]),
        ("chat --model=replay:d", PLAIN, ["--model=replay:demo"]),
        ("chat --model=near", USUAL, ["compopt -o nospace", "nearby:"]),
        ("chat doct", USUAL, ["doctor"]),
        ("chat keys ", USUAL, ["list", "path", "remove", "set"]),
    ],
)
def test_what_is_offered_takes_the_place_of_what_bash_replaces(
    tmp_path: Path, line: str, breaks: str, found: list[str]
) -> None:
    assert completed(tmp_path, line, breaks) == found
