"""Run the model's files by a small greedy loop.

Law: nothing but onnxruntime, tokenizers and a template; what a real runtime does must give the same answers.
"""

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from jinja2.sandbox import ImmutableSandboxedEnvironment
from tokenizers import Tokenizer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

MOST_TOKENS = 120


class Model:
    """Hold a folder of model files, ready to answer."""

    def __init__(self, folder: Path) -> None:
        os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
        import onnxruntime  # type: ignore[import-untyped]  # noqa: PLC0415 - no types; telemetry is off before the import

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.log_severity_level = 3
        self.session = onnxruntime.InferenceSession(str(folder / "model.onnx"), options, ["CPUExecutionProvider"])
        self.config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        environment = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True)
        environment.filters["tojson"] = lambda value: json.dumps(value, ensure_ascii=False)
        self.template = environment.from_string((folder / "chat_template.jinja").read_text(encoding="utf-8"))

    def render(self, messages: "Sequence[Mapping[str, object]]", tools: "Sequence[Mapping[str, object]]" = ()) -> str:
        """Write a conversation down, up to where the model speaks."""
        return self.template.render(messages=messages, tools=tools, add_generation_prompt=True)

    def _empty(self) -> "dict[str, NDArray[np.float32]]":
        shape = (1, self.config["num_key_value_heads"], 0, self.config["head_dim"])
        names = [each.name for each in self.session.get_inputs() if each.name.startswith("past_key_values.")]
        return {name: np.zeros(shape, np.float32) for name in names}

    def complete(self, prompt: str) -> str:
        """Go on with a text until the model ends its turn."""
        given = self.tokenizer.encode(prompt, add_special_tokens=False).ids
        past, said, length = self._empty(), list[int](), 0
        outputs = [each.name for each in self.session.get_outputs()]
        while len(said) < MOST_TOKENS:
            length += len(given)
            feed = {"input_ids": np.array([given], np.int64), "attention_mask": np.ones((1, length), np.int64), **past}
            logits, *present = (np.asarray(each) for each in self.session.run(outputs, feed))
            token = int(logits[0, -1].argmax())
            if token == self.config["eos_token_id"]:
                break
            said.append(token)
            given = [token]
            past = {
                name.replace("present", "past_key_values"): value
                for name, value in zip(outputs[1:], present, strict=True)
            }
        return self.tokenizer.decode(said, skip_special_tokens=False)

    def answer(self, question: str) -> str:
        """Answer a single question."""
        return self.complete(self.render([{"role": "user", "content": question}]))
