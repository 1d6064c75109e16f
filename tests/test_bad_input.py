"""What can go wrong outside of the library, in both colours, whole and streamed: the class, the fix, what had come.

The services are played by a server on loopback whose first path segment says how it misbehaves.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest

from chat_core import AsyncChat, Chat, ChatError, assistant, user
from chat_core.errors import (
    AuthenticationFailed,
    ConfigurationError,
    ConnectFailed,
    DecodeError,
    MissingCredential,
    NotFound,
    ServerError,
    StreamTruncated,
    TimedOut,
    TransportError,
    UnansweredToolCall,
    UnknownProvider,
    UnsupportedContent,
)
from chat_core.flow.retry import NEVER
from chat_core.flow.timeouts import Timeouts
from chat_core.parts import URL, Media, ToolCall
from chat_core.transport.http import HTTPTransport
from chat_core.transport.recording import Recording

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from chat_core.calls import Content

CANARY = "canary-0ddba11cafe"
STREAMS = {
    "claude": b"event: message_start\n"
    b'data: {"type":"message_start","message":{"id":"m","type":"message","role":"assistant","model":"x","content":[],'
    b'"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":1,"output_tokens":1}}}\n\n'
    b"event: content_block_start\n"
    b'data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}\n\n'
    b"event: content_block_delta\n"
    b'data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Half"}}\n\n',
    "openai-chat": b'data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"x","choices":[{"index":0,'
    b'"delta":{"role":"assistant","content":"Half"},"finish_reason":null}]}\n\n',
}


class Service(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    over = threading.Event()

    def do_POST(self) -> None:
        asked = self.rfile.read(int(self.headers["content-length"]))
        provider, manner = self.path.split("/")[1:3]
        match manner:
            case "wrong-key":  # some services repeat the key
                self.say(401, f'{{"error":{{"type":"authentication_error","message":"bad key {CANARY}"}}}}'.encode())
            case "unknown-model":
                self.say(404, b'{"error":{"type":"not_found_error","message":"model: nope"}}')
            case "html-error":
                self.say(502, b"<html><body>Bad gateway</body></html>", "text/html")
            case "html":
                self.say(200, b"<html><body>Log in to the hotel's network</body></html>", "text/html")
            case "empty":
                self.say(200, b"")
            case "no-json":
                kind = "text/event-stream" if b'"stream":true' in asked else "application/json"
                self.say(200, b"data: oops\n\n", kind)
            case "stalled":
                self.over.wait(10)
                self.close_connection = True
            case "closed":
                self.close_connection = True
            case "half":
                self.say(200, STREAMS[provider], "text/event-stream", more=1)
                self.close_connection = True
            case "half-clean":
                self.say(200, STREAMS[provider], "text/event-stream")
            case _:
                raise AssertionError(manner)

    def say(self, status: int, body: bytes, kind: str = "application/json", *, more: int = 0) -> None:
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body) + more))
        self.send_header("request-id", "r-1")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Keep quiet."""


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Service)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield int(server.server_address[1])
    Service.over.set()
    server.shutdown()
    server.server_close()
    thread.join()


def _whole(model: str, content: Content, **settings: object) -> None:
    Chat(model, **settings).complete(content)  # type: ignore[arg-type] # pyright: ignore[reportArgumentType] - a table of settings


def _streamed(model: str, content: Content, **settings: object) -> None:
    Chat(model, **settings).stream(content).finish()  # type: ignore[arg-type] # pyright: ignore[reportArgumentType] - as above


def _awaited(model: str, content: Content, **settings: object) -> None:
    async def main() -> None:
        await AsyncChat(model, **settings).complete(content)  # type: ignore[arg-type] # pyright: ignore[reportArgumentType] - as above

    asyncio.run(main())


def _awaited_stream(model: str, content: Content, **settings: object) -> None:
    async def main() -> None:
        await AsyncChat(model, **settings).stream(content).finish()  # type: ignore[arg-type] # pyright: ignore[reportArgumentType] - as above

    asyncio.run(main())


