"""An answer on its way: draws its tokens, writes them as text, and knows when it is over."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING

from chat_local.engine import runtime
from chat_local.engine.answer import End, Piece
from chat_local.engine.sampling import Sampler
from chat_local.engine.tokens import Stops

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

    from chat_local.engine.answer import Constraint, Generation, Reason, Said
    from chat_local.engine.sampling import Drawn
    from chat_local.engine.tokens import Tokens

    Floats = NDArray[np.float32]


class Ticket:
    """One answer that was asked for.

    Attributes:
        generation: what was asked.
        cancelled: whether nobody waits for it any more.
        reading: the settings of its runs, through which one of them can be ended from another thread.
        asked: when it was asked for.
    """

    def __init__(self, generation: Generation, tell: Callable[[Said], None]) -> None:
        """Wait for a place; `tell` is called in the model's thread, and must not block."""
        self.generation = generation
        self.cancelled = False
        self.reading = runtime.run_options()
        self.asked = monotonic()
        self._tell: Callable[[Said], None] | None = tell

    def cancel(self) -> None:
        """Stop the answer, from any thread; also in the middle of reading its prompt."""
        self.cancelled = True
        self.reading.terminate = True

    def tell(self, said: Said) -> None:
        """Say something about the answer; nothing after its end."""
        tell = self._tell
        if not isinstance(said, Piece):
            self._tell = None
        if tell is not None:
            tell(said)


class Job:
    """An answer that has a place.

    Attributes:
        ticket: who asked for it.
        generation: what was asked.
        token: the token that was drawn last.
        cached: tokens of its prompt that did not have to be read; `None` = its reading has not begun.
    """

    def __init__(self, ticket: Ticket, tokens: Tokens) -> None:
        """Begin; what makes its constraint may raise."""
        self.ticket = ticket
        self.generation = generation = ticket.generation
        self.token = -1
        self.cached: int | None = None
        self._sampler = Sampler(generation.sampling, generation.prompt)
        self._constraint: Constraint | None = None if generation.constraint is None else generation.constraint()
        self._decoding = tokens.stream()
        self._stops = Stops(generation.stops)
        self._drawn = 0
        self._first: float | None = None
        self._over: int | None = None
        self._stopped = False

    def draw(self, logits: Floats) -> Reason | None:
        """Draw a token, tell what it says, and return why the answer ends with it."""
        drawn = self._sampler.draw(logits, None if self._constraint is None else self._constraint.allowed())
        self.token = drawn.token
        self._drawn += 1
        if self._first is None:
            self._first = monotonic()
        if drawn.token in self.generation.ends:
            self._over = drawn.token
            return "stop"
        if self._constraint is not None:
            self._constraint.accept(drawn.token)
        if self._tell(drawn) or (self._constraint is not None and self._constraint.complete):
            return "stop"
        limit = self.generation.max_tokens
        return "length" if limit is not None and self._drawn >= limit else None

    def end(self, reason: Reason) -> End:
        """Tell what was held back, unless nobody waits for it, and return the end."""
        held = "" if self._stopped or reason == "cancelled" else self._stops.rest() + self._decoding.rest()
        if held:
            self.ticket.tell(Piece(held))
        now = monotonic()
        first = now if self._first is None else self._first
        return End(
            reason=reason,
            token=self._over,
            prompt_tokens=len(self.generation.prompt),
            cached_tokens=self.cached or 0,
            answer_tokens=self._drawn,
            prompt_seconds=first - self.ticket.asked,
            answer_seconds=now - first,
        )

    def _tell(self, drawn: Drawn) -> bool:
        """Tell what a token says; return whether a stop text ends the answer."""
        text, self._stopped = self._stops.add(self._decoding.add(drawn.token))
        if text or drawn.logprob is not None:
            self.ticket.tell(Piece(text, drawn if drawn.logprob is not None else None))
        return self._stopped
