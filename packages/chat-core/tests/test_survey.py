from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from toy import Toy

from chat_core.codec.wire import dump
from chat_core.errors import ConfigurationError
from chat_core.keys import KeyFile
from chat_core.plugins.registry import BUILT_IN, Registry
from chat_core.plugins.settings import UserSettings
from chat_core.plugins.spec import ProviderConfig, ProviderSpec
from chat_core.survey import ProviderSurvey, Survey, as_json, survey

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pytest

    from chat_core.codec.provider import Provider

CANARY = "canary-0af100b5"


def _load(config: ProviderConfig) -> Provider:
    if config.base_url == "http://nowhere.example":
        raise RuntimeError("it is broken")
    return Toy() if config.base_url is None else Toy(base_url=config.base_url)


def _homeless(config: ProviderConfig) -> Provider:
    if config.base_url is None:
        raise ConfigurationError("give an address")
    return Toy(base_url=config.base_url)


def look(tmp_path: Path, environ: Mapping[str, str], **settings: object) -> Survey:
    environ = {"CHAT_HOME": str(tmp_path), **environ}
    said = UserSettings(path=tmp_path / "config.toml", **settings)  # type: ignore[arg-type] # pyright: ignore[reportArgumentType] - a table of settings
    found = Registry(index=tuple, environ=environ, built_in=BUILT_IN, settings=lambda: said)
    found.add(ProviderSpec(name="wants", load=_load, env=("A_KEY", "B_KEY"), aliases=("longs",)))
    found.add(ProviderSpec(name="may", load=_load, env=("M_KEY",), key_optional=True, base_url_env=("MAY_BASE_URL",)))
    found.add(ProviderSpec(name="homeless", load=_homeless))
    return survey(found, environ)


def provider(found: Survey, name: str) -> ProviderSurvey:
    (row,) = [row for row in found.providers if row.name == name]
    return row


def test_a_key_is_told_by_where_it_comes_from(tmp_path: Path) -> None:
    assert provider(look(tmp_path, {}), "wants").key is None
    assert provider(look(tmp_path, {"B_KEY": CANARY}), "wants").key == "B_KEY"
    KeyFile(tmp_path / "keys.json").set("longs", CANARY)
    found = look(tmp_path, {"B_KEY": CANARY})
    assert provider(found, "wants").key == "key file"
    assert found.keys == ("longs",)
    assert found.key_file == str(tmp_path / "keys.json")


def test_a_provider_is_ready_when_it_has_the_key_that_it_needs(tmp_path: Path) -> None:
    found = look(tmp_path, {})
    assert not provider(found, "wants").ready
    assert provider(found, "may").ready
    assert provider(found, "replay").ready
    assert provider(look(tmp_path, {"A_KEY": "x"}), "wants").ready


def test_the_state_says_how_far_the_set_up_is(tmp_path: Path) -> None:
    found = look(tmp_path, {})
    states = {name: provider(found, name).state for name in ("wants", "may", "homeless", "replay")}
    assert states == {"wants": "not set up", "may": "not asked", "homeless": "not set up", "replay": "ready"}
    assert provider(found, "homeless").missing == "give an address"
    assert not provider(found, "homeless").ready
    assert provider(look(tmp_path, {"M_KEY": "x"}), "may").state == "ready"
    assert provider(look(tmp_path, {"MAY_BASE_URL": "nowhere"}), "may").state == "problem"
    said = {"mine": {"like": "homeless"}}
    assert provider(look(tmp_path, {}, providers=said), "mine").state == "problem"


def test_an_address_is_told_with_who_says_so(tmp_path: Path) -> None:
    row = provider(look(tmp_path, {}), "may")
    assert (row.base_url, row.base_url_source) == (Toy().base_url, "default")
    row = provider(look(tmp_path, {"MAY_BASE_URL": "http://there.example"}), "may")
    assert (row.base_url, row.base_url_source) == ("http://there.example", "MAY_BASE_URL")
    said = {"mine": {"like": "may", "base_url": "http://mine.example"}}
    row = provider(look(tmp_path, {"MAY_BASE_URL": "http://there.example"}, providers=said), "mine")
    assert (row.base_url, row.base_url_source) == ("http://mine.example", str(tmp_path / "config.toml"))
    assert row.source == str(tmp_path / "config.toml")


