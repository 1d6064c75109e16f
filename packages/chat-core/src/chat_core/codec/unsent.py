"""What of a request a wire has no place for: told as notices, or refused.

Law: what is left out is told with its reason. A table of a wire's codec names it; a field that nobody set is no loss.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat_core.errors import UnsupportedContent
from chat_core.response import Notice

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from chat_core.jsonvalue import JSON


def unsent(asked: object, reasons: Mapping[str, str]) -> Iterator[Notice]:
    """Yield a notice for each field that was set and is not sent.

    Args:
        asked: a request, or its options.
        reasons: the fields that the wire has no place for, with the reason.
    """
    for name, reason in reasons.items():
        value: JSON = getattr(asked, name)
        if value is not None:
            yield Notice(feature=name, requested=dict(value) if isinstance(value, dict) else value, reason=reason)


def only_texts(inputs: Sequence[object], who: str) -> list[str]:
    """Return inputs that all have to be texts; `who` takes nothing else.

    Raises:
        UnsupportedContent: one is made of token ids.
    """
    texts = [item for item in inputs if isinstance(item, str)]
    if len(texts) < len(inputs):
        raise UnsupportedContent(f"{who} texts only: send the text that the token ids stand for")
    return texts
