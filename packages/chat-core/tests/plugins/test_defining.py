"""The registry and what the user defines: the file, `add_provider`, and what the report says of both."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest
from installed import install, of_folder
from toy import Toy

import chat_core
from chat_core.errors import ConfigurationError, UnknownProvider
from chat_core.plugins.definitions import defined
from chat_core.plugins.doctor import examine
from chat_core.plugins.registry import Registry, registry
from chat_core.plugins.report import as_json, as_text
from chat_core.plugins.settings import UserSettings
from chat_core.plugins.spec import ProviderConfig, ProviderSpec

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chat_core.codec.provider import Provider
    from chat_core.jsonvalue import JSONObject

SOURCE = """
from chat_core.demo import Demo
from chat_core.plugins.hooks import hookimpl
from chat_core.plugins.spec import ProviderSpec

class Vendor(Demo):
    capabilities = {}

    def __init__(self, config):
        super().__init__()
        self.config = config
        self.base_url = config.base_url or "https://vendor.example"

@hookimpl
def chat_providers():
    yield ProviderSpec(
        name="vendor", load=Vendor, env=("VENDOR_KEY",), aliases=("sold",), settings=frozenset({"colour"})
    )
    yield ProviderSpec(name="plain", load=Vendor)
"""


def registry_with(site: Path, providers: Mapping[str, JSONObject]) -> Registry:
    install(
        site, "chat-vendor", {"vendor": "mod_vendor", "sold": "mod_vendor", "plain": "mod_vendor"}, mod_vendor=SOURCE
    )
    settings = UserSettings(path=Path("/home/me/config.toml"), providers=providers)
    return Registry(index=lambda: of_folder(site), environ={}, settings=lambda: settings)


def config_of(spec: ProviderSpec) -> ProviderConfig:
    return cast("ProviderConfig", vars(spec.load(ProviderConfig()))["config"])


def test_a_provider_of_the_file_is_found_and_listed(site: Path) -> None:
    found = registry_with(site, {"mine": {"like": "vendor", "base_url": "https://a.example", "colour": "red"}})
    spec = found.provider("mine")
    assert config_of(spec) == ProviderConfig(base_url="https://a.example", name="mine", settings={"colour": "red"})
    assert "mine" in found.names("provider")


@pytest.mark.parametrize("name", ["vendor", "sold"])
def test_what_the_file_says_of_an_installed_provider_holds_under_all_its_names(name: str, site: Path) -> None:
    found = registry_with(site, {name: {"base_url": "https://gateway.example"}})
    for asked in ("vendor", "sold"):
        spec = found.provider(asked)
        assert (spec.name, spec.env) == ("vendor", ("VENDOR_KEY",))
        assert config_of(spec) == ProviderConfig(base_url="https://gateway.example")


def test_other_providers_are_as_they_are_installed(site: Path) -> None:
    spec = registry_with(site, {"mine": {"like": "vendor"}}).provider("vendor")
    assert spec.definition is None


def test_a_setting_that_a_provider_does_not_read_is_an_error_and_not_dropped(site: Path) -> None:
    found = registry_with(site, {"mine": {"like": "plain", "colour": "red"}})
    with pytest.raises(ConfigurationError, match=r"config.toml: provider 'mine' has no setting 'colour'"):
        found.provider("mine")


def test_a_provider_that_is_like_nothing_installed_is_told_with_its_place(site: Path) -> None:
    found = registry_with(site, {"mine": {"like": "vender"}, "bare": {}})
    with pytest.raises(UnknownProvider, match=r"config.toml: provider 'mine': .*Did you mean 'vendor'"):
        found.provider("mine")
    with pytest.raises(UnknownProvider, match=r"provider 'bare': .* the provider 'compatible'"):
        found.provider("bare")


def test_a_wrong_table_harms_no_other_name(site: Path) -> None:
    found = registry_with(site, {"mine": {"like": 3}})
    assert found.provider("vendor").name == "vendor"
    with pytest.raises(ConfigurationError, match="like takes the name"):
        found.provider("mine")


def _load(config: ProviderConfig) -> Provider:
    return Toy() if config.base_url is None else Toy(base_url=config.base_url)


def test_what_the_program_adds_goes_before_the_file(site: Path) -> None:
    found = registry_with(site, {"mine": {"like": "vendor"}})
    found.add(ProviderSpec(name="mine", load=_load))
    assert found.provider("mine").load is _load


def test_the_file_is_not_asked_for_other_kinds(site: Path) -> None:
    def broken() -> UserSettings:
        raise ConfigurationError("the file is broken")

    found = Registry(index=lambda: of_folder(site), environ={}, settings=broken)
    found.transport("demo")
    assert "demo" in found.names("transport")
    with pytest.raises(ConfigurationError, match="the file is broken"):
        found.provider("replay")


def test_the_report_lists_the_providers_of_the_file_and_whom_they_replace(site: Path) -> None:
    found = registry_with(site, {"mine": {"like": "plain"}, "vendor": {"base_url": "https://gateway.example"}})
    report = examine(found)[-1]
    assert (report.distribution, report.target, report.state) == ("config.toml", "/home/me/config.toml", "ready")
    assert report.entries == ("mine", "vendor")
    assert report.notes == ("vendor is used as this file has it, in place of what chat-vendor 1.0 offers",)
    assert "note: vendor is used as this file has it" in as_text([report])
    assert '"notes"' not in as_text([report])
    assert cast("list[JSONObject]", as_json([report])["plugins"])[0]["notes"] == list(report.notes)


def test_the_report_tells_what_is_wrong_with_the_file_and_goes_on(site: Path) -> None:
    found = registry_with(site, {"mine": {"like": "vendor", "color": "red"}, "fine": {"like": "vendor"}})
    report = examine(found)[-1]
    assert report.state == "broken"
    (problem,) = report.problems
    assert "has no setting 'color'" in problem.why
    assert problem.fix == "correct [providers.mine] in /home/me/config.toml"


def test_the_report_survives_a_file_that_cannot_be_read(site: Path) -> None:
    def broken() -> UserSettings:
        raise ConfigurationError("config.toml is no TOML")

    environ = {"CHAT_HOME": "/home/me"}
    report = examine(Registry(index=lambda: of_folder(site), environ=environ, settings=broken))[-1]
    assert (report.target, report.state) == (str(Path("/home/me/config.toml")), "broken")
    assert report.problems[0].why == "config.toml is no TOML"


def test_without_definitions_the_report_has_no_row_for_the_file(site: Path) -> None:
    assert [report.distribution for report in examine(registry_with(site, {}))] == ["chat-core", "chat-vendor"]


def test_a_program_defines_a_provider_and_may_say_so_again(site: Path) -> None:
    found = registry_with(site, {})
    definition = defined("own", {"like": "vendor", "base_url": "https://a.example"}, "here")
    assert found.define(definition) is found.provider("own")
    found.define(defined("own", {"like": "vendor", "base_url": "https://a.example"}, "here"))
    with pytest.raises(ConfigurationError, match="the provider name 'own' is taken"):
        found.define(defined("own", {"like": "vendor"}, "here"))
    with pytest.raises(ConfigurationError, match="the provider name 'vendor' is taken"):
        found.define(defined("vendor", {"like": "vendor"}, "here"))


def test_a_wrong_setting_is_an_error_at_the_call_that_defines(site: Path) -> None:
    found = registry_with(site, {})
    with pytest.raises(ConfigurationError, match="has no setting 'shape'"):
        found.define(defined("own", {"like": "vendor", "shape": "round"}, "here"))

    def picky(config: ProviderConfig) -> Provider:
        raise ConfigurationError(f"colour takes red, not {config.settings['colour']!r}")

    found.add(ProviderSpec(name="picky", load=picky, settings=frozenset({"colour"})))
    with pytest.raises(ConfigurationError, match="here: provider 'own': colour takes red, not 'blue'"):
        found.define(defined("own", {"like": "picky", "colour": "blue"}, "here"))
    assert "own" not in found.names("provider")


def test_add_provider_defines_for_this_process() -> None:
    if "defining-parent" not in registry().names("provider"):
        registry().add(ProviderSpec(name="defining-parent", load=_load, settings=frozenset({"colour"})))
    chat_core.add_provider("defining-own", like="defining-parent", env=["OWN_KEY"], colour="red")
    spec = registry().provider("defining-own")
    assert spec.env == ("OWN_KEY",)
    assert spec.definition == defined(
        "defining-own", {"like": "defining-parent", "env": ("OWN_KEY",), "colour": "red"}, "add_provider"
    )
    with pytest.raises(ConfigurationError, match="add_provider: provider 'a:b' cannot be called so"):
        chat_core.add_provider("a:b")
