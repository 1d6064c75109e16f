"""Both front doors: the same names, the same behaviour, wherever they are called from."""

from __future__ import annotations

import asyncio
import inspect
import re
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from loopback import serving
from toy import MemoryTransport, Toy, said, sse, streamed

import chat_core
from chat_core import AsyncChat, Chat
from chat_core.errors import Overloaded, StreamTruncated, UnsupportedTransport
from chat_core.events import ResponseEnd, TextDelta
from chat_core.messages import user
from chat_core.options import Options
from chat_core.request import Request

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def own(*answers: object) -> Chat:
    return Chat("toy-1", provider=Toy(), transport=MemoryTransport(*answers))  # type: ignore[arg-type] # pyright: ignore[reportArgumentType] - answers of any kind


def aown(*answers: object) -> AsyncChat:
    return AsyncChat("toy-1", provider=Toy(), transport=MemoryTransport(*answers))  # type: ignore[arg-type] # pyright: ignore[reportArgumentType] - answers of any kind


# The two are twins

NAMES = [
    "classify", "close", "complete", "count_tokens", "drive", "embed", "entail", "image", "image_stream", "live", "map",
    "models", "moderate", "rerank", "resume", "resume_stream", "speak", "speak_stream", "stance", "stream", "tokenize",
    "transcribe", "transcribe_stream", "using",
]  # fmt: skip


def methods(client: type) -> dict[str, Callable[..., object]]:
    return {name: value for name, value in vars(client).items() if inspect.isfunction(value) and name[0] != "_"}


def test_both_have_the_same_methods() -> None:
    assert sorted(methods(Chat)) == sorted(methods(AsyncChat)) == NAMES


@pytest.mark.parametrize("name", ["__init__", *NAMES])
def test_a_method_of_both_has_the_same_parameters_and_the_same_documentation(name: str) -> None:
    one, other = vars(Chat)[name], vars(AsyncChat)[name]
    assert one.__doc__ == other.__doc__
    assert one.__doc__
    assert _plain(one) == _plain(other)


def _plain(method: Callable[..., object]) -> str:
    return str(inspect.signature(method)).replace("Async", "").replace("ADrive", "Drive")


def test_both_are_described_alike() -> None:
    assert (Chat.__doc__ or "").replace("Chat", "X") == (AsyncChat.__doc__ or "").replace("AsyncChat", "X").replace(
        "Chat", "X"
    )


@pytest.mark.parametrize("name", ["chat", "achat"])
def test_a_front_door_is_short(name: str) -> None:
    source = Path(chat_core.__path__[0], f"{name}.py").read_text(encoding="utf-8")
    assert len(source.splitlines()) <= 300  # the four overloads of four methods are 60 of them


# What they do


def test_an_answer_comes_whole() -> None:
    turn = own(said("Hello", x_request_id="r1")).complete("Hi")
    assert (turn.text, turn.status, turn.messages[0]) == ("Hello", "complete", user("Hi"))
    assert turn.response.attempts[0].request_id == "r1"


def test_an_awaited_answer_comes_whole() -> None:
    assert asyncio.run(aown(said("Hello")).complete("Hi")).text == "Hello"


def test_an_answer_comes_in_events_and_then_as_a_turn() -> None:
    with own(streamed(sse("He", "llo"))).stream("Hi") as stream:
        events = list(stream)
    assert [event.text for event in events if isinstance(event, TextDelta)] == ["He", "llo"]
    assert stream.result.text == "Hello"
    assert events[-1] == ResponseEnd(stream.result.response)


def test_an_awaited_answer_comes_in_events_and_then_as_a_turn() -> None:
    async def main() -> str:
        async with aown(streamed(sse("He", "llo"))).stream("Hi") as stream:
            events = [event async for event in stream]
        assert isinstance(events[-1], ResponseEnd)
        return stream.result.text

    assert asyncio.run(main()) == "Hello"


