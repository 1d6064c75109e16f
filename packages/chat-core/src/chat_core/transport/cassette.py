"""Cassettes: recorded exchanges as JSON lines, one exchange a line, after a first line that says so.

Law: pure but for `load`. Everything a transport shows is kept: the request before credentials, status, headers, how the
reply was cut and when, frames, errors; no secret. A line that cannot be read is an error that names it.

    {"cassette": 1, "channel": "http"}
    {"began": 0.0, "whole": false, "request": {"method": "POST", "url": …, "headers": {…}, "body": {…}},
     "status": 200, "headers": {…}, "reads": [[0.012, "data: …"], [0.004, {"base64": …}], [0.001, {"frames": […]}]],
     "end": "complete"}

`body` is JSON if `dump` gives the same bytes again, else `{"text": …}` or `{"base64": …}`. Each read is the seconds
since the one before (for the head, which comes first with `null`: since the request) and what it brought. `end` is
`complete`, `left` (the program closed the stream) or `{"error": …}`. A live session has `"live": true`, and among its
reads what the program said, as `[0.2, {"said": […]}]`.
"""

from __future__ import annotations

import base64
import binascii
from pathlib import Path
from typing import TYPE_CHECKING, cast

from chat_core.codec.wire import Frame, dump
from chat_core.errors import ConfigurationError, DecodeError
from chat_core.jsonvalue import parse
from chat_core.transport.recorded import Cassette, End, Exchange, Fault, Received, Sent, fault

if TYPE_CHECKING:
    from chat_core.codec.wire import Channel, WireJSON
    from chat_core.jsonvalue import JSON, JSONObject

__all__ = [
    "VERSION", "Cassette", "End", "Exchange", "Fault", "Received", "Sent", "dumps", "fault", "first_line", "load",
    "loads",
]  # fmt: skip

VERSION = 1
"""The format that this file writes, and the newest that it reads."""


def load(path: str | Path) -> Cassette:
    """Read a cassette from a file.

    Raises:
        ConfigurationError: it cannot be read; the message names the line.
    """
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise ConfigurationError(f"cassette {path}: {error.strerror}") from None
    return loads(data, name=str(path))


def loads(data: bytes, *, name: str = "cassette") -> Cassette:
    """Read a cassette; raises as `load`."""
    channel: Channel = "http"
    exchanges: list[Exchange] = []
    for number, line in enumerate(data.split(b"\n"), 1):
        if not line.strip():
            continue
        try:
            match parse(line):
                case {"cassette": int(version), "channel": str(channel)} if version <= VERSION:
                    pass
                case value:
                    exchanges.append(_exchange(value))
        except DecodeError as error:
            raise ConfigurationError(f"{name}, line {number}: {error.message}") from None
    return Cassette(tuple(sorted(exchanges, key=lambda exchange: exchange.began)), channel)


def first_line(channel: Channel) -> bytes:
    """Return the line that every cassette begins with."""
    return dump({"cassette": VERSION, "channel": channel}) + b"\n"


def dumps(exchange: Exchange) -> bytes:
    """Return an exchange as one line."""
    request = exchange.request
    line: dict[str, WireJSON] = {
        "began": round(exchange.began, 6),
        "whole": exchange.whole,
        **({"live": True} if exchange.live else {}),
        "request": {
            "method": request.method,
            "url": request.url,
            "headers": dict(request.headers),
            "body": _body_json(request.body),
        },
    }
    if exchange.status is not None:
        line |= {"status": exchange.status, "headers": dict(exchange.headers)}
    line["reads"] = [[round(read.after, 6), _read_json(read)] for read in exchange.reads]
    line["end"] = exchange.end if isinstance(exchange.end, str) else _fault_json(exchange.end)
    return dump(line) + b"\n"


# Writing


def _body_json(body: bytes) -> WireJSON:
    try:
        value = parse(body)
    except DecodeError:
        return _text_json(body)
    if isinstance(value, dict) and dump(cast("WireJSON", value)) == body and not {"text", "base64"} & value.keys():
        return cast("WireJSON", value)
    return _text_json(body)


def _text_json(data: bytes) -> WireJSON:
    try:
        return {"text": data.decode()}
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(data).decode()}


def _data_json(data: bytes | tuple[Frame, ...] | None) -> WireJSON:
    match data:
        case None:
            return None
        case bytes():
            spelled = _text_json(data)
            return spelled["text"] if isinstance(spelled, dict) and "text" in spelled else spelled
        case frames:
            return {"frames": [_frame_json(frame) for frame in frames]}


