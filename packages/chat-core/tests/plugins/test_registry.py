from __future__ import annotations

import sys
import warnings
from typing import TYPE_CHECKING

import pytest
from installed import IMPORTS, install, provider, registry_of

from chat_core.errors import BrokenPlugin, ConfigurationError, UnknownProvider, UnsupportedTransport
from chat_core.plugins.registry import Registry, registry
from chat_core.plugins.report import PluginWarning
from chat_core.plugins.spec import ProviderSpec, StoreSpec, ToolsSpec

if TYPE_CHECKING:
    from pathlib import Path

    from chat_core.codec.provider import Provider
    from chat_core.plugins.spec import ProviderConfig


def test_a_provider_is_found_by_its_name_and_by_its_alias(site: Path) -> None:
    install(site, "chat-one", {"one": "mod_one", "uno": "mod_one"}, mod_one=provider("one", ("uno", "eins")))
    found = registry_of(site)
    assert found.provider("one").name == "one"
    assert found.provider("uno") is found.provider("one")
    assert found.provider("eins") is found.provider("one")  # an alias that the metadata does not list


def test_only_the_asked_entry_is_imported(site: Path) -> None:
    install(site, "chat-one", {"one": "mod_asked"}, mod_asked=provider("one"))
    install(site, "chat-two", {"two": "mod_idle"}, mod_idle=provider("two"))
    install(site, "chat-bad", {"bad": "mod_bomb"}, mod_bomb="raise SystemExit('boom')")
    registry_of(site).provider("one")
    assert "mod_asked" in sys.modules
    assert not {"mod_idle", "mod_bomb"} & sys.modules.keys()


def test_a_module_is_asked_once_however_many_names_point_to_it(site: Path) -> None:
    source = f"""{IMPORTS}
calls = []
@hookimpl
def chat_providers():
    calls.append(1)
    return [ProviderSpec(name=name, load=_load) for name in ("a", "b", "c")]
"""
    install(site, "chat-many", {"a": "mod_many", "b": "mod_many", "c": "mod_many"}, mod_many=source)
    found = registry_of(site)
    assert [found.provider(name).name for name in "abc"] == ["a", "b", "c"]
    assert sys.modules["mod_many"].calls == [1]


def test_an_unknown_name_is_answered_with_what_to_do_and_then_with_what_is_installed(site: Path) -> None:
    install(site, "chat-one", {"claudia": "mod_cl"}, mod_cl=provider("claudia"))
    with pytest.raises(UnknownProvider, match="python -m pip install") as error:
        registry_of(site).provider("cladia")
    assert str(error.value) == (
        "no installed package offers the provider 'cladia'. Did you mean 'claudia'? If not, install the package that "
        "offers it: python -m pip install PACKAGE. Installed: claudia, replay"
    )


def test_a_screen_of_names_does_not_hide_what_to_do(site: Path) -> None:
    names = [f"name{number}" for number in range(20)]
    install(site, "chat-one", dict.fromkeys(names, "mod_screen"), mod_screen=provider("name0"))
    found = registry_of(site)
    with pytest.raises(UnknownProvider) as error:
        found.provider("name")
    assert str(error.value).endswith("PACKAGE. `python -m chat_core plugins` lists what is installed")
    assert str(error.value).count("name") < 10
    with pytest.raises(UnknownProvider) as error:
        found.resolve_model("gpt")
    assert str(error.value) == (
        "'gpt' names no provider: write PROVIDER:gpt. `python -m chat_core plugins` lists what is installed"
    )
    with pytest.raises(UnknownProvider, match=r"write PROVIDER:repaly\. Did you mean 'replay'\? `python"):
        found.resolve_model("repaly")


