"""`chat entail`: whether one sentence follows from another.

Law: what the model has no class for is null, and not zero.
"""

from __future__ import annotations

from typing import Any

import click

from chat_cli.files import client_of, fields_of, say
from chat_cli.flags import service_options
from chat_cli.texts import are_rows, extra_option, print_row, print_verdict, rows_option


@click.command("entail", short_help="Tell whether a sentence follows from another.")
@click.argument("premise")
@click.argument("hypotheses", nargs=-1, required=True, metavar="HYPOTHESIS...")
@rows_option
@extra_option
@service_options
def entail(premise: str, hypotheses: tuple[str, ...], *, as_json: bool, **given: Any) -> None:  # noqa: ANN401 - click passes them by name
    """Tell of each HYPOTHESIS whether it follows from PREMISE, contradicts it, or neither.

    chat entail "A dog sleeps in the sun" "An animal rests" "It is night"
    """
    extra = fields_of(given.pop("extra"))
    found = client_of(given, "entail").entail([(premise, each) for each in hypotheses], extra=extra)
    say(found.notices)
    for hypothesis, one in zip(hypotheses, found.results, strict=True):
        scores = {"entailment": one.entailment, "neutral": one.neutral, "contradiction": one.contradiction}
        if are_rows(as_json=as_json):
            print_row({"premise": premise, "hypothesis": hypothesis, "label": one.label, **scores})
        else:
            print_verdict(one.label, scores, hypothesis)
