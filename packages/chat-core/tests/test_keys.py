from __future__ import annotations

import os
import stat
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from toy import Toy

from chat_core.codec.provider import Secret
from chat_core.errors import ConfigurationError, MissingCredential
from chat_core.keys import KEY_FILE, Kept, KeyFile, checked, kept
from chat_core.plugins.definitions import defined, derived
from chat_core.plugins.files import alone
from chat_core.plugins.spec import ProviderConfig, ProviderSpec

if TYPE_CHECKING:
    from pathlib import Path

    from chat_core.codec.effects import Flow
    from chat_core.codec.provider import Provider

CANARY = "canary-5eedca5e"

posix = pytest.mark.skipif(os.name != "posix", reason="modes and owners are POSIX's")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "chat" / "keys.json"


def written(path: Path, text: str, mode: int = 0o600) -> KeyFile:
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    path.chmod(mode)
    return KeyFile(path)


def returned(flow: Flow[Secret | None]) -> Secret | None:
    try:
        next(flow)
    except StopIteration as done:
        value: Secret | None = done.value
        return value
    raise AssertionError("a key file needs no effect")


def test_an_absent_file_has_no_keys(path: Path) -> None:
    assert KeyFile(path).names() == ()
    assert KeyFile(path).get("claude") is None
    assert not path.parent.exists()


def test_a_key_is_kept_replaced_and_forgotten(path: Path) -> None:
    file = KeyFile(path)
    file.set("claude", " first ")
    file.set("openai", "other")
    assert file.get("claude") == Secret("first")
    file.set("claude", "second")
    assert KeyFile(path).get("claude") == Secret("second")
    assert file.names() == ("claude", "openai")
    file.remove("claude")
    assert KeyFile(path).names() == ("openai",)


def test_the_file_is_where_the_environment_says(tmp_path: Path) -> None:
    assert KeyFile(environ={"CHAT_HOME": str(tmp_path)}).path == tmp_path / "keys.json"


@posix
def test_the_file_is_its_owners_alone_and_so_is_a_new_folder(path: Path) -> None:
    KeyFile(path).set("claude", CANARY)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_writing_leaves_nothing_but_the_file(path: Path) -> None:
    KeyFile(path).set("claude", CANARY)
    KeyFile(path).set("openai", CANARY)
    assert [item.name for item in path.parent.iterdir()] == ["keys.json"]


def test_a_write_that_fails_leaves_the_old_file_and_says_why(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    KeyFile(path).set("claude", "old")

    def full(file: int) -> None:
        assert stat.S_IMODE(os.fstat(file).st_mode) == 0o600
        assert len([*path.parent.iterdir()]) == 2  # beside the old one, so that it can be put in its place at once
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ConfigurationError, match="cannot be written: No space left on device"):
        KeyFile(path).set("claude", "new")
    assert KeyFile(path).get("claude") == Secret("old")
    assert [item.name for item in path.parent.iterdir()] == ["keys.json"]


def test_the_file_can_be_read_by_people(path: Path) -> None:
    KeyFile(path).set("b", 'with"quote')
    KeyFile(path).set("a", "1")
    assert path.read_text() == '{\n  "a": "1",\n  "b": "with\\"quote"\n}\n'
    assert KeyFile(path).get("b") == Secret('with"quote')


@posix
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602, 0o644, 0o666])
def test_a_file_that_others_can_reach_is_refused_with_the_command_that_mends_it(path: Path, mode: int) -> None:
    file = written(path, f'{{"claude": "{CANARY}"}}', mode)
    for asked in (file.names, lambda: file.get("claude"), lambda: file.set("openai", "x")):
        with pytest.raises(ConfigurationError, match=f"run `chmod 600 {path}`") as error:
            asked()
        assert CANARY not in str(error.value)
    path.chmod(0o600)
    assert file.get("claude") == Secret(CANARY)


@posix
def test_a_file_that_is_opened_to_others_after_it_was_read_is_refused(path: Path) -> None:
    file = written(path, '{"claude": "x"}')
    assert file.get("claude") == Secret("x")
    path.chmod(0o644)
    with pytest.raises(ConfigurationError, match="chmod 600"):
        file.get("claude")


