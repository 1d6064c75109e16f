from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from installed import IMPORTS, install, registry_of
from installed import working as provider

from chat_core.codec.wire import dump
from chat_core.errors import BrokenPlugin
from chat_core.plugins.doctor import examine
from chat_core.plugins.report import PluginReport, as_json, as_text
from chat_core.plugins.spec import ProviderConfig

if TYPE_CHECKING:
    from pathlib import Path


def reports(site: Path, environ: dict[str, str] | None = None) -> dict[str, PluginReport]:
    return {report.distribution: report for report in examine(registry_of(site, environ))}


def test_a_healthy_plugin_is_ready_and_says_what_it_offers(site: Path) -> None:
    install(site, "chat-one", {"one": "mod_d1", "uno": "mod_d1"}, "3.1", mod_d1=provider("one", ("uno",)))
    one = reports(site)["chat-one"]
    assert (one.state, one.version, one.target, one.entries) == ("ready", "3.1", "mod_d1", ("one", "uno"))
    assert one.offers == ("one",)
    assert one.problems == ()


def test_what_is_built_in_works(site: Path) -> None:
    own = reports(site)["chat-core"]
    assert own.state == "ready"
    transports = {f"transport.{name}" for name in ("auto", "demo", "httpx", "httpx2", "websocket")}
    assert set(own.offers) == {"replay", "store.memory", "store.sqlite"} | transports


def test_every_broken_plugin_is_reported_with_its_fix_and_the_others_are_ready(site: Path) -> None:
    install(site, "chat-raises", {"raises": "mod_d2"}, mod_d2="import nowhere_at_all")
    install(site, "chat-old", {"old": "mod_d3"}, mod_d3=provider("old", api=0))
    install(site, "chat-new", {"new": "mod_d4"}, mod_d4=provider("new", api=9))
    install(site, "chat-shape", {"shape": "mod_d5"}, mod_d5=f"{IMPORTS}\n@hookimpl\ndef chat_providers(x): return ()")
    install(site, "chat-liar", {"liar": "mod_d6"}, mod_d6=provider("honest"))
    install(site, "chat-fine", {"fine": "mod_d7"}, mod_d7=provider("fine"))
    seen = reports(site)
    assert {name: report.state for name, report in seen.items()} == {
        "chat-core": "ready",
        "chat-raises": "broken",
        "chat-old": "outdated",
        "chat-new": "outdated",
        "chat-shape": "broken",
        "chat-liar": "broken",
        "chat-fine": "ready",
    }
    for report in seen.values():
        assert all(problem.why and problem.fix for problem in report.problems)
    assert seen["chat-old"].problems[0].fix == "upgrade chat-old"
    assert seen["chat-new"].problems[0].fix == "upgrade chat-core"
    assert "metadata lists liar" in seen["chat-liar"].problems[0].why


@pytest.mark.parametrize(
    ("made", "why"),
    [
        ("return object()", "`load` of 'one' gave object, which is no provider: it lacks name, channels, capabilities"),
        ("raise KeyError('mistake')", "`load` of 'one' raised KeyError: 'mistake'"),
        ("import nowhere_at_all", "`load` of 'one' raised ModuleNotFoundError"),
    ],
)
def test_what_load_does_wrong_is_the_plugins_fault_here_and_where_it_is_asked(site: Path, made: str, why: str) -> None:
    module = f"mod_load{len(made)}"
    install(site, "chat-one", {"one": module}, **{module: f"{provider('one')}\ndef _load(config):\n    {made}\n"})
    one = reports(site)["chat-one"]
    assert (one.state, [problem.fix for problem in one.problems]) == (
        "broken",
        ["upgrade or uninstall chat-one, or set CHAT_PLUGINS_BLOCK=one"],
    )
    assert one.problems[0].why.startswith(why)
    with pytest.raises(BrokenPlugin, match=r"^chat-one 1\.0: `load` of 'one'.*uninstall chat-one"):
        registry_of(site).provider("one").load(ProviderConfig())


