"""What is not installed is named with the package that offers it."""

from __future__ import annotations

from pathlib import Path

import pytest

from chat_core.errors import ConfigurationError, UnknownProvider
from chat_core.plugins.packages import PACKAGES, package_of
from chat_core.plugins.registry import Registry
from chat_core.plugins.settings import UserSettings


def bare() -> Registry:
    return Registry(index=lambda: (), environ={}, settings=lambda: UserSettings(path=Path("no-such-file")))


def test_each_name_has_one_package() -> None:
    labels = [label for package in PACKAGES.values() for label in package]
    assert len(labels) == len(set(labels))
    assert package_of("anthropic") == "chat-claude"
    assert package_of("store.postgres") == "chat-store-postgres"
    assert package_of("transport.aiohttp") == "chat-aiohttp"
    assert package_of("command.ollama") == "chat-ollama"
    assert package_of("nobody") is None


def test_a_known_name_is_answered_with_the_command_to_install_it() -> None:
    with pytest.raises(UnknownProvider) as caught:
        bare().provider("claude")
    assert str(caught.value) == (
        "no installed package offers the provider 'claude'. "
        "Install chat-claude, which offers it: python -m pip install chat-claude"
    )
    with pytest.raises(ConfigurationError, match="pip install chat-store-postgres"):
        bare().store("postgres")
    with pytest.raises(ConfigurationError, match="pip install chat-aiohttp"):
        bare().transport("aiohttp")


@pytest.mark.parametrize("name", ["", " "])
def test_an_empty_name_is_answered_with_the_form_of_a_model(name: str) -> None:
    with pytest.raises(UnknownProvider, match=r"^no provider is named: write provider:model$"):
        bare().provider(name)


def test_a_typing_error_is_answered_with_what_is_near_and_an_unknown_name_with_neither() -> None:
    with pytest.raises(UnknownProvider, match=r"Did you mean 'replay'\? .* pip install PACKAGE"):
        bare().provider("repaly")
    with pytest.raises(UnknownProvider, match="pip install PACKAGE"):
        bare().provider("zzz")
