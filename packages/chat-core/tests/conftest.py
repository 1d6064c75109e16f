"""Let the tests import `strategies`, and keep them off the settings and keys of whoever runs them."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
os.environ["CHAT_HOME"] = str(Path(tempfile.gettempdir(), "chat-tests-have-no-home"))
