"""What providers offer beside chat, by protocol: a request that each takes, and replies to be damaged.

Law: a capability is found by its protocol, whichever package has it; every reply is read by the real decoder.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from tests.fuzz import targets
from tests.fuzz.targets import HELLO

from chat_core.codec.capabilities import EmbeddingRequest, Embeddings, Models, TokenCounter
from chat_core.codec.classification import Classification, ClassificationRequest
from chat_core.codec.entailment import EntailmentRequest, Entailments
from chat_core.codec.images import ImageRequest, Images
from chat_core.codec.moderation import Moderation, ModerationRequest
from chat_core.codec.rerank import Rerank, RerankRequest
from chat_core.codec.speech import Speech, SpeechRequest
from chat_core.codec.tokenization import Tokenization, TokenizationRequest
from chat_core.codec.transcription import Transcription, TranscriptionRequest
from chat_core.parts import Inline, Media

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from tests.fuzz.samples import Sample

    from chat_core.codec.provider import Provider
    from chat_core.codec.reader import Reader
    from chat_core.codec.wire import WireResponse

TEXTS = ("Good day.", "Hello there.")
ASKED: Mapping[type, tuple[object, ...]] = {
    Embeddings: (EmbeddingRequest(model="m", inputs=TEXTS),),
    Models: (),
    TokenCounter: (HELLO,),
    Classification: (
        ClassificationRequest(model="m", inputs=TEXTS),
        ClassificationRequest(model="m", inputs=TEXTS, labels=("a", "b")),
    ),
    Entailments: (EntailmentRequest(model="m", pairs=(TEXTS, TEXTS)),),
    Images: (ImageRequest(model="m", prompt="A cat"),),
    Moderation: (ModerationRequest(model="m", inputs=TEXTS[:1]),),
    Rerank: (RerankRequest(model="m", query="day", documents=TEXTS),),
    Speech: (SpeechRequest(model="m", text=TEXTS[0]),),
    Tokenization: (TokenizationRequest(model="m", inputs=TEXTS),),
    Transcription: (TranscriptionRequest(model="m", audio=Media(kind="audio", source=Inline(b""))),),
}
"""Requests of each protocol whose replies can be damaged; without one, the reply alone is read."""
FEW = frozenset({("replay", Rerank), ("replay", Classification), ("replay", Entailments)})
"""What the demonstration has recorded for a few texts: for more it refuses once it sees the recording."""
STREAMED = (Images, Speech, Transcription)
"""Those that a service may stream too."""


def of_provider(provider: Provider, seeds: Mapping[str, Sequence[Sample]]) -> Iterator[targets.Target]:
    """Yield the targets of what a provider offers; `seeds` has replies by the names of protocols."""
    for protocol, offered in provider.capabilities.items():
        samples = tuple(seeds.get(protocol.__name__, ()))
        if protocol not in ASKED or not samples or (provider.name, protocol) in FEW:
            continue
        for number, request in enumerate(ASKED[protocol] or (None,)):
            name = f"{provider.name} {protocol.__name__} {number}"
            yield targets.unary(name, _decoding(offered, request), samples)
        if protocol in STREAMED:
            yield targets.reading(f"{provider.name} {protocol.__name__} read", _reading(offered, protocol), samples)


def _decoding(offered: object, request: object) -> Callable[[WireResponse], object]:
    decode = cast("Any", offered).decode  # each protocol has one, for its own requests
    return decode if request is None else lambda reply: decode(request, reply)


def _reading(offered: object, protocol: type) -> Callable[[WireResponse], Reader[object]]:
    reader, request = cast("Any", offered).reader, ASKED[protocol][0]  # as above
    return lambda head: reader(request, head)
