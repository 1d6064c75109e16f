"""Spelling content: what the spellers of several wires keep and decide alike.

Law: each kind of loss is told once. Reasoning of another origin goes as the request's policy has it, on every wire.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat_core.codec.answers import require_answers
from chat_core.errors import UnsupportedContent
from chat_core.parts import ToolResult
from chat_core.response import Notice

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from chat_core.jsonvalue import JSON
    from chat_core.messages import Message
    from chat_core.options import ForeignReasoning
    from chat_core.parts import Part, Reasoning


class Spelling:
    """The part of a speller that is the same on all wires.

    Attributes:
        policy: what to do with the reasoning of others.
        notices: what was dropped or adapted, so far; each kind once.
    """

    __slots__ = ()

    policy: ForeignReasoning
    notices: list[Notice]

    def notice(self, feature: str, reason: str, *, requested: JSON = None, applied: JSON = None) -> None:
        """Remember that something is not sent as asked."""
        new = Notice(feature=feature, requested=requested, applied=applied, reason=reason)
        if new not in self.notices:
            self.notices.append(new)

    def as_text(self, part: Reasoning, what: str = "reasoning of another origin") -> str | None:
        """Return what is sent, as a text, of reasoning that the wire cannot take as such; `None` = nothing.

        Raises:
            UnsupportedContent: the policy is `fail`.
        """
        if self.policy == "fail":
            raise UnsupportedContent(f"the history holds {what}: set `foreign_reasoning` to `drop` or `as_text`")
        if self.policy == "as_text" and part.text:
            self.notice("reasoning", f"{what} is sent as text", applied="as_text")
            return part.text
        self.notice("reasoning", f"{what} is not sent", applied="drop")
        return None


def results_apart(
    messages: Sequence[Message],
    say: Callable[[Message, Sequence[Part]], JSON],
    answer: Callable[[ToolResult], JSON],
) -> list[JSON]:
    """Spell a conversation for a wire where each result of a tool is a message of its own.

    Args:
        messages: the conversation.
        say: spells what else is in a message; `None` = it is left out.
        answer: spells a result; `None` = it is left out.

    Raises:
        UnansweredToolCall: a call has no result.
    """
    require_answers(messages)
    wire: list[JSON] = []
    for message in messages:
        results = [part for part in message.parts if isinstance(part, ToolResult)]
        others = [part for part in message.parts if not isinstance(part, ToolResult)]
        said = [say(message, others)] if others or not results else []
        answers = [answer(result) for result in results]
        # a call stands before its result
        both = [*said, *answers] if message.role == "assistant" else [*answers, *said]
        wire += [spelled for spelled in both if spelled is not None]
    return wire
