"""The workspace keeps its shape: metadata, file names, and what must not be written anywhere."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = sorted(path.parent for path in ROOT.glob("packages/*/pyproject.toml"))
OTHERS = {"chat-core", "chat-cli", "chat-aiohttp", "chat-store-postgres"}  # packages that are no provider
PROVIDERS = [package for package in PACKAGES if package.name not in OTHERS]
PROVIDER_FILES = {
    "__init__.py",
    "decode.py",
    "encode.py",
    "options.py",
    "parse.py",
    "provider.py",
    "py.typed",
    "stream.py",
}
CLASSIFIERS = {
    "Typing :: Typed",
    *(f"Programming Language :: Python :: 3.{minor}" for minor in range(11, 15)),
}
# Joined here, because this file is searched as well.
HOSTS = [".".join(labels) for labels in (("pypi", "org"), ("pythonhosted", "org"), ("registry", "npmjs"))]
PATHS = [f"/{folder}/" for folder in ("work", "root", "Users")]
FORBIDDEN = re.compile("|".join(map(re.escape, HOSTS + PATHS)))

each_package = pytest.mark.parametrize("package", PACKAGES, ids=lambda path: path.name)
BUILT_ON_A_WIRE = {"chat-huggingface", "chat-openai"}  # whose codec of chat is another package's
CODEC_FILES = {"decode.py", "encode.py", "parse.py", "stream.py"}

each_provider = pytest.mark.parametrize("package", PROVIDERS, ids=lambda path: path.name)


def source(package: Path) -> Path:
    return package / "src" / package.name.replace("-", "_")


@each_package
def test_a_package_states_its_metadata(package: Path) -> None:
    project = tomllib.loads((package / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["name"] == package.name
    assert project["description"]
    assert project["readme"] == "README.md"
    assert project["requires-python"] == ">=3.11"
    assert project["license"] == "Apache-2.0"
    assert project["license-files"] == ["LICENSE"]
    assert {"Homepage", "Source", "Changelog"} <= project["urls"].keys()
    assert set(project["classifiers"]) >= CLASSIFIERS


@each_package
def test_a_package_has_its_readme_its_marker_and_the_licence(package: Path) -> None:
    assert (package / "README.md").read_text(encoding="utf-8").startswith(f"# {package.name}\n")
    assert (source(package) / "py.typed").is_file()
    assert (package / "LICENSE").read_bytes() == (ROOT / "LICENSE").read_bytes()


@each_provider
def test_a_provider_has_the_file_names_all_providers_have(package: Path) -> None:
    there = {path.name for path in source(package).iterdir()}
    elsewhere = CODEC_FILES if package.name in BUILT_ON_A_WIRE else set[str]()
    assert PROVIDER_FILES - there == elsewhere


@each_provider
def test_a_provider_keeps_the_contract(package: Path) -> None:
    text = (package / "tests" / "test_contract.py").read_text(encoding="utf-8")
    assert "(ProviderContract)" in text


@pytest.mark.parametrize("package", [path for path in PACKAGES if path.name != "chat-core"], ids=lambda path: path.name)
def test_a_package_depends_on_a_bounded_range_of_core(package: Path) -> None:
    project = tomllib.loads((package / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    (core,) = [need for need in project["dependencies"] if need.startswith("chat-core")]
    assert re.fullmatch(r"chat-core>=\d+\.\d+,<\d+", core)


def test_constraints_hold_names_and_versions_only() -> None:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if not re.fullmatch(r"#.*|[a-z0-9-]+==[0-9][\w.]*", line)] == []


def test_no_file_names_a_registry_host_or_a_path_of_one_machine() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {match[0]}"
        for path in tracked()
        if (match := FORBIDDEN.search(path.read_text(encoding="utf-8", errors="replace")))
    ]
    assert found == []


def tracked() -> list[Path]:
    """List the files that are or would be committed."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    try:
        names = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("not a git checkout")
    return [path for path in (ROOT / name for name in names.decode().split("\0") if name) if path.is_file()]
