"""Secrets for a user's own machine, and calls over WebRTC and telephone: what a live session needs beside its socket.

Each function makes an operation, which `Chat.drive` or `AsyncChat.drive` runs:

    secret = chat.drive(client_secret(LiveConfig(model="gpt-realtime", voice="cedar"))).finish()
    call = chat.drive(answer_offer(sdp, LiveConfig(model="gpt-realtime"))).finish()

Law: one exchange each. A session that is asked for here is spelled as that of a socket. Secrets are in no `repr`.
"""

from __future__ import annotations

from dataclasses import field, replace
from typing import TYPE_CHECKING
from urllib.parse import quote

from chat_core.codec.live import Live
from chat_core.codec.provider import Secret
from chat_core.codec.wire import FormField, Multipart, WireRequest, dump
from chat_core.errors import DecodeError, UnsupportedCapability
from chat_core.frozen import dataclass
from chat_core.jsonvalue import excerpt, parse_object, rest
from chat_core.response import Notice
from chat_responses.provider import Responses
from chat_responses.realtime.live import PATH
from chat_responses.realtime.session import encode_session

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chat_core.codec.effects import Flow
    from chat_core.codec.wire import WireResponse
    from chat_core.flow.service import Operation, Service
    from chat_core.jsonvalue import JSON, JSONObject
    from chat_core.live import LiveConfig

SDP = "application/sdp"

IGNORED: Mapping[str, str] = {}
"""Leaves that are dropped, with the reason."""


@dataclass(frozen=True, slots=True, kw_only=True, weakref_slot=True)
class ClientSecret:
    """A secret that opens sessions for a while, safe to hand to a user's machine.

    Attributes:
        value: the secret.
        expires_at: when it ends, in seconds since 1970.
        session: the session that it opens, as the service has it.
        notices: what of the configuration was not sent as asked.
        meta: what else the service says.
    """

    value: str = field(repr=False)
    expires_at: int | None = None
    session: JSONObject | None = field(default=None, hash=False)
    notices: tuple[Notice, ...] = ()
    meta: JSONObject = field(default_factory=dict[str, "JSON"], hash=False)


@dataclass(frozen=True, slots=True, kw_only=True, weakref_slot=True)
class LiveCall:
    """A call that the service has taken.

    Attributes:
        id: the call's id, for `RealtimeOptions(call_id=…)`, where the service says it.
        answer: the session description to give to the caller.
        notices: what of the configuration was not sent as asked.
    """

    id: str | None
    answer: str
    notices: tuple[Notice, ...] = ()


def client_secret(config: LiveConfig, *, seconds: int | None = None) -> Operation[ClientSecret]:
    """Ask for a secret that opens sessions of this configuration.

    Args:
        config: the session; its conversation so far is left out but for the instructions.
        seconds: how long the secret is good for, from 10 to 7200; `None` = the service's own default.
    """

    def operation(service: Service) -> Flow[ClientSecret]:
        wire = encode_secret(live_of(service), config, seconds=seconds)
        return service.exchange(wire, lambda reply: replace(decode_secret(reply), notices=wire.notices))

    return operation


def answer_offer(
    offer: str, config: LiveConfig | None = None, *, secret: ClientSecret | None = None
) -> Operation[LiveCall]:
    """Take a call over WebRTC.

    Args:
        offer: the caller's session description.
        config: the session; left out when `secret` has it.
        secret: the secret to open the session with, in place of the client's key.
    """

    def operation(service: Service) -> Flow[LiveCall]:
        wire = encode_offer(live_of(service), offer, config)
        service = service if secret is None else _opened_by(service, secret)
        return service.exchange(wire, lambda reply: replace(decode_call(reply), notices=wire.notices))

    return operation


def accept(call: str, config: LiveConfig) -> Operation[None]:
    """Take a call over telephone, with a session of this configuration."""

    def operation(service: Service) -> Flow[None]:
        provider, notices = live_of(service), list[Notice]()
        session = encode_session(provider, config, notices, with_model=True)
        return service.exchange(_control(provider, call, "accept", session, tuple(notices)), lambda _: None)

    return operation


def reject(call: str, *, status: int | None = None) -> Operation[None]:
    """Turn down a call over telephone; `status` is what SIP says for it."""

    def operation(service: Service) -> Flow[None]:
        body: JSONObject = {} if status is None else {"status_code": status}
        return service.exchange(_control(live_of(service), call, "reject", body), lambda _: None)

    return operation


