"""Summaries: a model sums up what a session leaves out, and the summary is sent instead.

Law: as `trimming`. A summary is made once for each cut; one that cannot be made is an error, and nothing was sent.
"""

from __future__ import annotations

from dataclasses import KW_ONLY, replace
from typing import TYPE_CHECKING, Any, Protocol, cast

from chat_core.codec.effects import Job, run
from chat_core.errors import ChatError, OutputInvalid
from chat_core.frozen import dataclass
from chat_core.messages import system, user
from chat_core.parts import Json, Media, Opaque, Reasoning, Refusal, Text, ToolCall, ToolResult
from chat_core.request import Request
from chat_core.sessions.trimming import DropOldest, Trimmed

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterable, Sequence

    from chat_core.codec.effects import Flow
    from chat_core.flow.call import Call
    from chat_core.messages import Message
    from chat_core.parts import Part
    from chat_core.response import Response
    from chat_core.sessions.trimming import Counter, Means
    from chat_core.sessions.windows import Window
    from chat_core.turn import Turn

INSTRUCTIONS = (
    "You will be shown the earlier part of a conversation. Summarise it for the assistant that will go on with it: who "
    "wants what, what was found out and decided, names, numbers and open questions. Leave out nothing that may matter "
    "later, and add nothing. Write in the language of the conversation, and nothing but the summary."
)
SUMMARY = "Summary of the earlier part of this conversation:\n\n"
"""What a summary begins with, so that nobody takes it for the user's own words."""


class Completing(Protocol):
    """A `Chat` or an `AsyncChat`."""

    def complete(self, content: Sequence[Message], /) -> Turn[None] | Coroutine[Any, Any, Turn[None]]:
        """Ask."""
        ...


@dataclass(frozen=True, slots=True)
class Summarise:
    """Leave out the oldest exchanges as `DropOldest`, and send a model's summary of them instead.

    The summary stands after the system messages. It is made once for each cut, of what is left out and of the summary
    before. A summary that cannot be made is an error: nothing was sent then, and the history is as before.

    Attributes:
        max_tokens, to, counter: as in `DropOldest`; `to` does not count the summary.
        with_: writes it: a `Chat` or `AsyncChat`, or a `Call`; `None` = the session's own model.
        instructions: what the writer is told.
    """

    max_tokens: int
    _: KW_ONLY
    to: float = 0.5
    counter: Counter = None
    with_: Completing | Call | None = None
    instructions: str = INSTRUCTIONS

    def __post_init__(self) -> None:
        """Require limits that make sense, as `DropOldest`."""
        self._dropping()

    def trimmed(self, messages: tuple[Message, ...], window: Window, means: Means) -> Flow[Trimmed]:
        """As `Trim.trimmed`.

        Raises:
            ChatError: the summary could not be made.
        """
        dropping = self._dropping()
        found, before, after = yield from dropping.cut(messages, window, means)
        if found == window:
            return Trimmed(window=window, notices=dropping.notices(messages, window, before, after))
        stays = {id(message) for message in found.head}
        gone = window.of(messages)[: len(window.of(messages)) - len(messages) + found.at]
        asked = (system(self.instructions), user(transcript(each for each in gone if id(each) not in stays)))
        try:
            response = yield from self._written(asked, means)
        except ChatError as error:
            error.add_note("while the session's history was summarised: nothing was sent, and nothing has changed")
            raise
        place = next((at for at, each in enumerate(found.head) if each.role != "system"), len(found.head))
        summary = user(SUMMARY + response.text)
        found = replace(found, head=(*found.head[:place], summary, *found.head[place:]))
        after = yield from dropping.count(found.of(messages), means)
        return Trimmed(window=found, notices=dropping.notices(messages, found, before, after), responses=(response,))

    def _dropping(self) -> DropOldest:
        return DropOldest(self.max_tokens, to=self.to, counter=self.counter)

    def _written(self, asked: tuple[Message, ...], means: Means) -> Flow[Response]:
        """Have the summary written.

        Raises:
            OutputInvalid: the answer has no text.
        """
        writer = self.with_ if self.with_ is not None else means.call
        if callable(writer):
            response = yield from writer(Request(model=means.request.model, messages=asked))
        else:
            chat = writer
            (done,) = yield from run((Job("summary", lambda _: chat.complete(asked)),))
            if done is not None and done.error is not None:
                raise done.error
            response = cast("Turn[None]", done.value if done is not None else None).response
        if not response.text.strip():
            raise OutputInvalid("the summary of the history is empty: use another model, with_=", partial=response)
        return response


def transcript(messages: Iterable[Message]) -> str:
    """Write messages down for somebody who has to sum them up; reasoning is left out."""
    return "\n\n".join(
        f"[{message.role}]\n" + "\n".join(filter(None, map(_told, message.parts)))
        for message in messages
        if message.role != "system"
    )


def _told(part: Part) -> str:
    match part:
        case Text(text) | Refusal(text):
            return text
        case ToolCall(name=name, arguments=arguments, raw=raw):
            return f"(calls {name} with {arguments if arguments is not None else raw})"
        case ToolResult(content=content, is_error=is_error):
            return ("(failed: " if is_error else "(result: ") + "\n".join(map(_told, content)) + ")"
        case Media(kind=kind, name=name, transcript=words):
            return f"({kind}{f' {name}' if name else ''}{f': {words}' if words else ''})"
        case Json(value):
            return str(value)
        case Reasoning():
            return ""
        case Opaque(kind=kind):
            return f"({kind})"
