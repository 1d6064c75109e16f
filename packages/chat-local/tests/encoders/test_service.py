"""The services of encoders, through the front door: notices, refusals, cancelling, and memory that is shared."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from tinyencoders import LABELS, TEXTS, tensors, whole_config, write_sentence, write_source
from tinymodel import asking, write_model
from tinyweights import write_safetensors

from chat_core.achat import AsyncChat
from chat_core.chat import Chat
from chat_core.errors import ConfigurationError, TimedOut, UnsupportedContent
from chat_core.options import Options
from chat_local.convert.converting import convert
from chat_local.encoders import loaded, service
from chat_local.encoders.batches import Batches
from chat_local.encoders.texts import Texts
from chat_local.engine import memory
from chat_local.options import LocalOptions
from chat_local.transport import LocalTransport

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from chat_local.encoders.batches import Job
    from chat_local.encoders.texts import Cut, Reading, Stop, Text

ON_CPU: dict[str, Any] = {"options": {"device": "cpu", "threads": 1}}


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("models")
    for name in ("mean-unit", "prompts"):
        convert(write_sentence(home / f"{name}-source", name), home / name)
    for name in ("bert", "bert-nli", "bert-rank", "distilbert-moods"):
        convert(write_source(home / f"{name}-source", name), home / name)
    return home


@pytest.fixture
def transport() -> Iterator[LocalTransport]:
    made = LocalTransport()
    yield made
    made.close()


@pytest.fixture
def chat(models: Path, transport: LocalTransport) -> Chat:
    return Chat(f"local:{models / 'mean-unit'}", transport=transport)


def array(chat: Chat, **asking: Any) -> np.ndarray[Any, Any]:
    return np.array(chat.embed(TEXTS, extra=ON_CPU, **asking).vectors)


@pytest.mark.parametrize("budget", [1, 24, 5000])
def test_vectors_do_not_depend_on_the_budget(chat: Chat, budget: int) -> None:
    extra = {"options": {**ON_CPU["options"], "batch_tokens": budget}}
    assert np.allclose(np.array(chat.embed(TEXTS, extra=extra).vectors), array(chat), atol=1e-5)


def test_texts_are_made_tokens_while_those_before_them_are_read(chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    expected, encode = array(chat), Texts.encode
    asked = list[int]()

    def counted(self: Texts, texts: Sequence[Text], stop: Stop, *, cut: Cut = "longest_first") -> list[Reading]:
        asked.append(len(texts))
        return encode(self, texts, stop, cut=cut)

    monkeypatch.setattr(service, "AHEAD", 3)
    monkeypatch.setattr(Texts, "encode", counted)
    assert np.allclose(array(chat), expected, atol=1e-5)
    assert asked == [3] * (len(TEXTS) // 3) + ([len(TEXTS) % 3] if len(TEXTS) % 3 else [])


def test_a_model_is_not_unloaded_between_texts_of_one_request(chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    expected, submit = array(chat), Batches.submit
    retired = list[bool]()

    def slowly(self: Batches, readings: Sequence[Reading], read: Callable[..., Any], stop: Stop) -> Job:
        job = submit(self, readings, read, stop)
        job.over.wait(10)
        while self.busy:
            time.sleep(0.001)
        retired.append(self.retire())
        return job

    monkeypatch.setattr(service, "AHEAD", 3)
    monkeypatch.setattr(Batches, "submit", slowly)
    assert np.allclose(array(chat), expected, atol=1e-5)
    assert set(retired) == {False}


def test_a_budget_of_nothing_is_refused(chat: Chat) -> None:
    with pytest.raises(ConfigurationError, match="batch_tokens is 0"):
        chat.embed(TEXTS, extra={"options": {**ON_CPU["options"], "batch_tokens": 0}})


@pytest.mark.parametrize("engine", ["optimum", "onnx", ""])
def test_an_engine_that_runs_no_encoders_is_refused(chat: Chat, engine: str) -> None:
    with pytest.raises(ConfigurationError, match="write own, openvino or openvino:bf16"):
        chat.embed(TEXTS, extra={"options": {"engine": engine}})


def test_one_text_and_none(chat: Chat) -> None:
    assert len(chat.embed("the boat", extra=ON_CPU).vectors) == 1
    assert chat.embed([], extra=ON_CPU).vectors == ()


def test_vectors_are_cut_and_made_unit_again(chat: Chat) -> None:
    short, whole = array(chat, dimensions=8), array(chat)
    assert short.shape == (len(TEXTS), 8)
    assert np.allclose(np.linalg.norm(short, axis=1), 1, atol=1e-5)
    expected = whole[:, :8] / np.linalg.norm(whole[:, :8], axis=1, keepdims=True)
    assert np.allclose(short, expected, atol=1e-5)


@pytest.mark.parametrize("dimensions", [0, 33])
def test_vectors_are_never_longer_than_the_models(chat: Chat, dimensions: int) -> None:
    with pytest.raises(UnsupportedContent, match=f"dimensions={dimensions}, and the model's vectors have 1 to 32"):
        chat.embed("a", dimensions=dimensions, extra=ON_CPU)


def test_what_was_cut_is_noticed_and_counted(chat: Chat) -> None:
    found = chat.embed(["the", "a " * 50, "b " * 50], extra=ON_CPU)
    (notice,) = found.notices
    assert notice.reason == "2 of 3 texts are longer than the 12 tokens that the model reads"
    assert found.usage is not None
    assert found.usage.input_tokens == 3 + 12 + 12
    assert found.meta == {"local@/local": {"device": "cpu", "variant": ""}}


def test_what_cannot_be_sent_is_noticed(chat: Chat) -> None:
    found = chat.embed("a", encoding="base64", user="me", purpose="query", extra=ON_CPU)
    assert [notice.feature for notice in found.notices] == ["encoding", "user", "purpose"]
    with pytest.raises(UnsupportedContent, match="embed texts"):
        chat.embed([(1, 2)])


def test_a_folder_that_does_not_say_how_to_pool_is_noticed_and_can_be_told(models: Path, chat: Chat) -> None:
    plain = chat.using(model=f"local:{models / 'bert'}")
    found = plain.embed(TEXTS, extra=ON_CPU)
    assert [(notice.feature, notice.applied) for notice in found.notices] == [("pooling", ["mean"]), ("inputs", "cut")]
    told = plain.embed(TEXTS, extra={"options": {**ON_CPU["options"], "pooling": "cls"}})
    assert [notice.feature for notice in told.notices] == ["inputs"]
    assert told.vectors != found.vectors
    with pytest.raises(UnsupportedContent, match="no pooling 'median'"):
        plain.embed("a", extra={"options": {"pooling": "median"}})


def test_a_purpose_that_has_no_prompt_is_refused(models: Path, chat: Chat) -> None:
    with pytest.raises(ConfigurationError, match="'cluster': it has query, passage, sort"):
        chat.using(model=f"local:{models / 'prompts'}").embed("a", purpose="cluster", extra=ON_CPU)


@pytest.mark.parametrize(
    ("model", "service", "said"),
    [
        ("mean-unit", "classify", "makes vectors of texts, and classify needs a model that sorts texts"),
        ("mean-unit", "entail", "makes vectors of texts, and entail needs a model trained for natural language"),
        ("mean-unit", "rerank", "makes vectors of texts, and rerank needs a cross-encoder"),
        ("mean-unit", "zero-shot", "makes vectors of texts, and sorting into given labels needs a model trained"),
        ("bert-nli", "embed", "is trained for natural language inference, and embed needs a model of sentences"),
        ("bert-nli", "rerank", "is trained for natural language inference, and rerank needs a cross-encoder"),
        ("bert-rank", "embed", "is a cross-encoder, which scores pairs, and embed needs"),
        ("bert-rank", "zero-shot", "is a cross-encoder, which scores pairs, and sorting into given labels needs"),
        ("distilbert-moods", "entail", "sorts texts into sad, glad, mad, calm, and entail needs"),
    ],
)
def test_a_model_that_cannot_says_what_it_is_and_what_can(
    models: Path, chat: Chat, model: str, service: str, said: str
) -> None:
    asked = chat.using(model=f"local:{models / model}")
    calls: dict[str, Callable[[], object]] = {
        "classify": lambda: asked.classify("a", extra=ON_CPU),
        "embed": lambda: asked.embed("a", extra=ON_CPU),
        "entail": lambda: asked.entail([("a", "b")], extra=ON_CPU),
        "rerank": lambda: asked.rerank("a", ["b"], extra=ON_CPU),
        "zero-shot": lambda: asked.classify("a", labels=LABELS, extra=ON_CPU),
    }
    with pytest.raises(ConfigurationError, match=said):
        calls[service]()


def test_a_model_that_writes_says_so_before_it_is_loaded(chat: Chat, transport: LocalTransport) -> None:
    with pytest.raises(ConfigurationError, match="pico is a LlamaForCausalLM, which writes text, and embed needs"):
        chat.using(model="local:pico").embed("a")
    assert transport.server.models.size == 0


def test_a_model_that_reads_is_asked_otherwise(chat: Chat) -> None:
    options = Options(native=(LocalOptions(device="cpu", threads=1),))
    with pytest.raises(ConfigurationError, match="is a BertModel, which reads texts and writes none"):
        chat.complete("Hello", options=options)


def test_a_graph_that_writes_is_refused_also_where_its_description_is_silent(tmp_path: Path, chat: Chat) -> None:
    folder = write_model(tmp_path / "decoder")
    with pytest.raises(ConfigurationError, match=r"is none: the graph is no encoder's: .* and embed needs"):
        chat.using(model=f"local:{folder}").embed("a", extra=ON_CPU)


def test_documents_come_best_first_and_no_more_than_asked(models: Path, chat: Chat) -> None:
    ranks = chat.using(model=f"local:{models / 'bert-rank'}")
    documents = ["the boat", "bread and war", "a", "calm sea"]
    found = ranks.rerank("boats", documents, extra=ON_CPU).results
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)
    assert sorted(one.index for one in found) == [0, 1, 2, 3]
    assert ranks.rerank("boats", documents, top_n=2, extra=ON_CPU).results == found[:2]
    assert ranks.rerank("boats", [], extra=ON_CPU).results == ()


def test_classes_come_surest_first_and_no_more_than_asked(models: Path, chat: Chat) -> None:
    moods = chat.using(model=f"local:{models / 'distilbert-moods'}")
    (found,) = moods.classify("the boat", extra=ON_CPU).results
    assert [one.score for one in found.labels] == sorted((one.score for one in found.labels), reverse=True)
    assert sum(found.scores.values()) == pytest.approx(1)
    (best,) = moods.classify("the boat", top_n=1, extra=ON_CPU).results
    assert best.labels == found.labels[:1]
    (apart,) = moods.classify("the boat", multi_label=True, extra=ON_CPU).results
    assert sum(apart.scores.values()) != pytest.approx(1)


def test_stances_are_told_by_a_model_of_inference(models: Path, chat: Chat) -> None:
    (found,) = chat.using(model=f"local:{models / 'bert-nli'}").stance("the boat", "boats", extra=ON_CPU).results
    assert found.favor + found.against + found.neutral == pytest.approx(1)


def test_texts_beyond_one_exchange_are_joined(models: Path, chat: Chat) -> None:
    moods = chat.using(model=f"local:{models / 'distilbert-moods'}")
    texts = ["the boat", "bread"] * 1100
    found = moods.classify(texts, top_n=1, extra=ON_CPU)
    assert [one.best for one in found.results[:2]] * 1100 == [one.best for one in found.results]
    assert found.usage is not None
    assert found.usage.input_tokens is not None


def test_many_callers_get_their_own(chat: Chat) -> None:
    expected = [vector.tolist() for vector in chat.embed(TEXTS, extra=ON_CPU).vectors]
    found: dict[int, Sequence[Sequence[float]]] = {}

    def ask(number: int) -> None:
        texts = [*TEXTS[number:], *TEXTS[:number]]
        found[number] = [vector.tolist() for vector in chat.embed(texts, extra=ON_CPU).vectors]

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(len(TEXTS))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    for number, vectors in found.items():
        assert np.allclose(vectors, [*expected[number:], *expected[:number]], atol=1e-5)
    assert len(found) == len(TEXTS)


def test_a_cancelled_call_ends_its_work(models: Path, transport: LocalTransport) -> None:
    async def run() -> None:
        chat = AsyncChat(f"local:{models / 'bert'}", transport=transport)
        await chat.embed("a", extra=ON_CPU)
        many = ["the boat lies in the harbour " * 3] * 20_000
        task = asyncio.create_task(chat.embed(many, extra=ON_CPU))
        await asyncio.sleep(0.2)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        began = time.monotonic()
        await chat.embed("a", extra=ON_CPU)
        assert time.monotonic() - began < 2

    asyncio.run(run())


def test_a_call_that_is_late_ends_its_work(models: Path, transport: LocalTransport) -> None:
    wire = asking(models / "bert", service="embed")
    body = json.loads(wire.body) | {"inputs": ["the boat lies in the harbour"] * 20_000}
    late = type(wire)(wire=wire.wire, body=json.dumps(body).encode())
    with pytest.raises(TimedOut):
        transport.send(late, time.monotonic() + 0.1)


def test_encoders_and_models_that_write_share_the_memory(
    models: Path, tmp_path: Path, transport: LocalTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = write_model(tmp_path / "writer")
    chat = Chat(f"local:{models / 'bert'}", transport=transport)
    first = chat.embed(TEXTS, extra=ON_CPU)
    room = int(transport.server.models.size * 1.5)  # for one of the two
    monkeypatch.setenv(memory.VARIABLE, str(room))
    transport.send(asking(writer), None)
    assert [model.files.folder.name for model in transport.server.models.loaded] == ["writer"]
    assert transport.server.models.size < room
    assert chat.embed(TEXTS, extra=ON_CPU) == first  # loaded again, for which the other one left
    assert transport.server.models.loaded == ()


def test_a_model_that_is_unloaded_in_between_is_loaded_again(
    chat: Chat, transport: LocalTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[loaded.Encoder] = []

    def load(*given: Any, **named: Any) -> loaded.Encoder:
        encoder = real(*given, **named)
        if not made:
            encoder.close()  # as if another model had taken its place at once
            monkeypatch.setattr(transport.server, "models", type(transport.server.models)())
        made.append(encoder)
        return encoder

    real = loaded.load
    monkeypatch.setattr(loaded, "load", load)
    assert len(chat.embed("a", extra=ON_CPU).vectors) == 1
    assert len(made) == 2


def test_numbers_that_are_none_are_an_error(tmp_path: Path, chat: Chat) -> None:
    source = write_source(tmp_path / "source", "bert")
    found = tensors(whole_config("bert"))
    found["encoder.layer.1.output.dense.bias"][:] = np.nan
    write_safetensors(source / "model.safetensors", found)
    convert(source, tmp_path / "made")
    with pytest.raises(ConfigurationError, match="NaN or infinite"):
        chat.using(model=f"local:{tmp_path / 'made'}").embed("a", extra=ON_CPU)


def test_a_damaged_graph_is_an_error_that_says_what_to_do(models: Path, tmp_path: Path, chat: Chat) -> None:
    folder = tmp_path / "damaged"
    folder.mkdir()
    for name in ("config.json", "tokenizer.json", "model.onnx"):
        (folder / name).write_bytes((models / "bert" / name).read_bytes())
    graph = folder / "model.onnx"
    graph.write_bytes(graph.read_bytes()[:-1000])
    with pytest.raises(ConfigurationError, match="again"):
        chat.using(model=f"local:{folder}").embed("a", extra=ON_CPU)
