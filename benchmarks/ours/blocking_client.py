"""`Chat` as a contender."""

from __future__ import annotations

from benchmarks.contender import main_blocking
from benchmarks.ours.clients import Blocking

if __name__ == "__main__":
    main_blocking(Blocking, "chat-core")