def test_leaving_a_stream_closes_it_for_good() -> None:
    transport = MemoryTransport(streamed(sse("He"), sse("llo")), streamed(sse("He"), sse("llo")))
    with Chat("toy-1", provider=Toy(), transport=transport).stream("Hi") as stream:
        next(stream)
    assert transport.closed == [False]

    async def main() -> None:
        async with AsyncChat("toy-1", provider=Toy(), transport=transport).stream("Hi") as astream:
            await anext(astream)

    asyncio.run(main())
    assert transport.closed == [False, False]


def test_a_call_can_be_told_otherwise() -> None:
    transport = MemoryTransport(said("a"), said("b"))
    chat = Chat("toy-1", provider=Toy(), transport=transport, headers={"x-a": "1"}, api_key="abcdef")
    turn = chat.complete("Hi", model="toy-2", headers={"x-b": "2"}, api_key="ghijkl", options=Options(top_k=1))
    chat.complete("Hi")
    first, second = transport.sent
    assert first.wire.body == {"model": "toy-2", "texts": ["Hi"], "stream": False}
    assert {"x-a": "1", "x-b": "2"}.items() <= first.headers.items()
    assert first.credentials["authorization"] == "Bearer ghijkl"
    assert [notice.feature for notice in turn.response.notices] == ["top_k"]
    assert second.wire.body == {"model": "toy-1", "texts": ["Hi"], "stream": False}
    assert second.credentials["authorization"] == "Bearer abcdef"
    assert "x-b" not in second.headers


def test_a_copy_shares_the_transport_and_changes_nothing_of_the_original() -> None:
    transport = MemoryTransport(said("a"), said("b"))
    chat = Chat("toy-1", provider=Toy(), transport=transport)
    copy = chat.using(model="toy-2")
    assert (repr(chat), repr(copy)) == ("Chat(toy:toy-1)", "Chat(toy:toy-2)")
    copy.complete("Hi")
    chat.complete("Hi")
    assert [sent.wire.body["model"] for sent in transport.sent if isinstance(sent.wire.body, dict)] == [
        "toy-2",
        "toy-1",
    ]
    assert repr(AsyncChat("toy-1", provider=Toy(), transport=transport).using(model="x")) == "AsyncChat(toy:x)"


def test_many_answers_come_in_order() -> None:
    requests = [Request(model=f"toy-{number}", messages=(user("Hi"),)) for number in range(5)]
    turns = own(*(said("Hello") for _ in range(5))).map(requests, concurrency=2)
    assert [turn.text for turn in turns] == ["Hello"] * 5

    async def main() -> list[str]:
        chat = aown(*(said("Hello") for _ in range(5)))
        return [turn.text async for turn in chat.map(requests, concurrency=2)]

    assert asyncio.run(main()) == ["Hello"] * 5


def test_a_transport_that_was_passed_in_is_closed_and_a_shared_one_is_not() -> None:
    class Closing(MemoryTransport):
        closings = 0

        def close(self) -> None:
            self.closings += 1

    mine, shared = Closing(), Closing()
    with Chat("toy-1", provider=Toy(), transport=mine):
        pass
    assert mine.closings == 1
    chat = Chat("replay:demo")
    chat.close()
    assert chat.complete("Hi").text
    assert shared.closings == 0


def test_a_client_needs_a_transport_of_its_colour() -> None:
    class Blocking:
        channel = "http"
        send, open, close = MemoryTransport.send, MemoryTransport.open, MemoryTransport.close

    with pytest.raises(UnsupportedTransport, match="use Chat"):
        AsyncChat("toy-1", provider=Toy(), transport=Blocking())  # type: ignore[arg-type] # pyright: ignore[reportArgumentType] - the mistake tested


def test_an_error_brings_what_had_come_and_the_attempts() -> None:
    with (
        pytest.raises(StreamTruncated) as caught,
        own(streamed(sse("He", finish=False, done=False))).stream("Hi") as stream,
    ):
        list(stream)
    assert caught.value.partial is not None
    assert caught.value.partial.text == "He"
    with pytest.raises(Overloaded) as refused:
        Chat("replay:demo").complete("I am busy")
    assert len(refused.value.attempts) == 3


