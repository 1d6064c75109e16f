"""optimum's own way to run a graph, to compare this package's with: one answer at a time.

Law: nothing but its runs is optimum's. It needs the extra `optimum`, which brings PyTorch and an older transformers.
The code of a model's folder is never executed.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from chat_core.errors import ConfigurationError
from chat_local.engine import runtime

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from chat_local.engine.runtime import Device, Settings
    from chat_local.engine.session import RunOptions
    from chat_local.layout import ModelFiles

    Floats = NDArray[np.float32]

INSTALL = "pip install 'chat-local[cpu,optimum]' in an environment of its own"


class Optimum:
    """Runs a graph by optimum's `ORTModelForCausalLM`; implements `graph.Runner`."""

    rows = 1
    ragged = False

    def __init__(self, files: ModelFiles, settings: Settings, device: Device, *, room: Callable[[int], None]) -> None:
        """Load a graph.

        Raises:
            ConfigurationError: optimum is not installed.
            Exception: as optimum raises it.
        """
        ort = runtime.module()
        how = ort.SessionOptions()
        if settings.threads is not None:
            how.intra_op_num_threads = settings.threads
        self._torch, made = _imported()
        place = files.graph.parent.relative_to(files.folder).as_posix()
        self._model = made.from_pretrained(
            str(files.folder),
            subfolder="" if place == "." else place,
            file_name=files.graph.name,
            provider=runtime.PROVIDERS[device.kind],
            session_options=how,
            use_io_binding=False,
            local_files_only=True,
        )
        self._room = room
        self._cache: Any = None
        self.width = len(self._run([0], 0))

    def hold(self, rows: int) -> None:
        """As `Runner.hold`: there is one row."""

    def read(self, row: int, ids: Sequence[int], past: int, options: RunOptions) -> Floats:  # noqa: ARG002 - it takes none
        """As `Runner.read`."""
        return self._run(ids, past)

    def read_together(self, row: int, prompts: Sequence[Sequence[int]], options: RunOptions) -> Floats:
        """As `Runner.read_together`: there is one."""
        (prompt,) = prompts
        return self.read(row, prompt, 0, options)[None]

    def step(self, ids: Sequence[int], pasts: Sequence[int]) -> Floats:
        """As `Runner.step`."""
        return self._run(ids, pasts[0])[None]

    def swap(self, one: int, other: int, places: int) -> None:
        """As `Runner.swap`: there is one row."""

    def copy(self, source: int, target: int, first: int, last: int) -> None:
        """As `Runner.copy`: there is one row."""

    def _run(self, ids: Sequence[int], past: int) -> Floats:
        torch, total = self._torch, past + len(ids)
        cache = tuple(tuple(part[:, :, :past] for part in layer) for layer in self._cache) if past else None
        given = {"input_ids": torch.tensor([list(ids)]), "attention_mask": torch.ones(1, total, dtype=torch.int64)}
        if "position_ids" in self._model.input_names:
            given["position_ids"] = torch.arange(past, total)[None]
        with torch.no_grad():
            found = self._model(**given, past_key_values=cache, use_cache=True)
        self._cache = found.past_key_values
        self._room(sum(part.nbytes for layer in self._cache for part in layer))
        last: Floats = found.logits[0, -1].float().cpu().numpy().copy()
        return last


def _imported() -> tuple[Any, Any]:
    """Return torch, and what loads a model."""
    try:
        return import_module("torch"), import_module("optimum.onnxruntime").ORTModelForCausalLM
    except ImportError as error:
        raise ConfigurationError(f"optimum cannot be used ({error}): {INSTALL}") from None