def _read_json(read: Received) -> WireJSON:
    if read.said and isinstance(read.data, tuple):
        return {"said": [_frame_json(frame) for frame in read.data]}
    return _data_json(read.data)


def _frame_json(frame: Frame) -> WireJSON:
    data = frame.data if isinstance(frame.data, str) else _data_json(frame.data)
    kind = {} if isinstance(frame.data, str) else {"binary": True}
    facts = {"event": frame.event, "id": frame.id, "cut": frame.cut or None}
    return {"data": data, **kind, **{name: value for name, value in facts.items() if value is not None}}


def _fault_json(fault: Fault) -> WireJSON:
    limits: dict[str, WireJSON] = {"phase": fault.phase, "seconds": fault.seconds} if fault.kind == "time" else {}
    return {"error": {"kind": fault.kind, "message": fault.message, "after": round(fault.after, 6), **limits}}


# Reading


def _exchange(value: JSON) -> Exchange:
    match value:
        case {"cassette": version}:
            raise DecodeError(f"its format is {version}, newer than {VERSION}: upgrade chat-core")
        case {
            "request": request,
            "began": int() | float() as began,
            "whole": bool(whole),
            "reads": list(reads),
            "end": end,
        }:
            status, headers = _head(value)
            return Exchange(
                request=_sent(request),
                began=began,
                whole=whole,
                live=_is_live(value),
                status=status,
                headers=headers,
                reads=tuple(_read(read) for read in reads),
                end=_end(end),
            )
        case _:
            raise DecodeError("an exchange lacks `request`, `began`, `whole`, `reads` or `end`")


def _sent(request: JSON) -> Sent:
    match request:
        case {"method": str(method), "url": str(url), "headers": dict(headers), "body": body}:
            return Sent(method=method, url=url, headers=_headers(headers), body=_body(body))
        case _:
            raise DecodeError("a request lacks `method`, `url`, `headers` or `body`")


def _head(exchange: JSON) -> tuple[int | None, dict[str, str]]:
    match exchange:
        case {"status": int(status), "headers": dict(headers)}:
            return status, _headers(headers)
        case _:
            return None, {}


def _headers(headers: JSONObject) -> dict[str, str]:
    return {name: value for name, value in headers.items() if isinstance(value, str)}


def _body(body: JSON) -> bytes:
    match body:
        case {"text": str(text), **others} if not others:
            return text.encode()
        case {"base64": str(text), **others} if not others:
            return _unbase64(text)
        case _:
            return dump(cast("WireJSON", body))


def _is_live(value: JSON) -> bool:
    return isinstance(value, dict) and value.get("live") is True


def _read(read: JSON) -> Received:
    match read:
        case [int() | float() as after, None]:
            return Received(after, None)
        case [int() | float() as after, {"said": list(frames)}]:
            return Received(after, tuple(_frame(frame) for frame in frames), said=True)
        case [int() | float() as after, {"frames": list(frames)}]:
            return Received(after, tuple(_frame(frame) for frame in frames))
        case [int() | float() as after, data]:
            return Received(after, _bytes(data))
        case _:
            raise DecodeError("a read is no pair of seconds and data")


def _frame(frame: JSON) -> Frame:
    match frame:
        case {"data": data, **rest}:
            event, id_ = (v if isinstance(v := rest.get(name), str) else None for name in ("event", "id"))
            payload = data if isinstance(data, str) and "binary" not in rest else _bytes(data)
            return Frame(payload, event=event, id=id_, cut=rest.get("cut") is True)
        case _:
            raise DecodeError("a frame has no data")


def _bytes(data: JSON) -> bytes:
    match data:
        case str(text):
            return text.encode("utf-8", "surrogatepass")
        case {"base64": str(text)}:
            return _unbase64(text)
        case _:
            raise DecodeError("data is neither text nor base64")


def _unbase64(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise DecodeError("base64 is broken") from None


def _end(end: JSON) -> End:
    match end:
        case "complete" | "left":
            return end
        case {"error": {"kind": "connect" | "time" | "broken" as kind, "message": str(message), **rest}}:
            numbers = {name: float(v) for name in ("after", "seconds") if isinstance(v := rest.get(name), int | float)}
            phase = rest.get("phase")
            return Fault(
                kind=kind,
                message=message,
                after=numbers.get("after", 0.0),
                phase=phase if isinstance(phase, str) else "read",
                seconds=numbers.get("seconds", 0.0),
            )
        case _:
            raise DecodeError("`end` is neither `complete`, `left` nor an error")
