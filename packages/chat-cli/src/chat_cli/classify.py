"""`chat classify`: texts sorted into classes, given ones or the model's own.

Law: the surest class comes first, and every score that the service gave is shown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

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
    percent,
    print_row,
    rows_option,
)

if TYPE_CHECKING:
    from chat_core.bulk.inputs import Item
    from chat_core.codec.classification import Classified
    from chat_core.jsonvalue import JSON


@click.command("classify", short_help="Sort texts into classes.")
@click.argument("texts", nargs=-1, metavar="[TEXT]...")
@click.option("--labels", metavar="A,B,…", help="The classes, with commas between them. Default: the model's own.")
@click.option("--label", "single", multiple=True, metavar="A", help="A class that has a comma in it. Can be repeated.")
@click.option("--multi", is_flag=True, help="A text may be of several classes.")
@click.option("--hypothesis", metavar="TEXT", help="What is said of a text, with {} for the class.")
@click.option("--top", type=click.IntRange(min=1), metavar="N", help="How many of the surest classes. Default: all.")
@input_options
@rows_option
@extra_option
@service_options
def classify(texts: tuple[str, ...], file: str | None, *, as_json: bool, **given: Any) -> None:  # noqa: ANN401 - click passes them by name
    """Sort texts into classes, each TEXT, or each line of a file, by itself.

    chat classify "The train is late again" --labels travel,food,weather
    """
    source = given_texts(texts, file, "chat classify 'The train is late' --labels travel,food")
    labels = (*_labels(given.pop("labels")), *given.pop("single"))
    if twice := {label for label in labels if labels.count(label) > 1}:
        raise click.UsageError(f"a class is named twice: {', '.join(sorted(twice))}")
    hypothesis = given.pop("hypothesis")
    if hypothesis is not None and "{}" not in hypothesis:
        raise click.UsageError("--hypothesis has no {} for the class: --hypothesis 'This text is about {}.'")
    how = set_only(labels=labels, multi_label=given.pop("multi"), top_n=given.pop("top"), hypothesis=hypothesis)
    extra = fields_of(given.pop("extra"))
    chat = client_of(given, "classify")
    rows = are_rows(as_json=as_json)
    for index, item, one in answers(source, given, lambda some: chat.classify(some, extra=extra, **how)):
        _print_row(index, item, one) if rows else _print(item, one)


def _labels(given: str | None) -> list[str]:
    """Read the classes.

    Raises:
        click.UsageError: there are none, which would ask for those of the model.
    """
    labels = [label.strip() for label in (given or "").split(",") if label.strip()]
    if given is not None and not labels:
        raise click.UsageError("--labels names no class: --labels travel,food, or leave it out for the model's own")
    return labels


def _print_row(index: int, item: Item, one: Classified) -> None:
    scores: list[JSON] = [{"label": label.name, "score": label.score} for label in one.labels]
    print_row({**of_item(item, index), "label": one.best.name, "score": one.best.score, "labels": scores})


def _print(item: Item, one: Classified) -> None:
    from chat_cli.terminal import BOLD, out  # noqa: PLC0415 - `chat --help` needs none of it

    screen = out()
    screen.line(item.text, BOLD)
    width = max(len(label.name) for label in one.labels)
    for label in one.labels:
        screen.line(f"  {label.name.ljust(width)}  {percent(label.score):>4}")
