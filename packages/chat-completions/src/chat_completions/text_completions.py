"""The legacy wire `/completions`: one prompt in, its continuation out, whole or streamed.

Law: a request is one user message of text, which is the prompt; other kinds of prompt are native options. A reply is
read as the chat wire's, whose choices have `text` in place of a message; a message here is unknown, and kept in `meta`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from chat_completions.provider import Completions
from chat_completions.stream import CompletionsDecoder
from chat_core.codec import members
from chat_core.codec.framers import SSE
from chat_core.codec.members import Left
from chat_core.codec.wire import WireRequest
from chat_core.errors import DecodeError, UnsupportedContent, UnsupportedTransport
from chat_core.frozen import dataclass
from chat_core.jsonvalue import rest, same
from chat_core.messages import user
from chat_core.options import NativeOptions, Options
from chat_core.parts import Text
from chat_core.request import Request
from chat_core.response import Notice

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from chat_core.codec.wire import Channel
    from chat_core.jsonvalue import JSON, JSONObject

PATH = "/completions"

CHAT = frozenset({"message", "delta"})
"""Members of a choice that belong to the chat wire."""

IGNORED: Mapping[str, str] = {
    "object": "names the kind of document, which the endpoint says already",
    "choices[].index": "the place among the alternatives",
}

BESIDE = ("top_logprobs", "text_offset")
"""Lists beside those of tokens and their log probabilities."""

SAME = (
    "max_tokens",
    "temperature",
    "top_p",
    "frequency_penalty",
    "presence_penalty",
    "seed",
    "n",
    "user",
)
"""Portable options with a field of their name."""

EXTENSIONS = ("top_k", "min_p")
"""Portable options that some services take, under the name that their preset says."""

UNSUPPORTED = ("reasoning_effort", "reasoning_tokens", "parallel_tool_calls", "service_tier")
NO_FIELD = "the completions wire has no field for it"


@dataclass(frozen=True, slots=True, kw_only=True, weakref_slot=True)
class TextCompletionsOptions(NativeOptions):
    """Options of the completions wire; `None` = not sent.

    Attributes:
        prompt: token ids, or several prompts: what a user message cannot say. The request has no messages then.
        suffix: text that comes after the continuation.
        echo: whether to repeat the prompt before the continuation.
        best_of: how many continuations to choose the best of.
    """

    provider: ClassVar[str] = "text-completions"
    prompt: tuple[JSON, ...] | None = None
    suffix: str | None = None
    echo: bool | None = None
    best_of: int | None = None


class TextCompletions(Completions):
    """A service's legacy completions; implements `chat_core.codec.provider.Provider`."""

    __slots__ = ()

    def encode(self, request: Request, *, channel: Channel = "http", stream: bool = False) -> WireRequest:
        """Spell a request; an empty `model` is not sent, for addresses that name it.

        Raises:
            UnsupportedContent: the request is not one user message of text.
            UnsupportedTransport: the channel is not `http`.
        """
        if channel not in self.channels:
            raise UnsupportedTransport(f"{self.name} speaks http only, not {channel}")
        native = request.options.native_of(TextCompletionsOptions)
        body: JSONObject = {"model": request.model} if request.model else {}
        if (prompt := _prompt(request, native)) is not None:
            body["prompt"] = prompt
        body |= _settings(request.options, native, self.preset.names)
        if stream:
            body["stream"] = True
            if self.preset.stream_usage:
                body["stream_options"] = {"include_usage": True}
        return WireRequest(
            url=self.url(PATH),
            body={**body, **native.extra},
            headers={"content-type": "application/json", **self.headers},
            framer=SSE if stream else None,
            notices=tuple(_notices(request, self.preset.names)),
        )

    def separable(self, request: Request) -> bool:  # noqa: ARG002 - the protocol's parameter
        """Tell whether a conversation can be spelled in two halves; as `chat_core.codec.prefix.Separable`."""
        return False

    def parse(self, body: JSONObject, *, model: str | None = None) -> Request:
        """Read a request body: the inverse of `encode`.

        Args:
            body: what was or would be sent; a field of a form that is not known stays in the native `extra`.
            model: the model, where the address names it and the body does not; empty when nobody does.

        Raises:
            DecodeError: the model is no text.
        """
        named = next((name for name in (body.get("model"), model) if name is not None), "")
        if not isinstance(named, str):
            raise DecodeError(f"the model is no text but {type(named).__name__}")
        left = rest(body, {"model", "stream"})
        if same(left.get("stream_options"), {"include_usage": True}):
            del left["stream_options"]
        messages = (user(prompt),) if isinstance(prompt := left.get("prompt"), str) else ()
        if messages:
            del left["prompt"]
        return Request(model=named, messages=messages, options=_options(left, self.preset.names))

    def decoder(self, request: Request) -> CompletionsDecoder:
        """Begin to read a streamed reply."""
        return TextDecoder(request, self.origin(request.model))


class TextDecoder(CompletionsDecoder):
    """Decodes one stream, or one whole reply."""

    has_deltas: ClassVar[bool] = False

    def _choice(self, data: JSON, place: int, *, whole: bool) -> JSON:
        error = super()._choice(_as_chat(data, whole=whole), place, whole=whole)
        if isinstance(data, dict) and (unknown := rest(data, data.keys() - CHAT)):
            index = data.get("index")
            self.build.note_choice(unknown, choice=index if isinstance(index, int) else place)
        return error


