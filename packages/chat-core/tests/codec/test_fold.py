"""A stream that breaks a law of the grammar is caught, and one that keeps them all is its response."""

from __future__ import annotations

import pytest

from chat_core.codec.fold import Fold, fold
from chat_core.errors import GrammarError
from chat_core.events import (
    CitationDelta,
    Event,
    MediaDelta,
    PartEnd,
    PartStart,
    ReasoningDelta,
    RefusalDelta,
    ResponseEnd,
    ResponseStart,
    TextDelta,
    ToolCallDelta,
    UnknownEvent,
)
from chat_core.messages import Message
from chat_core.parts import Citation, FileID, Inline, Json, Media, Opaque, Part, Reasoning, Refusal, Text, ToolCall
from chat_core.response import FinishReason, Response

START = ResponseStart()
CITED = Citation(url="https://source.example")
CALL = ToolCall(id="1", name="f", arguments={"a": 1})
SOUND = Media(kind="audio", source=Inline(b""))


def end(
    *parts: Part, others: tuple[tuple[Part, ...], ...] = (), reason: FinishReason | None = FinishReason.STOP
) -> ResponseEnd:
    first, *rest = (
        Response(message=Message(role="assistant", parts=answer), finish_reason=reason) for answer in (parts, *others)
    )
    return ResponseEnd(Response(message=first.message, finish_reason=reason, alternatives=tuple(rest)))


LAWFUL: tuple[tuple[str, tuple[Event, ...]], ...] = (
    ("nothing but an end", (START, end())),
    (
        "text",
        (START, PartStart(0, Text("")), TextDelta(0, "a"), TextDelta(0, "b"), PartEnd(0, Text("ab")), end(Text("ab"))),
    ),
    ("a part without deltas", (START, PartStart(0, Text("")), PartEnd(0, Text("")), end(Text("")))),
    (
        "a call without arguments",
        (
            START,
            PartStart(0, ToolCall(id="1", name="f")),
            PartEnd(0, ToolCall(id="1", name="f", arguments={}, raw="")),
            end(ToolCall(id="1", name="f", arguments={}, raw="")),
        ),
    ),
    (
        "a call",
        (
            START,
            PartStart(0, ToolCall(id="1", name="f")),
            ToolCallDelta(0, '{"a":'),
            ToolCallDelta(0, " 1}"),
            PartEnd(0, CALL),
            end(CALL),
        ),
    ),
    (
        "a free-form call",
        (
            START,
            PartStart(0, ToolCall(id="1", name="f")),
            ToolCallDelta(0, "ls"),
            PartEnd(0, ToolCall(id="1", name="f", raw="ls")),
            end(ToolCall(id="1", name="f", raw="ls")),
        ),
    ),
    (
        "sound",
        (
            START,
            PartStart(0, SOUND),
            MediaDelta(0, b"a", transcript="x"),
            MediaDelta(0, b"b"),
            PartEnd(0, Media(kind="audio", source=Inline(b"ab"), transcript="x")),
            end(Media(kind="audio", source=Inline(b"ab"), transcript="x")),
        ),
    ),
    (
        "media by reference",
        (
            START,
            PartStart(0, Media(kind="image", source=FileID("f"))),
            PartEnd(0, Media(kind="image", source=FileID("f"))),
            end(Media(kind="image", source=FileID("f"))),
        ),
    ),
    (
        "media that were whole at their start",
        (
            START,
            PartStart(0, Media(kind="image", source=Inline(b"a"), transcript="x")),
            PartEnd(0, Media(kind="image", source=Inline(b"a"), transcript="x")),
            end(Media(kind="image", source=Inline(b"a"), transcript="x")),
        ),
    ),
    (
        "parts that interleave",
        (
            START,
            PartStart(0, Reasoning("")),
            PartStart(1, Refusal("")),
            ReasoningDelta(0, "r"),
            RefusalDelta(1, "n"),
            PartEnd(1, Refusal("n")),
            PartEnd(0, Reasoning("r")),
            end(Reasoning("r"), Refusal("n")),
        ),
    ),
    (
        "two answers",
        (
            START,
            PartStart(0, Text(""), choice=1),
            TextDelta(0, "b", choice=1),
            PartStart(0, Text("")),
            PartEnd(0, Text("")),
            PartEnd(0, Text("b"), choice=1),
            end(Text(""), others=((Text("b"),),)),
        ),
    ),
    (
        "an answer that said nothing",
        (START, PartStart(0, Text(""), choice=2), PartEnd(0, Text(""), choice=2), end(others=((), (Text(""),)))),
    ),
    (
        "unknown events anywhere",
        (
            START,
            UnknownEvent("k", {}),
            PartStart(0, Text("")),
            UnknownEvent("k", {}),
            PartEnd(0, Text("")),
            end(Text("")),
            UnknownEvent("k", {}),
        ),
    ),
    (
        "citations",
        (
            START,
            PartStart(0, Text("")),
            CitationDelta(0, CITED),
            PartEnd(0, Text("", citations=(CITED,))),
            end(Text("", citations=(CITED,))),
        ),
    ),
)

