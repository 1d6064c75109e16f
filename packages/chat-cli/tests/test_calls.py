from __future__ import annotations

import io

import pytest

from chat_cli.calls import LENGTH, Calls, cut, plain
from chat_cli.terminal import Screen
from chat_core.events import Event, ToolEnd, ToolProgress, ToolStart
from chat_core.parts import URL, Json, Media, Text, ToolCall, ToolResult

CALL = ToolCall(id="1", name="look", arguments={"at": "a\nb"})


def shown(*events: Event) -> list[str]:
    stream = io.StringIO()
    calls = Calls(Screen(stream, {}))
    for event in events:
        calls.show(event)
    return stream.getvalue().splitlines()


def test_a_call_its_reports_and_its_result_are_a_line_each() -> None:
    result = ToolResult(call_id="1", name="look", content=(Text("two\nlines"), Json({"a": 1})))
    assert shown(ToolStart(CALL), ToolProgress("1", "half"), ToolProgress("1", [1]), ToolEnd(CALL, result)) == [
        r'→ look({"at":"a\nb"})',
        "  look: half",
        "  look: [1]",
        '← two lines {"a":1}',
    ]


def test_an_error_is_marked_and_a_call_that_never_ran_is_named() -> None:
    result = ToolResult(call_id="1", name="look", content=(Text("no"),), is_error=True)
    assert shown(ToolEnd(CALL, result)) == [r'→ look({"at":"a\nb"})', "← error: no"]


def test_results_of_calls_side_by_side_have_their_names() -> None:
    other = ToolCall(id="2", name="feel", arguments={})
    ends = [ToolEnd(call, ToolResult(call_id=call.id, name=call.name, content=())) for call in (CALL, other)]
    assert shown(ToolStart(CALL), ToolStart(other), *ends)[2:] == ["← look: (nothing)", "← (nothing)"]


def test_what_is_long_is_cut_and_says_so() -> None:
    assert cut("x" * (LENGTH + 1)) == f"{'x' * LENGTH} … ({LENGTH + 1} characters)"
    assert cut("x" * LENGTH) == "x" * LENGTH


def test_media_are_named() -> None:
    media = Media(kind="image", source=URL("https://x.example/a"), mime="image/png")
    assert shown(ToolEnd(CALL, ToolResult(call_id="1", content=(media,))))[1] == "← [image image/png]"


@pytest.mark.parametrize("char", ["\x1b", "\u202e", "\u200b", "\x9b", "\u2028", "\ud800"])
def test_characters_that_hide_or_turn_text_are_shown_as_codes(char: str) -> None:
    assert plain(f"a{char}b") == f"a\\u{ord(char):04x}b"


def test_text_of_any_script_stays() -> None:
    assert plain("Ü 日本 🌉\n\t") == "Ü 日本 🌉\n\t"
