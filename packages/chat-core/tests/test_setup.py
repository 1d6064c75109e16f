from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest
from toy import MemoryTransport, Toy

from chat_core.achat import AsyncChat
from chat_core.chat import Chat
from chat_core.codec.provider import Secret
from chat_core.demo import Demo
from chat_core.errors import ConfigurationError, MissingCredential, UnknownProvider, UnsupportedTransport
from chat_core.flow.credential import Called, Static
from chat_core.flow.retry import NEVER
from chat_core.flow.timeouts import Timeouts
from chat_core.keys import Kept
from chat_core.options import NativeOptions, Options
from chat_core.plugins.registry import registry
from chat_core.plugins.spec import ProviderConfig, ProviderSpec
from chat_core.setup import Arguments, Changes, Settings, Setup, awaiting, blocking, changed, merged, set_up
from chat_core.transport.http import HTTPTransport

if TYPE_CHECKING:
    from collections.abc import Callable

CANARY = "canary-7f3a91"
NETWORK = MemoryTransport()


def toy(**more: object) -> Setup:
    arguments = {"model": "toy-1", "provider": Toy(), "transport": NETWORK, **more}
    return set_up(Arguments(**arguments))  # type: ignore[arg-type] # pyright: ignore[reportArgumentType] - a table of mistakes


def _toy(config: ProviderConfig) -> Toy:
    return Toy() if config.base_url is None else Toy(base_url=config.base_url)


@pytest.fixture(scope="module", autouse=True)
def _known() -> None:
    """Two providers that want a key, one that may have one, one that has none."""
    if "toyset-a" not in registry().names("provider"):
        registry().add(ProviderSpec(name="toyset-a", load=_toy, env=("TOYSET_KEY", "TOYSET_OTHER_KEY")))
        registry().add(ProviderSpec(name="toyset-b", load=_toy, env=("TOYSET_B_KEY",), aliases=("toyset-bee",)))
        registry().add(ProviderSpec(name="toyset-local", load=_toy, env=("TOYSET_L_KEY",), key_optional=True))
        registry().add(ProviderSpec(name="toyset-free", load=_toy))


def named(model: object, **more: object) -> Setup:
    arguments = {"model": model, "transport": NETWORK, **more}
    return set_up(Arguments(**arguments))  # type: ignore[arg-type] # pyright: ignore[reportArgumentType] - as above


def test_the_arguments_of_clients_of_changes_and_of_the_set_up_are_the_same() -> None:
    names = [field.name for field in dataclasses.fields(Arguments)]
    assert [*Changes.__annotations__] == [*Settings.__annotations__, "model", "transport"]
    assert {"model", "transport", *Settings.__annotations__} == {*names}


@pytest.mark.parametrize("client", [Chat, AsyncChat])
def test_a_setting_that_does_not_exist_is_named_with_the_one_that_is_meant(client: type[Chat | AsyncChat]) -> None:
    with pytest.raises(TypeError, match=r"no setting retries=; did you mean retry="):
        client("replay:demo", retries=3)  # type: ignore[call-arg] # pyright: ignore[reportCallIssue] - the mistake tested


def test_only_the_first_colon_of_a_model_splits() -> None:
    setup = named("toyset-free:llama3.2:3b")
    assert (setup.name, setup.model) == ("toyset-free", "llama3.2:3b")


def test_a_provider_of_ones_own_takes_the_model_whole() -> None:
    assert toy(model="llama3.2:3b").model == "llama3.2:3b"


@pytest.mark.parametrize(
    ("make", "error", "fix"),
    [
        (lambda: named("nowhere:m"), UnknownProvider, "python -m pip install PACKAGE"),
        (lambda: named("just-a-model"), UnknownProvider, "write PROVIDER:just-a-model"),
        (lambda: named("toyset-free/m"), UnknownProvider, "write toyset-free:m"),
        (lambda: named("toyset-free:"), ConfigurationError, "write toy:MODEL"),
        (lambda: named(None), ConfigurationError, "a model is text, 'provider:model', not NoneType; .*may not be set"),
        (lambda: named(" "), ConfigurationError, "no model is named: .* may not be set"),
        (lambda: named("replay:demo", transport="httpx"), UnsupportedTransport, "answers over 'demo'"),
        (lambda: named("replay:demo", transport=HTTPTransport()), UnsupportedTransport, "it has without transport="),
        (lambda: named("toyset-free:m", transport="pigeon"), UnsupportedTransport, "pip install PACKAGE"),
        (lambda: named("toyset-free:m", api_key=""), MissingCredential, "api_key= is empty"),
        (lambda: named("toyset-free:m", api_key=" \n"), MissingCredential, "api_key= is empty"),
        (lambda: named("toyset-free:m", api_key=f"{CANARY}\r\nx: y"), MissingCredential, "line breaks"),
        (lambda: named("toyset-free:m", api_key=f"{CANARY}é"), MissingCredential, "beyond ASCII"),
        (lambda: named("toyset-free:m", api_key=Secret("")), MissingCredential, "api_key= is empty"),
        (lambda: named("toyset-free:m", api_key=5), ConfigurationError, "takes a str, a Secret or a function, not int"),
    ],
)
def test_what_is_wrong_with_a_set_up_is_said_before_any_input_or_output(
    make: Callable[[], Setup], error: type[ConfigurationError], fix: str
) -> None:
    with pytest.raises(error, match=f"(?s){fix}") as caught:
        make()
    assert CANARY not in repr(caught.value)
    assert CANARY not in str(caught.value)


