"""The older endpoint `/api/generate`: one prompt in, its continuation out, whole or streamed.

Law: a request is one user message, the prompt, and leading instructions; what a chat cannot say is in the native
options. A reply is a chat's with `response` in place of the message's content.
"""

from __future__ import annotations

from dataclasses import field, replace
from typing import TYPE_CHECKING, ClassVar

from chat_core.codec.members import model_of
from chat_core.errors import UnsupportedContent
from chat_core.frozen import dataclass
from chat_core.jsonvalue import rest
from chat_core.messages import Message, system
from chat_core.options import NativeOptions
from chat_core.parts import Text
from chat_core.request import Request
from chat_ollama.content import Speller
from chat_ollama.encode import encode_settings
from chat_ollama.media import decode_images
from chat_ollama.parse import Left
from chat_ollama.provider import Ollama
from chat_ollama.stream import ENVELOPE, MESSAGE, ChatDecoder

if TYPE_CHECKING:
    from chat_core.codec.wire import Channel, WireRequest
    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.parts import Part

PATH = "/api/generate"


@dataclass(frozen=True, slots=True, kw_only=True, weakref_slot=True)
class GenerateOptions(NativeOptions):
    """What only this endpoint can be told; `OllamaOptions` are read beside it. `None` = not sent.

    Attributes:
        suffix: text that comes after the continuation.
        template: the template of the prompt, in place of the model's own.
        raw: whether the prompt goes to the model without any template.
        context: what an earlier reply had as its `context`: the conversation so far, as token ids.
    """

    provider: ClassVar[str] = "ollama-generate"
    suffix: str | None = None
    template: str | None = None
    raw: bool | None = None
    context: tuple[int, ...] | None = field(default=None, hash=False)


class Generate(Ollama):
    """The older endpoint of one server; implements `chat_core.codec.provider.Provider`."""

    __slots__ = ()

    def encode(self, request: Request, *, channel: Channel = "http", stream: bool = False) -> WireRequest:
        """Spell a request.

        Raises:
            UnsupportedContent: the request is no single prompt, or a part of it cannot be spelled.
            UnsupportedTransport: the channel is not `http`.
        """
        self.require(channel)
        spell = Speller(self.accepts)
        if request.tools:
            spell.notice("tools", "the endpoint knows no tools", requested=len(request.tools))
        body: JSONObject = {"model": request.model, "stream": stream, **_prompt(request, spell)}
        native = request.options.native_of(GenerateOptions)
        body |= rest({"suffix": native.suffix, "template": native.template, "raw": native.raw}, ())
        if native.context is not None:
            body["context"] = list(native.context)
        body |= {**encode_settings(request, spell), **native.extra}
        return self.wire(PATH, body, stream=stream, notices=tuple(spell.notices))

    def separable(self, request: Request) -> bool:  # noqa: ARG002 - the protocol's parameter
        """Tell whether a conversation can be spelled in two halves; as `chat_core.codec.prefix.Separable`."""
        return False

    def parse(self, body: JSONObject) -> Request:
        """Read a request body: the inverse of `encode`. Empty members say nothing.

        Raises:
            DecodeError: the body names no model.
        """
        left = Left({key: value for key, value in rest(body, {"model", "stream"}).items() if value not in ("", [], {})})
        messages = _messages(left)
        native = GenerateOptions(
            suffix=left.text("suffix"), template=left.text("template"), raw=left.flag("raw"), context=_context(left)
        )
        output, options = left.settings()
        if native != GenerateOptions():
            options = replace(options, native=(*options.native, native))
        return Request(model=model_of(body), messages=messages, output=output, options=options)

    def decoder(self, request: Request) -> GenerateDecoder:
        """Begin to read a streamed reply."""
        return GenerateDecoder(request, self.origin(request.model))


class GenerateDecoder(ChatDecoder):
    """Decodes one stream, or one whole reply."""

    usual: ClassVar[frozenset[str]] = frozenset({"model", "created_at", "response", "done"})

    def text_of(self, data: JSONObject) -> JSON:
        """Return the text of a usual line."""
        return data["response"]

    def message_of(self, data: JSONObject) -> JSONObject | None:
        """Return the text of a line as a chat's message; `None` when it has none."""
        if "response" not in data:
            return None
        return {"content": data["response"], **{key: data[key] for key in _MESSAGE if key in data}}

    def leftovers(self, data: JSONObject) -> JSONObject:
        """Return what a line says beyond the members with a place of their own."""
        return rest(data, _ENVELOPE)


_MESSAGE = MESSAGE - {"role", "content"}
_ENVELOPE = (ENVELOPE - {"message"}) | _MESSAGE | {"response"}


def _prompt(request: Request, spell: Speller) -> JSONObject:
    instructions = [message for message in request.messages if message.role == "system"]
    match request.messages[len(instructions) :]:
        case ():
            prompt: Message | None = None
        case (Message(role="user") as message,):
            prompt = message
        case _:
            raise UnsupportedContent("the endpoint takes one prompt: instructions, then a single user message")
    body: JSONObject = {}
    if instructions:
        body["system"] = "\n\n".join("".join(spell.spelled(each.parts, "system").texts) for each in instructions)
    if prompt is not None:
        said = spell.spelled(prompt.parts, "user")
        body["prompt"] = "".join(said.texts)
        if said.images:
            body["images"] = said.images
    return body


def _messages(left: Left) -> tuple[Message, ...]:
    instructions, prompt = left.text("system"), left.text("prompt")
    parts: tuple[Part, ...] = () if prompt is None else (Text(prompt),)
    images = decode_images(left.data.get("images"))
    if images is not None:
        del left.data["images"]
        parts = (*parts, *images)
    said = (Message(role="user", parts=parts),) if parts else ()
    return (*(() if instructions is None else (system(instructions),)), *said)


def _context(left: Left) -> tuple[int, ...] | None:
    match left.data.get("context"):
        case list(items) if len(ids := tuple(item for item in items if isinstance(item, int))) == len(items):
            del left.data["context"]
            return ids
        case _:
            return None
