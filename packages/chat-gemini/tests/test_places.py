"""Hosts, versions, paths, and the header that proves who is asking."""

from __future__ import annotations

import pytest

from chat_core.codec.provider import Secret
from chat_core.errors import ConfigurationError
from chat_gemini.places import Place, developer, vertex

VERTEX = "https://europe-west4-aiplatform.googleapis.com/v1beta1"


@pytest.mark.parametrize(
    ("model", "path"),
    [
        ("gemini-3.8-flash", "models/gemini-3.8-flash"),
        ("models/gemini-3.8-flash", "models/gemini-3.8-flash"),
        ("tunedModels/mine-7", "tunedModels/mine-7"),
    ],
)
def test_a_model_of_the_developer_api_is_below_its_collection(model: str, path: str) -> None:
    assert Place().model_url(model, "generateContent") == (
        f"https://generativelanguage.googleapis.com/v1/{path}:generateContent"
    )


@pytest.mark.parametrize(
    ("model", "path"),
    [
        ("gemini-3.8-flash", "projects/p/locations/europe-west4/publishers/google/models/gemini-3.8-flash"),
        ("meta/llama-9", "projects/p/locations/europe-west4/publishers/meta/models/llama-9"),
        ("publishers/google/models/m", "projects/p/locations/europe-west4/publishers/google/models/m"),
        ("models/42", "projects/p/locations/europe-west4/models/42"),
        ("endpoints/42", "projects/p/locations/europe-west4/endpoints/42"),
        ("projects/o/locations/us/endpoints/42", "projects/o/locations/us/endpoints/42"),
    ],
)
def test_a_model_of_vertex_ai_is_below_its_project(model: str, path: str) -> None:
    assert vertex("p", "europe-west4").model_url(model, "predict") == f"{VERTEX}/{path}:predict"


@pytest.mark.parametrize("model", ["", "a/../b", "..", "m?key=x", "m&x", "m#x"])
def test_what_would_lead_elsewhere_is_no_model(model: str) -> None:
    with pytest.raises(ConfigurationError, match="is no name of a model"):
        Place().model_url(model, "generateContent")


def test_odd_characters_are_quoted() -> None:
    assert Place().url("files/a b") == "https://generativelanguage.googleapis.com/v1/files/a%20b"


@pytest.mark.parametrize(
    ("location", "host"),
    [
        ("us-central1", "https://us-central1-aiplatform.googleapis.com"),
        ("global", "https://aiplatform.googleapis.com"),
        ("us", "https://aiplatform.us.rep.googleapis.com"),
        ("eu", "https://aiplatform.eu.rep.googleapis.com"),
        (None, "https://aiplatform.googleapis.com"),
    ],
)
def test_a_location_has_its_host(location: str | None, host: str) -> None:
    assert vertex("p", location).base_url == host


def test_without_a_location_a_project_is_everywhere() -> None:
    assert vertex("p").location == "global"


def test_express_mode_has_neither_project_nor_location() -> None:
    assert vertex(None).model_url("m", "generateContent") == (
        "https://aiplatform.googleapis.com/v1beta1/publishers/google/models/m:generateContent"
    )


@pytest.mark.parametrize(
    ("base_url", "version", "place"),
    [
        (None, None, Place()),
        (None, "v1alpha", Place(version="v1alpha")),
        (None, "beta", Place(version="v1beta")),
        ("https://proxy.example/google/", None, Place(base_url="https://proxy.example/google")),
        ("https://proxy.example/v1beta", None, Place(base_url="https://proxy.example", version="v1beta")),
        ("https://proxy.example/v1beta/", "v1", Place(base_url="https://proxy.example", version="v1")),
    ],
)
def test_an_address_may_end_with_a_version(base_url: str | None, version: str | None, place: Place) -> None:
    assert developer(base_url, version) == place


def test_vertex_ai_has_a_beta_of_another_name() -> None:
    assert vertex("p", version="beta").version == "v1beta1"


def test_a_resource_has_its_parent_once() -> None:
    place = vertex("p", "europe-west4")
    assert place.url("cachedContents") == f"{VERTEX}/projects/p/locations/europe-west4/cachedContents"
    assert place.url("projects/7/locations/l/cachedContents/x") == f"{VERTEX}/projects/7/locations/l/cachedContents/x"
    assert Place().url("cachedContents/x") == "https://generativelanguage.googleapis.com/v1/cachedContents/x"


def test_bytes_go_to_an_address_of_their_own() -> None:
    assert Place().upload_url("files") == "https://generativelanguage.googleapis.com/upload/v1/files"


@pytest.mark.parametrize(
    ("place", "secret", "header"),
    [
        (Place(), "k", {"x-goog-api-key": "k"}),
        (vertex("p"), "ya29.token", {"authorization": "Bearer ya29.token"}),
        (vertex("p"), "eyJ.of.others", {"authorization": "Bearer eyJ.of.others"}),
        (vertex(None), "AIzaKey", {"x-goog-api-key": "AIzaKey"}),
        (vertex(None), "AQ.Key", {"x-goog-api-key": "AQ.Key"}),
    ],
)
def test_a_key_and_a_token_have_their_headers(place: Place, secret: str, header: dict[str, str]) -> None:
    assert place.authorization(Secret(secret)) == header


def test_a_query_in_the_base_url_is_refused_and_not_repeated() -> None:
    with pytest.raises(ConfigurationError, match="api_key=") as caught:
        developer("https://proxy.example/v1beta?key=AIzaSecret")
    assert "AIzaSecret" not in str(caught.value)
