"""What has to be sent back unchanged: signatures, encrypted reasoning, ids. Found wherever the codec keeps them.

Law: only what a next request could be made of counts: parts and the message's `meta`, never `raw`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.wire.outcome import plain

from chat_core.parts import Opaque, Reasoning

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chat_core.jsonvalue import JSON
    from chat_core.response import Response

_PAYLOADS = frozenset({"data", "encrypted_content"})
_SIGNATURES = frozenset({"signature", *_PAYLOADS})


def members(value: JSON) -> Iterator[tuple[str, JSON]]:
    """Yield every key with its value, at all levels."""
    match value:
        case dict():
            for key, item in value.items():
                yield key, item
                yield from members(item)
        case list():
            for item in value:
                yield from members(item)
        case _:
            return


def strings(value: JSON) -> Iterator[str]:
    """Yield every string that is a value."""
    match value:
        case str():
            yield value
        case dict():
            for item in value.values():
                yield from strings(item)
        case list():
            for item in value:
                yield from strings(item)
        case _:
            return


def values_of(response: Response, key: str) -> list[JSON]:
    """Return what a response holds under a key, wherever it is."""
    return [value for name, value in members(plain(response)) if name == key and value is not None]


def seals(response: Response) -> set[str]:
    """Return the signatures and encrypted payloads of the reasoning, each once."""
    return _named(response, _SIGNATURES)


def opaque_payloads(response: Response) -> set[str]:
    """Return the encrypted payloads of the reasoning, each once."""
    return _named(response, _PAYLOADS)


def reasoning_details(response: Response, wanted: JSON) -> JSON:
    """Count the entries of `reasoning_details`; a stream's pieces are joined, so that any number stands for them."""
    kept = [value for value in values_of(response, "reasoning_details") if isinstance(value, list)]
    return wanted if any(len(value) == wanted for value in kept) or _details(response) else sum(map(len, kept))


def _details(response: Response) -> int:
    return sum(isinstance(part, Reasoning) and bool(part.meta) for part in response.parts)


def _named(response: Response, keys: frozenset[str]) -> set[str]:
    thoughts = [part for part in response.parts if isinstance(part, Reasoning) or _is_thought(part)]
    kept = [plain(response.message.meta), *map(plain, thoughts)]
    if keys is _SIGNATURES:  # Gemini signs parts of any kind
        kept += [{key: value} for key, value in members(plain(response.parts)) if key == "thoughtSignature"]
        keys |= {"thoughtSignature"}
    return {value for item in kept for key, value in members(item) if key in keys and isinstance(value, str) and value}


def _is_thought(part: object) -> bool:
    return isinstance(part, Opaque) and ("thinking" in part.kind or "reasoning" in part.kind)
