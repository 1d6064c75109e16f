"""The configuration file as the documentation shows it, over the real providers: file, variables, arguments, keys."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from chat_claude.provider import Claude
from chat_completions.presets import PRESETS
from chat_completions.provider import Completions
from chat_core.keys import Kept, KeyFile
from chat_core.plugins.definitions import located
from chat_core.plugins.doctor import examine
from chat_core.plugins.registry import Registry
from chat_core.plugins.spec import ProviderConfig
from chat_core.setup import Arguments, set_up

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs/how-to/configure.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```toml\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the user a folder with the configuration file of the documentation."""
    (tmp_path / "config.toml").write_text("\n".join(EXAMPLES), encoding="utf-8")
    monkeypatch.setenv("CHAT_HOME", str(tmp_path))
    for variable in ("OPENAI_BASE_URL", "OPENAI_API_KEY", "ANTHROPIC_API_KEY", "GPU_KEY"):
        monkeypatch.delenv(variable, raising=False)
    return tmp_path


def provider_of(model: str, base_url: str | None = None) -> object:
    return set_up(Arguments(model=model, base_url=base_url)).provider


def test_the_documented_file_is_right(home: Path) -> None:
    assert len(EXAMPLES) == 1
    found = Registry()
    for name in found.settings().providers:
        spec = found.provider(name)
        spec.load(ProviderConfig(base_url=located(spec).url))
    report = next(report for report in examine(found) if report.target == str(home / "config.toml"))
    assert (report.state, report.problems) == ("ready", ())
    assert [note.partition(" ")[0] for note in report.notes] == ["openai"]


@pytest.mark.usefixtures("home")
def test_providers_of_the_file_speak_as_it_says() -> None:
    gpu = provider_of("gpu:small")
    assert gpu == Completions(PRESETS["vllm"], base_url="https://gpu.example/v1", name="gpu")
    assert provider_of("mimo:m") == Claude(
        name="mimo", base_url="https://mimo.example/anthropic", family="mimo", headers={"x-team": "research"}
    )
    odd = provider_of("odd:m")
    assert isinstance(odd, Completions)
    assert odd.url(odd.preset.path) == "http://localhost:9000/v1/api/chat"


@pytest.mark.usefixtures("home")
def test_an_address_is_taken_from_the_argument_the_file_the_environment_in_this_order(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "https://variable.example/v1")
    monkeypatch.setenv("ANTHROPIC_BASE_URL", "https://variable.example")

    def address(model: str, base_url: str | None = None) -> object:
        return getattr(provider_of(model, base_url), "base_url", None)

    assert address("openai:m", "https://argument.example/v1") == "https://argument.example/v1"
    assert address("openai:m") == "https://gateway.example/openai/v1"
    assert address("claude:m") == "https://variable.example"
    assert address("anthropic:m") == "https://variable.example"
    monkeypatch.delenv("ANTHROPIC_BASE_URL")
    assert address("claude:m") == "https://api.anthropic.com"


def test_a_key_comes_from_the_file_and_goes_to_no_other_name(home: Path) -> None:
    file = KeyFile(home / "keys.json")
    file.set("openai", "key-for-openai")
    file.set("gpu", "key-for-gpu")
    keys: dict[str, str | None] = {}
    for name in ("openai", "gpu", "mimo", "work"):
        credential = set_up(Arguments(model=f"{name}:m")).settings.credential
        assert isinstance(credential, Kept)
        found = credential.found()
        keys[name] = None if found is None else found[0].value
    assert keys == {"openai": "key-for-openai", "gpu": "key-for-gpu", "mimo": None, "work": None}
