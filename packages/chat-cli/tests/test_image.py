from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from running import DEMO, install

from chat_cli.image import image
from chat_core import media
from chat_core.testing.loopback import Loopback

if TYPE_CHECKING:
    from pathlib import Path

    from running import Chat

PAINTER = """
from dataclasses import dataclass

from chat_core.codec.images import ImageResponse, Images
from chat_core.codec.wire import WireRequest
from chat_core.demo import Demo
from chat_core.parts import Inline, Media, URL
from chat_core.plugins.hooks import hookimpl
from chat_core.plugins.spec import ProviderSpec

class Images_:
    def encode(self, request, *, stream=False):
        return WireRequest(url="https://demo.invalid/demo/image", body={})

    def decode(self, request, reply):
        if request.prompt == "none":
            return ImageResponse(images=())
        sources = [URL("https://a.example/x.png")] if request.prompt == "url" else [Inline(b"one"), Inline(b"two")]
        meta = {"painter": {"revised_prompt": "a big cat"}}
        return ImageResponse(images=tuple(Media(kind="image", source=source, meta=meta) for source in sources))

class Painter(Demo):
    capabilities = property(lambda self: {Images: Images_()})

class Mute(Demo):
    capabilities = property(lambda self: {})

@hookimpl
def chat_providers():
    yield ProviderSpec(name="painter", load=lambda config: Painter(), transport="demo", api=1)
    yield ProviderSpec(name="mute", load=lambda config: Mute(name="mute"), transport="demo", api=1)
"""


@pytest.fixture
def painter(tmp_path: Path) -> dict[str, str]:
    return install(tmp_path / "site", "painter", {"painter": "painting", "mute": "painting"}, painting=PAINTER)


def test_a_picture_is_written_to_a_file(chat: Chat, tmp_path: Path) -> None:
    done = chat("image", "a", "sun", "-o", str(tmp_path / "sun.png"), "-m", DEMO, "--size", "9x9")
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == "notice: size: not sent; what is played was recorded before\n"
    assert media.sniff((tmp_path / "sun.png").read_bytes()) == "image/png"
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["sun.png"]


def test_a_picture_goes_into_a_program(chat: Chat) -> None:
    done = chat("image", "-m", DEMO, stdin="a sun")
    assert done.stdout.startswith("\udc89PNG\r\n")
    assert (done.returncode, done.stderr) == (0, "")


def test_the_files_that_were_written_are_also_json(chat: Chat, tmp_path: Path) -> None:
    place = str(tmp_path / "sun.png")
    done = chat("image", "a sun", "-o", place, "-m", DEMO, "--json")
    assert json.loads(done.stdout) == {
        "images": [{"file": place, "url": None, "mime": "image/png", "revised_prompt": None}],
        "usage": None,
        "notices": [],
    }


def test_pictures_to_change_are_read(chat: Chat, tmp_path: Path) -> None:
    (tmp_path / "cat.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    given = ("-a", str(tmp_path / "cat.png"), "-a", "https://a.example/x.png", "--mask", str(tmp_path / "cat.png"))
    done = chat("image", "blue", "-o", str(tmp_path / "blue.png"), "-m", DEMO, *given, "-f", "steps", "3")
    assert done.returncode == 0
    assert [line.split(":")[1].strip() for line in done.stderr.splitlines()] == ["images", "mask", "extra"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "there are no words: chat image 'a cat in the sun' -o cat.png"),
        (("a", "-a", "nothing.png"), "nothing.png: No such file or directory"),
        (("a", "-a", "https://a.example/x"), "the address does not tell what it leads to"),
        (("a", "--json"), "--json says which files were written: name one with -o FILE"),
        (("a", "--json", "-o", "-"), "--json says which files were written: name one with -o FILE"),
        (("a", "--number", "2"), "several pictures are several files: name them with -o FILE"),
        (("a", "--number", "2", "-o", "-"), "several pictures are several files: name them with -o FILE"),
        (("a", "-o", "no/such/folder/x.png"), "-o no/such/folder/x.png: No such file or directory"),
    ],
)
def test_what_is_wrong_is_said_with_the_fix(chat: Chat, arguments: tuple[str, ...], words: str) -> None:
    done = chat("image", *arguments, "-m", DEMO)
    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr


@pytest.mark.parametrize("command", [("image", "a"), ("image", "a", "--json"), ("speak", "a")])
def test_a_place_that_can_be_no_file_is_told_before_anything_is_asked(
    chat: Chat, tmp_path: Path, command: tuple[str, ...]
) -> None:
    with Loopback() as server:
        for place in (tmp_path, tmp_path / "no" / "a.png"):
            service = ("-m", "openai:m", "--base-url", server.address)
            done = chat(*command, "-o", str(place), *service, env={"OPENAI_API_KEY": "k"})
            assert (done.returncode, server.asked) == (2, [])
            assert f"-o {place}: " in done.stderr


def test_a_picture_is_not_written_to_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    with pytest.raises(Exception, match="a picture is no text: name a file with -o FILE, or pipe it into a program"):
        image.main(["a sun", "-m", DEMO], standalone_mode=False)


def test_several_pictures_are_several_files(chat: Chat, tmp_path: Path, painter: dict[str, str]) -> None:
    done = chat("image", "cats", "-o", str(tmp_path / "cat.png"), "-m", "painter:demo", env=painter)
    assert done.returncode == 0
    found = {path.name: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()}
    assert found == {"cat-1.png": b"one", "cat-2.png": b"two"}


def test_an_address_is_printed_and_not_fetched(chat: Chat, tmp_path: Path, painter: dict[str, str]) -> None:
    place = str(tmp_path / "cat.png")
    done = chat("image", "url", "-o", place, "-m", "painter:demo", env=painter)
    assert (done.returncode, done.stdout) == (6, "https://a.example/x.png\n")
    assert done.stderr.startswith("the service sent an address instead of the picture: fetch it, or ask for bytes")
    told = json.loads(chat("image", "url", "-o", place, "-m", "painter:demo", "--json", env=painter).stdout)
    url = "https://a.example/x.png"
    assert told["images"] == [{"file": None, "url": url, "mime": None, "revised_prompt": "a big cat"}]


def test_no_picture_is_no_success(chat: Chat, tmp_path: Path, painter: dict[str, str]) -> None:
    done = chat("image", "none", "-o", str(tmp_path / "cat.png"), "-m", "painter:demo", env=painter)
    assert (done.returncode, done.stderr) == (6, "the service sent no picture\n")


def test_a_provider_without_pictures_is_an_error_of_the_set_up(
    chat: Chat, tmp_path: Path, painter: dict[str, str]
) -> None:
    done = chat("image", "a", "-o", str(tmp_path / "x.png"), "-m", "mute:demo", env=painter)
    assert done.returncode == 3
    assert "mute has no images; installed providers that have: " in done.stderr
