"""What is asked of the engine, and what it gives: tokens and text, no messages."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias

from chat_local.engine.sampling import Sampling

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

    from chat_local.engine.sampling import Drawn

Reason: TypeAlias = Literal["stop", "length", "cancelled"]


class Constraint(Protocol):
    """What an answer has to look like, token by token."""

    def allowed(self) -> NDArray[np.bool_] | None:
        """Tell which tokens may come next, `[vocabulary]`; `None` = all."""
        ...

    def accept(self, token: int) -> None:
        """Note the token that came."""
        ...

    @property
    def complete(self) -> bool:
        """Whether the answer can only end here."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Generation:
    """One answer to be made.

    Attributes:
        prompt: the tokens before it; at least one.
        sampling: how tokens are drawn.
        ends: tokens that end it.
        stops: texts that end it; they are not part of it.
        max_tokens: most tokens; `None` = as many as the model's context takes.
        constraint: makes what it has to look like; `None` = anything.
    """

    prompt: tuple[int, ...]
    sampling: Sampling = field(default_factory=Sampling)
    ends: frozenset[int] = frozenset()
    stops: tuple[str, ...] = ()
    max_tokens: int | None = None
    constraint: Callable[[], Constraint] | None = None


@dataclass(frozen=True, slots=True)
class Piece:
    """More of an answer: text, which may be empty while a character is not whole, and the token that it came with."""

    text: str
    drawn: Drawn | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """An answer is over.

    Attributes:
        reason: why.
        token: the token that ended it; `None` = no token did.
        prompt_tokens: tokens of the prompt.
        cached_tokens: those of them that had been read before.
        answer_tokens: tokens of the answer, the one that ended it included.
        prompt_seconds: time until the first token, from when the request came.
        answer_seconds: time from then to the end.
    """

    reason: Reason
    token: int | None = None
    prompt_tokens: int = 0
    cached_tokens: int = 0
    answer_tokens: int = 0
    prompt_seconds: float = 0.0
    answer_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Failed:
    """An answer could not be made, or not to its end."""

    error: Exception


Said: TypeAlias = Piece | End | Failed
"""What is told about one answer: pieces, then an end or a failure, once."""
