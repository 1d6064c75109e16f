"""`AsyncChat` as a contender; a transport may be named.

python -m benchmarks.ours.asyncio_client [TRANSPORT]
"""

from __future__ import annotations

import os
from functools import partial

from benchmarks.contender import main
from benchmarks.ours.clients import Async

if __name__ == "__main__":
    main(partial(Async, os.environ.get("BENCHMARK_TRANSPORT")), "chat-core")