def test_a_plugin_that_raises_on_import_harms_nobody_and_is_named(site: Path) -> None:
    install(site, "chat-bad", {"bad": "mod_raises"}, "2.3", mod_raises="import no_such_module_at_all")
    install(site, "chat-one", {"one": "mod_fine"}, mod_fine=provider("one"))
    found = registry_of(site)
    assert found.provider("one").name == "one"
    with pytest.raises(BrokenPlugin, match="no_such_module_at_all") as error:
        found.provider("bad")
    message = str(error.value)
    assert "chat-bad 2.3" in message
    assert "CHAT_PLUGINS_BLOCK=bad" in message


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("raise SystemExit(3)", "SystemExit: 3"),
        ("def chat_providers(): return []", "implements no hook"),
        (f"{IMPORTS}\n@hookimpl\ndef chat_providers(client): return []", "wrong signature.*client"),
        (f"{IMPORTS}\n@hookimpl\ndef chat_providers(): raise KeyError('x')", "chat_providers raised KeyError"),
        (
            f"{IMPORTS}\n@hookimpl\ndef chat_providers():\n    yield 1\n    raise OSError",
            "chat_providers raised OSError",
        ),
        (f"{IMPORTS}\n@hookimpl\ndef chat_providers(): return ['bad']", "yields 'bad', not ProviderSpec"),
        (f"{IMPORTS}\n@hookimpl\ndef chat_providers(): return 5", "yields 5, not ProviderSpec"),
        (f"{IMPORTS}\n@hookimpl\ndef chat_providers(): return None", "offers no provider 'bad'"),
        (provider("other"), "offers no provider 'bad'"),
        (provider("bad", api=0), "made for plugin api 0.*upgrade chat-bad"),
        (provider("bad", api=2), "made for plugin api 2.*upgrade chat-core"),
        (provider("bad", api="1"), "`api` of 'bad' is '1', not a int"),
        (provider("bad:er"), "'bad:er' cannot be a name"),
        (provider("bad").replace("load=_load", "load=None"), "`load` of 'bad' cannot be called"),
        (provider("bad").replace("('KEY',)", "'KEY'").replace('("KEY",)', '"KEY"'), "`env` of 'bad'"),
        (provider("bad").replace("env=", "new_field="), "raised TypeError.*new_field"),
    ],
)
def test_what_can_be_wrong_with_a_plugin_is_said_with_its_fix(site: Path, source: str, why: str) -> None:
    install(site, "chat-bad", {"bad": "mod_wrong"}, mod_wrong=source)
    install(site, "chat-one", {"one": "mod_right"}, mod_right=provider("one"))
    found = registry_of(site)
    with pytest.raises(BrokenPlugin, match=f"(?s)chat-bad 1.0: .*{why}") as error:
        found.provider("bad")
    assert "Fix: " in str(error.value)
    assert found.provider("one").name == "one"


def test_two_distributions_with_one_name_are_an_error_that_names_both(site: Path) -> None:
    install(site, "chat-one", {"one": "mod_first"}, mod_first=provider("one"))
    install(site, "chat-uno", {"one": "mod_second", "uno": "mod_second"}, mod_second=provider("one", ("uno",)))
    found = registry_of(site)
    with pytest.raises(ConfigurationError, match=r"'one' is claimed by chat-one 1.0 and by chat-uno 1.0") as error:
        found.provider("one")
    assert "CHAT_PLUGINS_BLOCK=chat-one or CHAT_PLUGINS_BLOCK=chat-uno" in str(error.value)
    assert found.provider("uno").name == "one"  # nobody else has that name
    assert registry_of(site, {"CHAT_PLUGINS_BLOCK": "chat-uno"}).provider("one").load.__module__ == "mod_first"


def test_a_claim_beyond_the_metadata_never_beats_the_entry_of_that_name(site: Path) -> None:
    install(site, "chat-one", {"one": "mod_owner"}, mod_owner=provider("one"))
    install(site, "chat-thief", {"thief": "mod_thief"}, mod_thief=provider("thief", ("one",)))
    found = registry_of(site)
    assert found.provider("thief").name == "thief"
    assert found.provider("one").load.__module__ == "mod_owner"


