"""`LiveContract`: what every provider's live sessions have to keep, as tests that a provider package inherits.

Law: the laws are the kit's, never a case's. What a wire cannot have is declared in `skips`, with the reason.
"""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, ClassVar

import pytest

from chat_core.codec.live import Live
from chat_core.codec.provider import capability
from chat_core.codec.wire import Frame
from chat_core.errors import DecodeError
from chat_core.events import ResponseEnd, ResponseStart, UnknownEvent
from chat_core.live import Interrupted, MessageInput, ResultsInput
from chat_core.messages import user
from chat_core.parts import Text, ToolResult
from chat_core.plugins.registry import registry
from chat_core.plugins.spec import ProviderConfig
from chat_core.response import FinishReason
from chat_core.testing import leaves
from chat_core.testing.told import SHOWN, answers, as_text, played, readied, spelled

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from chat_core.codec.provider import Provider
    from chat_core.testing.told import LiveCase, Step, Told


class LiveContract:
    """What every provider's live sessions have to keep. Subclass it, and name the provider and its sessions.

    Attributes:
        spec: the name under which the provider is installed.
        provider: the provider, where it is not installed.
        sessions: the cases; together they show what is in `SHOWN`.
        unknown: a message that no version has a name for.
        malformed: messages that have a known name, and are not as they should be; of several, that is the last.
        skips: what of `SHOWN` the wire does not have, with the reason.
        ignored: leaves of messages that say nothing, with the reason.
    """

    spec: ClassVar[str | None] = None
    provider: ClassVar[Provider | None] = None
    sessions: ClassVar[Sequence[LiveCase]]
    unknown: ClassVar[Frame]
    malformed: ClassVar[Sequence[Frame | tuple[Frame, ...]]]
    skips: ClassVar[Mapping[str, str]] = {}
    ignored: ClassVar[Mapping[str, str]] = {}

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Let pytest try every law on every case."""
        if "case" in metafunc.fixturenames:
            metafunc.parametrize("case", self.sessions, ids=[case.name for case in self.sessions])
        if "shown" in metafunc.fixturenames:
            metafunc.parametrize("shown", SHOWN)

    @classmethod
    def live(cls) -> Live:
        """Return what is judged."""
        provider = cls.provider
        if provider is None and cls.spec is not None:
            provider = registry().provider(cls.spec).load(ProviderConfig())
        offered = None if provider is None else capability(provider, Live)
        if offered is None:
            raise pytest.UsageError(f"{cls.__name__} needs `spec` or `provider`, of one that offers live sessions")
        return offered

    def told(self, case: LiveCase, steps: Sequence[Step] | None = None) -> Told:
        """Play a session to the end of its connection."""
        return played(self.live().codec(case.config), case.steps if steps is None else steps)

    def test_handshake(self, case: LiveCase) -> None:
        """Connect to a WebSocket, by a handshake that is the same for the same configuration."""
        wire = self.live().connect(case.config)
        assert wire.url.startswith(("ws://", "wss://")), f"{wire.url} is no address of a WebSocket"
        assert wire.body is None, "a handshake has no body"
        assert wire == self.live().connect(case.config)

    def test_shown(self, shown: str) -> None:
        """Find a case that shows it, or the reason why there is none."""
        cases = [case.name for case in self.sessions if SHOWN[shown](self.told(case))]
        if shown in self.skips:
            assert not cases, f"declared as a skip, and shown by {', '.join(cases)}"
            pytest.skip(self.skips[shown])
        assert cases, f"no case shows {shown!r}: add one, or declare skips = {{{shown!r}: reason}}"

    def test_grammar(self, case: LiveCase) -> None:
        """Keep the grammar in every answer, one after another."""
        told = self.told(case)
        answers(told.events)

    def test_cut_anywhere(self, case: LiveCase) -> None:
        """End what was under way as cancelled, wherever the connection ends."""
        for end in range(len(case.steps)):
            told = self.told(case, case.steps[:end])
            under_way = 0
            for event in played(self.live().codec(case.config), case.steps[:end], finish=False).events:
                under_way += isinstance(event, ResponseStart) - isinstance(event, ResponseEnd)
            found = answers(told.events)
            if under_way:
                assert found[-1].finish_reason is FinishReason.CANCELLED, f"after {end} steps it ends otherwise"

    def test_again(self, case: LiveCase) -> None:
        """Decode the same session twice alike: codecs share nothing."""
        assert self.told(case).same(self.told(case))

    def test_interruption(self, case: LiveCase) -> None:
        """Let the end of a cancelled answer follow an interruption of it, before another answer begins."""
        events = self.told(case).events
        under_way = cut = False
        for event in events:
            match event:
                case ResponseStart():
                    assert not cut, "another answer begins before the one that was interrupted has ended"
                    under_way = True
                case Interrupted():
                    cut = under_way
                case ResponseEnd(response):
                    assert not cut or response.finish_reason is FinishReason.CANCELLED, (
                        "interrupted, and ends otherwise"
                    )
                    under_way = cut = False
                case _:
                    pass

    def test_nothing_lost(self, case: LiveCase) -> None:
        """Claim every leaf of what the service says."""
        frames = [step for step in case.steps if isinstance(step, Frame)]
        binary = {frame.data for frame in frames if isinstance(frame.data, bytes)}

        def decode(kept: Sequence[Frame]) -> Told:
            return self.told(case, [as_text(frame, binary) for frame in kept])

        lost = leaves.lost_in_stream(frames, decode, Random(1))  # noqa: S311 - chooses places to look at
        unclaimed = [path for path in dict.fromkeys(lost) if leaves.row_of(path, self.ignored) is None]
        assert not unclaimed, f"lost: keep it in a field or in `meta`, or name it in `ignored`: {', '.join(unclaimed)}"

    def test_to_send_once(self, case: LiveCase) -> None:
        """Hand out what is to be sent once, and nothing that nobody said after that."""
        codec = self.live().codec(case.config)
        codec.to_send()
        assert codec.to_send() == (), "what was handed out comes again"

    def test_said_early_is_said_all_the_same(self, case: LiveCase) -> None:
        """Send what was said before the service was ready as what was said after: nothing is lost, nothing is added."""
        frames = [step for step in case.steps if isinstance(step, Frame)]
        ready = next(
            (n for n in range(len(frames) + 1) if readied(self.live().codec(case.config), frames[:n]).ready), None
        )
        if ready is None:
            pytest.skip("the session is never ready")
        said = MessageInput(user("Hello?"))
        early, late = self.live().codec(case.config), self.live().codec(case.config)
        early.send(said)
        one = [*early.to_send()]
        for frame in frames[:ready]:
            _ = list(early.feed(frame))
            one += early.to_send()
        other = [*late.to_send()]
        for frame in frames[:ready]:
            _ = list(late.feed(frame))
            other += late.to_send()
        late.send(said)
        other += late.to_send()
        assert sorted(map(spelled, one)) == sorted(map(spelled, other))

    def test_results_go_back(self, case: LiveCase) -> None:
        """Say the result of every call, by its id."""
        codec = self.live().codec(case.config)
        told = played(codec, case.steps, finish=False)
        for response in answers(told.events, whole=False):
            for call in response.tool_calls if response.finish_reason is not FinishReason.CANCELLED else ():
                codec.to_send()
                result = ToolResult(call_id=call.id, name=call.name, content=(Text("done"),))
                codec.send(ResultsInput((result,)))
                assert any(call.id.encode() in spelled(message) for message in codec.to_send()), (
                    f"no result of {call.id}"
                )

    def test_unknown(self) -> None:
        """Surface what no version has a name for."""
        for case in self.sessions:
            codec = readied(self.live().codec(case.config), _greeting(case))
            assert any(isinstance(event, UnknownEvent) for event in codec.feed(self.unknown))

    def test_malformed(self) -> None:
        """Raise `DecodeError` for what has a known name, and is not as it should be."""
        for said in self.malformed:
            *before, frame = said if isinstance(said, tuple) else (said,)
            codec = readied(self.live().codec(self.sessions[0].config), [*_greeting(self.sessions[0]), *before])
            with pytest.raises(DecodeError):
                pytest.fail(f"taken for something else: {list(codec.feed(frame))}: {frame.data!r:.200}")


def _greeting(case: LiveCase) -> Sequence[Frame]:
    return [step for step in case.steps if isinstance(step, Frame)][:1]
