"""One exchange under examination: its codec, and what decoding it came to.

Law: each thing is decoded once, when it is first asked for; chance depends on the seed, the exchange and the check.
"""

from __future__ import annotations

from functools import cached_property
from random import Random
from typing import TYPE_CHECKING

from tests.wire import cuts
from tests.wire.codecs import Capability, Chat
from tests.wire.outcome import outcome_of, told

from chat_core.testing.outcome import events_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tests.wire.codecs import Codec
    from tests.wire.corpus import Exchange
    from tests.wire.outcome import Outcome

    from chat_core.codec.provider import Decoder
    from chat_core.codec.wire import Frame
    from chat_core.errors import ChatError
    from chat_core.events import Event
    from chat_core.jsonvalue import JSONObject
    from chat_core.response import Response


class Subject:
    """One exchange with its codec and what decoding came to."""

    def __init__(self, exchange: Exchange, codec: Codec, seed: int, planted: JSONObject | None = None) -> None:
        """Decode nothing yet."""
        self.exchange = exchange
        self.codec = codec
        self.seed = seed
        self.planted = planted
        self.skipped: list[str] = []

    @property
    def chat(self) -> Chat | None:
        """The codec, when the exchange is a chat."""
        return self.codec if isinstance(self.codec, Chat) else None

    @property
    def streams(self) -> bool:
        """Whether the reply is decoded as a stream."""
        return self.chat is not None and self.exchange.streamed and self.exchange.status < 400

    def random(self, check: str) -> Random:
        """Return a source of chance that depends on the seed, the exchange and the check alone."""
        return Random(f"{self.seed}/{self.exchange.id}/{check}")

    def begin(self) -> Decoder:
        """Begin a stream decoder."""
        chat = self.chat
        if chat is None:
            raise TypeError(f"{self.exchange.api} has no streams")
        return chat.provider.decoder(chat.request)

    @cached_property
    def events(self) -> tuple[list[Event], ChatError | None]:
        """The events of the stream in one piece, and what ended them early."""
        body = self.exchange.body
        return events_of(self.begin(), cuts.reads(body, [len(body)], self.exchange.framer))

    @cached_property
    def outcome(self) -> Outcome:
        """What decoding the reply came to."""
        if self.reads:
            return self.read(cuts.reads(self.exchange.body, [len(self.exchange.body)], self.exchange.framer))
        return outcome_of(*self.events) if self.streams else self.codec.decode(self.exchange.reply)

    @property
    def reads(self) -> bool:
        """Whether the reply is a stream that is no chat."""
        return isinstance(self.codec, Capability) and self.codec.begin is not None and self.exchange.status < 400

    def read(self, reads: Iterable[Sequence[Frame]]) -> Outcome:
        """Read a stream that is no chat, the frames of one network read at a time."""
        if not isinstance(self.codec, Capability) or self.codec.begin is None:
            raise TypeError(f"{self.exchange.api} has no streams")
        return told(self.codec.begin(), reads)

    @property
    def answer(self) -> Response | None:
        """The complete answer of a chat; `None` of anything else."""
        return self.outcome.response if self.chat is not None and self.outcome.error is None else None
