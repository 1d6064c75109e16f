from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from installed import install, working

from chat_core.__main__ import main

if TYPE_CHECKING:
    from pathlib import Path


def report(folder: Path, *arguments: str, **environ: str) -> str:
    """Run the command line where two plugins are installed: one works, one does not."""
    install(folder, "chat-good", {"good": "mod_good"}, mod_good=working("good"))
    install(folder, "chat-bad", {"bad": "mod_bad"}, "4.5", mod_bad="raise RuntimeError('spoilt')")
    path = os.pathsep.join([str(folder), *sys.path])
    command = [sys.executable, "-m", "chat_core", *arguments]
    done = subprocess.run(
        command, capture_output=True, text=True, check=True, env={**os.environ, "PYTHONPATH": path, **environ}
    )
    assert done.stderr == ""
    return done.stdout


def test_every_plugin_is_listed_with_its_state_the_reason_and_the_fix(tmp_path: Path) -> None:
    lines = report(tmp_path, "plugins").splitlines()
    place = next(number for number, line in enumerate(lines) if line.startswith("chat-bad 4.5"))
    assert lines[place].split()[2:] == ["broken", "bad"]
    assert lines[place + 1].strip() == "broken: importing mod_bad raised RuntimeError: spoilt"
    assert lines[place + 2].strip() == "fix: upgrade or uninstall chat-bad, or set CHAT_PLUGINS_BLOCK=bad"
    assert any(line.startswith("chat-good 1.0") and " ready " in line for line in lines)
    assert any(line.startswith("chat-core built in") and "replay" in line for line in lines)


def test_the_report_is_also_json(tmp_path: Path) -> None:
    plugins = json.loads(report(tmp_path, "plugins", "--json", CHAT_PLUGINS="chat-good"))["plugins"]
    states = {plugin["distribution"]: plugin["state"] for plugin in plugins}
    assert states["chat-good"] == "ready"
    assert states["chat-bad"] == "blocked"


def test_without_a_command_the_usage_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main([])
    assert left.value.code == 2
    assert "plugins" in capsys.readouterr().err
    assert main(["plugins"]) == 0
