"""The session that judges the codecs is judged here: it passes what is right and fails for each seeded fault."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import pytest
from tests.wire import cuts, endings, roundtrip, usage
from tests.wire.corpus import VARIABLE, Exchange, entries, load
from tests.wire.mutate import main as mutate_main
from tests.wire.mutate import mutated
from tests.wire.outcome import Outcome, streamed
from tests.wire.planted import missing
from tests.wire.session import main

from chat_completions.transcript import TranscriptReader
from chat_completions.transcription import CompletionsTranscription
from chat_core.codec.transcription import TranscriptionRequest, TranscriptionResponse
from chat_core.codec.wire import Frame, Multipart, WireRequest
from chat_core.errors import DecodeError, ServerError, StreamTruncated
from chat_core.events import PartEnd, PartStart, ResponseEnd, ResponseStart, TextDelta
from chat_core.jsonvalue import parse_object
from chat_core.messages import assistant
from chat_core.parts import Text
from chat_core.response import FinishReason, Response
from chat_core.testing import leaves
from chat_core.testing.outcome import events_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from chat_core.events import Event
    from chat_core.jsonvalue import JSON, JSONObject

FIXTURES = Path(__file__).parent / "wire" / "fixtures"


@pytest.fixture
def corpus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(VARIABLE, str(tmp_path / "corpus"))
    return Path(shutil.copytree(FIXTURES, tmp_path / "corpus"))


def test_the_invented_corpus_passes(corpus: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status = main(["-j", "1", "-v"])
    printed = capsys.readouterr().out
    assert status == 0, printed
    assert "openai-chat: 4 cases, 4 passed, 0 failed, 0 lost leaves, 0 out of scope" in printed
    assert "out of scope, no codec yet: a-wire-without-a-codec, 1 cases" in printed
    assert "total: 10 cases, 10 passed, 0 failed, 0 lost leaves, 1 out of scope" in printed
    assert corpus.is_dir()


def test_a_mutated_corpus_passes_in_memory_and_written(
    corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["-j", "1", "--mutate", "7"]) == 0, capsys.readouterr().out
    assert mutate_main([str(tmp_path / "mutated"), "--seed", "8"]) == 0
    monkeypatch.setenv(VARIABLE, str(tmp_path / "mutated"))
    # requests are not mutated, so that an answer's new ids are not in the next one: nothing to compare
    assert main(["-j", "1", "-v"]) == 0, capsys.readouterr().out
    assert corpus.is_dir()


CORRUPTIONS: dict[str, tuple[str, str, JSON]] = {
    "text": ("openai-chat/invented.greeting.0", "text", "Good night"),
    "text of a stream": ("anthropic-messages/invented.sums.1", "text", "It is 43"),
    "reasoning": ("anthropic-messages/invented.sums.0", "reasoning", "Guess."),
    "number of signatures": ("anthropic-messages/invented.sums.0", "reasoning_signatures", 2),
    "order of blocks": ("anthropic-messages/invented.sums.0", "blocks", ["text", "thinking", "tool_use"]),
    "finish reason": ("openai-chat/invented.greeting.1", "finish_reason", "length"),
    "model": ("openai-chat/invented.greeting.0", "model", "gpt-other"),
    "response id": ("anthropic-messages/invented.sums.1", "response_id", "msg_other"),
    "name of a tool": (
        "anthropic-messages/invented.sums.0",
        "tool_calls",
        [{"id": "toolu_invented_a", "name": "subtract", "arguments": {"a": 2, "b": 40}}],
    ),
    "id of a call": (
        "openai-chat/invented.weather.0",
        "tool_calls",
        [{"id": "call_other", "name": "rain", "arguments": {"city": "Atlantis"}}],
    ),
    "arguments": (
        "openai-chat/invented.weather.0",
        "tool_calls",
        [{"id": "call_invented_a", "name": "rain", "arguments": {"city": "Ys"}}],
    ),
    "arguments that were cut off": (
        "openai-chat/invented.weather.0",
        "tool_calls",
        [{"id": "call_invented_a", "name": "rain", "arguments_raw": '{"city":'}],
    ),
    "one call more": (
        "anthropic-messages/invented.sums.1",
        "tool_calls",
        [{"id": "x", "name": "add", "arguments": {}}],
    ),
    "raw usage": ("openai-chat/invented.greeting.1", "usage", {"raw": {"prompt_tokens": 22}}),
    "input tokens": ("anthropic-messages/invented.sums.1", "usage", {"input": 91}),
    "cached tokens": ("openai-chat/invented.greeting.0", "usage", {"cached": 3}),
    "words of an error": ("openai-chat/invented.weather.1", "error", {"status": 401, "message": "Come in."}),
    "status of an error": ("openai-chat/invented.weather.1", "error", {"status": 429}),
    "type of an error": ("openai-chat/invented.weather.1", "error", {"type": "overloaded_error"}),
    "an error that is none": ("openai-chat/invented.greeting.0", "error", {"message": "no"}),
    "a success that is none": ("openai-chat/invented.weather.1", "kind", "message"),
    "number of vectors": ("openai-embeddings/invented.vectors.0", "embeddings", {"count": 3}),
    "length of vectors": ("openai-embeddings/invented.vectors.0", "embeddings", {"dims": 4}),
    "token count": ("anthropic-count-tokens/invented.count.0", "token_count", 12),
    "words of a transcript": ("openai-audio/invented.talk.0", "text", "One too"),
    "length of a sound": ("openai-audio/invented.hello.0", "byte_count", 3),
    "a stream without end": ("openai-chat/invented.greeting.1", "terminated", False),
    "a field nobody knows": ("openai-chat/invented.greeting.0", "prophecies", 1),
}


@pytest.mark.parametrize("fault", CORRUPTIONS)
def test_each_corruption_of_what_is_expected_fails(
    fault: str, corpus: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name, field, value = CORRUPTIONS[fault]
    path = corpus / f"{name}.json"
    data = parse_object(path.read_bytes())
    assert isinstance(data["expect"], dict)
    data["expect"][field] = value
    path.write_text(json.dumps(data), encoding="utf-8")
    assert main(["-j", "1", "-v", "--case", name]) == 1
    assert f"FAILED {name} [decode]" in capsys.readouterr().out


def test_a_request_that_is_spelled_otherwise_fails(corpus: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = corpus / "anthropic-messages" / "invented.sums.1.json"
    path.write_text(
        path.read_text(encoding="utf-8").replace('"role": "user", "content": [{', '"role": "users", "content": [{')
    )
    assert main(["-j", "1", "-v", "--case", "invented.sums.1"]) == 1
    assert "[request]" in capsys.readouterr().out


@pytest.mark.parametrize("other", [{"data": b"no"}, {"filename": "talk.mp3"}, {"mime": "audio/wave"}, {"name": "x"}])
def test_a_form_that_is_spelled_otherwise_fails(
    other: dict[str, str], corpus: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    spelled = CompletionsTranscription.encode

    def otherwise(
        offered: CompletionsTranscription, request: TranscriptionRequest, *, stream: bool = False
    ) -> WireRequest:
        wire = spelled(offered, request, stream=stream)
        assert isinstance(wire.body, Multipart)
        *fields, file = wire.body.fields
        return replace(wire, body=Multipart((*fields, replace(file, **other))))  # type: ignore[arg-type] # one of its fields

    monkeypatch.setattr(CompletionsTranscription, "encode", otherwise)
    assert main(["-j", "1", "-v", "--case", "invented.talk"]) == 1
    assert "[request] request: only recorded has " in capsys.readouterr().out
    assert corpus.is_dir()


def test_a_form_is_read_field_by_field(corpus: Path) -> None:
    talk = load(next(entry for entry in entries(corpus) if entry.case == "invented.talk"))
    assert talk.form is not None
    assert [(field.name, field.filename, field.mime) for field in talk.form] == [
        ("model", None, None), ("file", "talk.wav", "audio/wav"), ("language", None, None),
        ("timestamp_granularities[]", None, None), ("response_format", None, None), ("stream", None, None),
    ]  # fmt: skip


def test_a_transcript_whose_end_is_invented_is_found(
    corpus: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def finish(_: TranscriptReader) -> TranscriptionResponse:
        return TranscriptionResponse(text="One two")

    monkeypatch.setattr(TranscriptReader, "finish", finish)
    assert main(["-j", "1", "-v", "--case", "invented.talk"]) == 1
    assert "[endings] cut after 0 frames: an end is invented" in capsys.readouterr().out
    assert corpus.is_dir()


def test_a_missing_corpus_names_the_fix(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    assert main([]) == 2
    assert f"{VARIABLE} is not set: let it name a folder" in capsys.readouterr().err


def test_the_report_is_written_as_json(corpus: Path, tmp_path: Path) -> None:
    assert main(["-j", "1", "--api", "openai-embeddings", "--json", str(tmp_path / "report.json")]) == 0
    report = parse_object((tmp_path / "report.json").read_bytes())
    match report["results"]:
        case [{"id": name, "faults": faults, "in_scope": True}]:
            assert (name, faults) == ("openai-embeddings/invented.vectors.0", [])
        case other:
            pytest.fail(f"{other!r}")
    assert corpus.is_dir()


# --- leaves ---------------------------------------------------------------------------------------------------------


def forgetful(body: bytes) -> Outcome:
    """Decode a reply of an invented wire, and forget what it says under `mood`."""
    data = parse_object(body)
    said = {key: value for key, value in data.items() if key not in {"text", "mood"}}
    text = data.get("text")
    if not isinstance(text, str):
        raise DecodeError("no text")
    return Outcome(Response(message=assistant(Text(text)), meta={"invented": said} if said else {}))


def test_a_lost_leaf_is_found() -> None:
    reply: JSON = {"text": "hi", "mood": {"now": "bad", "later": [1, 2.5, True, None, {}]}, "kept": [{"a": 0}]}
    lost = leaves.lost_in_document(reply, forgetful, Random(1))
    assert lost == ["mood.now", "mood.later[]", "mood.later[]", "mood.later[]"]


def test_a_lost_leaf_is_stated_by_the_row_that_names_it() -> None:
    assert leaves.row_of("mood.now", {"text": "no", "mood.*": "moods pass"}) == "mood.*"
    assert leaves.row_of("mood.now", {"mood": "an object is no leaf"}) is None


def joined(frames: Iterable[Frame]) -> Outcome:
    """Decode a stream of an invented wire: texts are joined, the first id counts, `mood` is forgotten."""
    texts: list[str] = []
    ids: list[str] = []
    for frame in frames:
        match parse_object(frame.data):
            case {"id": str(name), "text": str(text)}:
                ids.append(name)
                texts.append(text)
            case _:
                pass
    return Outcome(Response(message=assistant("".join(texts)), id=ids[0] if ids else None))


def test_a_lost_leaf_of_a_stream_is_found_and_a_repeated_fact_is_none() -> None:
    frames = [Frame(json.dumps({"id": "r1", "text": f"t{n}", "mood": n})) for n in range(30)]
    lost = leaves.lost_in_stream(frames, joined, Random(1))
    assert set(lost) == {"mood"}
    changing = [Frame(json.dumps({"id": f"r{n}", "text": "t"})) for n in range(3)]
    assert set(leaves.lost_in_stream(changing, joined, Random(1))) == {"id"}


def test_what_repeats_in_a_stream_is_left_out_of_its_short_form() -> None:
    deltas = [Frame(json.dumps({"text": str(n)})) for n in range(500)]
    frames = [Frame(b'{"start":1}'), *deltas, Frame(b'{"end":1}'), Frame(b"[DONE]")]
    assert leaves.short_form(frames) == [frames[0], deltas[0], deltas[-1], *frames[-2:]]


@pytest.mark.parametrize(
    ("path", "pattern", "named"),
    [
        ("choices[].message.role", "choices[].message.role", True),
        ("choices[].message.role", "choices[].message.*", True),
        ("choices[].logprobs.content[].token", "choices[].logprobs.*", True),
        ("choices[].message.role", "choices[].*.role", True),
        ("choices[].message.role", "choices[].message", False),
        ("choices[].messages.role", "choices[].message.*", False),
        ("xchoices", "choices", False),
    ],
)
def test_patterns_name_paths(path: str, pattern: str, *, named: bool) -> None:
    assert (leaves.row_of(path, {pattern: "reason"}) == pattern) is named


# --- cuts and endings -----------------------------------------------------------------------------------------------


class Lines:
    """A decoder of an invented wire: each frame is a line of text, a finish reason or `[DONE]`.

    `fault` makes it wrong: `reads` counts network reads, `always` ends without a signal, `never` ends never, `deaf`
    hears no error.
    """

    def __init__(self, fault: str = "") -> None:
        self.fault = fault
        self.text: list[str] = []
        self.started = self.ended = False

    def feed(self, frames: Iterable[Frame]) -> Iterator[Event]:
        if self.fault == "reads":
            self.text.append("|")
        for frame in frames:
            word = endings.bytes_of(frame).decode()
            if frame.event == "error" and self.fault != "deaf":
                raise ServerError("The spell broke.", type="server_error", partial=self.partial())
            if word.startswith(("{", "[")):
                self.ended |= word.endswith(("]}", "[DONE]"))
                continue
            if not self.started:
                self.started = True
                yield ResponseStart()
                yield PartStart(0, Text(""))
            yield TextDelta(0, word)
            self.text.append(word)

    def finish(self) -> Iterator[Event]:
        response = self.partial()
        if self.fault == "never" or (not self.ended and self.fault != "always"):
            raise StreamTruncated("cut", partial=response)
        yield PartEnd(0, response.parts[0])
        yield ResponseEnd(response)

    def partial(self) -> Response:
        return Response(message=assistant(Text("".join(self.text))), finish_reason=FinishReason.STOP)


BODY = b'data: one\n\ndata: two\n\ndata: {"choices":[{"index":0,"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'


def outcome_and_faults(fault: str, check: Callable[[Callable[[], Lines]], Iterator[str]]) -> list[str]:
    return list(check(lambda: Lines(fault)))


def test_a_decoder_that_sees_network_reads_is_found() -> None:
    def check(begin: Callable[[], Lines]) -> Iterator[str]:
        whole = events_of(begin(), cuts.reads(BODY, [len(BODY)]))
        yield from cuts.differences(BODY, [10, 20], begin, whole, Random(1))

    assert outcome_and_faults("", check) == []
    assert "cut 1: other events" in outcome_and_faults("reads", check)
    assert "cut as recorded: other events" in outcome_and_faults("reads", check)


@pytest.mark.parametrize(("fault", "found"), [("", False), ("always", True), ("never", True), ("deaf", True)])
def test_an_invented_end_and_an_end_that_never_comes_are_found(fault: str, *, found: bool) -> None:
    whole = streamed(Lines(), cuts.reads(BODY, [len(BODY)]))
    assert bool(list(endings.differences(BODY, lambda: Lines(fault), whole, Random(1)))) is found


def test_every_answer_has_to_finish_before_a_stream_may_end() -> None:
    one, two = Frame(b'{"choices":[{"index":0,"finish_reason":"stop"}]}'), Frame(b'{"choices":[{"index":1}]}')
    assert endings.terminated([one])
    assert not endings.terminated([one, two])
    assert endings.terminated([one, two, Frame(b"[DONE]")])


# --- documents, usage, mutation --------------------------------------------------------------------------------------


def test_documents_differ_by_path_and_by_type() -> None:
    theirs: JSON = {"a": [1, {"b": True}], "c": None}
    ours: JSON = {"a": [1, {"b": 1}], "d": 0}
    assert list(roundtrip.unequal(theirs, theirs)) == []
    assert list(roundtrip.unequal(theirs, ours)) == [
        "a[1].b: recorded True, ours 1",
        "c: recorded None, ours lacks it",
        "d: ours adds 0",
    ]


def test_reasoning_is_part_of_the_output_where_the_total_shows_that_it_was_counted_beside() -> None:
    from chat_core.response import Usage  # noqa: PLC0415 - the fixture `usage` is a module here

    raw: JSONObject = {"total_tokens": 17}
    wanted: JSONObject = {"raw": raw, "input": 5, "output": 2, "reasoning": 10}
    inside = Usage(input_tokens=5, output_tokens=2, reasoning_tokens=10, raw=raw)
    added = Usage(input_tokens=5, output_tokens=12, reasoning_tokens=10, raw=raw)
    assert list(usage.usage_differences(wanted, added)) == []
    assert list(usage.usage_differences(wanted, inside)) == ["usage.output: expected 12, got 2"]


def exchange(name: str) -> Exchange:
    (found,) = [entry for entry in entries(FIXTURES) if entry.id == name]
    return load(found)


def test_a_mutation_is_repeatable_and_changes_reply_and_expectation_together() -> None:
    first, planted = mutated(exchange("anthropic-messages/invented.sums.0"), 3)
    again, _ = mutated(exchange("anthropic-messages/invented.sums.0"), 3)
    other, _ = mutated(exchange("anthropic-messages/invented.sums.0"), 4)
    assert first == again
    assert first != other
    assert len(planted) == 6  # the reply, its three blocks, the usage, and a block of an unknown type
    match first.document, first.expect:
        case {"content": [_, _, {"id": name}, {"type": "x_block"}]}, {"tool_calls": [{"id": expected}]}:
            assert name == expected != "toolu_invented_a"
        case other_shape:
            pytest.fail(f"{other_shape!r}")


def test_a_planted_key_that_is_nowhere_is_found() -> None:
    planted: JSONObject = {"x_new_1": {"deep": 1}}
    kept = Outcome(Response(message=assistant("hi"), meta={"invented": {"below": [planted]}}))
    gone = Outcome(Response(message=assistant("hi"), raw=planted))
    assert list(missing(planted, kept)) == []
    assert list(missing(planted, gone)) == ["planted key x_new_1 is nowhere"]
