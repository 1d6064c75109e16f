"""The plugins of this workspace: light, listed in the metadata as they are in the code, and ready."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from chat_claude.provider import Claude
from chat_completions.presets import PRESETS
from chat_completions.provider import Completions
from chat_core import Chat
from chat_core.errors import ConfigurationError, MissingCredential
from chat_core.plugins.doctor import examine
from chat_core.plugins.packages import PACKAGES, package_of
from chat_core.plugins.registry import Registry, registry
from chat_core.plugins.spec import ProviderConfig
from chat_ollama.provider import Ollama

ROOT = Path(__file__).parents[1]
HEAVY = {
    "asyncio",
    "httpx",
    "importlib.metadata",
    "json",
    "logging",
    "pluggy",
    "pydantic",
    "pydantic_core",
    "socket",
    "ssl",
}
PLUGINS = sorted(path.parent for path in ROOT.glob("packages/*/src/*/plugin.py"))


def entries(package: Path) -> dict[str, str]:
    project = tomllib.loads((package.parents[1] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    listed: dict[str, str] = project["entry-points"]["chat_core.plugins"]
    return listed


@pytest.mark.parametrize("package", PLUGINS, ids=lambda path: path.name)
def test_a_plugin_module_and_its_hooks_load_nothing_heavy_and_no_provider(package: Path) -> None:
    program = f"""
import sys
sys.path[:] = {sys.path!r}
before = set(sys.modules)
from {package.name} import plugin
hooks = {{"chat_providers": "", "chat_stores": "store.", "chat_transports": "transport."}}
offers = [(kind, spec) for hook, kind in hooks.items() for spec in getattr(plugin, hook, tuple)()]
names = [kind + name for kind, spec in offers for name in (spec.name, *spec.aliases)]
print(*sorted(set(sys.modules) - before))
print(*names)
"""
    done = subprocess.run([sys.executable, "-S", "-c", program], capture_output=True, text=True, check=True)
    loaded, names = (set(line.split()) for line in done.stdout.splitlines())
    assert loaded & HEAVY == set()
    assert not {f"{package.name}.{module}" for module in ("provider", "encode", "decode", "stream", "store")} & loaded
    assert names == {name for name in entries(package) if not name.startswith("command.")}  # those have no spec
    assert set(entries(package).values()) == {f"{package.name}.plugin"}


def test_the_table_of_packages_says_what_the_metadata_says() -> None:
    offered = {
        label: package.parents[1].name
        for package in PLUGINS
        for label in entries(package)
        if "." not in label or label.startswith(("command.", "store.", "transport."))
    }
    assert {label: package_of(label) for label in offered} == offered
    here = {package.parents[1].name for package in PLUGINS}
    assert {label for name in here for label in PACKAGES.get(name, ())} <= offered.keys()


def test_every_preset_is_a_provider_by_its_name() -> None:
    for name, preset in PRESETS.items():
        provider = registry().provider(name).load(ProviderConfig(base_url="http://here.example/v1"))
        assert isinstance(provider, Completions)
        assert (provider.preset, provider.base_url) == (preset, "http://here.example/v1")


def test_claude_is_a_provider_by_both_of_its_names() -> None:
    for name in ("claude", "anthropic"):
        assert registry().provider(name).load(ProviderConfig()) == Claude()
    moved = registry().provider("claude").load(ProviderConfig(base_url="https://gateway.example"))
    assert moved == Claude(base_url="https://gateway.example")


def test_ollama_is_a_provider_that_wants_no_key() -> None:
    spec = registry().provider("ollama")
    assert spec.key_optional
    assert spec.load(ProviderConfig()) == Ollama()
    assert spec.load(ProviderConfig(base_url="http://gpu:1")) == Ollama(base_url="http://gpu:1")


def test_the_doctor_finds_nothing_wrong() -> None:
    reports = {report.distribution: report for report in examine(Registry(environ={}))}
    for name in ("chat-core", "chat-claude", "chat-completions", "chat-ollama"):
        assert (reports[name].state, reports[name].problems) == ("ready", ())


@pytest.mark.parametrize(
    ("model", "variables"),
    [("claude:m", ["ANTHROPIC_API_KEY"]), ("groq:m", ["GROQ_API_KEY"]), ("zai:m", ["ZAI_API_KEY", "Z_AI_API_KEY"])],
)
def test_a_missing_key_is_named_with_its_variable(
    model: str, variables: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in variables:
        monkeypatch.delenv(variable, raising=False)
    with pytest.raises(MissingCredential, match=" or ".join(variables)):
        Chat(model).complete("Hi")


def test_a_service_with_an_address_for_every_account_asks_for_it() -> None:
    with pytest.raises(ConfigurationError, match="azure has an address of its own for every account: pass base_url"):
        Chat("azure:m")


def test_a_server_on_ones_own_machine_needs_no_key() -> None:
    assert registry().provider("ollama-openai").key_optional
    assert not registry().provider("openai").key_optional