def test_a_key_comes_from_the_argument_or_from_the_providers_variables() -> None:
    assert named("toyset-a:m", api_key=" abc123 ").settings.credential == Static(Secret("abc123"))
    assert named("toyset-a:m", api_key=Secret("abc")).settings.credential == Static(Secret("abc"))
    token = Secret("abc", bearer=True)
    assert named("toyset-a:m", api_key=token).settings.credential == Static(token)
    told: list[object] = []
    watch = named("toyset-a:m", watch=told.append).settings.watch
    assert watch is not None
    watch({"type": "call.start"})
    assert told == [{"type": "call.start"}]
    assert isinstance(named("toyset-a:m", api_key=lambda: "abc").settings.credential, Called)
    static = Static(Secret("abc"))
    assert named("toyset-a:m", api_key=static).settings.credential is static
    names = ("TOYSET_KEY", "TOYSET_OTHER_KEY")
    assert named("toyset-a:m").settings.credential == Kept(("toyset-a",), names)
    optional = Kept(("toyset-local",), ("TOYSET_L_KEY",), required=False)
    assert named("toyset-local:m").settings.credential == optional
    assert named("toyset-free:m").settings.credential is None
    assert toy().settings.credential is None


def test_the_address_reaches_the_provider() -> None:
    setup = named("toyset-a:m", base_url="http://here.example")
    assert setup.provider == Toy(base_url="http://here.example")


def test_settings_are_taken_over() -> None:
    timeouts = Timeouts(total=3.0)
    setup = toy(headers={"x-a": "1"}, strict=True, keep_raw=True, timeouts=timeouts, retry=NEVER)
    assert (setup.settings.strict, setup.settings.keep_raw) == (True, True)
    assert (setup.settings.timeouts, setup.settings.retry, setup.settings.headers) == (timeouts, NEVER, {"x-a": "1"})


def test_a_transport_has_to_carry_what_the_provider_speaks() -> None:
    class Pigeon(MemoryTransport):
        channel = "pigeon"

    with pytest.raises(UnsupportedTransport, match="toy does not speak over pigeon, only over http"):
        toy(transport=Pigeon())


def test_a_transport_of_the_other_colour_is_an_error_that_names_the_client_to_use() -> None:
    class OnlyBlocking:
        channel = "http"
        send = MemoryTransport.send

    class OnlyAsync:
        channel = "http"
        asend = MemoryTransport.asend

    assert isinstance(blocking(toy(transport=OnlyBlocking())), OnlyBlocking)
    assert isinstance(awaiting(toy(transport=OnlyAsync())), OnlyAsync)
    with pytest.raises(UnsupportedTransport, match="OnlyAsync cannot block: use AsyncChat"):
        blocking(toy(transport=OnlyAsync()))
    with pytest.raises(UnsupportedTransport, match="OnlyBlocking cannot be awaited: use Chat"):
        awaiting(toy(transport=OnlyBlocking()))


def test_without_a_transport_a_provider_has_its_own() -> None:
    setup = set_up(Arguments(model="replay:demo"))
    assert isinstance(setup.provider, Demo)
    assert setup.transport is registry().transport("demo")
    assert not setup.owns_transport
    assert set_up(Arguments(model="toyset-free:m")).transport is registry().transport("httpx")
    assert toy().owns_transport


def test_a_change_without_a_colon_stays_with_the_provider() -> None:
    setup = changed(named("toyset-a:m", api_key="abc123"), {"model": "other"})
    assert (setup.name, setup.model, setup.settings.credential) == ("toyset-a", "other", Static(Secret("abc123")))
    assert changed(toy(), {"model": "a:b"}).model == "a:b"