def test_two_claims_beyond_the_metadata_are_an_error_that_names_both(site: Path) -> None:
    install(site, "chat-one", {"one": "mod_left"}, mod_left=provider("one", ("both",)))
    install(site, "chat-two", {"two": "mod_rite"}, mod_rite=provider("two", ("both",)))
    with pytest.raises(ConfigurationError, match=r"'both' is claimed by chat-one 1.0 and by chat-two 1.0"):
        registry_of(site).provider("both")


def test_what_is_built_in_cannot_be_taken(site: Path) -> None:
    install(site, "chat-thief", {"replay": "mod_taker", "transport.httpx": "mod_taker"}, mod_taker=provider("replay"))
    found = registry_of(site)
    assert found.provider("replay").load.__module__ == "chat_core.plugins.builtin"
    assert type(found.transport("httpx")).__name__ == "HTTPTransport"
    assert "mod_taker" not in sys.modules


def test_looking_at_all_plugins_leaves_broken_ones_out_and_warns_once(site: Path) -> None:
    install(site, "chat-bad", {"bad": "mod_quiet"}, "0.9", mod_quiet="1 / 0")
    install(site, "chat-one", {"one": "mod_loud"}, mod_loud=provider("one", ("hidden",)))
    found = registry_of(site)
    with pytest.warns(
        PluginWarning, match=r"chat-bad 0\.9: importing mod_quiet raised ZeroDivisionError.* Fix: "
    ) as seen:
        assert found.provider("hidden").name == "one"
    assert len(seen) == 1
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert found.provider("hidden").name == "one"


@pytest.mark.parametrize(
    ("environ", "seen"),
    [
        ({}, "one two"),
        ({"CHAT_PLUGINS": "one"}, "one"),
        ({"CHAT_PLUGINS": "Chat_Two , three"}, "two"),
        ({"CHAT_PLUGINS": ""}, ""),
        ({"CHAT_PLUGINS_BLOCK": "one"}, "two"),
        ({"CHAT_PLUGINS_BLOCK": ""}, "one two"),
        ({"CHAT_PLUGINS": "one,two", "CHAT_PLUGINS_BLOCK": "chat-one"}, "two"),
    ],
)
def test_the_environment_lets_plugins_in_and_keeps_them_out(site: Path, environ: dict[str, str], seen: str) -> None:
    install(site, "chat-one", {"one": "mod_in"}, mod_in=provider("one"))
    install(site, "chat-two", {"two": "mod_out"}, mod_out=provider("two"))
    found = registry_of(site, environ)
    assert [name for name in found.names("provider") if name != "replay"] == seen.split()
    for name in {"one", "two"} - set(seen.split()):
        with pytest.raises(UnknownProvider, match=f"chat-{name} 1.0 is kept out by CHAT_PLUGINS"):
            found.provider(name)


def test_other_kinds_are_found_by_kind_and_name(site: Path) -> None:
    source = f"""{IMPORTS}
class Wire:
    channel = "pigeon"
@hookimpl
def chat_transports(): yield TransportSpec(name="pigeon", load=Wire, channel="pigeon", aliases=("dove",))
@hookimpl
def chat_stores(): yield StoreSpec(name="shelf", load=_load)
@hookimpl
def chat_tools(): yield ToolsSpec(name="box", load=_load)
"""
    entries = {"transport.pigeon": "mod_kinds", "store.shelf": "mod_kinds", "tools.box": "mod_kinds"}
    install(site, "chat-kinds", entries, mod_kinds=source)
    found = registry_of(site)
    assert found.transport("pigeon") is found.transport("pigeon")
    assert found.transport("pigeon").channel == "pigeon"
    assert isinstance(found.store("shelf"), StoreSpec)
    assert isinstance(found.tools("box"), ToolsSpec)
    assert found.names("transport") == ("auto", "demo", "httpx", "httpx2", "pigeon", "websocket")
    with pytest.raises(UnsupportedTransport, match=r"the transport 'pidgeon'. Did you mean 'pigeon'"):
        found.transport("pidgeon")
    with pytest.raises(ConfigurationError, match=r"the store 'box'.* Installed: memory, shelf, sqlite"):
        found.store("box")
    with pytest.raises(UnknownProvider):
        found.provider("transport.pigeon")