def refer(call: str, target: str) -> Operation[None]:
    """Hand a call over to another address, such as `tel:+15551234`."""

    def operation(service: Service) -> Flow[None]:
        return service.exchange(_control(live_of(service), call, "refer", {"target_uri": target}), lambda _: None)

    return operation


def hang_up(call: str) -> Operation[None]:
    """End a call."""

    def operation(service: Service) -> Flow[None]:
        return service.exchange(_control(live_of(service), call, "hangup", None), lambda _: None)

    return operation


def encode_secret(provider: Responses, config: LiveConfig, *, seconds: int | None) -> WireRequest:
    """Spell the question for a secret."""
    notices: list[Notice] = []
    session = encode_session(provider, config, notices, with_model=True)
    lasting: JSONObject = {"expires_after": {"anchor": "created_at", "seconds": seconds}} if seconds is not None else {}
    return _wire(provider, "/client_secrets", {**lasting, "session": session}, tuple(notices))


def decode_secret(reply: WireResponse) -> ClientSecret:
    """Read a secret.

    Raises:
        DecodeError: the reply is malformed.
    """
    data = parse_object(reply.body)
    match data.get("value"), data.get("expires_at"), data.get("session"):
        case str(value), (int() | None) as ends, (dict() | None) as session:
            left = rest(data, {"value", "expires_at", "session"})
            return ClientSecret(value=value, expires_at=ends, session=session, meta=left)
        case _:
            raise DecodeError(f"a secret without `value`: its members are {', '.join(sorted(data))}")


def encode_offer(provider: Responses, offer: str, config: LiveConfig | None) -> WireRequest:
    """Spell the question for an answer to a call."""
    if config is None:
        wire = _wire(provider, "/calls", offer.encode(), ())
        return replace(wire, headers={"content-type": SDP, **wire.headers})
    notices: list[Notice] = []
    session = encode_session(provider, config, notices, with_model=True)
    form = Multipart(
        (
            FormField(name="sdp", data=offer.encode(), mime=SDP),
            FormField(name="session", data=dump(session), mime="application/json"),
        )
    )
    return _wire(provider, "/calls", form, tuple(notices))


def decode_call(reply: WireResponse) -> LiveCall:
    """Read the answer to a call.

    Raises:
        DecodeError: the reply is no session description.
    """
    try:
        text = reply.body.decode()
    except UnicodeDecodeError as error:
        raise DecodeError(f"a session description that is no UTF-8: {error.reason}") from None
    if not text.startswith("v="):
        raise DecodeError(f"no session description: {excerpt(text)}")
    place = reply.headers.get("location")
    return LiveCall(id=None if place is None else place.rstrip("/").rpartition("/")[2], answer=text)


def live_of(service: Service) -> Responses:
    """Return the provider of a client that has live sessions over this wire.

    Raises:
        UnsupportedCapability: it is another one.
    """
    provider = service.provider
    if isinstance(provider, Responses) and Live in provider.capabilities:
        return provider
    raise UnsupportedCapability(
        f"{provider.name} has no Realtime sessions: use a client of openai, such as Chat('openai:gpt-realtime')"
    )


def _opened_by(service: Service, secret: ClientSecret) -> Service:
    """Return the same service, to which another secret is shown."""
    provider = live_of(service)
    row = replace(provider.preset, auth_header="authorization", auth_scheme="Bearer")
    bearer = Responses(row, base_url=provider.base_url, name=provider.name, headers=provider.headers)
    settings = replace(service.settings, credential=_Shown(Secret(secret.value)))
    return replace(service, provider=bearer, settings=settings)


@dataclass(frozen=True, slots=True)
class _Shown:
    """A secret that is shown once; implements `chat_core.flow.credential.Credential`."""

    value: Secret

    def secret(self) -> Flow[Secret | None]:
        """Return it."""
        yield from ()
        return self.value

    def renewed(self, refused: Secret) -> Flow[Secret | None]:  # noqa: ARG002 - there is no other
        """Return nothing."""
        yield from ()
        return None


def _control(
    provider: Responses, call: str, word: str, body: JSONObject | None, notices: tuple[Notice, ...] = ()
) -> WireRequest:
    return _wire(provider, f"/calls/{quote(call, safe='')}/{word}", body, notices)


def _wire(
    provider: Responses, path: str, body: JSONObject | bytes | Multipart | None, notices: tuple[Notice, ...]
) -> WireRequest:
    return WireRequest(url=provider.url(f"{PATH}{path}"), body=body, headers=provider.headers, notices=notices)