# Where they are called from


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with serving() as url:
        yield url


def remote(address: str) -> Chat:
    return Chat("toy-1", provider=Toy(base_url=address), api_key="abcdef")


def heard(chat: Chat, words: str) -> str:
    whole = chat.complete(words).text
    with chat.stream(words) as stream:
        pieces = "".join(event.text for event in stream if isinstance(event, TextDelta))
    assert pieces == whole
    return whole


def test_blocking_works_inside_a_running_loop(address: str) -> None:
    async def main() -> str:
        return heard(remote(address), "in a loop")

    assert asyncio.run(main()) == "in a loop Bearer abcdef"


def test_both_work_over_several_loops(address: str) -> None:
    chat = remote(address)
    achat = AsyncChat("toy-1", provider=Toy(base_url=address), api_key="abcdef")

    async def main(words: str) -> tuple[str, str]:
        answers = await asyncio.gather(achat.complete(words), achat.stream(words).finish())
        assert {turn.text for turn in answers} == {f"{words} Bearer abcdef"}
        return chat.complete(words).text, answers[0].text

    for words in ("one", "two", "three"):
        assert asyncio.run(main(words)) == (f"{words} Bearer abcdef", f"{words} Bearer abcdef")


def test_one_client_serves_many_threads(address: str) -> None:
    chat = remote(address)
    barrier = threading.Barrier(16)

    def ask(number: int) -> str:
        barrier.wait()
        return heard(chat, f"thread {number}")

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(ask, range(16)))
    assert answers == [f"thread {number} Bearer abcdef" for number in range(16)]


FORKING = """
import os, sys
sys.path[:] = {path!r}
from chat_core import Chat
from toy import Toy

chat = Chat("toy-1", provider=Toy(base_url={address!r}))
ask = lambda words: (chat.complete(words).text, chat.stream(words).finish().text)
assert ask("before") == ("before", "before")
children = []
for number in range(3):
    pid = os.fork()
    if pid == 0:
        for turn in range(5):
            if ask(f"child {{number}} {{turn}}") != (f"child {{number}} {{turn}}",) * 2:
                os._exit(1)
        os._exit(0)
    children.append(pid)
for turn in range(5):
    assert ask(f"parent {{turn}}") == (f"parent {{turn}}",) * 2
print([os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in children])
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no fork")
def test_a_client_works_after_a_fork_in_the_parent_and_in_the_children(address: str) -> None:
    program = FORKING.format(path=sys.path, address=address)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert (done.stdout.strip(), done.stderr) == ("[0, 0, 0]", "")


CARELESS = """
import asyncio, sys
sys.path[:] = {path!r}
from chat_core import AsyncChat, Chat
from toy import Toy

provider = Toy(base_url={address!r})
print(Chat("toy-1", provider=provider).complete("one").text)
print(asyncio.run(AsyncChat("toy-1", provider=provider).complete("two")).text)
print([turn.text for turn in Chat("toy-1", provider=provider).map(["three", "four", "five"])])
stream = Chat("toy-1", provider=provider).stream("left open")
print(type(next(stream)).__name__)
"""


def test_a_program_that_closes_nothing_leaves_nothing_open(address: str) -> None:
    program = CARELESS.format(path=sys.path, address=address)
    command = [sys.executable, "-W", "always", "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout.splitlines() == ["one", "two", "['three', 'four', 'five']", "ResponseStart"]
    assert done.stderr == ""


def test_a_secret_shows_nowhere(caplog: pytest.LogCaptureFixture) -> None:
    canary = "canary-51c0ffee"
    caplog.set_level(0)
    chat = Chat("toy-1", provider=Toy(base_url="http://127.0.0.1:1"), api_key=canary, headers={"x-token": canary})
    with pytest.raises(chat_core.ChatError) as caught:
        chat.complete("Hi")
    chain: BaseException | None = caught.value
    while chain is not None:
        assert canary not in f"{chain} {chain!r} {vars(chain)}"
        chain = chain.__cause__ or chain.__context__
    assert canary not in caplog.text
    assert not re.search(canary, repr(chat))
