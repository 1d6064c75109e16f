"""What the environment's variables and arguments mean as addresses."""

from __future__ import annotations

import pytest

from chat_core.plugins.definitions import located
from chat_core.plugins.registry import registry
from chat_huggingface.addresses import address, root


@pytest.mark.parametrize(
    ("value", "meant"),
    [
        ("https://router.huggingface.co", "https://router.huggingface.co"),
        ("https://router.huggingface.co/v1", "https://router.huggingface.co"),
        ("http://gpu:8080/v1/", "http://gpu:8080"),
        ("https://router.huggingface.co/together/v1", "https://router.huggingface.co/together"),
        ("https://a.test/tei", "https://a.test/tei"),
        ("https://a.test/v11", "https://a.test/v11"),
    ],
)
def test_the_version_at_the_end_does_not_count(value: str, meant: str) -> None:
    assert root(value) == meant
    assert address("HUGGINGFACE_BASE_URL", value) == meant


@pytest.mark.parametrize("name", ["huggingface", "tei", "tgi"])
def test_each_row_has_its_variable(name: str) -> None:
    spec = registry().provider(name)
    assert located(spec, environ={f"{name.upper()}_BASE_URL": "http://gpu:1/v1"}).url == "http://gpu:1"
