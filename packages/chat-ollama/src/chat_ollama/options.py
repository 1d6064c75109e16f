"""What only Ollama can be told: options beside the portable ones.

Law: fields are named and shaped as the wire has them. What this version has no field for goes into `options`, where the
model's own settings are, or into `extra`, beside them.
"""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, ClassVar

from chat_core.frozen import dataclass
from chat_core.options import NativeOptions
from chat_core.tools import NativeTool

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSONObject

PROVIDER = "ollama"
"""The wire family that reads these options and tools."""


@dataclass(frozen=True, slots=True, kw_only=True, weakref_slot=True)
class OllamaOptions(NativeOptions):
    """Options of Ollama's wire; `None` = not sent.

    Attributes:
        think: whether to think, or how hard: `low`, `medium`, `high`, `max`.
        format: `json`, or a JSON Schema.
        keep_alive: how long the model stays loaded: seconds, or a text such as `5m`; 0 unloads it, below 0 is for ever.
        truncate: whether a prompt that is too long is cut; `False` makes it an error.
        shift: whether the context moves on when it is full; `False` makes it an error.
        num_ctx: length of the context, in tokens.
        num_keep: tokens of the prompt that stay when the context moves on.
        num_batch: tokens of the prompt that are read at once.
        num_gpu: layers that are put onto the GPU.
        main_gpu: the GPU for small tensors.
        num_thread: threads of the CPU.
        draft_num_predict: tokens that are drafted ahead.
        use_mmap: whether the model's file is mapped into memory.
        typical_p: limit on the tokens drawn from, by how typical they are.
        repeat_last_n: how many of the last tokens count as repeated; 0 = none, -1 = the whole context.
        repeat_penalty: discouragement of repetition.
        options: further settings of the model, by the wire's names.
    """

    provider: ClassVar[str] = PROVIDER
    think: bool | str | None = None
    format: str | JSONObject | None = field(default=None, hash=False)
    keep_alive: float | str | None = None
    truncate: bool | None = None
    shift: bool | None = None
    num_ctx: int | None = None
    num_keep: int | None = None
    num_batch: int | None = None
    num_gpu: int | None = None
    main_gpu: int | None = None
    num_thread: int | None = None
    draft_num_predict: int | None = None
    use_mmap: bool | None = None
    typical_p: float | None = None
    repeat_last_n: int | None = None
    repeat_penalty: float | None = None
    options: JSONObject | None = field(default=None, hash=False)


PLAIN_FIELDS = ("keep_alive", "truncate", "shift")
"""Fields of `OllamaOptions` that are body fields of the same name."""

WHOLE = ("num_ctx", "num_keep", "num_batch", "num_gpu", "main_gpu", "num_thread", "draft_num_predict", "repeat_last_n")
NUMBERS = ("typical_p", "repeat_penalty")
MODEL_FIELDS = (*WHOLE, *NUMBERS, "use_mmap")
"""Fields of `OllamaOptions` that are members of the body's `options` of the same name."""


def native_tool(data: JSONObject) -> NativeTool:
    """Declare a tool in the wire's own words."""
    return NativeTool(provider=PROVIDER, data=data)