every_colour = pytest.mark.parametrize(
    "ask", [_whole, _streamed, _awaited, _awaited_stream], ids=["whole", "streamed", "awaited", "awaited-stream"]
)
every_provider = pytest.mark.parametrize("provider", ["claude", "openai-chat"])


@dataclass(frozen=True)
class Row:
    """One misfortune: the class of the error for whole replies and for streams, and words of its text."""

    manner: str
    whole: type[ChatError]
    streamed: type[ChatError]
    words: str = ""
    partial: str | None = None
    address: str = "http://127.0.0.1:{port}"


ROWS = (
    Row("wrong-key", AuthenticationFailed, AuthenticationFailed, "HTTP 401"),
    Row("unknown-model", NotFound, NotFound, "model: nope"),
    Row("html-error", ServerError, ServerError, "HTTP 502"),
    Row("html", DecodeError, DecodeError),
    Row("empty", DecodeError, StreamTruncated),
    Row("no-json", DecodeError, DecodeError),
    Row("stalled", TimedOut, TimedOut, "first_"),
    Row("closed", TransportError, TransportError),
    Row("half", ChatError, TransportError, partial="Half"),
    Row("half-clean", ChatError, StreamTruncated, partial="Half"),
    Row("unreachable", ConnectFailed, ConnectFailed, "127.0.0.1:1", address="http://127.0.0.1:1"),
    Row("no-tls", ConnectFailed, ConnectFailed, "127.0.0.1", address="https://127.0.0.1:{port}"),
)


@every_colour
@every_provider
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.manner)
def test_a_misfortune_has_its_class_and_shows_no_secret(
    row: Row, provider: str, ask: Callable[..., None], port: int, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.NOTSET)
    cassette = tmp_path / "cassette.jsonl"
    patience = 0.3 if row.manner == "stalled" else 10
    with pytest.raises(ChatError) as caught:
        ask(
            f"{provider}:m",
            "Hi",
            api_key=CANARY,
            base_url=f"{row.address.format(port=port)}/{provider}/{row.manner}",
            retry=NEVER,
            timeouts=Timeouts(first_byte=patience, first_content=patience),
            transport=Recording(HTTPTransport(), cassette),
        )
    error = caught.value
    streams = ask in {_streamed, _awaited_stream}
    assert isinstance(error, row.streamed if streams else row.whole)
    assert row.words in str(error)
    if streams and row.partial is not None:
        assert error.partial is not None
        assert error.partial.text == row.partial
    assert_hidden(error, caplog)
    recorded = cassette.read_text(encoding="utf-8")
    assert provider in recorded
    assert CANARY not in recorded


def assert_hidden(error: BaseException, caplog: pytest.LogCaptureFixture) -> None:
    chain: BaseException | None = error
    while chain is not None:
        assert CANARY not in f"{chain} {chain!r} {vars(chain)}"
        chain = chain.__cause__ or chain.__context__
    assert CANARY not in caplog.text


def _history() -> list[object]:
    return [user("Hi"), assistant(ToolCall(id="call_1", name="look", arguments={})), user("Well?")]


VIDEO = Media(kind="video", source=URL("https://films.example/a.mp4"), mime="video/mp4")

SET_UPS: tuple[tuple[str, object, dict[str, object], type[ChatError], str], ...] = (
    ("nowhere:m", "Hi", {}, UnknownProvider, "python -m pip install"),
    ("{provider}:m", "Hi", {}, MissingCredential, "_API_KEY"),
    ("{provider}:m", "Hi", {"api_key": ""}, MissingCredential, "api_key= is empty"),
    ("{provider}:", "Hi", {"api_key": CANARY}, ConfigurationError, "write {provider}:MODEL"),
    ("{provider}:m", _history(), {"api_key": CANARY}, UnansweredToolCall, "call_1"),
    ("{provider}:m", user(VIDEO), {"api_key": CANARY}, UnsupportedContent, "video"),
)


