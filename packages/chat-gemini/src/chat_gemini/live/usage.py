"""Counts of tokens in live sessions.

Law: as those of answers over HTTP, but for the name of what the model says. The object of the service is kept whole.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from chat_gemini.usage import decode_usage as decode_answers_usage

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON
    from chat_core.response import Usage

NAMES = {"responseTokenCount": "candidatesTokenCount", "responseTokensDetails": "candidatesTokensDetails"}


def decode_usage(data: JSON) -> Usage | None:
    """Read a `usageMetadata`; `None` when nothing is reported.

    Raises:
        DecodeError: it is no object, or a count is no whole number.
    """
    if not isinstance(data, dict):
        return decode_answers_usage(data)
    usage = decode_answers_usage({NAMES.get(key, key): value for key, value in data.items()})
    return None if usage is None else replace(usage, raw=data)
