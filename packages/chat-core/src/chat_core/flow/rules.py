"""The rules of a conversation: which functions run its tools, who decides about calls, and how much is allowed."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, TypeAlias

from chat_core.frozen import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from chat_core.approval import Policy
    from chat_core.codec.effects import Flow
    from chat_core.functions import FunctionTool
    from chat_core.messages import Message
    from chat_core.response import Notice, Response
    from chat_core.signing import Signer
    from chat_core.stores.protocol import Journal

MAX_STEPS = 10
CONCURRENCY = 8
OUTPUT_RETRIES = 2
LEASE = 600.0
"""Seconds for which a paused turn belongs to the process that took it up."""


Keep: TypeAlias = "Callable[[tuple[Message, ...], tuple[Response, ...]], Flow[None]]"
"""Keeps a history that has grown, and the answers that made it grow."""


def _fresh() -> str:
    from uuid import uuid4  # noqa: PLC0415 - for conversations with a journal

    return uuid4().hex


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """How a conversation goes on when the model calls tools.

    Attributes:
        functions: what runs the tools, by name.
        policy: judges each call before it runs; `None` = as each tool says.
        max_steps: most answers of the model in one turn.
        concurrency: most tools that run at once.
        tool_timeout: seconds for each tool that has no timeout of its own; `None` = no limit.
        raise_on_tool_error: whether a tool that fails ends the turn with `ToolFailed`, instead of telling the model.
        context: what tools get as `ToolContext.deps`.
        signer: signs what is shown to a human, and checks what comes back; `None` = approvals need no token.
        journal: keeps what was begun, for programs that are ended in the middle; `None` = nothing is kept.
        takeover: go on with a paused turn although another process has taken it up, or ended it: it is known that this
            process is no more. Tools that it ran are not run again.
        output_retries: how often the model is asked again for an output that does not fit.
        keep: called with the history and the answers of the turn when they hold what must not be lost: before tools run
            and after.
        notices: what else the first response has to say, such as what was trimmed.
        fresh: makes ids.
    """

    functions: Mapping[str, FunctionTool] = field(default_factory=dict[str, "FunctionTool"])
    policy: Policy | None = None
    max_steps: int = MAX_STEPS
    concurrency: int = CONCURRENCY
    tool_timeout: float | None = None
    raise_on_tool_error: bool = False
    context: object = None
    signer: Signer | None = None
    journal: Journal | None = None
    takeover: bool = False
    output_retries: int = OUTPUT_RETRIES
    keep: Keep | None = None
    notices: tuple[Notice, ...] = ()
    fresh: Callable[[], str] = _fresh
