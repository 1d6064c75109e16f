"""What only local models can be told."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from chat_core.options import NativeOptions

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSONObject

PROVIDER = "local"
"""The name under which options of this wire are found."""


@dataclass(frozen=True, slots=True, kw_only=True, weakref_slot=True)
class LocalOptions(NativeOptions):
    """Options of models in this process; `None` = not said.

    Attributes:
        device: `auto` (the default), `cpu`, `cuda`, or `cuda:1` for the second GPU.
        threads: of the CPU; as many as there are cores if not said.
        rows: answers that one model writes at once; 4 if not said.
        low_memory: give memory back after long prompts, at some cost of speed.
        engine: who runs the model: `own` (the default), or `optimum` to compare with, one answer at a time; of
            encoders `own`, `openvino`, or `openvino:bf16`, which counts in bfloat16.
        offline: use what is on this machine, and ask the hub for nothing.
        format: how the model writes thoughts and calls: a name of `formats.FORMATS`; seen in its template if not said.
        repetition_penalty: divides what speaks for tokens that occurred; 1 = none.
        template: further words for the model's chat template, such as `{"enable_thinking": False}`.
    """

    provider: ClassVar[str] = PROVIDER
    device: str | None = None
    threads: int | None = None
    rows: int | None = None
    low_memory: bool | None = None
    engine: str | None = None
    offline: bool | None = None
    format: str | None = None
    repetition_penalty: float | None = None
    template: JSONObject | None = field(default=None, hash=False)


PLAIN_FIELDS = ("device", "threads", "rows", "low_memory", "engine", "offline", "format", "repetition_penalty")
"""Fields of `LocalOptions` that are members of the body's `options` of the same name."""
