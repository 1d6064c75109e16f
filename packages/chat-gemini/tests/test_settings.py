from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from chat_core import Chat, add_provider
from chat_core.errors import ConfigurationError
from chat_gemini.places import developer, vertex
from chat_gemini.plugin import chat_providers
from chat_gemini.settings import ALLOWED, placed

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON

CLOUD = {"GOOGLE_CLOUD_PROJECT": "p", "GOOGLE_CLOUD_LOCATION": "eu"}


def test_what_is_not_said_is_as_google_has_it() -> None:
    assert placed({}, environ={}) == (developer(), {})
    assert placed({"headers": {"x-a": "b"}, "version": "v1beta"}, environ={}) == (
        developer(version="v1beta"),
        {"x-a": "b"},
    )


def test_what_is_said_goes_before_the_environment() -> None:
    environ = {**CLOUD, "GOOGLE_GENAI_API_VERSION": "v1"}
    place, _ = placed({"project": "q", "version": "v9"}, on_vertex=True, environ=environ)
    assert place == vertex("q", "eu", version="v9")


def test_the_developer_api_takes_nothing_of_the_cloud_from_the_environment() -> None:
    assert placed({}, environ=CLOUD)[0] == developer()


def test_the_version_may_be_in_the_environment() -> None:
    assert placed({}, environ={"GOOGLE_GENAI_API_VERSION": "v1alpha"})[0].version == "v1alpha"


@pytest.mark.parametrize("missing", ["GOOGLE_CLOUD_PROJECT", "GOOGLE_CLOUD_LOCATION"])
def test_what_vertex_ai_needs_is_an_error_that_names_the_variable(missing: str) -> None:
    environ = {name: value for name, value in CLOUD.items() if name != missing}
    with pytest.raises(ConfigurationError, match=missing):
        placed({}, on_vertex=True, environ=environ)


def test_express_mode_is_asked_for_and_needs_no_project() -> None:
    assert placed({"express": True}, on_vertex=True, environ=CLOUD)[0] == vertex(None)


@pytest.mark.parametrize("setting", [{"project": "p"}, {"location": "eu"}, {"express": True}])
def test_a_setting_of_vertex_ai_elsewhere_is_an_error(setting: dict[str, JSON]) -> None:
    with pytest.raises(ConfigurationError, match="is a setting of Vertex AI"):
        placed(setting, environ={})


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("version", "", "version takes a text"),
        ("version", 1, "version takes a text"),
        ("vertex", "yes", "vertex takes true or false, not 'yes'"),
        ("project", ["p"], "project takes a text"),
        ("headers", {"x-a": 3}, "headers takes a table of texts, not something else"),
        ("headers", ["canary"], "headers takes a table of texts, not something else"),
        ("regions", "x", "there is no setting 'regions'. Known: express, headers"),
    ],
)
def test_a_value_of_the_wrong_kind_is_an_error_that_says_what_is_taken(name: str, value: JSON, words: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        placed({name: value}, environ={})
    assert words in str(caught.value)
    assert "canary" not in str(caught.value)


def test_the_plugin_lists_its_providers_and_their_settings() -> None:
    specs = {spec.name: spec for spec in chat_providers()}
    assert list(specs) == ["gemini", "vertex", "gemini-interactions"]
    assert specs["gemini"].env == ("GOOGLE_API_KEY", "GEMINI_API_KEY")
    assert specs["gemini-interactions"].settings == ALLOWED.keys()
    assert specs["vertex"].settings == ALLOWED.keys() - {"vertex"}


def test_a_project_of_the_environment_is_found_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in CLOUD.items():
        monkeypatch.setenv(name, value)
    assert repr(Chat("vertex:gemini-3.8-flash")) == "Chat(vertex:gemini-3.8-flash)"
    monkeypatch.delenv("GOOGLE_CLOUD_PROJECT")
    with pytest.raises(ConfigurationError, match="GOOGLE_CLOUD_PROJECT"):
        Chat("vertex:gemini-3.8-flash")


def test_a_second_project_is_a_provider_of_its_own() -> None:
    add_provider("gemini-settings-test", like="vertex", project="other", location="us")
    assert repr(Chat("gemini-settings-test:m")) == "Chat(gemini-settings-test:m)"
