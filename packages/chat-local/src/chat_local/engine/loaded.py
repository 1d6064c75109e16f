"""Loaded models: each once in a process, the one that rested longest leaving first when memory is short.

Law: a model that is at work is never unloaded, and none is while it is being asked. Loading one does not keep others
from answering. What a cache grows to counts as what a model takes.
"""

from __future__ import annotations

import threading
from contextlib import suppress
from dataclasses import dataclass, field
from time import monotonic
from typing import TYPE_CHECKING

from chat_core.errors import ConfigurationError
from chat_local.engine import memory, runtime
from chat_local.engine.graph import runner
from chat_local.engine.scheduler import Scheduler
from chat_local.engine.tokens import Tokens

if TYPE_CHECKING:
    from collections.abc import Callable

    from chat_local.engine.runtime import Device, Settings
    from chat_local.layout import ModelFiles

ROWS = 4
"""Answers that a model writes at once, unless it is told otherwise."""

PATIENCE = 30.0
"""Seconds that closing waits for a model that is just being loaded, which nothing can interrupt."""


@dataclass(slots=True)
class Model:
    """A model in memory.

    Attributes:
        files: where it came from.
        tokens: its tokenizer.
        scheduler: makes its answers.
        device: where it runs.
        context: most tokens of an answer with its prompt.
        width: how many logits it gives.
        used: when it was last asked.
    """

    files: ModelFiles
    tokens: Tokens
    scheduler: Scheduler
    device: Device
    context: int
    width: int
    used: float = field(default_factory=monotonic)


class Models:
    """The models of one process."""

    def __init__(self) -> None:
        """Begin without any."""
        self._models: dict[object, Model] = {}
        self._sizes: dict[object, int] = {}
        self._lock = threading.Lock()
        self._loading: dict[object, threading.Lock] = {}
        self._closed = False

    def get(self, files: ModelFiles, settings: Settings, *, rows: int = ROWS) -> Model:
        """Return a model, loaded if it is not.

        Raises:
            ConfigurationError: it cannot be run with what is installed.
            UnsupportedContent: its graph is none that can be run.
            MemoryError: it does not fit.
            Exception: as onnxruntime raises it, of a graph that is damaged.
        """
        key = (files.graph, settings, rows)
        with self._lock:
            if (model := self._found(key)) is not None:
                return model
            loading = self._loading.setdefault(key, threading.Lock())
        with loading:
            with self._lock:
                if (model := self._found(key)) is not None:
                    return model
            return self._kept(key, self._load(key, files, settings, rows))

    def close(self) -> None:
        """Unload all models; answers that are being made end as cancelled."""
        with self._lock:
            self._closed = True
            models, self._models = list(self._models.values()), {}
            loading = list(self._loading.values())
        for model in models:
            model.scheduler.close()
        until = monotonic() + PATIENCE
        for lock in loading:
            if lock.acquire(timeout=max(until - monotonic(), 0.0)):
                lock.release()

    @property
    def loaded(self) -> tuple[Model, ...]:
        """The models in memory."""
        with self._lock:
            return tuple(self._models.values())

    @property
    def size(self) -> int:
        """Bytes that they take, as estimated, with their caches as they are now."""
        with self._lock:
            return sum(self._sizes.values())

    def _found(self, key: object) -> Model | None:
        """Return a model that is in memory; the lock is held."""
        if self._closed:
            raise ConfigurationError("the local models were closed")
        model = self._models.get(key)
        if model is not None:
            model.used = monotonic()
        return model

    def _kept(self, key: object, model: Model) -> Model:
        """Keep a model, unless all were closed while it was loaded."""
        with self._lock:
            self._loading.pop(key, None)
            if not self._closed:
                self._models[key] = model
                return model
        model.scheduler.close()
        raise ConfigurationError("the local models were closed while one was loaded")

    def _load(self, key: object, files: ModelFiles, settings: Settings, rows: int) -> Model:
        self._take(key, files.name, memory.estimate(files.files, cache=0))
        try:
            tokens = Tokens(files.tokenizer)
            loaded = runtime.load(files.graph, settings)
            run = runner(loaded, rows=rows, longest=files.context, room=self._room(key, files.name))
        except BaseException:
            with self._lock:
                self._sizes.pop(key, None)
            raise
        scheduler = Scheduler(run, tokens, context=files.context)
        return Model(files, tokens, scheduler, loaded.device, files.context, run.width)

    def _room(self, key: object, name: str) -> Callable[[int], None]:
        """Return what makes room for a cache that grows: it is told how large the whole cache will be."""
        have = 0

        def room(wanted: int) -> None:
            nonlocal have
            if wanted > have:
                self._take(key, name, wanted - have)
                have = wanted

        return room

    def _take(self, key: object, name: str, wanted: int) -> None:
        """Count memory as taken; models that rest are unloaded for it, the longest rested first."""
        while True:
            with self._lock:
                try:
                    memory.require(name, wanted, sum(self._sizes.values()))
                except MemoryError:
                    if not self._unload_one():
                        raise
                else:
                    self._sizes[key] = self._sizes.get(key, 0) + wanted
                    return

    def _unload_one(self) -> bool:
        """Unload the model that rested longest; False when all are at work. The lock is held."""
        for key, model in sorted(self._models.items(), key=lambda found: found[1].used):
            if model.scheduler.retire():
                del self._models[key]
                with suppress(KeyError):
                    del self._sizes[key]
                return True
        return False
