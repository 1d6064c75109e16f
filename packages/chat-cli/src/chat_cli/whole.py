"""`--request-file`: a whole request in, JSON lines out.

Law: the last line is the response or an error; with `--stream` the events come before it, as they happen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat_cli import requests, shapes
from chat_cli.answering import finish
from chat_cli.events import as_json, error_as_json, line
from chat_cli.terminal import out
from chat_core.errors import ChatError
from chat_core.history import dump

if TYPE_CHECKING:
    from chat_cli.flags import Flags
    from chat_core.request import Request
    from chat_core.turn import Turn


def whole(flags: Flags, path: str) -> None:
    """Send the request in a file and print what comes back."""
    body = shapes.read(path)
    try:
        model, request = shapes.request_of(body, flags.model, flags.base_url)
        streams = body.get("stream") is True if flags.stream is None else flags.stream
        turn = _sent(flags, model, request, streams=streams)
    except ChatError as error:
        out().send(line(error_as_json(error)))
        raise
    finish(turn, usage=flags.usage)


def _sent(flags: Flags, model: str, request: Request, *, streams: bool) -> Turn[None]:
    screen = out()
    chat = requests.client(flags, model)
    options = requests.options(flags.options)
    if not streams:
        turn = chat.complete(request, options=options)
        screen.send(line(dump(turn.response)))
        return turn
    with chat.stream(request, options=options) as stream:
        for event in stream:
            screen.send(line(as_json(event)))
        return stream.result
