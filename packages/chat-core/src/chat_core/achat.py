"""`AsyncChat`: the asyncio front door. It drives the flows of `calls` in the caller's task; `Chat` is its twin.

Law: an `AsyncChat` holds no conversation and may be shared between tasks and event loops.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar, overload

from chat_core import calls, media_calls, text_calls
from chat_core.flow import many
from chat_core.setup import arguments, awaiting, changed, set_up

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable
    from typing import Any, Self, Unpack

    from typing_extensions import TypeForm

    from chat_core.alivesession import AsyncLiveSession
    from chat_core.approval import Decisions
    from chat_core.calls import Asking, Content
    from chat_core.codec.capabilities import EmbeddingResponse, Model, TokenCount
    from chat_core.codec.classification import ClassificationResponse
    from chat_core.codec.entailment import EntailmentResponse
    from chat_core.codec.images import ImageResponse
    from chat_core.codec.moderation import ModerationResponse
    from chat_core.codec.rerank import RerankResponse
    from chat_core.codec.speech import SpeechResponse
    from chat_core.codec.tokenization import TokenizationResponse
    from chat_core.codec.transcription import TranscriptionResponse
    from chat_core.flow.adrive import ADrive
    from chat_core.flow.service import Operation
    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.livesessions.beginning import LiveAsking
    from chat_core.media_calls import Imaging, Judged, Prompt, Sound, Speaking, Transcribing, Words
    from chat_core.outputs import Output
    from chat_core.request import OutputFormat
    from chat_core.setup import Changes, Settings
    from chat_core.stances import StanceResponse
    from chat_core.text_calls import (
        Classifying,
        Comparing,
        Embedding,
        Inputs,
        Judging,
        Pairs,
        Ranking,
        Texts,
        Tokenizing,
    )
    from chat_core.transport.protocol import AsyncTransport
    from chat_core.turn import Turn

T = TypeVar("T")


class AsyncChat:
    """A client of one model: `Chat("provider:model")`. `chat_core.setup.Arguments` explains the arguments."""

    def __init__(
        self, model: str, *, transport: str | AsyncTransport | None = None, **settings: Unpack[Settings]
    ) -> None:
        """Find the provider; no I/O is done.

        Raises:
            ConfigurationError: the set-up is wrong; the message names the fix.
        """
        self._setup = set_up(arguments(model, transport, settings))
        awaiting(self._setup)

    def __repr__(self) -> str:
        return f"AsyncChat({self._setup!r})"

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *failure: object) -> None:
        await self.close()

    @overload
    async def complete(self, content: Content, *, output: None = None, **asking: Unpack[Asking]) -> Turn[None]: ...
    @overload
    async def complete(
        self, content: Content, *, output: OutputFormat | JSONObject, **asking: Unpack[Asking]
    ) -> Turn[JSON]: ...
    @overload
    async def complete(self, content: Content, *, output: Output[T], **asking: Unpack[Asking]) -> Turn[T]: ...
    @overload
    async def complete(self, content: Content, *, output: TypeForm[T], **asking: Unpack[Asking]) -> Turn[T]: ...
    async def complete(self, content: Content, *, output: object = None, **asking: Unpack[Asking]) -> Turn[Any]:
        """Ask, run the tools that the model calls, and wait for the whole answer.

        Args:
            content: a user's words, a message, a history, or a whole request.
            output: the form of the answer: a type, a JSON Schema or an `Output`; `None` = text.
            asking: tools, and what this call is told otherwise than the client.
        """
        asked = calls.ask(self._setup, content, asking)
        return await calls.awaited(calls.complete(asked, output, stream=False), awaiting(asked.setup))

    @overload
    def stream(self, content: Content, *, output: None = None, **asking: Unpack[Asking]) -> ADrive[Turn[None]]: ...
    @overload
    def stream(
        self, content: Content, *, output: OutputFormat | JSONObject, **asking: Unpack[Asking]
    ) -> ADrive[Turn[JSON]]: ...
    @overload
    def stream(self, content: Content, *, output: Output[T], **asking: Unpack[Asking]) -> ADrive[Turn[T]]: ...
    @overload
    def stream(self, content: Content, *, output: TypeForm[T], **asking: Unpack[Asking]) -> ADrive[Turn[T]]: ...
    def stream(self, content: Content, *, output: object = None, **asking: Unpack[Asking]) -> ADrive[Turn[Any]]:
        """Ask as `complete`, and iterate over the events; `result` is the turn. Leaving `with` closes it."""
        asked = calls.ask(self._setup, content, asking)
        return calls.driven(calls.complete(asked, output, stream=True), awaiting(asked.setup))

    @overload
    async def resume(
        self, messages: Content, decisions: Decisions, *, output: None = None, **asking: Unpack[Asking]
    ) -> Turn[None]: ...
    @overload
    async def resume(
        self, messages: Content, decisions: Decisions, *, output: OutputFormat | JSONObject, **asking: Unpack[Asking]
    ) -> Turn[JSON]: ...
    @overload
    async def resume(
        self, messages: Content, decisions: Decisions, *, output: Output[T], **asking: Unpack[Asking]
    ) -> Turn[T]: ...
    @overload
    async def resume(
        self, messages: Content, decisions: Decisions, *, output: TypeForm[T], **asking: Unpack[Asking]
    ) -> Turn[T]: ...
    async def resume(
        self, messages: Content, decisions: Decisions, *, output: object = None, **asking: Unpack[Asking]
    ) -> Turn[Any]:
        """Take up a paused turn: its history, and what was decided about the calls that wait, by their ids.

        Calls without a decision are judged anew. Tools and output are those of the call that was paused.

        Raises:
            DecisionRefused: a decision does not fit the history; nothing has run.
            AlreadyResumed: the journal says that another process has taken it up; nothing has run.
        """
        asked = calls.ask(self._setup, messages, asking)
        return await calls.awaited(
            calls.complete(asked, output, stream=False, decisions=decisions), awaiting(asked.setup)
        )

    @overload
    def resume_stream(
        self, messages: Content, decisions: Decisions, *, output: None = None, **asking: Unpack[Asking]
    ) -> ADrive[Turn[None]]: ...
    @overload
    def resume_stream(
        self, messages: Content, decisions: Decisions, *, output: OutputFormat | JSONObject, **asking: Unpack[Asking]
    ) -> ADrive[Turn[JSON]]: ...
    @overload
    def resume_stream(
        self, messages: Content, decisions: Decisions, *, output: Output[T], **asking: Unpack[Asking]
    ) -> ADrive[Turn[T]]: ...
    @overload
    def resume_stream(
        self, messages: Content, decisions: Decisions, *, output: TypeForm[T], **asking: Unpack[Asking]
    ) -> ADrive[Turn[T]]: ...
    def resume_stream(
        self, messages: Content, decisions: Decisions, *, output: object = None, **asking: Unpack[Asking]
    ) -> ADrive[Turn[Any]]:
        """Take up a paused turn as `resume`, and iterate over the events; `result` is the turn."""
        asked = calls.ask(self._setup, messages, asking)
        return calls.driven(calls.complete(asked, output, stream=True, decisions=decisions), awaiting(asked.setup))

    async def embed(self, inputs: Inputs, **asking: Unpack[Embedding]) -> EmbeddingResponse:
        """Turn texts into vectors."""
        setup = calls.told(self._setup, asking)
        return await calls.awaited(text_calls.embed(setup, inputs, asking), awaiting(setup))

    async def models(self, **changes: Unpack[Changes]) -> tuple[Model, ...]:
        """List the models of the service."""
        setup = changed(self._setup, changes)
        return await calls.awaited(calls.models(setup), awaiting(setup))

    async def count_tokens(self, content: Content, **asking: Unpack[Asking]) -> TokenCount:
        """Count the tokens that a request has as input, without answering it."""
        asked = calls.ask(self._setup, content, asking)
        return await calls.awaited(calls.count_tokens(asked), awaiting(asked.setup))

    async def image(self, prompt: Prompt, **asking: Unpack[Imaging]) -> ImageResponse:
        """Make pictures from words, or from pictures and words."""
        setup = calls.told(self._setup, asking)
        return await calls.awaited(media_calls.image(setup, prompt, asking), awaiting(setup))

    def image_stream(self, prompt: Prompt, **asking: Unpack[Imaging]) -> ADrive[ImageResponse]:
        """Make pictures as `image`, and iterate over what is painted so far; `result` is the response."""
        setup = calls.told(self._setup, asking)
        return calls.driven(media_calls.image(setup, prompt, asking, stream=True), awaiting(setup))

    async def speak(self, text: Words, **asking: Unpack[Speaking]) -> SpeechResponse:
        """Speak words aloud."""
        setup = calls.told(self._setup, asking)
        return await calls.awaited(media_calls.speak(setup, text, asking), awaiting(setup))

    def speak_stream(self, text: Words, **asking: Unpack[Speaking]) -> ADrive[SpeechResponse]:
        """Speak as `speak`, and iterate over the sound as it comes; `result` is the response."""
        setup = calls.told(self._setup, asking)
        return calls.driven(media_calls.speak(setup, text, asking, stream=True), awaiting(setup))

    async def transcribe(self, audio: Sound, **asking: Unpack[Transcribing]) -> TranscriptionResponse:
        """Write down what is said in a sound."""
        setup = calls.told(self._setup, asking)
        return await calls.awaited(media_calls.transcribe(setup, audio, asking), awaiting(setup))

    def transcribe_stream(self, audio: Sound, **asking: Unpack[Transcribing]) -> ADrive[TranscriptionResponse]:
        """Write down as `transcribe`, and iterate over the words as they come; `result` is the response."""
        setup = calls.told(self._setup, asking)
        return calls.driven(media_calls.transcribe(setup, audio, asking, stream=True), awaiting(setup))

    async def moderate(self, inputs: Judged, **changes: Unpack[Changes]) -> ModerationResponse:
        """Judge texts and pictures by what the service does not allow."""
        setup = changed(self._setup, changes)
        return await calls.awaited(media_calls.moderate(setup, inputs), awaiting(setup))

    async def rerank(self, query: str, documents: Iterable[str], **asking: Unpack[Ranking]) -> RerankResponse:
        """Order documents by how well they answer a query, the best first."""
        setup = calls.told(self._setup, asking)
        return await calls.awaited(text_calls.rerank(setup, query, documents, asking), awaiting(setup))

    async def classify(self, texts: Texts, **asking: Unpack[Classifying]) -> ClassificationResponse:
        """Sort texts into the given `labels`, or into the model's own classes."""
        setup = calls.told(self._setup, asking)
        return await calls.awaited(text_calls.classify(setup, texts, asking), awaiting(setup))

    async def entail(self, pairs: Pairs, **asking: Unpack[Comparing]) -> EntailmentResponse:
        """Tell of each premise and hypothesis whether the one follows from the other."""
        setup = calls.told(self._setup, asking)
        return await calls.awaited(text_calls.entail(setup, pairs, asking), awaiting(setup))

    async def stance(self, texts: Texts, target: str, **asking: Unpack[Judging]) -> StanceResponse:
        """Tell whether texts are for something, against it, or neither."""
        setup = calls.told(self._setup, asking)
        return await calls.awaited(text_calls.stance(setup, texts, target, asking), awaiting(setup))

    async def tokenize(self, texts: Texts, **asking: Unpack[Tokenizing]) -> TokenizationResponse:
        """Cut texts into the tokens that the model reads."""
        setup = calls.told(self._setup, asking)
        return await calls.awaited(text_calls.tokenize(setup, texts, asking), awaiting(setup))

    def live(self, **asking: Unpack[LiveAsking]) -> AsyncLiveSession:
        """Get a live session ready, on which both sides speak whenever they like; `with` connects it."""
        return calls.alive(self._setup, asking)

    def drive(self, operation: Operation[T], **changes: Unpack[Changes]) -> ADrive[T]:
        """Run what only this service can do, an operation of its package: `finish()` it, or iterate over its events."""
        setup = changed(self._setup, changes)
        return calls.driven(operation(calls.service(setup)), awaiting(setup))

    def map(
        self, contents: Iterable[Content], *, concurrency: int = 8, **asking: Unpack[Asking]
    ) -> AsyncIterator[Turn[None]]:
        """Ask many things side by side and yield the turns in order; the first error ends it at its place."""
        flows = calls.each(self._setup, contents, asking)
        return many.in_order_async(flows, awaiting(calls.told(self._setup, asking)), concurrency)

    def using(self, **changes: Unpack[Changes]) -> Self:
        """Make a copy that is told something else and shares the connections."""
        copy = object.__new__(type(self))
        copy._setup = changed(self._setup, changes)
        return copy

    async def close(self) -> None:
        """Close the connections of a transport that was passed in; what all clients share stays open."""
        if self._setup.owns_transport:
            await awaiting(self._setup).aclose()