def test_what_is_wrong_is_told_and_harms_no_other(tmp_path: Path) -> None:
    said = {"broken": {"like": 3}, "bad": {"like": "may", "base_url": "http://nowhere.example"}}
    found = look(tmp_path, {"MAY_BASE_URL": CANARY}, providers=said)
    assert "like takes the name" in (provider(found, "broken").problem or "")
    assert provider(found, "bad").problem == "RuntimeError: it is broken"
    assert "MAY_BASE_URL is no address" in (provider(found, "may").problem or "")
    assert not provider(found, "may").ready
    assert provider(found, "wants").problem is None


def test_each_provider_is_listed_once_in_order(tmp_path: Path) -> None:
    names = [row.name for row in look(tmp_path, {}).providers]
    assert names == ["homeless", "may", "replay", "wants"]
    assert provider(look(tmp_path, {}), "wants").aliases == ("longs",)


def test_the_model_of_the_environment_goes_before_the_one_of_the_file(tmp_path: Path) -> None:
    found = look(tmp_path, {"CHAT_MODEL": "a:b"}, model="c:d")
    assert (found.model, found.model_source) == ("a:b", "CHAT_MODEL")
    found = look(tmp_path, {}, model="c:d")
    assert (found.model, found.model_source) == ("c:d", str(tmp_path / "config.toml"))
    assert (look(tmp_path, {}).model, look(tmp_path, {}).model_source) == (None, None)


def test_broken_files_are_problems_and_no_end(tmp_path: Path) -> None:
    def broken() -> UserSettings:
        raise ConfigurationError("the configuration file is broken")

    (tmp_path / "keys.json").write_text("{")
    (tmp_path / "keys.json").chmod(0o600)
    environ = {"CHAT_HOME": str(tmp_path)}
    found = survey(Registry(index=tuple, environ=environ, settings=broken), environ)
    assert found.problems[0] == "the configuration file is broken"
    assert "is no JSON object" in found.problems[1]
    assert [row.problem for row in found.providers] == ["the configuration file is broken"]


def test_no_secret_is_in_a_survey(tmp_path: Path) -> None:
    KeyFile(tmp_path / "keys.json").set("wants", CANARY)
    environ = {
        "M_KEY": CANARY,
        "HTTPS_PROXY": f"http://me:{CANARY}@proxy.example:3128",
        "http_proxy": f"me:{CANARY}@proxy.example:3128",
        "ALL_PROXY": "http://[",
        "no_proxy": "localhost",
    }
    found = look(tmp_path, environ)
    assert found.proxies == {
        "HTTPS_PROXY": "http://proxy.example:3128",
        "http_proxy": "http://proxy.example:3128",
        "ALL_PROXY": "no address",
        "no_proxy": "localhost",
    }
    assert CANARY not in repr(found)
    assert CANARY not in dump(as_json(found)).decode()


def test_a_survey_is_json_with_all_it_holds(tmp_path: Path) -> None:
    found = look(tmp_path, {"A_KEY": "x"})
    told = json.loads(dump(as_json(found)))
    ready = {row["name"]: row["ready"] for row in told["providers"]}
    assert ready == {"homeless": False, "may": True, "replay": True, "wants": True}
    assert told.keys() == set(Survey.__slots__) - {"__weakref__"}
    assert told["providers"][0].keys() == {*ProviderSurvey.__slots__, "ready", "state"} - {"__weakref__"}
    assert found.versions.keys() >= {"Python", "OpenSSL", "httpx", "chat-core"}


def test_the_platforms_folder_is_named_even_when_it_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", "/nonexistent")
    found = survey(Registry(index=tuple, environ={}), {})
    assert Path(found.config_file).name == "config.toml"
    assert Path(found.key_file).parent == Path(found.config_file).parent