@posix
@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can give files away")
def test_root_may_read_a_users_file_and_a_user_may_not_read_anothers(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = written(path, '{"claude": "x"}')
    os.chown(path, 12345, 12345)
    assert file.get("claude") == Secret("x")
    monkeypatch.setattr(os, "geteuid", lambda: 54321)
    with pytest.raises(ConfigurationError, match="belongs to another user: run `chown 54321"):
        KeyFile(path).get("claude")


@posix
def test_a_link_is_followed_stays_one_and_what_it_leads_to_must_be_private(path: Path, tmp_path: Path) -> None:
    target = tmp_path / "dotfiles.json"
    written(target, '{"claude": "x"}')
    path.parent.mkdir()
    path.symlink_to(target)
    file = KeyFile(path)
    file.set("openai", "y")
    assert path.is_symlink()
    assert KeyFile(target).names() == ("claude", "openai")
    target.chmod(0o644)
    with pytest.raises(ConfigurationError, match="chmod 600"):
        file.names()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (f'{{"claude": "{CANARY}"', "is no JSON object of the kind"),
        (f'["{CANARY}"]', "is no JSON object of the kind"),
        (f'{{"claude": ["{CANARY}"]}}', "the key of 'claude' is no text: run `chat keys set claude`"),
        ('{"claude": " "}', "the key of 'claude' is empty"),
        (f'{{"claude": "{CANARY}\\n{CANARY}"}}', "the key of 'claude' holds characters that no key has"),
    ],
)
def test_a_damaged_file_is_an_error_that_names_it_and_does_not_show_it(path: Path, text: str, words: str) -> None:
    file = written(path, text)
    with pytest.raises(ConfigurationError, match=words) as caught:
        file.get("claude")
    assert str(path) in str(caught.value)
    error: BaseException | None = caught.value
    while error is not None:
        assert CANARY not in f"{error!r}{vars(error)}"
        error = error.__cause__ or error.__context__


@pytest.mark.parametrize(
    "value", ["3", "null", f'["{CANARY}"]', '" "'], ids=["number", "null", "list", "blank"]
)  # its id names the folder
def test_a_damaged_key_stops_its_own_provider_only_and_can_be_mended(path: Path, value: str) -> None:
    file = written(path, f'{{"claude": {value}, "openai": "x"}}')
    assert file.get("openai") == Secret("x")
    assert file.names() == ("openai",)
    (problem,) = file.problems()
    assert "run `chat keys set claude`, or `chat keys remove claude`" in problem
    assert CANARY not in f"{problem}{vars(file)}"
    file.set("openai", "y")  # leaves what is damaged as it is
    with pytest.raises(ConfigurationError, match="the key of 'claude'"):
        file.get("claude")
    assert f'"claude": {value}' in path.read_text()
    file.set("claude", "z")
    assert KeyFile(path).get("claude") == Secret("z")
    assert KeyFile(path).problems() == ()


def test_a_damaged_key_can_be_removed(path: Path) -> None:
    file = written(path, '{"claude": 3, "openai": "x"}')
    file.remove("claude")
    assert path.read_text() == '{\n  "openai": "x"\n}\n'


def test_an_empty_file_has_no_keys(path: Path) -> None:
    assert written(path, "\n").names() == ()


def test_a_folder_in_the_place_of_the_file_is_an_error(path: Path) -> None:
    path.mkdir(parents=True)
    with pytest.raises(ConfigurationError, match="is no ordinary file"):
        KeyFile(path).names()


def test_a_key_needs_a_name_and_a_value_that_a_header_can_hold(path: Path) -> None:
    file = KeyFile(path)
    with pytest.raises(ConfigurationError, match="needs the name of its provider"):
        file.set(" ", "x")
    with pytest.raises(MissingCredential, match="the key is empty"):
        file.set("claude", "\n")
    with pytest.raises(MissingCredential, match="line breaks") as error:
        file.set("claude", f"{CANARY}\n{CANARY}")
    assert CANARY not in str(error.value)
    with pytest.raises(ConfigurationError, match=r"has no key for 'x'. It has: none"):
        file.remove("x")
    assert not path.exists()


def test_nothing_shows_a_key(path: Path) -> None:
    file = KeyFile(path)
    file.set("claude", CANARY)
    credential = Kept(("claude",), file=file)
    assert returned(credential.secret()) == Secret(CANARY)
    assert CANARY not in f"{file!r} {credential!r} {credential.found()!r} {checked(CANARY, 'it')}"


def test_the_key_file_is_asked_before_the_environment(path: Path) -> None:
    file = KeyFile(path)
    credential = Kept(("claude", "anthropic"), ("A_KEY", "B_KEY"), file=file, environ={"A_KEY": " ", "B_KEY": "b"})
    assert credential.found() == (Secret("b"), "B_KEY")
    file.set("anthropic", "by-alias")
    assert credential.found() == (Secret("by-alias"), KEY_FILE)
    file.set("claude", "by-name")
    assert returned(credential.secret()) == Secret("by-name")


