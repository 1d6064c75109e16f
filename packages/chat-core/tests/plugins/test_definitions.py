from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from toy import Toy

from chat_core.errors import ConfigurationError
from chat_core.plugins.definitions import Definition, defined, derived, located
from chat_core.plugins.spec import ProviderConfig, ProviderSpec

if TYPE_CHECKING:
    from chat_core.codec.provider import Provider

CANARY = "canary-1ce0fbee"


def _load(config: ProviderConfig) -> Provider:
    if config.settings.get("colour") == "none":
        raise ConfigurationError("colour takes red or blue, not 'none'")
    return Toy() if config.base_url is None else Toy(base_url=config.base_url)


PARENT = ProviderSpec(
    name="parent",
    load=_load,
    env=("PARENT_KEY",),
    aliases=("elder",),
    settings=frozenset({"colour", "headers"}),
    base_url_env=("PARENT_BASE_URL", "PARENT_HOST"),
    address=lambda variable, value: f"http://{value}/v1" if variable == "PARENT_HOST" else value,
)


def test_a_definition_is_read_from_a_table() -> None:
    table = {"like": "parent", "base_url": "https://a.example/v1", "env": ["A", "B"], "colour": "red"}
    assert defined("mine", table, "the file") == Definition(
        name="mine",
        source="the file",
        like="parent",
        base_url="https://a.example/v1",
        env=("A", "B"),
        settings={"colour": "red"},
    )


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ({"like": 3}, "like takes the name of an installed provider, not 3"),
        ({"base_url": "a.example"}, "base_url is no address of the kind https://host/path"),
        ({"base_url": "ftp://a.example"}, "base_url is no address"),
        ({"base_url": "https://"}, "base_url is no address"),
        ({"base_url": "https://a.example:port"}, "base_url is no address"),
        ({"base_url": "https://[a"}, "base_url is no address"),
        ({"base_url": 3}, "base_url is no address"),
        ({"base_url": f"https://user:{CANARY}@a.example"}, "without name and password"),
        ({"env": "MY_KEY"}, 'env takes a list of names of environment variables, such as ."MY_KEY"'),
        ({"env": [CANARY]}, "env takes a list"),  # a key in the place of a variable's name
        ({"env": [1]}, "env takes a list"),
        ({"colour": object()}, "colour is a object"),
    ],
)
def test_a_wrong_value_is_told_with_its_place_and_without_what_may_be_secret(
    table: dict[str, object], words: str
) -> None:
    with pytest.raises(ConfigurationError, match=words) as error:
        defined("mine", table, "the file")
    assert str(error.value).startswith("the file: provider 'mine'")
    assert CANARY not in str(error.value)


@pytest.mark.parametrize("name", ["", "a b", "a:b", "a\n"])
def test_a_name_that_no_model_could_begin_with_is_refused(name: str) -> None:
    with pytest.raises(ConfigurationError, match="no blanks and no colon"):
        defined(name, {}, "the file")


def test_a_setting_that_the_other_provider_does_not_know_is_an_error_and_not_dropped() -> None:
    with pytest.raises(ConfigurationError, match=r"has no setting 'color'\. Did you mean 'colour'") as error:
        derived(defined("mine", {"color": "red"}, "the file"), PARENT)
    assert "which knows: like, base_url, env, colour, headers" in str(error.value)


def test_a_key_among_the_settings_is_shown_the_way_to_the_key_file() -> None:
    with pytest.raises(ConfigurationError, match="run `chat keys set mine`") as error:
        derived(defined("mine", {"api_key": CANARY}, "the file"), PARENT)
    assert CANARY not in str(error.value)


def test_a_definition_shows_no_setting() -> None:
    assert CANARY not in repr(defined("mine", {"headers": {"x-key": CANARY}}, "the file"))
    assert CANARY not in repr(derived(defined("mine", {"headers": {"x-key": CANARY}}, "the file"), PARENT))


def test_a_new_name_at_the_same_address_inherits_the_key() -> None:
    spec = derived(defined("mine", {"colour": "red"}, "the file"), PARENT)
    assert (spec.name, spec.aliases, spec.env) == ("mine", (), ("PARENT_KEY",))
    assert spec.key_names == ("parent", "elder")
    assert not spec.key_optional


def test_a_new_name_with_an_address_of_its_own_inherits_no_key() -> None:
    spec = derived(defined("mine", {"base_url": "https://other.example"}, "the file"), PARENT)
    assert (spec.env, spec.key_names, spec.key_optional) == ((), (), True)


def test_a_key_that_the_definition_names_is_needed() -> None:
    spec = derived(defined("mine", {"base_url": "https://other.example", "env": ["MINE"]}, "the file"), PARENT)
    assert (spec.env, spec.key_names, spec.key_optional) == (("MINE",), (), False)


@pytest.mark.parametrize("name", ["parent", "elder"])
def test_an_installed_provider_that_is_told_otherwise_keeps_its_names_and_keys(name: str) -> None:
    spec = derived(defined(name, {"base_url": "https://gateway.example"}, "the file"), PARENT)
    assert (spec.name, spec.aliases, spec.env) == ("parent", ("elder",), ("PARENT_KEY",))


def test_what_a_family_says_about_a_setting_is_told_with_the_place() -> None:
    spec = derived(defined("mine", {"colour": "none"}, "the file"), PARENT)
    with pytest.raises(ConfigurationError, match=r"^the file: provider 'mine': colour takes red or blue"):
        spec.load(ProviderConfig())


def test_the_provider_is_loaded_with_the_definitions_address_name_and_settings() -> None:
    seen: list[ProviderConfig] = []

    def load(config: ProviderConfig) -> Provider:
        seen.append(config)
        return Toy()

    parent = ProviderSpec(name="parent", load=load, settings=frozenset({"colour"}))
    spec = derived(defined("mine", {"base_url": "https://a.example", "colour": "red"}, "the file"), parent)
    spec.load(ProviderConfig())
    spec.load(ProviderConfig(base_url="https://argument.example"))
    assert seen == [
        ProviderConfig(base_url="https://a.example", name="mine", settings={"colour": "red"}),
        ProviderConfig(base_url="https://argument.example", name="mine", settings={"colour": "red"}),
    ]


def test_an_address_comes_from_the_argument_the_definition_a_variable_or_the_provider() -> None:
    environ = {"PARENT_BASE_URL": "https://variable.example"}
    mine = derived(defined("mine", {"base_url": "https://file.example"}, "the file"), PARENT)

    def found(spec: ProviderSpec, given: str | None, environ: dict[str, str]) -> tuple[str | None, str]:
        place = located(spec, given, environ)
        return place.url, place.source

    assert found(mine, "https://argument.example", environ) == ("https://argument.example", "argument")
    assert found(mine, None, environ) == ("https://file.example", "the file")
    assert found(PARENT, None, environ) == ("https://variable.example", "PARENT_BASE_URL")
    assert found(PARENT, None, {"PARENT_BASE_URL": " ", "PARENT_HOST": "h:1"}) == ("http://h:1/v1", "PARENT_HOST")
    assert found(PARENT, None, {}) == (None, "default")


def test_a_variable_that_holds_no_address_is_named_and_its_value_is_not_shown() -> None:
    with pytest.raises(ConfigurationError, match="the environment variable PARENT_BASE_URL is no address") as error:
        located(PARENT, None, {"PARENT_BASE_URL": CANARY})
    assert CANARY not in str(error.value)
