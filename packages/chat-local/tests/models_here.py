"""Model folders without a graph: what the pure half reads of one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from chat_local.layout import ModelFiles

if TYPE_CHECKING:
    from chat_core.jsonvalue import JSON

CHATML = (
    "{% if tools %}<|im_start|>system\n{{ tools|tojson }}<|im_end|>\n{% endif %}"
    "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}"
    "{% for c in m.tool_calls or [] %}<tool_call>{{ c.function|tojson }}</tool_call>{% endfor %}<|im_end|>\n"
    "{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


@dataclass(frozen=True)
class Words:
    """Stands for a tokenizer: `forcing.Vocabulary`."""

    controls: tuple[str, ...] = ("<|im_start|>", "<|im_end|>", "<tool_call>")

    def id_of(self, token: str, /) -> int | None:
        return self.controls.index(token) if token in self.controls else None


def files(template: str | None, *, response_template: JSON = None, **templates: str) -> ModelFiles:
    """Return a model that has a chat template, or several."""
    found = templates if template is None else {"default": template, **templates}
    return ModelFiles(
        name="m", folder=Path("m"), graph=Path("m/model.onnx"), variant="", variants=("",),
        tokenizer=Path("m/tokenizer.json"), config={}, generation={},
        tokenizer_config={"eos_token": "<|im_end|>", "response_template": response_template},
        templates=found, weights=(),
    )  # fmt: skip
