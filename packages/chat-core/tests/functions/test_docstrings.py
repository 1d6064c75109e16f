"""Docstrings give up what they say about parameters, and nothing else."""

from __future__ import annotations

import pytest

from chat_core.functions.docstrings import read

GOOGLE = """Find flights.

    Prices are in euro.

    Args:
        origin (str, optional): where from,
            as an airport code
        start, end: the days
        **more: wishes

    Returns:
        The flights.
    """
NUMPY = """Find flights.

    Parameters
    ----------
    origin : str, optional
        where from,
        as an airport code
    start, end
        the days

    Returns
    -------
    list
        The flights.
    """
SPHINX = """Find flights.

    :param str origin: where from,
        as an airport code
    :type origin: str
    :param start: the days
    :returns: The flights.
    """


@pytest.mark.parametrize(
    ("document", "text", "words"),
    [
        (
            GOOGLE,
            "Find flights.\n\nPrices are in euro.\n\nReturns:\n    The flights.",
            {
                "origin": "where from,\nas an airport code",
                "start": "the days",
                "end": "the days",
                "more": "wishes",
            },
        ),
        (
            NUMPY,
            "Find flights.\n\nReturns\n-------\nlist\n    The flights.",
            {"origin": "where from,\nas an airport code", "start": "the days", "end": "the days"},
        ),
        (
            SPHINX,
            "Find flights.\n\n:returns: The flights.",
            {"origin": "where from,\nas an airport code", "start": "the days"},
        ),
    ],
    ids=["google", "numpy", "sphinx"],
)
def test_parameters_are_taken_out_and_the_rest_stays(document: str, text: str, words: dict[str, str]) -> None:
    assert read(document) == (text, words)


@pytest.mark.parametrize("document", [None, "", "  \n  "])
def test_no_text_is_none(document: str | None) -> None:
    assert read(document) == (None, {})


@pytest.mark.parametrize(
    "document",
    [
        "Do it: quickly.\n\nNote: it is slow.\n\nArgs are kept.",
        "Do it.\n\nArgs:\n    x: one\n    nothing that is understood",
        "Do it.\n\nParameters\n----------\nprose, not names!",
        "Parameters",
        "Do it.\n\nParameters\n=====",
        "Args:",
    ],
)
def test_what_is_not_understood_stays_as_it_is(document: str) -> None:
    assert read(document) == (document, {})


def test_a_text_about_parameters_alone_leaves_none() -> None:
    assert read("\n    Args:\n        x: one\n    ") == (None, {"x": "one"})
