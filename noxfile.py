"""Sessions of the workspace: what CI runs, and the same commands by hand.

An environment holds what its session needs and is kept; `isolated` and `constraints` start from nothing.
"""

from __future__ import annotations

import functools
import os
import re
import shutil
import sys
import tomllib
from pathlib import Path

import nox

ROOT = Path(__file__).parent
CORE = "chat-core"
PACKAGES = sorted(path.parent.name for path in ROOT.glob("packages/*/pyproject.toml"))
EDITABLE = [word for name in PACKAGES for word in ("-e", f"packages/{name}")]
CONSTRAINTS = ("-c", "constraints.txt")
WORKERS = ("-n", str((os.cpu_count() or 1) + 1), "--dist", "loadfile")  # tests wait for servers, so one more than cores
OF_INSTALLS = ("-m", "not endurance and not hypothesis")  # tests that can fail for how a package was installed
COMPILED = {"PYTHONDONTWRITEBYTECODE": ""}  # tests start many programs: what those import is compiled once
WHEELS: dict[str, str] = {}  # made in this run, by package: several sessions install the same ones

nox.needs_version = ">=2025.10.16"
nox.options.default_venv_backend = "uv|virtualenv"
nox.options.sessions = ["lint", "layers", "types", "wire", "tests"]
nox.options.error_on_missing_interpreters = True


def install(session: nox.Session, *groups: str) -> None:
    """Install every package, editable, and some of the root's dependency groups, in known-good versions."""
    session.install(*CONSTRAINTS, *EDITABLE, *(word for group in groups for word in ("--group", group)))


@nox.session(reuse_venv=True)
def tests(session: nox.Session) -> None:
    """Run all tests, on all cores; arguments go to pytest."""
    install(session, "test", "oracle", "bench")
    session.run("python", "-m", "pytest", *WORKERS, *session.posargs, env=COMPILED)


@nox.session(reuse_venv=True)
def lint(session: nox.Session) -> None:
    """Check lint rules and formatting; `nox -s lint -- --fix` repairs what it can."""
    session.install(*CONSTRAINTS, "--group", "lint")
    fix = "--fix" in session.posargs
    session.run("ruff", "check", *(["--fix"] if fix else []))
    session.run("ruff", "format", *([] if fix else ["--check"]))


@nox.session(reuse_venv=True)
def types(session: nox.Session) -> None:
    """Check types twice: mypy strict and pyright strict."""
    install(session, "test", "oracle", "types", "nox", "docs", "bench")
    # One mypy run for each folder of tests: the same test file names occur in every package.
    sources = (f"packages/{name}/src" for name in PACKAGES)
    session.run("mypy", *sources, "tests", "examples", "benchmarks", "docs/conf.py", "noxfile.py")
    for name in PACKAGES:
        folder = ROOT / "packages" / name
        if any(folder.glob("tests/**/*.py")):
            with session.chdir(folder):
                session.run("mypy", "--config-file", "../../pyproject.toml", "tests")
    session.run("basedpyright", "--pythonpath", str(Path(session.bin) / "python"))


@nox.session(reuse_venv=True)
def layers(session: nox.Session) -> None:
    """Check that no layer imports a higher one, nor a provider another."""
    install(session, "layers")
    session.run("lint-imports", "--no-logo")


@nox.session(reuse_venv=True)
def wire(session: nox.Session) -> None:
    """Decode the recorded exchanges under CHAT_WIRE_CORPUS and print what differs."""
    if not os.environ.get("CHAT_WIRE_CORPUS"):
        session.skip("CHAT_WIRE_CORPUS names no folder of recorded exchanges")
    install(session, "test", "oracle")
    session.run("python", "tests/wire/run.py", *session.posargs)


@nox.session(reuse_venv=True, default=False)
def bench(session: nox.Session) -> None:
    """Measure against floors and the official libraries; `nox -s bench -- full` makes environments for others too.

    Arguments go to `python -m benchmarks`: names of measures, `compare BEFORE AFTER`, `--help`.
    """
    install(session, "bench", "oracle")
    session.run("python", "-m", "benchmarks", *session.posargs)


@nox.session(reuse_venv=True, default=False)
def soak(session: nox.Session) -> None:
    """Ask a service that fails at random, three minutes a transport; arguments go to `python -m tests.endurance`."""
    install(session, "test")
    for transport in ("httpx", "aiohttp"):
        session.run("python", "-m", "tests.endurance", "--transport", transport, *session.posargs)


@nox.session(reuse_venv=True, default=False)
def fuzz(session: nox.Session) -> None:
    """Damage replies for five minutes, and those under CHAT_WIRE_CORPUS; arguments go to `python -m tests.fuzz`."""
    install(session, "test")
    session.run("python", "-m", "tests.fuzz", *session.posargs)
    if os.environ.get("CHAT_WIRE_CORPUS"):
        session.run("python", "-m", "tests.fuzz", "--corpus", *session.posargs)