def test_a_key_says_where_it_is_from_and_which_variable_it_goes_before(path: Path) -> None:
    file = KeyFile(path)
    credential = Kept(("claude", "anthropic"), ("A_KEY", "B_KEY"), file=file, environ={"A_KEY": " ", "B_KEY": "b"})
    alone = Kept(("claude", "anthropic"), ("A_KEY",), file=file, environ={})
    assert source(credential) == "the environment variable B_KEY"
    assert credential.passed_over() is None
    file.set("anthropic", "k")
    assert source(alone) == f"the entry 'anthropic' of {path}"
    assert source(credential) == f"the entry 'anthropic' of {path}, which goes before the environment variable B_KEY"
    assert (alone.passed_over(), credential.passed_over()) == (None, "B_KEY")


def source(credential: Kept) -> str | None:
    """Return what a provider's secret says of where it is from."""
    secret = returned(credential.secret())
    assert secret is not None
    return secret.source


def test_a_key_that_was_changed_is_found_without_a_restart(path: Path) -> None:
    credential = Kept(("claude",), file=KeyFile(path))
    KeyFile(path).set("claude", "old")
    old = Secret("old")
    assert returned(credential.secret()) == old
    assert returned(credential.renewed(old)) is None
    KeyFile(path).set("claude", "new")
    assert returned(credential.renewed(old)) == Secret("new")
    assert returned(credential.secret()) == Secret("new")


def test_an_unchanged_file_is_parsed_once(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    KeyFile(path).set("claude", "x")
    file = KeyFile(path)
    file.get("claude")

    def opened_again(*_: object) -> None:
        raise AssertionError("opened again")

    monkeypatch.setattr(os, "open", opened_again)
    assert file.get("claude") == Secret("x")


def test_a_missing_key_is_told_with_the_variables_and_the_command(path: Path) -> None:
    with pytest.raises(MissingCredential) as error:
        returned(Kept(("claude",), ("A_KEY", "B_KEY"), file=KeyFile(path), environ={}).secret())
    assert str(error.value) == (
        "no API key for claude: set the environment variable A_KEY or B_KEY, run `chat keys set claude`, "
        "or pass api_key="
    )
    assert returned(Kept(("claude",), required=False, file=KeyFile(path), environ={}).secret()) is None


@posix
def test_a_refused_file_is_an_error_even_where_a_variable_is_set(path: Path) -> None:
    file = written(path, "{}", 0o644)
    with pytest.raises(ConfigurationError, match="chmod 600"):
        returned(Kept(("claude",), ("A_KEY",), file=file, environ={"A_KEY": "a"}).secret())


def _load(config: ProviderConfig) -> Provider:
    return Toy() if config.base_url is None else Toy(base_url=config.base_url)


def test_a_provider_is_looked_for_under_all_its_names() -> None:
    spec = ProviderSpec(name="claude", load=_load, env=("A_KEY",), aliases=("anthropic",))
    assert kept(spec) == Kept(("claude", "anthropic"), ("A_KEY",))
    same = derived(defined("mine", {}, "the file"), spec)
    assert kept(same) == Kept(("mine", "claude", "anthropic"), ("A_KEY",))
    elsewhere = derived(defined("mine", {"base_url": "http://a.example"}, "the file"), spec)
    assert kept(elsewhere) == Kept(("mine",), (), required=False)


def test_a_provider_that_takes_no_key_asks_no_file() -> None:
    assert kept(ProviderSpec(name="free", load=_load)) is None
    assert kept(ProviderSpec(name="free", load=_load, key_optional=True)) == Kept(("free",), required=False)


@posix
def test_two_programs_that_keep_keys_at_once_keep_both(path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from chat_core.keys import KeyFile; file = KeyFile(Path(sys.argv[1]))\n"
        "for number in range(20): file.set(f'{sys.argv[2]}{number}', 'key')"
    )
    running = [subprocess.Popen([sys.executable, "-c", program, str(path), name]) for name in "ab"]
    assert [process.wait(60) for process in running] == [0, 0]
    assert KeyFile(path).names() == tuple(sorted(f"{name}{number}" for name in "ab" for number in range(20)))


@posix
def test_a_program_that_does_not_let_go_is_waited_for_in_vain(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chat_core.plugins.files.PATIENCE", 0.05)
    with alone(path), pytest.raises(ConfigurationError, match="another program is at it"):
        KeyFile(path).set("claude", "key")
    KeyFile(path).set("claude", "key")
    assert KeyFile(path).names() == ("claude",)
