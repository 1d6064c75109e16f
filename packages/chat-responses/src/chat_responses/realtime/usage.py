"""Usage objects of live sessions.

Law: as those of answers over HTTP, but for the names of the details. The service's own object is kept whole.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from chat_responses.usage import decode_usage as decode_answers_usage

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON
    from chat_core.response import Usage

DETAILS = {"input_token_details": "input_tokens_details", "output_token_details": "output_tokens_details"}


def decode_usage(data: JSON) -> Usage | None:
    """Read a usage object; `None` when nothing is reported.

    Raises:
        DecodeError: it is no object, or a count is no whole number.
    """
    if not isinstance(data, dict):
        return decode_answers_usage(data)
    usage = decode_answers_usage({DETAILS.get(key, key): value for key, value in data.items()})
    return None if usage is None else replace(usage, raw=data)
