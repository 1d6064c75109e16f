"""What stands behind the encoder in a model of sentences, as sentence-transformers' files say it.

Law: a module that is not known is refused by name. What the files do not say is taken as sentence-transformers takes
it, and noticed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias, cast

import numpy as np

from chat_core.errors import ConfigurationError
from chat_core.jsonvalue import excerpt
from chat_local.convert.weights import Weights
from chat_local.encoders.pooling import MODES, unit
from chat_local.layout import described, description
from chat_local.repository import is_inside

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from chat_core.jsonvalue import JSON, JSONObject
    from chat_local.encoders.pooling import Mode

    Floats = NDArray[np.float32]

DOCUMENTS = ("document", "passage", "corpus")
"""What models call the prompt of what is looked through; the first one that is there counts."""

LEGACY: Mapping[str, Mode] = {
    "pooling_mode_cls_token": "cls",
    "pooling_mode_max_tokens": "max",
    "pooling_mode_mean_tokens": "mean",
    "pooling_mode_mean_sqrt_len_tokens": "mean_sqrt_len_tokens",
    "pooling_mode_weightedmean_tokens": "weightedmean",
    "pooling_mode_lasttoken": "lasttoken",
}
"""Switches of `1_Pooling/config.json` before sentence-transformers 6, in the order in which vectors are joined."""

_ACTIVATIONS: Mapping[str, Callable[[Floats], Floats]] = {
    "Identity": lambda vectors: vectors,
    "ReLU": lambda vectors: np.maximum(vectors, np.float32(0)),
    "Sigmoid": lambda vectors: np.float32(1) / (np.float32(1) + np.exp(-vectors)),
    "Tanh": np.tanh,
}


@dataclass(frozen=True, slots=True)
class Dense:
    """A product behind the pooling."""

    matrix: Floats
    bias: Floats | None
    activation: str

    def __call__(self, vectors: Floats) -> Floats:
        """Multiply vectors, `[texts, inputs]` → `[texts, outputs]`."""
        found = vectors @ self.matrix
        return _ACTIVATIONS[self.activation](found if self.bias is None else found + self.bias)


Step: TypeAlias = "Callable[[Floats], Floats]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """How a text's vector is made of its tokens.

    Attributes:
        modes: how tokens become one vector.
        include_prompt: whether the tokens of a prompt count.
        steps: what happens to the vector afterwards.
        prompts: what is written before texts, by purpose.
        default: the purpose that is meant where none is said.
        limit: most tokens of a text; `None` = not said.
        lower: whether letters are made small.
        assumed: whether the folder does not say all this.
    """

    modes: tuple[Mode, ...] = ("mean",)
    include_prompt: bool = True
    steps: tuple[Step, ...] = field(default=(), repr=False)
    prompts: Mapping[str, str] = field(default_factory=dict[str, str])
    default: str | None = None
    limit: int | None = None
    lower: bool = False
    assumed: bool = False

    @property
    def is_unit(self) -> bool:
        """Whether vectors have the length 1."""
        return self.steps[-1:] == (unit,)

    def prompt(self, purpose: str | None) -> tuple[str, bool]:
        """Return what is written before a text, and whether the model knows the purpose at all.

        Raises:
            ConfigurationError: it has no such prompt, and the purpose is a word of its own.
        """
        if purpose is None:
            return ("" if self.default is None else self.prompts[self.default]), True
        names = DOCUMENTS if purpose == "document" else (purpose,)
        found = next((name for name in names if name in self.prompts), None)
        if found is not None:
            return self.prompts[found], True
        if purpose in {"query", "document"}:
            return "", any(self.prompts.values())
        known = ", ".join(self.prompts) or "none"
        raise ConfigurationError(f"the model has no prompt for the purpose {purpose!r}: it has {known}")


def sentence_of(folder: Path) -> Sentence:
    """Read what a folder says.

    Raises:
        ConfigurationError: something is malformed, missing, or not known here.
    """
    own, said = (
        description(folder, "sentence_bert_config.json"),
        description(folder, "config_sentence_transformers.json"),
    )
    limit = own.get("max_seq_length")
    prompts, default = _prompts(folder, said)
    modes, include, steps = _modules(folder)
    return Sentence(
        modes=modes or ("mean",),
        include_prompt=include,
        steps=steps,
        prompts=prompts,
        default=default,
        limit=limit if isinstance(limit, int) and limit > 0 else None,
        lower=own.get("do_lower_case") is True,
        assumed=modes is None,
    )


def _prompts(folder: Path, said: JSONObject) -> tuple[dict[str, str], str | None]:
    match said.get("prompts"):
        case None:
            prompts: dict[str, str] = {}
        case dict(found) if all(isinstance(text, str) for text in found.values()):
            prompts = cast("dict[str, str]", found)
        case _:
            raise ConfigurationError(f"{folder} has prompts that are no texts, in config_sentence_transformers.json")
    default = said.get("default_prompt_name")
    if isinstance(default, str) and default not in prompts:
        raise ConfigurationError(f"{folder} names the default prompt {default!r}, which is not there")
    return prompts, default if isinstance(default, str) else None


def _modules(folder: Path) -> tuple[tuple[Mode, ...] | None, bool, tuple[Step, ...]]:
    """Read the modules in their order; no modes = the folder says nothing of them."""
    modes: tuple[Mode, ...] | None = None
    include, steps = True, list[Step]()
    for kind, path in _listed(folder):
        match kind:
            case "Transformer" | "Dropout":
                pass
            case "Pooling":
                config = description(folder, f"{path}/config.json")
                modes, include = _modes(folder, config), config.get("include_prompt") is not False
            case "Normalize":
                steps.append(unit)
            case "Dense":
                steps.append(_dense(folder, path))
            case _:
                raise ConfigurationError(f"{folder} has the module {kind}, which is not known here: use its ONNX graph")
    return modes, include, tuple(steps)


def _listed(folder: Path) -> list[tuple[str, str]]:
    """Return the modules: what they are, and their folders."""
    match described(folder, "modules.json"):
        case None:
            return []
        case list(items):
            return [_module(folder, item) for item in items]
        case _:
            raise ConfigurationError(f"{folder}/modules.json is no list")


def _module(folder: Path, item: JSON) -> tuple[str, str]:
    match item:
        case {"type": str(kind), "path": str(path)} if path == "" or is_inside(path):
            return kind.rpartition(".")[2], path
        case _:
            raise ConfigurationError(
                f"{folder}/modules.json has a module without a type, or without a folder: {excerpt(repr(item))}"
            )


def _modes(folder: Path, config: JSONObject) -> tuple[Mode, ...]:
    match config.get("pooling_mode"):
        case None:
            found: list[str] = [mode for switch, mode in LEGACY.items() if config.get(switch) is True] or ["mean"]
        case str(word):
            found = [word]
        case list(words):
            found = [str(word) for word in words]
        case other:
            found = [repr(other)]
    if strange := [mode for mode in found if mode not in MODES]:
        raise ConfigurationError(f"{folder} pools by {', '.join(strange)}, which is not known: {', '.join(MODES)} are")
    return cast("tuple[Mode, ...]", tuple(found))


def _dense(folder: Path, path: str) -> Dense:
    config = description(folder, f"{path}/config.json")
    activation = str(config.get("activation_function", "torch.nn.modules.activation.Tanh")).rpartition(".")[2]
    known = config.get("module_input_name", "sentence_embedding") == "sentence_embedding"
    if activation not in _ACTIVATIONS or config.get("use_residual") is True or not known:
        raise ConfigurationError(f"{folder}/{path} is a product of a kind that is not known here: {activation}")
    weights = Weights(folder / path)
    bias = weights.take("linear.bias") if "linear.bias" in weights else None
    return Dense(np.ascontiguousarray(weights.take("linear.weight").T), bias, activation)