def test_another_provider_gets_nothing_of_the_old_ones_key_address_and_headers() -> None:
    old = named("toyset-a:m", api_key=CANARY, base_url="http://a.example", headers={"x-team": CANARY}, strict=True)
    new = changed(old, {"model": "toyset-b:m"})
    assert new.provider == Toy()
    assert new.settings.credential == Kept(("toyset-b", "toyset-bee"), ("TOYSET_B_KEY",))
    assert new.settings.headers == {}
    assert new.settings.strict
    own = changed(old, {"model": "toyset-b:m", "headers": {"x-b": "1"}, "api_key": "other-key"})
    assert own.settings.headers == {"x-b": "1"}
    assert own.settings.credential == Static(Secret("other-key"))
    with_toy = changed(old, {"model": "m", "provider": Toy(name="mine")})
    assert (with_toy.settings.credential, with_toy.settings.headers) == (None, {})


def test_another_name_of_the_same_provider_keeps_everything() -> None:
    old = named("toyset-b:m", api_key="abc123", headers={"x-team": "1"})
    new = changed(old, {"model": "toyset-bee:n"})
    assert (new.model, new.settings.credential, new.settings.headers) == (
        "n",
        Static(Secret("abc123")),
        {"x-team": "1"},
    )


def test_headers_and_options_add_to_those_of_the_client() -> None:
    setup = toy(headers={"x-a": "1", "x-b": "1"}, options=Options(temperature=0, top_k=3))
    new = changed(setup, {"headers": {"x-b": "2"}, "options": Options(top_k=5)})
    assert new.settings.headers == {"x-a": "1", "x-b": "2"}
    assert new.options == Options(temperature=0, top_k=5)
    assert changed(setup, {}) is setup


def test_an_unknown_change_is_a_type_error() -> None:
    with pytest.raises(TypeError, match="temprature"):
        changed(toy(), {"temprature": 1})  # type: ignore[typeddict-unknown-key] # pyright: ignore - the mistake tested


class OneNative(NativeOptions):
    provider = "one"


class TwoNative(NativeOptions):
    provider = "two"


def test_native_options_count_by_their_class() -> None:
    one, two, other = OneNative(extra={"a": 1}), TwoNative(extra={"b": 1}), OneNative(extra={"a": 2})
    assert merged(Options(native=(one, two)), Options(native=(other,))).native == (other, two)


def test_no_secret_shows() -> None:
    setup = toy(api_key=CANARY, headers={"authorization": CANARY})
    for value in (setup, setup.given, setup.settings, Chat("toy-1", provider=Toy(), transport=NETWORK, api_key=CANARY)):
        assert CANARY not in repr(value)
        assert CANARY not in str(value)


@pytest.mark.parametrize(
    ("settings", "error", "words"),
    [
        ({"options": {"temperature": 1}}, ConfigurationError, r"options= takes Options\(…\), not dict"),
        ({"timeouts": 5}, ConfigurationError, r"timeouts= takes Timeouts\(…\), not int"),
        ({"journal": "talks.db"}, ConfigurationError, "journal= takes a store"),
        ({"transport": 5}, UnsupportedTransport, "not int"),
        ({"temperature": 0.5}, TypeError, r"pass options=Options\(temperature=…\)"),
        ({"system": "Be brief."}, TypeError, r"begin the history with system\(…\)"),
    ],
)
def test_a_setting_of_the_wrong_kind_is_told_with_the_right_one(
    settings: dict[str, object], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        Chat("replay:demo", **settings)  # type: ignore[arg-type] # pyright: ignore[reportArgumentType] - the mistakes tested


@pytest.mark.parametrize("content", [None, b"Hi", 5, Chat("replay:demo")])
def test_what_cannot_be_asked_is_told(content: object) -> None:
    with pytest.raises(TypeError, match="what is asked is text, a message or a history"):
        Chat("replay:demo").complete(content)  # type: ignore[call-overload] # pyright: ignore[reportArgumentType] - as above


def test_a_turn_is_asked_by_its_messages() -> None:
    chat = Chat("replay:demo")
    with pytest.raises(TypeError, match="pass its `messages`"):
        chat.complete(chat.complete("Hello"))  # type: ignore[call-overload] # pyright: ignore[reportArgumentType] - as above


def test_tools_are_a_list() -> None:
    with pytest.raises(ConfigurationError, match="tools= takes a list"):
        Chat("replay:demo").complete("Hi", tools=Chat)  # type: ignore[call-overload] # pyright: ignore[reportArgumentType] - as above
