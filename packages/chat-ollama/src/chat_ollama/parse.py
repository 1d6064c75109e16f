"""The body of a chat request → `Request`: the inverse of `encode`.

Law: what has no portable name is kept: in `OllamaOptions`, its `options` and `extra`, or in `meta`. Nulls say nothing,
and neither do empty values of `format`, `options` and `tools`. `stream` is an argument of `encode`, not of a request.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chat_core.codec import members
from chat_core.codec.members import model_of
from chat_core.errors import DecodeError
from chat_core.jsonvalue import excerpt, rest
from chat_core.options import Options
from chat_core.request import OutputFormat, Request
from chat_core.tools import NativeTool, Tool
from chat_ollama.encode import EFFORTS, NAMES
from chat_ollama.options import NUMBERS, PROVIDER, WHOLE, OllamaOptions
from chat_ollama.turns import TurnParser

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.tools import AnyTool
    from chat_ollama.provider import Ollama

_INTEGERS = frozenset({"max_tokens", "top_k", "seed"})
"""Portable options of `options` that are whole numbers; `stop` is a list, and the others are numbers."""


def parse_body(provider: Ollama, body: JSONObject) -> Request:
    """Read a request of this wire.

    Raises:
        DecodeError: the body is no request of this wire.
    """
    name = model_of(body)
    origin = provider.origin(name)
    left = Left(rest(body, {"model", "stream"}))
    messages = TurnParser(origin).parse(left.items("messages"))
    tools = tuple(_tool(tool, origin) for tool in left.items("tools"))
    output, options = left.settings()
    return Request(model=name, messages=messages, tools=tools, output=output, options=options)


class Left(members.Left):
    """The members of a body that nobody took yet; what stays goes into `extra`."""

    def settings(self) -> tuple[OutputFormat | None, Options]:
        """Take what is said beside content and tools; the last thing to be asked for."""
        output, form = self._format()
        effort, think = self._think()
        portable, native = self._model_options()
        portable |= {"logprobs": self.flag("logprobs"), "top_logprobs": self.integer("top_logprobs")}
        own = OllamaOptions(
            think=think,
            format=form,
            keep_alive=self._keep_alive(),
            truncate=self.flag("truncate"),
            shift=self.flag("shift"),
            **native,
            extra=self.data,
        )
        options = Options(reasoning_effort=effort, **portable, native=() if own == OllamaOptions() else (own,))
        return output, options

    def mapping(self, path: str) -> JSONObject | None:
        """Take an object; an empty one says nothing."""
        return super().mapping(path) or None

    def _keep_alive(self) -> float | str | None:
        return self.text("keep_alive") if isinstance(self.data.get("keep_alive"), str) else self.number("keep_alive")

    def _format(self) -> tuple[OutputFormat | None, str | JSONObject | None]:
        if (schema := self.mapping("format")) is not None:
            return OutputFormat(schema=schema), None
        match self.text("format"):
            case None | "":
                return None, None
            case "json":
                return OutputFormat(kind="json"), None
            case other:
                return None, other

    def _think(self) -> tuple[str | None, bool | str | None]:
        """Take how to think: in portable words where there are some."""
        if (flag := self.flag("think")) is not None:
            return (None, True) if flag else ("none", None)
        word = self.text("think")
        return (None, word) if word == "none" or word in EFFORTS else (word, None)

    def _model_options(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Take the settings of the model: portable ones, and those of `OllamaOptions`."""
        told = Left(rest(found, ()) if (found := self.mapping("options")) is not None else {})
        portable: dict[str, Any] = {}
        for name, spelled in NAMES.items():
            take = told.texts if name == "stop" else told.integer if name in _INTEGERS else told.number
            portable[name] = take(spelled)
        native: dict[str, Any] = {name: told.integer(name) for name in WHOLE}
        native |= {name: told.number(name) for name in NUMBERS}
        native["use_mmap"] = told.flag("use_mmap")
        return portable, {**native, "options": told.data or None}


def _tool(data: JSON, origin: str) -> AnyTool:
    if not isinstance(data, dict):
        raise DecodeError(f"malformed tool: {excerpt(repr(data))}")
    function = data.get("function")
    if data.get("type") != "function" or not isinstance(function, dict):
        return NativeTool(provider=PROVIDER, data=data)
    match function.get("name"), function.get("description"), function.get("parameters"):
        case str(name), (None | str()) as description, (None | dict()) as parameters:
            inner = rest(function, {"name", "description", "parameters"})
            meta: JSONObject = {**rest(data, {"type", "function"}), **({"function": inner} if inner else {})}
            own = {origin: meta} if meta else {}
            return Tool(name=name, description=description, parameters=parameters, meta=own)
        case _:
            return NativeTool(provider=PROVIDER, data=data)
