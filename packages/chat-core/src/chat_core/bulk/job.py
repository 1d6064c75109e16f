"""One run over an input: batches out, rows in, and how far it is.

Law: a batch counts when all of its rows are written. Ending in the middle, for whatever reason, keeps what counts.
"""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import replace
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Literal, TypeAlias, cast

from chat_core.bulk import formats
from chat_core.bulk.batches import flows
from chat_core.bulk.inputs import BulkRefused, Source, shape_of
from chat_core.bulk.output import FileOutput, StreamOutput, places
from chat_core.calls import required
from chat_core.codec.capabilities import Embeddings
from chat_core.codec.provider import capability
from chat_core.codec.wire import dump
from chat_core.frozen import dataclass
from chat_core.text_calls import Embedding

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import TracebackType
    from typing import Self

    from chat_core.bulk.batches import Done
    from chat_core.bulk.formats import Form
    from chat_core.bulk.inputs import Given, Kind
    from chat_core.bulk.journal import Kept
    from chat_core.bulk.output import Output
    from chat_core.codec.effects import Flow
    from chat_core.jsonvalue import JSONObject
    from chat_core.response import Notice
    from chat_core.setup import Setup

BATCH_SIZE = 64
"""Texts that are sent together, unless something else is asked for: no service is known that takes fewer."""

CONCURRENCY = 4
"""Batches that are under way at once, unless something else is asked for."""

KEEP_SECONDS = 1.0
"""Least seconds between two states on the disk: what a killed program has to do again."""

