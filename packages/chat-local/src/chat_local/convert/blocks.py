"""Weights in few bits: every stretch of a row has a scale of its own.

The layout is that of onnxruntime's `MatMulNBits`: a row an output, stretches of `BLOCK` inputs, in a byte the lower
half first. Zero is the middle of the range, so that no zero points have to be stored.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

BLOCK = 32
"""Inputs that share a scale."""


def quantised(matrix: Floats, bits: int) -> tuple[NDArray[np.uint8], Floats]:
    """Return a matrix in 4 or 8 bits.

    Args:
        matrix: `[outputs, inputs]`.
        bits: of a number.

    Returns:
        `[outputs, stretches, bytes]`, and a scale for each stretch, in one row after another.
    """
    outputs, inputs = matrix.shape
    padded = np.pad(matrix, ((0, 0), (0, -inputs % BLOCK)))
    stretches = padded.reshape(outputs, -1, BLOCK)
    middle = 1 << (bits - 1)
    furthest = np.take_along_axis(stretches, np.abs(stretches).argmax(-1)[..., None], -1)
    scales = furthest / -middle  # the furthest number is met exactly: the range has one more below its middle
    with np.errstate(divide="ignore", invalid="ignore"):
        whole = np.where(scales == 0, 0, np.rint(stretches / scales))
    numbers: NDArray[np.uint8] = np.clip(whole + middle, 0, 2 * middle - 1).astype(np.uint8)
    if bits == 4:  # noqa: PLR2004 - two in a byte
        numbers = numbers[..., 0::2] | np.left_shift(numbers[..., 1::2], np.uint8(4))
    return np.ascontiguousarray(numbers), scales.astype(np.float32).ravel()
