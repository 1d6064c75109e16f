"""Thought signatures: which models may read whose, and what stands in for one that there is none of.

Law: a signature goes back to the family of models that made it, exactly as it came, and to no other. What depends on a
model's generation is in `FAMILY`, `CHECKED_FROM` and `SKIPPED`, and nowhere else.
"""

from __future__ import annotations

import re

FAMILY = re.compile(r"gemini-(\d+)")
"""What of a model's name says its family: all of one generation are one."""

NEWEST = re.compile(r"gemini-.*-latest")
"""Names that mean a newest model, whose generation they do not tell."""

CHECKED_FROM = 3
"""The first generation that refuses a call of the current turn without a signature."""

SKIPPED = "skip_thought_signature_validator"
"""What the service takes in place of a signature on calls that no model of the family made."""

SIGNATURE = "thoughtSignature"


def name_of(model: str) -> str:
    """Return a model's name without the path before it."""
    return model.rpartition("/")[2]


def generation(model: str) -> int | None:
    """Return the generation that a model's name tells."""
    found = FAMILY.match(name_of(model))
    return int(found[1]) if found is not None else None


def family(model: str) -> str:
    """Return the family of a model: its generation where the name tells it, else the name."""
    found = FAMILY.match(name_of(model))
    return found[0] if found is not None else name_of(model)


def is_newer(model: str) -> bool:
    """Tell whether a model checks signatures, thinks by levels, and takes media in results: generation 3 and later."""
    number = generation(model)
    return NEWEST.fullmatch(name_of(model)) is not None if number is None else number >= CHECKED_FROM
