"""Makes importable what is in no wheel: how the demonstration model is made, and what several tests here share."""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).parent

for folder in (HERE.parent / "training", HERE, HERE / "convert", HERE / "encoders", HERE / "engine"):
    sys.path.insert(0, str(folder))
