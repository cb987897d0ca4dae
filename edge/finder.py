"""Where the hand is in a camera frame: a tiny network over the whole frame, and the square to look at closer.

The network sees the frame at 160×120 and answers for a grid of 20×15 cells: how likely the middle of a hand lies in the
cell, where in it, and how large the hand is. This is CenterNet's way (Zhou et al. 2019, arXiv:1904.07850), with one class.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

HEIGHT, WIDTH = 120, 160
"""Of the picture that the finder sees, in pixels; frames of another shape are cut at the sides or padded."""
STRIDE = 8
GRID = (HEIGHT // STRIDE, WIDTH // STRIDE)
OFFSET_SCALE, SIZE_SCALE = 4.0, 4.0
"""What the network's offsets (in cells) and log sizes are multiplied by, so that int8 steps are fine enough for them."""
TYPICAL_SIDE = 40.0
"""Side of a hand in pixels whose log size is 0."""


@dataclass(frozen=True)
class Found:
    """A hand in a picture of 160×120.

    Attributes:
        score: how sure, 0..1.
        x, y: middle of the hand without its arm, in pixels.
        side: its longer side, in pixels.
    """

    score: float
    x: float
    y: float
    side: float


def decode(grid: npt.NDArray[np.float32]) -> Found:
    """The likeliest hand of the network's (15, 20, 4) float32 answer: logit, x and y offset, log size."""
    logits = grid[..., 0]
    row, column = np.unravel_index(int(logits.argmax()), logits.shape)
    logit, dx, dy, size = (float(value) for value in grid[row, column])
    score = 1 / (1 + np.exp(-logit))
    x = (column + 0.5 + dx / OFFSET_SCALE) * STRIDE
    y = (row + 0.5 + dy / OFFSET_SCALE) * STRIDE
    return Found(float(score), float(x), float(y), float(TYPICAL_SIDE * np.exp(size / SIZE_SCALE)))
