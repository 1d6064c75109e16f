"""Who decides about a tool call, what they can say, and what waits for their word.

Law: verdicts are given before a call runs, decisions after it was paused. Both are values: they can be written down,
sent to another process, and taken up next week.
"""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, Literal, TypeAlias

from chat_core.frozen import dataclass

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from chat_core.jsonvalue import JSONObject
    from chat_core.parts import ToolCall


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Run:
    """Verdict: run the call."""


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Ask:
    """Verdict: a human decides; the turn pauses.

    Attributes:
        reason: what the human should know; not shown to the model.
    """

    reason: str = ""


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Defer:
    """Verdict: the result comes from elsewhere, later; the turn pauses.

    Attributes:
        reason: what the program should know; not shown to the model.
    """

    reason: str = ""


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Reject:
    """Verdict and decision: do not run the call, and tell the model why.

    Attributes:
        reason: what the model is told.
    """

    reason: str = "The user does not allow this call."


Verdict: TypeAlias = Run | Ask | Defer | Reject
"""What a policy says about a call."""

Policy: TypeAlias = "Callable[[ToolCall], Verdict | Awaitable[Verdict | None] | None]"
"""Judges a call; `None` leaves it to the tool's own `approval`. A truth value is refused: it says nothing clear."""


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Approve:
    """Decision: run the call that was paused.

    Attributes:
        arguments: run it with these instead; the history then says that the model called it so.
        token: the `Pending.token`, where approvals are signed.
    """

    arguments: JSONObject | None = field(default=None, hash=False)
    token: str | None = None


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Result:
    """Decision: the result of the call, which ran elsewhere.

    Attributes:
        value: what it gave: text, JSON, media or parts.
        is_error: it failed, and `value` says how.
        token: as `Approve.token`.
    """

    value: object = field(hash=False)
    is_error: bool = False
    token: str | None = None


Decision: TypeAlias = Approve | Reject | Result
"""What was decided about a call that was paused."""

Decisions: TypeAlias = "Mapping[str, Decision]"
"""Decisions by the `id` of their call."""

Why: TypeAlias = Literal["approval", "deferred", "result"]


@dataclass(frozen=True, slots=True, kw_only=True, weakref_slot=True)
class Pending:
    """A call that waits for a decision.

    Attributes:
        call: the call.
        why: `approval` = a human decides, `deferred` = its result comes later, `result` = the program declared the
            tool without a function, and answers it itself.
        reason: what the policy said.
        token: proof that this call was shown, to be given back with the decision, where approvals are signed.
    """

    call: ToolCall
    why: Why
    reason: str = ""
    token: str | None = None