def test_a_provider_that_wants_to_be_told_its_address_is_ready(site: Path) -> None:
    source = (
        f"{provider('one')}\nfrom chat_core.errors import ConfigurationError\n"
        "def _load(config):\n    raise ConfigurationError('no address')\n"
    )
    install(site, "chat-one", {"one": "mod_told"}, mod_told=source)
    assert reports(site)["chat-one"].state == "ready"


def test_a_hook_that_this_version_does_not_have_is_reported_and_the_others_work(site: Path) -> None:
    source = f"{provider('one')}\n@hookimpl\ndef chat_dreams(): return ()"
    install(site, "chat-one", {"one": "mod_d8"}, mod_d8=source)
    one = reports(site)["chat-one"]
    assert (one.state, one.offers) == ("outdated", ("one",))
    assert "no hook chat_dreams" in one.problems[0].why


def test_a_taken_name_is_reported_on_both_sides(site: Path) -> None:
    install(site, "chat-one", {"one": "mod_d9"}, mod_d9=provider("one"))
    install(site, "chat-uno", {"one": "mod_d10"}, mod_d10=provider("one"))
    seen = reports(site)
    for name in ("chat-one", "chat-uno"):
        assert seen[name].state == "conflict"
        assert "one is claimed by chat-one 1.0 and by chat-uno 1.0" in seen[name].problems[0].why
        assert "CHAT_PLUGINS_BLOCK" in seen[name].problems[0].fix


def test_a_claim_on_the_entry_of_another_is_reported_on_the_claimant_alone(site: Path) -> None:
    install(site, "chat-one", {"one": "mod_d11"}, mod_d11=provider("one"))
    install(site, "chat-thief", {"thief": "mod_d12"}, mod_d12=provider("thief", ("one", "replay")))
    seen = reports(site)
    assert seen["chat-one"].state == "ready"
    assert [problem.why for problem in seen["chat-thief"].problems] == [
        "one belongs to chat-one 1.0, which is used",
        "replay is built in; what is built in is used",
    ]


def test_two_claims_without_an_entry_are_reported_on_both(site: Path) -> None:
    install(site, "chat-one", {"one": "mod_d13"}, mod_d13=provider("one", ("both",)))
    install(site, "chat-two", {"two": "mod_d14"}, mod_d14=provider("two", ("both",)))
    seen = reports(site)
    assert seen["chat-one"].state == seen["chat-two"].state == "conflict"


def test_a_blocked_plugin_is_reported_and_not_imported(site: Path) -> None:
    install(site, "chat-one", {"one": "mod_d15"}, mod_d15="raise SystemExit")
    one = reports(site, {"CHAT_PLUGINS_BLOCK": "one"})["chat-one"]
    assert one.state == "blocked"
    assert (one.problems[0].why, one.problems[0].fix) == (
        "kept out by CHAT_PLUGINS_BLOCK",
        "take it out of CHAT_PLUGINS_BLOCK",
    )
    two = reports(site, {"CHAT_PLUGINS": "two"})["chat-one"]
    assert two.problems[0].fix == "add it to CHAT_PLUGINS"


def test_the_report_is_text_and_json(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    install(site, "chat-one", {"one": "mod_d16"}, mod_d16="1 / 0")
    found = examine(registry_of(site))
    text = as_text(found).splitlines()
    assert text[-3:] == [
        "chat-one 1.0        broken  one",
        "    broken: importing mod_d16 raised ZeroDivisionError: division by zero",
        "    fix: upgrade or uninstall chat-one, or set CHAT_PLUGINS_BLOCK=one",
    ]
    (one,) = [plugin for plugin in json.loads(dump(as_json(found)))["plugins"] if plugin["distribution"] == "chat-one"]
    assert one["state"] == one["problems"][0]["state"] == "broken"
    assert capsys.readouterr().out == ""