@every_colour
@every_provider
@pytest.mark.parametrize(("model", "content", "settings", "kind", "fix"), SET_UPS)
def test_what_the_program_gets_wrong_is_said_before_any_input_or_output(  # noqa: PLR0913, PLR0917 - a table of many columns
    model: str,
    content: Content,
    settings: dict[str, object],
    kind: type[ChatError],
    fix: str,
    provider: str,
    ask: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    for variable in ("ANTHROPIC_API_KEY", "OPENAI_API_KEY"):
        monkeypatch.delenv(variable, raising=False)
    with pytest.raises(kind) as caught:
        ask(model.format(provider=provider), content, base_url="http://nowhere.invalid", retry=NEVER, **settings)
    assert fix.format(provider=provider) in str(caught.value)
    assert caught.value.partial is None
    assert_hidden(caught.value, caplog)


@dataclass(frozen=True)
class Files:
    """What the user's own files say, and words of the error."""

    name: str
    words: str
    config: str = ""
    keys: str | None = None
    mode: int = 0o600
    model: str = "{provider}:m"


FILES = (
    Files("broken-config", "config.toml is no TOML: ", config="model = "),
    Files("unknown-key", "holds 'modle', which is nothing. Did you mean 'model'?", config="modle = 'a:b'"),
    Files(
        "unknown-setting",
        "provider 'mine' has no setting 'versoin'",
        config="[providers.mine]\nlike = '{provider}'\nversoin = '1'",
        model="mine:m",
    ),
    Files(
        "a-key-in-the-config",
        "run `chat keys set mine`",
        config=f"[providers.mine]\nlike = '{{provider}}'\napi_key = '{CANARY}'",
        model="mine:m",
    ),
    Files(
        "a-setting-of-another-kind",
        "headers takes a table of texts",
        config=f"[providers.mine]\nlike = '{{provider}}'\nheaders = ['{CANARY}']",
        model="mine:m",
    ),
    Files("no-such-parent", "no installed package offers the provider", "[providers.mine]\nlike = 'x'", model="mine:m"),
    Files("readable-keys", "run `chmod 600 ", keys=f'{{{{"{{provider}}": "{CANARY}"}}}}', mode=0o644),
    Files("broken-keys", "is no JSON object of the kind", keys=CANARY),
    Files("odd-keys", "is no text: run `chat keys set {provider}`", keys=f'{{{{"{{provider}}": ["{CANARY}"]}}}}'),
)


@every_colour
@every_provider
@pytest.mark.parametrize("files", FILES, ids=lambda files: files.name)
def test_what_the_users_files_get_wrong_is_said_before_any_input_or_output(
    files: Files,
    provider: str,
    ask: Callable[..., None],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setenv("CHAT_HOME", str(tmp_path))
    for variable in ("ANTHROPIC_API_KEY", "OPENAI_API_KEY"):
        monkeypatch.setenv(variable, CANARY)  # a wrong file is not passed over
    (tmp_path / "config.toml").write_text(files.config.format(provider=provider))
    if files.keys is not None:
        (tmp_path / "keys.json").write_text(files.keys.format(provider=provider))
        (tmp_path / "keys.json").chmod(files.mode)
    with pytest.raises(ConfigurationError) as caught:
        ask(files.model.format(provider=provider), "Hi", base_url="http://nowhere.invalid", retry=NEVER)
    assert files.words.format(provider=provider) in str(caught.value)
    assert str(tmp_path) in str(caught.value)
    assert_hidden(caught.value, caplog)


def test_a_key_file_that_cannot_be_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHAT_HOME", str(tmp_path))
    (tmp_path / "keys.json").mkdir()
    with pytest.raises(ConfigurationError, match=r"keys.json is no ordinary file: move it away"):
        Chat("claude:m", base_url="http://nowhere.invalid").complete("Hi")
