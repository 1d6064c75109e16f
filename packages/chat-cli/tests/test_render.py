from __future__ import annotations

import io
import time

import pytest

from chat_cli.flags import Flags
from chat_cli.render import AsJSON, Extracted, Rendered, Streamed, described
from chat_cli.talk import Talk
from chat_cli.terminal import DIM, RESET, Screen
from chat_core.chat import Chat
from chat_core.errors import OutputInvalid
from chat_core.events import PartEnd, TextDelta, ToolEnd, ToolStart
from chat_core.messages import assistant
from chat_core.parts import Inline, Media, Opaque, Reasoning, Text, ToolCall, ToolResult
from chat_core.response import Response

STORY = "A bridge asked the river"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def shown(response: Response, *, terminal: bool = False, reasoning: bool | None = None) -> str:
    stream = Terminal() if terminal else io.StringIO()
    renderer = Streamed(Screen(stream, {}), reasoning=reasoning)
    renderer.whole(response)
    renderer.end()
    return stream.getvalue()


THOUGHT = Response(message=assistant(Reasoning("Hm."), Text("Yes.")))


def test_a_program_gets_the_text_and_one_line_break() -> None:
    assert shown(THOUGHT) == "Yes.\n"
    assert shown(Response(message=assistant("Yes.\n"))) == "Yes.\n"
    assert shown(Response(message=assistant())) == ""


def test_reasoning_is_dim_on_a_terminal_and_asked_for_elsewhere() -> None:
    assert shown(THOUGHT, terminal=True) == f"{DIM}Hm.{RESET}\n\nYes.\n"
    assert shown(THOUGHT, terminal=True, reasoning=False) == "Yes.\n"
    assert shown(THOUGHT, reasoning=True) == "Hm.\n\nYes.\n"


def test_what_has_no_text_is_named_on_a_terminal_only() -> None:
    response = Response(message=assistant("Look:", ToolCall(id="1", name="f", arguments={"a": 1})))
    assert '[asks for the tool f {"a":1}]' in shown(response, terminal=True)
    assert shown(response) == "Look:\n"


@pytest.mark.parametrize(
    ("part", "words"),
    [
        (Media(kind="image", source=Inline(b""), mime="image/png"), "[image image/png: --json has it whole]"),
        (Opaque(origin="o", kind="new_block", data={}), "[new_block: --json has it whole]"),
        (ToolCall(id="1", name="search", raw="{", executed=True), "[the service ran the tool search {]"),
        (Text("a"), ""),
    ],
)
def test_how_a_part_is_named(part: Text, words: str) -> None:
    assert described(part) == words


def test_further_answers_follow_after_an_empty_line() -> None:
    response = Response(message=assistant("one"), alternatives=(Response(message=assistant("two")),))
    assert shown(response) == "one\n\ntwo\n"


def test_answers_before_and_after_a_tool_are_apart_and_nothing_stands_for_the_tool() -> None:
    stream = io.StringIO()
    renderer = Streamed(Screen(stream, {}), calls=False)
    call = ToolCall(id="1", name="f", arguments={})
    done = ToolEnd(call, ToolResult(call_id="1", content=()))
    for event in (
        ToolStart(call),
        done,
        TextDelta(0, "One."),
        PartEnd(1, call),
        ToolStart(call),
        done,
        TextDelta(0, "Two."),
    ):
        renderer.show(event)
    renderer.end()
    assert stream.getvalue() == "One.\n\nTwo.\n"


def test_a_stream_gives_the_same_as_the_whole_answer() -> None:
    stream = io.StringIO()
    renderer = Streamed(Screen(stream, {}))
    with Chat("replay:demo").stream("a story") as events:
        for event in events:
            renderer.show(event)
    renderer.end()
    assert stream.getvalue() == shown(events.result.response)


def test_an_answer_that_broke_off_ends_its_line_and_its_style() -> None:
    stream = Terminal()
    renderer = Streamed(Screen(stream, {}))
    renderer.show(TextDelta(0, "a `b"))
    renderer.end()
    assert stream.getvalue().endswith(f"`b{RESET}\n")


def test_a_model_cannot_steer_the_terminal() -> None:
    text = shown(Response(message=assistant("\x1b]52;c;AAAA\x07\x1b[2J")), terminal=True)
    assert "\x1b]52" not in text
    assert "\x1b[2J" not in text


def test_a_whole_answer_is_laid_out_on_a_terminal() -> None:
    stream = Terminal()
    Rendered(Screen(stream, {})).whole(Response(message=assistant("# Title\n\n- one\n- two")))
    assert "Title" in stream.getvalue()
    assert "# Title" not in stream.getvalue()


def test_json_is_printed_once_at_the_end() -> None:
    stream = io.StringIO()
    renderer = AsJSON(Screen(stream, {}))
    with Chat("replay:demo").stream("Hello") as events:
        for event in events:
            renderer.show(event)
    renderer.end()
    assert stream.getvalue() == ""
    renderer.done(events.result, Talk(Flags(), "replay:demo"))
    assert stream.getvalue().count("\n") == 1


@pytest.mark.parametrize(
    "text", ["Here:\n```python\nx = 1\n```\nand\n```\ny\n```\n", "````\nx = 1\n````", "1. first\n   ~~~\nx = 1\n   ~~~"]
)
def test_the_first_block_of_code_is_printed(text: str) -> None:
    stream = io.StringIO()
    Extracted(Screen(stream, {})).code(Response(message=assistant(text)))
    assert stream.getvalue() == "x = 1\n"


def test_an_answer_full_of_marks_costs_no_more_than_another() -> None:
    began = time.monotonic()
    with pytest.raises(OutputInvalid):
        Extracted(Screen(io.StringIO(), {})).code(Response(message=assistant("`" * 20_000 + "\nx\n" * 100_000)))
    assert time.monotonic() - began < 20


def test_an_answer_without_code_is_an_error_where_code_was_asked_for() -> None:
    with pytest.raises(OutputInvalid, match="no block of code"):
        Extracted(Screen(io.StringIO(), {})).code(Response(message=assistant("none")))
