"""What local models find on this machine: the runtime, the devices, the models.

Law: importing this module loads nothing heavy; onnxruntime is loaded only to ask a build for GPUs what it can use.
"""

from __future__ import annotations

from importlib.util import find_spec

from chat_core.plugins.spec import Condition
from chat_local.names import PICO, PICO_FOLDER

SHOWN = 5
"""Most models that are named."""


def ready_model() -> str | None:
    """Return the model that answers with nothing set up; `None` where it or its runtime is missing."""
    there = (PICO_FOLDER / "model.onnx").is_file() and find_spec("onnxruntime") is not None
    return PICO if there else None


def condition() -> Condition:
    """Look at the runtime and the models."""
    from chat_local.engine import builds, runtime  # noqa: PLC0415 - it is looked at when somebody asks
    from chat_local.shelf import models  # noqa: PLC0415 - as above

    there = builds.installed()
    if not there and find_spec("onnxruntime") is None:
        return Condition(missing=f"onnxruntime is not installed: {runtime.INSTALL}")
    if (both := builds.both()) is not None:
        return Condition(missing=both)
    found = [f"{name} {version}" for name, version in there.items()]
    if "onnxruntime-gpu" in there:
        reason = runtime.why_no_cuda() or runtime.unusable(0)
        found.append("it can use a GPU" if reason is None else f"it runs on the CPU, because {reason}")
    names = [str(model["id"]) for model in models()]
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    found.append(f"models: {', '.join(names[:SHOWN])}{more}" if names else "no models yet: chat local pull org/name")
    return Condition(found=tuple(found))
