"""Makes the modules of `hosts` importable from the tests here; a folder of its own keeps other names apart."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).with_name("hosts")))
