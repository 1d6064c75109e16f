"""Keep the tests off the settings and keys of whoever runs them."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

os.environ["CHAT_HOME"] = str(Path(tempfile.gettempdir(), "chat-tests-have-no-home"))
