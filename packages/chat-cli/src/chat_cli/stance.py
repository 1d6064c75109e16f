"""`chat stance`: whether texts are for something, against it, or neither.

Law: all three scores are shown; which is the surest is said first.
"""

from __future__ import annotations

from typing import Any

import click

from chat_cli.files import client_of, fields_of, set_only
from chat_cli.flags import service_options
from chat_cli.texts import (
    answers,
    are_rows,
    extra_option,
    given_texts,
    input_options,
    of_item,
    print_row,
    print_verdict,
    rows_option,
)


@click.command("stance", short_help="Tell whether texts are for something or against it.")
@click.argument("texts", nargs=-1, metavar="[TEXT]...")
@click.option("--target", required=True, metavar="WORDS", help="What the texts are for or against.")
@click.option("--hypothesis", metavar="TEXT", help="What is said of an author, with {} for the stance.")
@input_options
@rows_option
@extra_option
@service_options
def stance(texts: tuple[str, ...], target: str, file: str | None, *, as_json: bool, **given: Any) -> None:  # noqa: ANN401 - click passes them by name
    """Tell of each TEXT, or each line of a file, what its author thinks of the target.

    chat stance "Trains should be free for all" --target "public transport"
    """
    source = given_texts(texts, file, "chat stance 'Trains should be free' --target 'public transport'")
    hypothesis = given.pop("hypothesis")
    if hypothesis is not None and "{}" not in hypothesis:
        raise click.UsageError("--hypothesis has no {} for the stance: --hypothesis 'The author is {}.'")
    how, extra = set_only(hypothesis=hypothesis), fields_of(given.pop("extra"))
    chat = client_of(given, "stance")
    rows = are_rows(as_json=as_json)
    for index, item, one in answers(source, given, lambda some: chat.stance(some, target, extra=extra, **how)):
        scores = {"favor": one.favor, "against": one.against, "neutral": one.neutral}
        if rows:
            print_row({**of_item(item, index), "label": one.label, **scores})
        else:
            print_verdict(one.label, scores, item.text)