def test_a_bare_model_name_is_resolved_by_whoever_knows_it(site: Path) -> None:
    source = (
        IMPORTS + "\n@hookimpl\ndef chat_resolve_model(name):\n    return {answer} if name.startswith('x') else None"
    )
    install(site, "chat-one", {"one": "mod_res1"}, mod_res1=source.format(answer="'one:' + name"))
    install(site, "chat-two", {"two": "mod_res2"}, mod_res2=source.format(answer="None"))
    assert registry_of(site).resolve_model("x1") == "one:x1"
    with pytest.raises(UnknownProvider, match=r"write PROVIDER:y1\. Installed: one, replay, two"):
        registry_of(site).resolve_model("y1")
    with pytest.raises(UnknownProvider, match="write one:MODEL"):
        registry_of(site).resolve_model("one")
    install(site, "chat-san", {"san": "mod_res3"}, mod_res3=source.format(answer="'san:' + name"))
    with pytest.raises(
        ConfigurationError, match=r"means several things: one:x1 \(chat-one 1.0\), san:x1 \(chat-san 1.0\)"
    ):
        registry_of(site).resolve_model("x1")


def test_commands_and_observers_of_all_plugins_are_called(site: Path) -> None:
    source = f"""{IMPORTS}
@hookimpl
def chat_commands(cli): cli.append("added")
@hookimpl
def chat_observe(event): event["seen"].append(event["type"])
"""
    install(site, "chat-cmd", {"command.x": "mod_cmd"}, mod_cmd=source)
    install(site, "chat-cmd2", {"command.y": "mod_cmd2"}, mod_cmd2=source.replace('cli.append("added")', "1 / 0"))
    found = registry_of(site)
    added: list[str] = []
    seen: list[object] = []
    with pytest.warns(PluginWarning, match="chat_commands raised ZeroDivisionError"):
        found.add_commands(added)
    found.observe({"type": "start", "seen": seen})  # type: ignore[dict-item] # pyright: ignore[reportArgumentType] - to look at
    assert added == ["added"]
    assert seen == ["start", "start"]


def _never(config: ProviderConfig) -> Provider:
    raise AssertionError(config)


def test_a_program_may_add_a_provider_but_take_no_name(site: Path) -> None:
    install(site, "chat-one", {"one": "mod_plain"}, mod_plain=provider("one"))
    found = registry_of(site)
    spec = ProviderSpec(name="mine", load=_never, aliases=("my",))
    found.add(spec)
    assert found.provider("my") is spec
    assert "mine" in found.names("provider")
    for taken in ("one", "mine", "my", "replay"):
        with pytest.raises(ConfigurationError, match="is taken"):
            found.add(ProviderSpec(name=taken, load=_never))


def test_packages_installed_later_are_seen_after_a_refresh(site: Path) -> None:
    found = registry_of(site)
    assert found.names("provider") == ("replay",)
    install(site, "chat-late", {"late": "mod_late"}, mod_late=provider("late"))
    found.refresh()
    assert found.provider("late").name == "late"


def test_there_is_one_registry_in_a_process() -> None:
    assert registry() is registry()
    assert isinstance(registry(), Registry)


def test_the_built_in_stores_are_opened_by_name(site: Path, tmp_path: Path) -> None:
    for name, address in (("sqlite", str(tmp_path / "chats.db")), ("memory", "")):
        store = registry_of(site).store(name).load(address)
        assert store.describe()["kind"] == name
        store.close()
