"""Loaded models: each once in a process, the one that rested longest leaving first when memory is short.

Law: a model that is at work is never unloaded, and none is while it is being asked. Loading one does not keep others
from answering. What a cache grows to counts as what a model takes.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from time import monotonic
from typing import TYPE_CHECKING, Protocol, TypeVar, cast

from chat_core.errors import ConfigurationError
from chat_local.engine import cuda, memory, runtime
from chat_local.engine.graph import runner
from chat_local.engine.runtime import CPU
from chat_local.engine.scheduler import CHUNKS, Scheduler
from chat_local.engine.tokens import Tokens

if TYPE_CHECKING:
    from collections.abc import Callable

    from chat_local.engine.graph import Runner
    from chat_local.engine.runtime import Device, Settings
    from chat_local.layout import ModelFiles

ROWS = 4
"""Answers that a model writes at once, unless it is told otherwise."""

PATIENCE = 30.0
"""Seconds that closing waits for a model that is just being loaded, which nothing can interrupt."""


class Held(Protocol):
    """A model of any kind in memory."""

    used: float
    """When it was last asked."""

    def retire(self) -> bool:
        """End its thread if it has nothing to do, and tell whether that was so."""
        ...

    def close(self) -> None:
        """End what is being made, and its thread."""
        ...


H = TypeVar("H", bound=Held)


@dataclass(slots=True)
class Model:
    """A model in memory that writes text.

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

    def retire(self) -> bool:
        """End its thread if it has nothing to do, and tell whether that was so."""
        return self.scheduler.retire()

    def close(self) -> None:
        """End what is being made, and its thread."""
        self.scheduler.close()


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a model takes memory."""

    key: object
    name: str
    device: Device

    @property
    def named(self) -> str:
        """The model, for errors."""
        return self.name if self.device == CPU else f"{self.name} on {self.device}"

    @property
    def left(self) -> int | None:
        """What is free there; `None` = it is this machine's memory. A driver that does not say refuses nothing."""
        if self.device == CPU:
            return None
        free = cuda.free(self.device.number)
        return 2**63 if free is None else free


class Models:
    """The models of one process."""

    def __init__(self) -> None:
        """Begin without any."""
        self._models: dict[object, Held] = {}
        self._sizes: dict[_Place, int] = {}
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
        key, device = (files.graph, settings, rows), runtime.expected(settings)
        return self.hold(key, files, lambda: self._load(key, files, settings, rows), device)

    def hold(self, key: object, files: ModelFiles, load: Callable[[], H], device: Device = CPU) -> H:
        """Return a model of any kind, loaded if it is not; raises as `get`.

        Args:
            key: what tells it from others; its kind is a part of it.
            files: where it comes from.
            load: loads it, when there is room for its files.
            device: whose memory it takes.
        """
        with self._lock:
            if (model := self._found(key)) is not None:
                return cast("H", model)
            loading = self._loading.setdefault(key, threading.Lock())
        with loading:
            with self._lock:
                if (model := self._found(key)) is not None:
                    return cast("H", model)
            return self._kept(key, self._loaded(_Place(key, files.name, device), files, load))

    def close(self) -> None:
        """Unload all models; answers that are being made end as cancelled."""
        with self._lock:
            self._closed = True
            models, self._models = list(self._models.values()), {}
            loading = list(self._loading.values())
        for model in models:
            model.close()
        until = monotonic() + PATIENCE
        for lock in loading:
            if lock.acquire(timeout=max(until - monotonic(), 0.0)):
                lock.release()

    @property
    def loaded(self) -> tuple[Model, ...]:
        """The models in memory that write text."""
        with self._lock:
            return tuple(model for model in self._models.values() if isinstance(model, Model))

    @property
    def size(self) -> int:
        """Bytes that they take, as estimated, with their caches as they are now."""
        with self._lock:
            return sum(self._sizes.values())

    def _found(self, key: object) -> Held | None:
        """Return a model that is in memory; the lock is held."""
        if self._closed:
            raise ConfigurationError("the local models were closed")
        model = self._models.get(key)
        if model is not None:
            model.used = monotonic()
        return model

    def _kept(self, key: object, model: H) -> H:
        """Keep a model, unless all were closed while it was loaded."""
        with self._lock:
            self._loading.pop(key, None)
            if not self._closed:
                model.used = monotonic()
                self._models[key] = model
                return model
        model.close()
        raise ConfigurationError("the local models were closed while one was loaded")

    def _loaded(self, place: _Place, files: ModelFiles, load: Callable[[], H]) -> H:
        self._take(place, memory.estimate(files.files, cache=0))
        try:
            return load()
        except BaseException:
            with self._lock:
                self._sizes.pop(place, None)
            raise

    def _load(self, key: object, files: ModelFiles, settings: Settings, rows: int) -> Model:
        tokens = Tokens(files.tokenizer)
        run, device = self._runs(key, files, settings, rows)
        scheduler = Scheduler(run, tokens, context=files.context, chunk=CHUNKS[device.kind])
        return Model(files, tokens, scheduler, device, files.context, run.width)

    def _runs(self, key: object, files: ModelFiles, settings: Settings, rows: int) -> tuple[Runner, Device]:
        """Return what runs a model, and where."""
        match settings.engine:
            case "own":
                loaded = runtime.load(files.graph, settings, steps=True)
                room = self._room(_Place(key, files.name, loaded.device))
                return runner(loaded, rows=rows, longest=files.context, room=room, head=files.head), loaded.device
            case "optimum":
                from chat_local.engine.optimum import Optimum  # noqa: PLC0415 - most never compare

                device = runtime.usable(settings)
                return Optimum(files, settings, device, room=self._room(_Place(key, files.name, device))), device
            case other:
                raise ConfigurationError(f"there is no engine {other!r}: write own, or optimum to compare with")

    def _room(self, place: _Place) -> Callable[[int], None]:
        """Return what makes room for a cache that grows: it is told how large the whole cache will be."""
        have = 0

        def room(wanted: int) -> None:
            nonlocal have
            if wanted > have:
                self._take(place, wanted - have)
                have = wanted

        return room

    def _take(self, place: _Place, wanted: int) -> None:
        """Count memory as taken; models that rest there are unloaded for it, the longest rested first."""
        while True:
            with self._lock:
                taken = sum(size for other, size in self._sizes.items() if other.device == place.device)
                try:
                    memory.require(place.named, wanted, taken, place.left)
                except MemoryError:
                    if not self._unload_one(place.device):
                        raise
                else:
                    self._sizes[place] = self._sizes.get(place, 0) + wanted
                    return

    def _unload_one(self, device: Device) -> bool:
        """Unload the model that rested longest on a device; False when all are at work. The lock is held."""
        for key, model in sorted(self._models.items(), key=lambda found: found[1].used):
            places = [place for place in self._sizes if place.key == key]
            if any(place.device == device for place in places) and model.retire():
                del self._models[key]
                for place in places:
                    del self._sizes[place]
                return True
        return False
