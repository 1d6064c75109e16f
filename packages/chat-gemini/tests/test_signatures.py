"""Families of models, and which of them check signatures."""

from __future__ import annotations

import pytest

from chat_gemini.signatures import family, generation, is_newer


@pytest.mark.parametrize(
    ("model", "name", "number", "newer"),
    [
        ("gemini-3.8-flash", "gemini-3", 3, True),
        ("gemini-4-argon", "gemini-4", 4, True),
        ("models/gemini-2.5-pro", "gemini-2", 2, False),
        ("publishers/google/models/gemini-3-pro-image", "gemini-3", 3, True),
        ("gemini-flash-latest", "gemini-flash-latest", None, True),
        ("gemma-4-12b", "gemma-4-12b", None, False),
        ("tunedModels/mine", "mine", None, False),
    ],
)
def test_a_name_tells_the_family(model: str, name: str, number: int | None, newer: bool) -> None:
    assert (family(model), generation(model), is_newer(model)) == (name, number, newer)
