"""The HTTP client: the one file that knows `httpx`, or its successor `httpx2`, and the `httpcore` that each is made of.

Law: one connection of the client per line; the client pools, retries and limits nothing. Nothing is loaded before the
first request.
"""

from __future__ import annotations

import os
from dataclasses import fields
from functools import cache, lru_cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias, cast

from chat_core.codec.host import schemeless
from chat_core.errors import ConfigurationError, UnsupportedTransport
from chat_core.frozen import dataclass
from chat_core.transport.addresses import plain
from chat_core.transport.deadline import Deadline
from chat_core.transport.exchange import PORTS, Address, Answer, AsyncAnswer, Message
from chat_core.transport.headers import received, to_send
from chat_core.transport.sockets import Dialer
from chat_core.transport.trust import usual

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterable, Callable, Iterable, Mapping
    from types import ModuleType

    import httpcore

    from chat_core.codec.wire import Outgoing

ClientName: TypeAlias = Literal["httpx", "httpx2"]
Certificate: TypeAlias = "str | tuple[str, str] | tuple[str, str, str]"

_CORES = {"httpx": "httpcore", "httpx2": "httpcore2"}
_LAST_PORT = 65_535


@lru_cache(maxsize=1024)
def address(client: ClientName, url: str) -> Address:
    """Take a URL apart.

    Raises:
        ConfigurationError: it is no address that HTTP reaches, or it holds a name and password.
    """
    if (found := plain(url)) is not None:
        return found
    module = _module(client)
    try:
        parsed = module.URL(url)
        if parsed.userinfo:
            raise ConfigurationError("a request's URL holds a name or password: pass them as a header instead")
        port = parsed.port or PORTS.get(parsed.scheme)
        if port is not None and port <= _LAST_PORT and parsed.raw_host and parsed.scheme in PORTS:
            header = parsed.netloc.decode("ascii")
            return Address(parsed.scheme, parsed.raw_host.decode("ascii"), port, parsed.raw_path, header)
    except (module.InvalidURL, ValueError, TypeError):
        pass
    why = schemeless(url) or "a request's URL is not of the kind http://host/… or https://host/…"
    raise ConfigurationError(f"{why}; check base_url=")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What connections are made with; `proxy` is a URL, `None` = straight there."""

    client: ClientName
    http2: bool
    proxy: str | None
    tls: Callable[[], ssl.SSLContext]


class Line:
    """One connection for threads, open or not."""

    def __init__(self, to: Address, settings: Settings) -> None:
        """Prepare; the first exchange connects."""
        self.deadline = Deadline(to.peer)
        self._parts = _parts(settings.client)
        self.dialer = Dialer(self.deadline, self._parts.WriteError)
        make, options = _made_by(to, settings, "ConnectionPool", "HTTPProxy", "SOCKSProxy")
        self._pool = cast("httpcore.ConnectionPool", make(network_backend=self.dialer, **options))

    @property
    def moved(self) -> tuple[int, int]:
        """How often it was connected and how many bytes it brought; unchanged = no byte of a reply came."""
        return self.dialer.dialled, 0 if self.dialer.socket is None else self.dialer.socket.received

    @property
    def fit(self) -> bool:
        """Whether the connection can serve again."""
        return self.dialer.socket is not None and not self.dialer.socket.closed

    def exchange(self, message: Message) -> Answer:
        """Send a request and wait for the head of its reply."""
        response = self._pool.handle_request(_request(self._parts, message))
        chunks = iter(cast("Iterable[bytes]", response.stream))
        extensions = cast("Mapping[str, object]", response.extensions)
        network = cast("httpcore.NetworkStream", extensions["network_stream"])
        return Answer(response.status, received(response.headers), chunks, response.close, network)

    def abort(self) -> None:
        """Close the socket at once."""
        if self.dialer.socket is not None:
            self.dialer.socket.close()

    def forget(self) -> None:
        """Close this process's copy of a socket that belongs to its parent."""
        if self.dialer.socket is not None:
            self.dialer.socket.forget()