Target: TypeAlias = "str | Path | BinaryIO"
"""Where the vectors go: the path of a file, or an open binary one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkProgress:
    """How far a run is.

    Attributes:
        rows: vectors written, those of former runs among them.
        read: bytes of the input whose vectors are written.
        size: its bytes in all; `None` = nobody knows, as of a pipe.
    """

    rows: int
    read: int
    size: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkResult:
    """What a run has made.

    Attributes:
        rows: vectors written, those of former runs among them.
        dimensions: how long they are; `None` = there are none.
        resumed: those of former runs.
        blank: blank texts that were passed over.
        halved: how often the service took only a half of what it was sent, in this run.
        input_tokens: what it cost, with former runs; `None` = the service has not told it of all.
        model: the model that answered.
        notices: what was dropped or adapted in this run: of each feature the first notice, and of how many batches
            there was one.
    """

    rows: int
    dimensions: int | None
    resumed: int
    blank: int
    halved: int
    input_tokens: int | None
    model: str | None
    notices: tuple[tuple[Notice, int], ...]


class Streaming(Embedding, total=False):
    """What can be said of many texts to be turned into vectors.

    `batch_size` texts are sent together, and `concurrency` batches at once.
    """

    batch_size: int
    concurrency: int


class Bulk(Streaming, total=False):
    """What can be said of a file to be turned into vectors.

    `kind`, `text_field`, `id_field` and `skip_blank` say how it is read: see `chat_core.bulk.inputs.Shape`. `format`
    says how vectors are written: see `chat_core.bulk.formats.Form`; `keep_text` repeats each text in its JSON line.
    `restart` makes anew what is there, whole or not. `progress` is told after each batch.
    """

    kind: Literal["lines", "jsonl", "csv"]
    text_field: str | None
    id_field: str | None
    skip_blank: bool
    format: Form | None
    keep_text: bool
    restart: bool
    progress: Callable[[BulkProgress], None]


class Job:
    """A run; `with` begins it, and ends it whole or with its state kept."""

    def __init__(self, setup: Setup, source: Given, target: Target, asking: Bulk) -> None:
        """Check what can be checked before anything is opened.

        Raises:
            BulkRefused: what was asked for makes no sense.
            UnsupportedCapability: the provider has no embeddings.
        """
        require_embeddings(setup, asking)
        kind: Kind | None = asking.get("kind")
        texts, ids, skip = asking.get("text_field"), asking.get("id_field"), asking.get("skip_blank", False)
        shape = shape_of(source, kind, texts, ids, skip_blank=skip)
        path = Path(target) if isinstance(target, (str, Path)) else None
        if path is not None and isinstance(source, (str, Path)):
            _require_apart(path, Path(source))
        form: Form = formats.form_of("" if path is None else path, asking.get("format"))
        formats.require_place(form, ids=ids is not None, texts=asking.get("keep_text", False))
        self._output: Output = (
            FileOutput(path, form, repr(setup)) if path is not None else StreamOutput(cast("BinaryIO", target), form)
        )
        self._setup, self._asking, self._shape = setup, asking, shape
        self._form: Form = form
        self._given = source
        self._resumed = self._halved = 0
        self._model: str | None = None
        self._notices: dict[str, tuple[Notice, int]] = {}

    def __enter__(self) -> Self:
        """Open input and output, and go to where a former run was.

        Raises:
            BulkRefused: a former run was another one.
            OSError: a file cannot be read, or not be written.
        """
        self._source = Source(self._given, self._shape)
        try:
            self._kept: Kept = self._output.begin(self._told(), restart=self._asking.get("restart", False))
            if not self._kept.finished:
                self._source.skip(self._kept.mark)
        except BaseException:
            self._source.close()
            self._output.close()
            raise
        self._resumed = self._kept.rows
        self._source.blank = self._kept.blank
        self._at = _now()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._source.close()
        try:
            if kind is None:
                if not self._kept.finished:
                    self._kept = replace(self._kept, mark=self._source.mark, blank=self._source.blank, finished=True)
                self._output.finish(self._kept)
            elif self._kept.rows:
                with suppress(OSError):  # the state before this one is true as well
                    self._output.keep(self._kept)
        finally:
            self._output.close(discard=kind is not None and not self._kept.rows)

    @property
    def concurrency(self) -> int:
        """How many flows may run at once."""
        return self._asking.get("concurrency", CONCURRENCY)

    @property
    def result(self) -> BulkResult:
        """What was made so far."""
        return BulkResult(
            rows=self._kept.rows,
            dimensions=self._kept.dimensions,
            resumed=self._resumed,
            blank=self._kept.blank,
            halved=self._halved,
            input_tokens=self._kept.tokens,
            model=self._model,
            notices=tuple(self._notices.values()),
        )

    def flows(self) -> Iterator[Flow[Done]]:
        """Make the flows of what is left to do."""
        if self._kept.finished:
            return iter(())
        return flows(self._setup, self._source, self._asking.get("batch_size", BATCH_SIZE), own(self._asking))

    def take(self, done: Done) -> None:
        """Write the rows of the next batch.

        Raises:
            DecodeError: its vectors do not fit those before.
            OSError: they cannot be written.
        """
        kept = self._kept
        dimensions = formats.require_vectors(done.vectors, kept.dimensions)
        pairs = zip(done.batch.items, done.vectors, strict=True)
        data = formats.rows(self._form, kept.rows, pairs, texts=self._asking.get("keep_text", False))
        self._output.write(data)
        self._kept = replace(
            kept,
            mark=done.batch.mark,
            rows=kept.rows + len(done.vectors),
            blank=done.batch.blank,
            size=kept.size + len(data),
            dimensions=dimensions,
            tokens=None if kept.tokens is None or done.tokens is None else kept.tokens + done.tokens,
        )
        self._model = done.model or self._model
        self._halved += done.halved
        for notice in {each.feature: each for each in reversed(done.notices)}.values():
            first, count = self._notices.get(notice.feature, (notice, 0))
            self._notices[notice.feature] = (first, count + 1)
        self._tell()

    def _tell(self) -> None:
        """Put the state on the disk from time to time, and say how far it is."""
        if _now() - self._at >= KEEP_SECONDS:
            self._output.keep(self._kept)
            self._at = _now()
        if (progress := self._asking.get("progress")) is not None:
            progress(BulkProgress(rows=self._kept.rows, read=self._kept.mark.read, size=self._source.size))

    def _told(self) -> JSONObject:
        """Return what makes two runs the same; a further field could be secret, so its hash stands for it."""
        extra = self._asking.get("extra")
        return {
            "model": repr(self._setup),
            "service": self._setup.provider.origin(self._setup.model),
            "dimensions": self._asking.get("dimensions"),
            "purpose": self._asking.get("purpose"),
            "encoding": self._asking.get("encoding"),
            "extra": blake2b(dump(dict(extra)), digest_size=16).hexdigest() if extra else None,
            "batch_size": self._asking.get("batch_size", BATCH_SIZE),
            "kind": self._shape.kind,
            "text_field": self._shape.text_field,
            "id_field": self._shape.id_field,
            "format": self._form,
            "keep_text": self._asking.get("keep_text", False),
        }


def require_embeddings(setup: Setup, asking: Streaming) -> None:
    """Refuse what no batch can change.

    Raises:
        UnsupportedCapability: the provider has no embeddings.
        ValueError: a number makes no sense.
    """
    required(setup, Embeddings, capability(setup.provider, Embeddings))
    for name in ("batch_size", "concurrency"):
        if cast("int", asking.get(name, 1)) < 1:
            raise ValueError(f"{name}= is at least 1")


def _require_apart(target: Path, source: Path) -> None:
    """Refuse to write over the texts, with the vectors or with what stands beside them until they are whole.

    Raises:
        BulkRefused: a run would.
    """
    for place in places(target):
        if place.exists() and source.exists() and place.samefile(source):
            raise BulkRefused(f"{place} holds the texts: name another file for the vectors")


def own(asking: Streaming) -> Embedding:
    """Return what is said of the vectors themselves."""
    return cast("Embedding", {name: value for name, value in asking.items() if name in Embedding.__annotations__})


def _now() -> float:
    return time.monotonic()  # noqa: TID251 - no flow: it decides how often the disk is waited for
