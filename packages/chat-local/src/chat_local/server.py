"""The service in the process: takes the body of a request, and answers with the events of the local wire.

The wire of chat, one JSON object an event: `{"start": {…}}`, then `{"text": …}` as the model writes it, control tokens
and all, then `{"end": {…}}`; or `{"error": {…}}`. What the text means is for the codec to read. What is no chat has one
reply: see `encoders.service` and `cutting`.

Law: a model that cannot be had, or cannot be run, is a `ConfigurationError` before the first event, and nothing of its
folder is executed.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Protocol

from chat_core.codec.wire import dump
from chat_core.errors import ChatError, ConfigurationError, UnsupportedContent
from chat_core.jsonvalue import parse_object
from chat_local import kinds, layout, names
from chat_local.asking import generation_of, int_of, object_of
from chat_local.engine.loaded import ROWS, Models
from chat_local.engine.runtime import Settings, expected
from chat_local.engine.scheduler import Unloaded
from chat_local.prompts import prompt_of
from chat_local.spelling import Speller, first_line

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from pathlib import Path

    from chat_core.jsonvalue import JSONObject
    from chat_local.encoders.loaded import Encoder
    from chat_local.encoders.texts import Stop
    from chat_local.engine.answer import Said
    from chat_local.engine.loaded import Model
    from chat_local.layout import ModelFiles
    from chat_local.prompts import Prompt

GENERATE, COUNT, MODELS = "local://service/generate", "local://service/count", "local://service/models"
"""The addresses of the service."""


class Cancels(Protocol):
    """Ends what was begun."""

    def cancel(self) -> None:
        """End it, from any thread."""


@dataclass(frozen=True, slots=True)
class Begun:
    """An answer that is being made, or a model that is being fetched.

    Attributes:
        ticket: cancels it.
        start: its first event.
    """

    ticket: Cancels
    start: bytes


class Server:
    """Serves the models of this machine."""

    def __init__(self) -> None:
        """Begin with no model loaded."""
        self.models = Models()

    def begin(self, body: bytes, tell: Callable[[bytes, bool], None]) -> Begun:
        """Begin an answer: load the model if need be, and put the request into its queue.

        Args:
            body: the body of the request.
            tell: is given each further event, and whether it is the last one; called in the model's thread.

        Raises:
            ConfigurationError: the model cannot be had or run.
            UnsupportedContent: it cannot be asked this.
        """
        asked = parse_object(body)
        while True:
            model = self._model(asked)
            prompt = prompt_of(model.files, asked, model.tokens)
            generation = generation_of(model, asked, prompt)
            try:
                ticket = model.scheduler.submit(generation, _told(Speller(model.tokens), tell))
            except Unloaded:  # between the two lines before, for another model
                continue
            return Begun(ticket, _start(model, prompt))

    def count(self, body: bytes) -> bytes:
        """Count the tokens of a prompt; raises as `begin`."""
        asked = parse_object(body)
        files, _ = _files(asked)
        from chat_local.engine.tokens import Tokens  # noqa: PLC0415 - the model itself is not loaded to count

        tokens = Tokens(files.tokenizer)
        return dump({"input_tokens": len(tokens.encode(prompt_of(files, asked, tokens).pieces))})

    def answer(self, service: str, body: bytes, stop: Stop) -> bytes:
        """Answer what is no chat: vectors, classes, entailment, scores of pairs, tokens.

        Args:
            service: the last word of the address.
            body: the body of the request.
            stop: whether nobody waits any more.

        Raises:
            ConfigurationError: the model cannot be had or run, or cannot do this.
            UnsupportedContent: it cannot be asked this.
            Stopped: nobody waits any more.
        """
        from chat_local.encoders.service import SERVICES  # noqa: PLC0415 - most programs chat only

        asked = parse_object(body)
        if service == "tokenize":
            from chat_local.cutting import cut  # noqa: PLC0415 - as above

            return cut(_files(asked)[0], asked)
        while True:
            encoder = self._encoder(asked, service)
            try:
                return SERVICES[service](encoder, asked, stop)
            except Unloaded:  # between the two lines before, for another model
                continue

    def close(self) -> None:
        """Unload all models."""
        self.models.close()

    def _encoder(self, asked: JSONObject, service: str) -> Encoder:
        from chat_local.encoders.loaded import load  # noqa: PLC0415 - as above

        files, settings = _files(asked)
        budget = int_of(object_of(asked, "options").get("batch_tokens"))
        key = (files.graph, settings, "encoder", budget)
        with _loading(files.graph):
            made = partial(load, files, settings, service=service, budget=budget)
            return self.models.hold(key, files, made, expected(settings))

    def _model(self, asked: JSONObject) -> Model:
        files, settings = _files(asked)
        with _loading(files.graph):
            try:
                return self.models.get(files, settings, rows=int_of(object_of(asked, "options").get("rows")) or ROWS)
            except UnsupportedContent:
                if not kinds.reads(files.config, ()):
                    raise
        found = f"{files.name} is a {kinds.architecture(files.config)}, which reads texts and writes none"
        raise ConfigurationError(f"{found}: it is asked by embed, classify, entail or rerank")


@contextmanager
def _loading(graph: Path) -> Generator[None]:
    """Say in our own words why a graph cannot be loaded."""
    try:
        yield
    except ChatError:
        raise
    except MemoryError as error:
        raise ConfigurationError(str(error)) from None
    except Exception as error:  # noqa: BLE001 - onnxruntime's own, of which all share no class
        raise ConfigurationError(unloadable(graph, error)) from None


def _told(spell: Speller, tell: Callable[[bytes, bool], None]) -> Callable[[Said], None]:
    return lambda said: tell(*spell(said))


def _start(model: Model, prompt: Prompt) -> bytes:
    start: JSONObject = {
        "model": model.files.name,
        "format": prompt.format,
        "tail": prompt.tail,
        "device": str(model.device),
        "variant": model.files.variant,
        "notices": list(prompt.notices),
    }
    return dump({"start": start})


def find(name: str, *, offline: bool = False, gpu: bool = False) -> Path:
    """Return the folder of a model, fetched from the hub if it is one of those and not here yet.

    Raises:
        ConfigurationError: it cannot be had.
    """
    read = names.read(name)
    if read.source != "hub":
        return names.folder_of(read)
    from chat_local.hub import fetched  # noqa: PLC0415 - the hub's client is loaded for models of the hub

    return fetched(read, offline=offline, gpu=gpu)


def _files(asked: JSONObject) -> tuple[ModelFiles, Settings]:
    name = str(asked.get("model"))
    options = object_of(asked, "options")
    device, threads = options.get("device"), int_of(options.get("threads"))
    settings = Settings(
        device=device if isinstance(device, str) else "auto",
        threads=threads,
        low_memory=options.get("low_memory") is True,
        engine=str(options.get("engine", "own")),
    )
    gpu = expected(settings).kind == "cuda"
    folder = find(name, offline=options.get("offline") is True, gpu=gpu)
    return layout.read(folder, name=name, variant=names.read(name).variant, gpu=gpu), settings


def unloadable(graph: Path, error: Exception) -> str:
    """Say why a graph cannot be loaded, and what to do, by the class of onnxruntime's error."""
    fixes = {
        "InvalidProtobuf": "it is damaged or incomplete: fetch it again",
        "NoSuchFile": "a file that belongs to it is missing: fetch the model again",
        "NotImplemented": "it has an operation that this build of onnxruntime does not know: update onnxruntime",
        "InvalidGraph": "its operations do not fit together: convert the model again",
    }
    fix = fixes.get(type(error).__name__, "fetch or convert the model again")
    return f"{graph.name} cannot be loaded: {fix} ({first_line(error)})"
