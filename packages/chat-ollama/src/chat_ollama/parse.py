"""The body of a chat request → `Request`: the inverse of `encode`.

Law: what has no portable name is kept: in `OllamaOptions`, its `options` and `extra`, or in `meta`. Nulls say nothing,
and neither do empty values of `format`, `options` and `tools`. `stream` is an argument of `encode`, not of a request.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

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


def model_of(body: JSONObject) -> str:
    """Return the model that a body names.

    Raises:
        DecodeError: it names none.
    """
    match body.get("model"):
        case str(name):
            return name
        case other:
            raise DecodeError(f"the request names no model: {excerpt(repr(other), 100)}")


class Left:
    """The members of a body that nobody took yet; what stays goes into `extra`."""

    def __init__(self, data: JSONObject) -> None:
        """Take members out of `data`, which is changed."""
        self.data = data

    def settings(self) -> tuple[OutputFormat | None, Options]:
        """Take what is said beside content and tools; the last thing to be asked for."""
        output, form = self._format()
        effort, think = self._think()
        portable, native = self._model_options()
        portable |= {"logprobs": self.flag("logprobs"), "top_logprobs": self.whole("top_logprobs")}
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

    def items(self, key: str) -> list[JSON]:
        """Take a list; a member that is not there is an empty one."""
        match self.data.pop(key, None):
            case list(items):
                return items
            case None:
                return []
            case other:
                raise DecodeError(f"malformed {key}: expected a list, got {excerpt(repr(other), 100)}")

    def text(self, key: str) -> str | None:
        """Take a text."""
        match self.data.get(key):
            case str(text):
                del self.data[key]
                return text
            case _:
                return None

    def flag(self, key: str) -> bool | None:
        """Take true or false."""
        match self.data.get(key):
            case bool(value):
                del self.data[key]
                return value
            case _:
                return None

    def whole(self, key: str) -> int | None:
        """Take a whole number."""
        match self.data.get(key):
            case int(number) if not isinstance(number, bool):
                del self.data[key]
                return number
            case _:
                return None

    def number(self, key: str) -> float | None:
        """Take a number."""
        match self.data.get(key):
            case (int() | float()) as number if not isinstance(number, bool):
                del self.data[key]
                return number
            case _:
                return None

    def texts(self, key: str) -> tuple[str, ...] | None:
        """Take a list of texts."""
        match self.data.get(key):
            case list(items) if len(found := tuple(item for item in items if isinstance(item, str))) == len(items):
                del self.data[key]
                return found
            case _:
                return None

    def object(self, key: str) -> JSONObject | None:
        """Take an object; an empty one says nothing."""
        match self.data.get(key):
            case dict(found):
                del self.data[key]
                return found or None
            case _:
                return None

    def _keep_alive(self) -> float | str | None:
        return self.text("keep_alive") if isinstance(self.data.get("keep_alive"), str) else self.number("keep_alive")

    def _format(self) -> tuple[OutputFormat | None, str | JSONObject | None]:
        if (schema := self.object("format")) is not None:
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
        told = Left(rest(found, ()) if (found := self.object("options")) is not None else {})
        portable: dict[str, Any] = {}
        for name, spelled in NAMES.items():
            take = told.texts if name == "stop" else told.whole if name in _INTEGERS else told.number
            portable[name] = take(spelled)
        native: dict[str, Any] = {name: told.whole(name) for name in WHOLE}
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