TEXT = PartStart(0, Text(""))
UNLAWFUL: tuple[tuple[str, tuple[Event, ...]], ...] = (
    ("no ResponseEnd", (START,)),
    ("no ResponseEnd", ()),
    ("ResponseEnd before ResponseStart", (end(),)),
    ("PartStart before ResponseStart", (TEXT, START)),
    ("UnknownEvent before ResponseStart", (UnknownEvent("k", {}), START)),
    ("second ResponseStart", (START, START)),
    ("second ResponseStart", (START, end(), START)),
    ("ResponseEnd after ResponseEnd", (START, end(), end())),
    ("PartStart after ResponseEnd", (START, end(), TEXT)),
    ("expected index 0", (START, PartStart(1, Text("")))),
    ("expected index 1", (START, TEXT, PartStart(2, Text("")))),
    ("second PartStart", (START, TEXT, TEXT)),
    ("second PartStart", (START, TEXT, PartEnd(0, Text("")), TEXT)),
    ("PartEnd outside a part", (START, PartEnd(0, Text("")))),
    ("PartEnd outside a part", (START, TEXT, PartEnd(0, Text("")), PartEnd(0, Text("")))),
    ("PartEnd outside a part", (START, TEXT, PartEnd(0, Text(""), choice=1))),
    ("TextDelta outside a part", (START, TextDelta(0, "a"))),
    ("TextDelta outside a part", (START, TEXT, PartEnd(0, Text("")), TextDelta(0, "a"))),
    ("TextDelta inside a Reasoning", (START, PartStart(0, Reasoning("")), TextDelta(0, "a"))),
    ("ReasoningDelta inside a Text", (START, TEXT, ReasoningDelta(0, "a"))),
    ("ToolCallDelta inside a Text", (START, TEXT, ToolCallDelta(0, "a"))),
    ("MediaDelta inside a Text", (START, TEXT, MediaDelta(0, b"a"))),
    ("RefusalDelta inside a Text", (START, TEXT, RefusalDelta(0, "a"))),
    ("CitationDelta inside a Refusal", (START, PartStart(0, Refusal("")), CitationDelta(0, CITED))),
    ("TextDelta inside a Opaque", (START, PartStart(0, Opaque(origin="o", kind="k", data={})), TextDelta(0, "a"))),
    ("Text ended as Refusal", (START, TEXT, PartEnd(0, Refusal("")))),
    ("text is not its joined deltas", (START, TEXT, TextDelta(0, "a"), PartEnd(0, Text("b")))),
    ("text is not its joined deltas", (START, TEXT, TextDelta(0, "a"), PartEnd(0, Text("")))),
    ("text is not its joined deltas", (START, PartStart(0, Reasoning("")), PartEnd(0, Reasoning("b")))),
    ("citations are not", (START, TEXT, CitationDelta(0, CITED), PartEnd(0, Text("")))),
    ("citations are not", (START, TEXT, PartEnd(0, Text("", citations=(CITED,))))),
    ("arguments are not", (START, PartStart(0, ToolCall(id="1", name="f")), ToolCallDelta(0, "{}"), PartEnd(0, CALL))),
    ("arguments are not", (START, PartStart(0, ToolCall(id="1", name="f")), PartEnd(0, CALL))),
    ("bytes are not", (START, PartStart(0, SOUND), MediaDelta(0, b"a"), PartEnd(0, SOUND))),
    ("bytes are not", (START, PartStart(0, SOUND), PartEnd(0, Media(kind="audio", source=Inline(b"a"))))),
    ("transcript is not", (START, PartStart(0, SOUND), MediaDelta(0, b"a", transcript="x"),
                             PartEnd(0, Media(kind="audio", source=Inline(b"a"))))),
    ("while parts are open", (START, TEXT, end())),
    ("not the ones that ended", (START, end(Text("")))),
    ("not the ones that ended", (START, TEXT, PartEnd(0, Text("")), end())),
    ("not the ones that ended", (START, TEXT, PartEnd(0, Text("")), end(Text("", citations=(CITED,))))),
    ("not the ones that ended", (START, TEXT, PartEnd(0, Text("")), PartStart(1, Json(1)), PartEnd(1, Json(1)),
                                  end(Json(1), Text("")))),
    ("not the ones that ended", (START, TEXT, PartEnd(0, Text("")), end(others=((Text(""), Text("")),)))),
    ("without a finish reason", (START, end(reason=None))),
)  # fmt: skip


@pytest.mark.parametrize("events", [case[1] for case in LAWFUL], ids=[case[0] for case in LAWFUL])
def test_a_lawful_stream_folds_to_the_response_of_its_end(events: tuple[Event, ...]) -> None:
    (last,) = [event.response for event in events if isinstance(event, ResponseEnd)]
    assert fold(events) is last


@pytest.mark.parametrize(("fault", "events"), UNLAWFUL)
def test_a_broken_law_is_named(fault: str, events: tuple[Event, ...]) -> None:
    with pytest.raises(GrammarError, match=fault):
        fold(events)


def test_a_fold_has_no_response_before_the_end() -> None:
    folding = Fold()
    for event in (START, TEXT, TextDelta(0, "a"), PartEnd(0, Text("a"))):
        folding.feed(event)
        assert folding.response is None
    folding.feed(end(Text("a")))
    assert folding.response is not None
    assert folding.response.text == "a"
