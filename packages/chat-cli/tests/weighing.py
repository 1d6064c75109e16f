"""A plugin whose provider sorts, compares, ranks, cuts and embeds texts by their letters, over the demo's transport.

It fails where the text that the variable `WEIGHING` holds is among those to embed.
"""

from __future__ import annotations

SOURCE = """
import os
from array import array

from chat_core.codec.capabilities import EmbeddingResponse, Embeddings
from chat_core.codec.classification import Classification, ClassificationResponse, Label, classified
from chat_core.codec.entailment import Entailment, EntailmentResponse, Entailments
from chat_core.codec.rerank import Ranked, Rerank, RerankResponse
from chat_core.codec.tokenization import Token, Tokenization, TokenizationResponse
from chat_core.codec.wire import WireRequest
from chat_core.demo import Demo
from chat_core.errors import AuthenticationFailed, InvalidRequest
from chat_core.parts import no_meta
from chat_core.plugins.hooks import hookimpl
from chat_core.plugins.spec import ProviderSpec
from chat_core.response import Notice, Usage

class One:
    most_inputs = None

    def encode(self, request):
        extra = getattr(request, "extra", {})
        notices = tuple(Notice(feature=name, requested=value, reason="no") for name, value in extra.items())
        return WireRequest(url="https://demo.invalid/demo/models", method="GET", notices=notices)

class Classes(One):
    def decode(self, request, reply):
        labels = request.labels or ("short", "long")
        def one(text):
            score = 1 / (1 + len(text)) if request.multi_label else 1 / len(labels)
            found = [Label(name=label, score=score - at / 100) for at, label in enumerate(labels)]
            return classified(found, no_meta(), request.top_n)
        assert request.hypothesis is None or "{}" in request.hypothesis
        return ClassificationResponse(results=tuple(map(one, request.inputs)))

class Pairs(One):
    def decode(self, request, reply):
        two = request.pairs[0][0] == "two classes"
        one = Entailment(entailment=0.25, contradiction=0.75, neutral=None if two else 0.0)
        return EntailmentResponse(results=(one,) * len(request.pairs))

class Order(One):
    def decode(self, request, reply):
        order = sorted(range(len(request.documents)), key=lambda at: len(request.documents[at]))
        results = [Ranked(index=at, score=-len(request.documents[at]), document=request.documents[at]) for at in order]
        return RerankResponse(results=tuple(results[: request.top_n]))

class Words(One):
    def decode(self, request, reply):
        def cut(text):
            at, found = 0, [Token(id=0, special=True)] if request.special else []
            for word in text.split(" "):
                found.append(Token(id=len(word), text=word, start=at, end=at + len(word)))
                at += len(word) + 1
            return tuple(found)
        return TokenizationResponse(results=tuple(map(cut, request.inputs)))

class Vectors(One):
    def decode(self, request, reply):
        if "refuse me" in request.inputs:
            raise InvalidRequest("no", status=400)
        if os.environ.get("WEIGHING") in request.inputs:
            raise AuthenticationFailed("no credit", status=401)
        rows = tuple(array("f", [len(text)] * (request.dimensions or 2)) for text in request.inputs)
        return EmbeddingResponse(vectors=rows, usage=Usage(input_tokens=len(rows)))

class Weighing(Demo):
    capabilities = property(lambda self: {
        Classification: Classes(), Entailments: Pairs(), Rerank: Order(), Tokenization: Words(), Embeddings: Vectors()
    })

class Mute(Demo):
    capabilities = property(lambda self: {})

@hookimpl
def chat_providers():
    yield ProviderSpec(name="weighing", load=lambda config: Weighing(name="weighing"), transport="fast", api=1)
    yield ProviderSpec(name="mute", load=lambda config: Mute(name="mute"), transport="fast", api=1)

@hookimpl
def chat_transports():
    from chat_core.demo import demo_transport
    from chat_core.plugins.spec import TransportSpec
    yield TransportSpec(name="fast", load=lambda: demo_transport(pace=0), api=1)
"""

MODEL = "weighing:demo"
