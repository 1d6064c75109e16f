"""The network in torch: a small Llama, named as its files are named elsewhere.

Law: what is computed here is what the exported graph computes.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import torch
from torch import nn
from torch.nn import functional


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """Hold the sizes of a network."""

    vocabulary: int = 1536
    width: int = 192
    hidden: int = 512
    layers: int = 4
    heads: int = 6
    key_heads: int = 2
    head: int = 32
    positions: int = 1024
    theta: float = 10000.0
    epsilon: float = 1e-5

    def as_dict(self) -> dict[str, float]:
        """Give the sizes by their names."""
        return asdict(self)


def rotation(shape: Shape) -> tuple[torch.Tensor, torch.Tensor]:
    """Give the cosines and sines of all positions."""
    frequencies = shape.theta ** (-torch.arange(0, shape.head, 2).double() / shape.head)
    angles = torch.outer(torch.arange(shape.positions).double(), frequencies)
    return angles.cos().float(), angles.sin().float()


def rotate(x: torch.Tensor, cos: torch.Tensor, sin: torch.Tensor) -> torch.Tensor:
    """Turn both halves of each head against each other."""
    first, second = x.chunk(2, dim=-1)
    return torch.cat((first * cos - second * sin, second * cos + first * sin), dim=-1)


class Layer(nn.Module):
    """Attend, then think."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        keys = shape.key_heads * shape.head
        self.input_layernorm = nn.RMSNorm(shape.width, eps=shape.epsilon)
        self.q_proj = nn.Linear(shape.width, shape.heads * shape.head, bias=False)
        self.k_proj = nn.Linear(shape.width, keys, bias=False)
        self.v_proj = nn.Linear(shape.width, keys, bias=False)
        self.o_proj = nn.Linear(shape.heads * shape.head, shape.width, bias=False)
        self.post_attention_layernorm = nn.RMSNorm(shape.width, eps=shape.epsilon)
        self.gate_proj = nn.Linear(shape.width, shape.hidden, bias=False)
        self.up_proj = nn.Linear(shape.width, shape.hidden, bias=False)
        self.down_proj = nn.Linear(shape.hidden, shape.width, bias=False)

    def forward(self, x: torch.Tensor, cos: torch.Tensor, sin: torch.Tensor) -> torch.Tensor:
        """Give what comes in, and what this layer adds to it."""
        rows, length, _ = x.shape
        normed = self.input_layernorm(x)

        def split(projected: torch.Tensor) -> torch.Tensor:
            return projected.view(rows, length, -1, self.shape.head).transpose(1, 2)

        query = rotate(split(self.q_proj(normed)), cos, sin)
        key = rotate(split(self.k_proj(normed)), cos, sin)
        value = split(self.v_proj(normed))
        groups = self.shape.heads // self.shape.key_heads
        key, value = key.repeat_interleave(groups, 1), value.repeat_interleave(groups, 1)
        seen = functional.scaled_dot_product_attention(query, key, value, is_causal=True)
        x = x + self.o_proj(seen.transpose(1, 2).reshape(rows, length, -1))
        normed = self.post_attention_layernorm(x)
        return x + self.down_proj(functional.silu(self.gate_proj(normed)) * self.up_proj(normed))


class Pico(nn.Module):
    """Predict the next token."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.embed_tokens = nn.Embedding(shape.vocabulary, shape.width)
        self.layers = nn.ModuleList(Layer(shape) for _ in range(shape.layers))
        self.norm = nn.RMSNorm(shape.width, eps=shape.epsilon)
        self.cos, self.sin = rotation(shape)
        for name, weight in self.named_parameters():
            if weight.ndim > 1:
                scale = 0.02 if "embed" in name else weight.shape[1] ** -0.5
                deep = (2 * shape.layers) ** -0.5 if "o_proj" in name or "down_proj" in name else 1.0
                nn.init.normal_(weight, std=scale * deep)

    def forward(self, ids: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
        """Give the logits at the wanted positions."""
        x = self.embed_tokens(ids)
        cos, sin = self.cos[: ids.shape[1]], self.sin[: ids.shape[1]]
        for layer in self.layers:
            x = layer(x, cos, sin)
        return self.norm(x[wanted]) @ self.embed_tokens.weight.T
