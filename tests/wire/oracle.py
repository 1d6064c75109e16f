"""The vendors' own word on requests: what they accept as recorded, they have to accept as we encode it.

Law: the oracle is a file beside the corpus, not part of the project; where it or the vendors' packages are absent, the
check is left out and that is said.
"""

from __future__ import annotations

import importlib.util
import os
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from tests.wire.corpus import VARIABLE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chat_core.jsonvalue import JSONObject

FOLDER = "CHAT_PROVING"
_NEEDS = {
    "openai_chat": ("jsonschema", "referencing"),
    "openai_responses": ("jsonschema", "referencing"),
    "anthropic_messages": ("anthropic", "pydantic"),
    "ollama_chat": ("ollama", "pydantic"),
    "ollama_generate": ("ollama", "pydantic"),
    "gemini_generate": ("google.genai", "pydantic"),
    "openai_images": ("jsonschema", "referencing"),
    "openai_speech": ("jsonschema", "referencing"),
    "openai_moderations": ("jsonschema", "referencing"),
}
_PATHS = {
    "openai_chat": "/v1/chat/completions",
    "openai_responses": "/v1/responses",
    "anthropic_messages": "/v1/messages",
    "ollama_chat": "/api/chat",
    "ollama_generate": "/api/generate",
    "gemini_generate": "/v1/models/m:generateContent",
    "openai_images": "/v1/images/generations",
    "openai_speech": "/v1/audio/speech",
    "openai_moderations": "/v1/moderations",
}
BESIDE = frozenset({"openai_images", "openai_speech", "openai_moderations"})
"""Families beside chat of which a vendor says what a request is."""
APIS = frozenset(
    {
        "openai-chat", "openai-responses", "anthropic-messages", "ollama-chat", "ollama-generate", "openai-images",
        "openai-audio", "openai-moderations", "gemini-generate", "vertex-generate",
    }
)  # fmt: skip
"""The vendors' own APIs; what compatible services accept, their documents do not say."""


class Oracle(Protocol):
    """The module that knows what vendors publish."""

    def request(self, path: str, body: JSONObject) -> list[str] | None:
        """Return complaints about a request body; `None` where there is nothing to say."""
        ...


def absence(family: str) -> str | None:
    """Say why the oracle cannot be asked; `None` when it can."""
    if family not in _PATHS:
        return f"nothing is published for {family}"
    if not _file().is_file():
        return f"no {_file().name} in {FOLDER} or beside the corpus"
    missing = [name for name in _NEEDS[family] if not _is_there(name)]
    return f"not installed: {', '.join(missing)}" if missing else None


def _is_there(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:  # not even the package around it
        return False


def differences(family: str, recorded: JSONObject, ours: JSONObject) -> Iterator[str]:
    """Yield what the vendor's documents say against our body and not against the recorded one."""
    judge, path = _load(), _PATHS[family]
    try:
        refused = judge.request(path, recorded)
    except AttributeError:  # Google's types take words only, where the service takes the numbers of enumerations too
        return
    if not refused:
        yield from (f"oracle: {complaint}" for complaint in judge.request(path, ours) or ())


def _file() -> Path:
    named = os.environ.get(FOLDER)
    proving = Path(named) if named else Path(os.environ.get(VARIABLE, ".")).resolve().parent / "proving"
    return proving / "spec-oracle" / "oracle.py"


@cache
def _load() -> Oracle:
    path = _file()
    os.environ.setdefault("OPENAI_SPEC", str(path.with_name("openai-openapi.json")))
    spec = importlib.util.spec_from_file_location("spec_oracle", path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} is no module")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    judge: Oracle = module  # pyright: ignore[reportAssignmentType] - a module that has the one function
    return judge
