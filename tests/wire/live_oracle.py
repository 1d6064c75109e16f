"""The vendors' own types on what a live session sends: the published client libraries, where they are installed.

Law: a message that they refuse is a fault. Where they are absent, nothing is said.
"""

from __future__ import annotations

import importlib.util
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chat_core.jsonvalue import JSONObject

OWN = frozenset({"resumption", "turn_detection", "instructions", "audio", "tools"})
"""Members of xAI's sessions, which are no session of OpenAI's."""


def refusals(wire: str, message: JSONObject) -> Iterator[str]:
    """Yield what a vendor's types say against a message."""
    judge = _openai() if wire == "openai-realtime-ws" else _google()
    if judge is None or _is_elsewhere(message):
        return
    import pydantic  # noqa: PLC0415 - beside the vendors' packages only

    try:
        judge(message)
    except pydantic.ValidationError as error:
        yield from (f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors()[:5])


def _is_elsewhere(message: JSONObject) -> bool:
    """Tell whether a session is spelled in a form that OpenAI's types do not have."""
    match message:
        case {"type": "session.update", "session": dict(session)}:
            return "type" not in session
        case _:
            return False


@cache
def _openai() -> Any:  # noqa: ANN401 - a validator of whatever the package publishes
    if not _is_there("openai"):
        return None
    from openai.types.realtime import RealtimeClientEventParam  # noqa: PLC0415 - may be absent
    from pydantic import ConfigDict, TypeAdapter  # noqa: PLC0415 - as above

    return TypeAdapter(RealtimeClientEventParam, config=ConfigDict(extra="forbid")).validate_python


@cache
def _google() -> Any:  # noqa: ANN401 - as above
    if not _is_there("google.genai"):
        return None
    from google.genai.types import LiveClientMessage  # noqa: PLC0415 - may be absent

    return LiveClientMessage.model_validate


def _is_there(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:  # not even the package around it
        return False