class AsyncLine:
    """One connection for the tasks of a loop, open or not.

    Attributes:
        shared: whether several exchanges may go on at once; the deadline is then nobody's.
    """

    def __init__(self, to: Address, settings: Settings) -> None:
        """Prepare; the first exchange connects."""
        from chat_core.transport.asockets import AsyncDialer  # noqa: PLC0415 - threads do without asyncio

        self.shared = False
        self.deadline = Deadline(to.peer)
        self._parts = _parts(settings.client)
        self.dialer = AsyncDialer(self.deadline, self._parts.WriteError)
        make, options = _made_by(to, settings, "AsyncConnectionPool", "AsyncHTTPProxy", "AsyncSOCKSProxy")
        self._pool = cast("httpcore.AsyncConnectionPool", make(network_backend=self.dialer, **options))

    @property
    def moved(self) -> tuple[int, int]:
        """As `Line.moved`."""
        return self.dialer.dialled, 0 if self.dialer.socket is None else self.dialer.socket.received

    @property
    def fit(self) -> bool:
        """As `Line.fit`."""
        return self.dialer.socket is not None and not self.dialer.socket.closed

    async def exchange(self, message: Message) -> AsyncAnswer:
        """As `Line.exchange`."""
        response = await self._pool.handle_async_request(_request(self._parts, message))
        chunks = aiter(cast("AsyncIterable[bytes]", response.stream))
        extensions = cast("Mapping[str, object]", response.extensions)
        network = cast("httpcore.AsyncNetworkStream", extensions["network_stream"])
        http2 = extensions["http_version"] == b"HTTP/2"
        headers = received(response.headers)
        return AsyncAnswer(response.status, headers, chunks, response.aclose, network, http2=http2)

    def abort(self) -> None:
        """Close the socket at once."""
        if self.dialer.socket is not None:
            self.dialer.socket.abort()

    def forget(self) -> None:
        """Leave the socket alone: it belongs to a loop of the parent process."""


def message(to: Address, request: Outgoing) -> Message:
    """Return a request as a connection sends it.

    Raises:
        ConfigurationError: a header or the method cannot be sent.
    """
    return Message(to, request.wire.method, to_send(request, to.header), request.body)


def _request(parts: _Parts, message: Message) -> httpcore.Request:
    to = message.to
    port = None if to.port == PORTS[to.scheme] else to.port  # a proxy is told what the program said
    url = parts.URL(scheme=to.scheme.encode(), host=to.host.encode(), port=port, target=to.target)
    return parts.Request(message.method, url, headers=message.headers, content=message.body)


def context(client: ClientName, verify: bool | str | ssl.SSLContext, cert: Certificate | None) -> ssl.SSLContext:  # noqa: FBT001 - the client's own parameter
    """Return the TLS settings; without a wish of the user's the client chooses whom to trust.

    Raises:
        ConfigurationError: a certificate cannot be read.
    """
    import ssl  # noqa: PLC0415 - plain HTTP does without

    try:
        if isinstance(verify, str):
            folder = Path(verify).is_dir()
            made = ssl.create_default_context(cafile=None if folder else verify, capath=verify if folder else None)
        elif client == "httpx" and verify is True:
            made = usual(os.environ)
        else:
            made = cast("ssl.SSLContext", _module(client).create_ssl_context(verify=verify))
        if cert is not None:
            made.load_cert_chain(*((cert,) if isinstance(cert, str) else cert))
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise ConfigurationError(f"a certificate cannot be read ({reason}): check `verify` and `cert`") from None
    return made


def _made_by(
    to: Address, settings: Settings, direct: str, through: str, socks: str
) -> tuple[Callable[..., object], Mapping[str, object]]:
    """Return what makes a connection, and with what; the result's type is the caller's to know."""
    parts = _parts(settings.client)
    options: dict[str, object] = {"max_connections": 1, "http2": settings.http2}
    if settings.http2:
        _need("h2", f"{settings.client}[http2]")
    if to.scheme == "https":
        options["ssl_context"] = settings.tls()
    if settings.proxy is None:
        return getattr(parts, direct), options
    module = _module(settings.client)
    try:
        proxy = module.Proxy(settings.proxy)
    except (ValueError, module.InvalidURL):
        raise ConfigurationError(
            "a proxy's URL is not of the kind http://host:port, https://… or socks5://…: check `proxy` and HTTPS_PROXY"
        ) from None
    url = proxy.url
    options["proxy_url"] = parts.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)
    options["proxy_auth"] = proxy.raw_auth
    if url.scheme.startswith("socks"):
        _need("socksio", f"{settings.client}[socks]")
        return getattr(parts, socks), options
    if url.scheme == "https":
        options["proxy_ssl_context"] = settings.tls()
    return getattr(parts, through), options


@dataclass(frozen=True, slots=True)
class _Parts:
    """The parts of `httpcore` that are used, all of them documented."""

    Request: type[httpcore.Request]
    URL: type[httpcore.URL]
    ConnectionPool: type[httpcore.ConnectionPool]
    HTTPProxy: type[httpcore.HTTPProxy]
    SOCKSProxy: type[httpcore.SOCKSProxy]
    AsyncConnectionPool: type[httpcore.AsyncConnectionPool]
    AsyncHTTPProxy: type[httpcore.AsyncHTTPProxy]
    AsyncSOCKSProxy: type[httpcore.AsyncSOCKSProxy]
    WriteError: type[Exception]


@cache
def _parts(client: ClientName) -> _Parts:
    _need(client, client)
    core = import_module(_CORES[client])
    return _Parts(*(getattr(core, field.name) for field in fields(_Parts)))


@cache
def _module(client: ClientName) -> ModuleType:
    _need(client, client)
    return import_module(client)


def _need(module: str, distribution: str) -> None:
    try:
        import_module(module)
    except ImportError:
        raise UnsupportedTransport(
            f"this needs a package that is not installed: pip install '{distribution}'"
        ) from None
