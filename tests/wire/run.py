"""Run `tests.wire` as a script from anywhere: `python tests/wire/run.py --help`."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path[0] = str(Path(__file__).resolve().parents[2])  # this folder's file names must not hide installed modules

from tests.wire.session import main  # noqa: E402 - the line above makes it importable

if __name__ == "__main__":
    sys.exit(main())
