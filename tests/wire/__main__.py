"""Run `python -m tests.wire`: the same as `run.py`."""

from __future__ import annotations

import sys

from tests.wire.session import main

if __name__ == "__main__":
    sys.exit(main())