@nox.session(reuse_venv=True)
def docs(session: nox.Session) -> None:
    """Build the site, check links, and run the code of pages; `nox -s docs -- --build` only builds."""
    install(session, "test", "docs")
    session.run("sphinx-build", *SITE, ".", "build/docs")
    if "--build" not in session.posargs:
        session.run("python", "-m", "pytest", "tests/test_docs.py", *session.posargs, env=COMPILED)


SITE = (
    *("--conf-dir", "docs", "--doctree-dir", "build/doctrees", "--jobs", "auto"),
    *("--quiet", "--fail-on-warning", "--fresh-env"),  # what an earlier build has seen is not warned about again
)


@nox.session
@nox.parametrize("package", PACKAGES, ids=PACKAGES)
def isolated(session: nox.Session, package: str) -> None:
    """Test one package from its wheel, alone with chat-core, in a clean environment.

    What is tried at length, or with made-up values, is left to `tests`, which runs the same files.
    """
    wheels = [build(session, name) for name in dict.fromkeys([CORE, *built_on(package), package])]
    folder = Path("packages", package)
    session.install(*CONSTRAINTS, *wheels, "--group", f"{folder}/pyproject.toml:test")
    session.run("python", "-c", PROBE, package.replace("-", "_"))
    if any(folder.glob("tests/**/test_*.py")):
        marked = ("-p", "no:cacheprovider", *WORKERS, *OF_INSTALLS)
        session.run("python", "-m", "pytest", *marked, str(folder / "tests"), env=COMPILED)


def built_on(package: str) -> list[str]:
    """List the packages of the workspace that a package needs."""
    project = tomllib.loads(Path("packages", package, "pyproject.toml").read_text(encoding="utf-8"))["project"]
    names = [re.split(r"[^a-z-]", need)[0] for need in project["dependencies"]]
    return [name for name in names if name in PACKAGES]


PROBE = """
import importlib, importlib.metadata, pathlib, sys
module = importlib.import_module(sys.argv[1])
folder = pathlib.Path(module.__file__).parent
assert folder.parent.name == "site-packages", f"imported from {folder}, not from the wheel"
assert (folder / "py.typed").is_file(), "no py.typed in the wheel"
licences = importlib.metadata.metadata(sys.argv[1]).get_all("License-File")
assert licences == ["LICENSE"], f"licence files in the wheel: {licences}"
"""


def build(session: nox.Session, package: str) -> str:
    """Build a package's wheel, once in a run, and return its path."""
    if package in WHEELS:
        return WHEELS[package]
    out = Path(session.create_tmp(), package)
    shutil.rmtree(out, ignore_errors=True)
    session.run(
        *(sys.executable, "-m", "uv", "build", "--quiet", "--wheel", "--package", package),
        *("--build-constraint", "constraints.txt", "--out-dir", str(out)),
        external=True,
    )
    (wheel,) = out.glob("*.whl")
    WHEELS[package] = str(wheel.resolve())
    return WHEELS[package]


@nox.session(venv_backend="none", default=False)
def changed(session: nox.Session) -> None:
    """Queue `isolated` for chat-core and for each package that differs from the base commit."""
    paths = changed_paths(session)
    for package in PACKAGES:
        if package == CORE or any(path.startswith(f"packages/{package}/") for path in paths):
            session.notify(f"isolated({package})")


def changed_paths(session: nox.Session) -> list[str]:
    """List the files that differ from where origin's branch was left, or else from the commit before."""
    git = functools.partial(session.run, "git", external=True, silent=True, log=False, success_codes=(0, 1, 128))
    head = str(git("rev-parse", "HEAD")).strip()
    base = str(git("merge-base", "HEAD", "origin/HEAD")).strip()
    if base == head or not re.fullmatch("[0-9a-f]{40,}", base):
        base = "HEAD~1"
    names = str(git("diff", "--name-only", base))
    if "fatal:" in names:  # a first or a shallow commit has no base: everything changed
        names = str(git("ls-files"))
    return names.splitlines()


@nox.session(default=False)
def constraints(session: nox.Session) -> None:
    """Write constraints.txt anew from the newest versions that fit together: names and versions only."""
    session.install(*EDITABLE, "--group", "dev")
    frozen = session.run(
        *(
            sys.executable,
            "-m",
            "uv",
            "pip",
            "freeze",
            "--exclude-editable",
            "--python",
            str(Path(session.bin, "python")),
        ),
        external=True,
        silent=True,
    )
    pins = [line for line in str(frozen).splitlines() if re.fullmatch(r"[\w.-]+==[\w.+!-]+", line)]
    note = "# Known-good versions, used by the README's commands and CI; written by `nox -s constraints`.\n"
    (ROOT / "constraints.txt").write_text(note + "\n".join(pins) + "\n", encoding="utf-8")