def _as_chat(data: JSON, *, whole: bool) -> JSON:
    """Write a choice as the chat wire has it."""
    if not isinstance(data, dict):
        return data
    text = data.get("text")
    if text is not None and not isinstance(text, str):
        raise DecodeError(f"the text of a choice is no text but {type(text).__name__}")
    choice = rest(data, {"text", "logprobs", *CHAT})
    content: JSONObject = {"content": text}
    return {**choice, "message" if whole else "delta": content, "logprobs": _logprobs(data.get("logprobs"))}


def _logprobs(data: JSON) -> JSON:
    """Write legacy log probabilities, lists side by side, as the chat wire has them: an object a token.

    A prompt's first token has no probability; then the lists are kept as they came as well.
    """
    if not isinstance(data, dict):
        return data
    match data.get("tokens"), data.get("token_logprobs"):
        case list(tokens), list(logprobs) if len(tokens) == len(logprobs):
            pass
        case _:
            return data
    beside = {key: values for key in BESIDE if isinstance(values := data.get(key), list) and len(values) == len(tokens)}
    content: list[JSON] = []
    for at, (token, logprob) in enumerate(zip(tokens, logprobs, strict=True)):
        if logprob is not None:
            said = {key: _likeliest(values[at]) for key, values in beside.items()}
            content.append({"token": token, "logprob": logprob, **said})
    whole = len(content) == len(tokens)
    return {"content": content, **rest(data, {"tokens", "token_logprobs", *beside} if whole else ())}


def _likeliest(data: JSON) -> JSON:
    """Write `{token: logprob}` as a list, likeliest first; leave anything else alone."""
    match data:
        case dict() if all(isinstance(value, int | float) for value in data.values()):
            ranked = sorted(data.items(), key=_probability, reverse=True)
            return [{"token": token, "logprob": logprob} for token, logprob in ranked]
        case _:
            return data


def _probability(item: tuple[str, JSON]) -> float:
    return item[1] if isinstance(item[1], int | float) else 0.0


def _prompt(request: Request, native: TextCompletionsOptions) -> JSON:
    match request.messages:
        case () if native.prompt is not None:
            return list(native.prompt)
        case ():
            return None
        case (message,) if message.role == "user" and native.prompt is None:
            texts = [part.text for part in message.parts if isinstance(part, Text)]
            if len(texts) == len(message.parts):
                return "".join(texts)
        case _:
            pass
    raise UnsupportedContent("the completions wire takes one prompt: a single user message of text")


def _settings(options: Options, native: TextCompletionsOptions, names: Mapping[str, str]) -> JSONObject:
    fields = {**{name: name for name in SAME}, **{name: names[name] for name in EXTENSIONS if name in names}}
    body: JSONObject = {field: getattr(options, name) for name, field in fields.items()}
    if options.logprobs:
        body["logprobs"] = options.top_logprobs if options.top_logprobs is not None else 0
    body["stop"] = list(options.stop) if options.stop is not None else None
    body["logit_bias"] = dict(options.logit_bias) if options.logit_bias is not None else None
    body |= {"suffix": native.suffix, "echo": native.echo, "best_of": native.best_of}
    return rest(body, ())


def _notices(request: Request, names: Mapping[str, str]) -> Iterator[Notice]:
    """Yield what was asked for and is not sent."""
    if request.tools:
        yield Notice(feature="tools", requested=len(request.tools), reason=NO_FIELD)
    if request.output is not None:
        yield Notice(feature="output", requested=request.output.kind, reason=NO_FIELD)
    if request.options.top_logprobs is not None and not request.options.logprobs:
        yield Notice(feature="top_logprobs", requested=request.options.top_logprobs, reason="sent with logprobs only")
    for name in (*UNSUPPORTED, *(name for name in EXTENSIONS if name not in names)):
        if (value := getattr(request.options, name)) is not None:
            yield Notice(feature=name, requested=value, reason=NO_FIELD)


def _options(data: JSONObject, names: Mapping[str, str]) -> Options:
    left = Left(data)
    top = left.integer("logprobs")
    return Options(
        max_tokens=left.integer("max_tokens"),
        temperature=left.number("temperature"),
        top_p=left.number("top_p"),
        top_k=left.integer(names["top_k"]) if "top_k" in names else None,
        min_p=left.number(names["min_p"]) if "min_p" in names else None,
        frequency_penalty=left.number("frequency_penalty"),
        presence_penalty=left.number("presence_penalty"),
        stop=left.take(members.texts_or_one, "stop"),
        seed=left.integer("seed"),
        logit_bias=left.take(members.numbers, "logit_bias"),
        logprobs=True if top is not None else None,
        top_logprobs=top,
        n=left.integer("n"),
        user=left.text("user"),
        native=_native(left),
    )


def _native(left: Left) -> tuple[TextCompletionsOptions, ...]:
    """Take what only this endpoint has; what stays goes into `extra`."""
    options = TextCompletionsOptions(
        prompt=left.take(_several, "prompt"),
        echo=left.flag("echo"),
        suffix=left.text("suffix"),
        best_of=left.integer("best_of"),
    )
    options = replace(options, extra=rest(left.data, ()))
    return (options,) if options != TextCompletionsOptions() else ()


def _several(prompt: JSON) -> tuple[JSON, ...] | None:
    return tuple(prompt) if isinstance(prompt, list) else None
