"""Where the hand is in a camera frame: a tiny network over the whole frame, and the square to look at closer.

The network sees the frame at the size its file names, 160×120 or more, and answers for a grid of cells of 8×8 pixels:
how likely the middle of a hand lies in the cell, where in it, and how large the hand is. This is CenterNet's
way (Zhou et al. 2019, arXiv:1904.07850), with one class.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from signs_edge.edge.arrays import Image
from signs_edge.edge.bundle.contract import WHOLE, Contract
from signs_edge.edge.bundle.model_file import ModelFile
from signs_edge.edge.errors import ModelError
from signs_edge.edge.inference.network import Network
from signs_edge.edge.inference.preprocess import fit_whole

HEIGHT, WIDTH = 120, 160
"""Of the picture that a finder of the default recipe sees, in pixels; frames of another shape are padded."""
STRIDE = 8
GRID = (HEIGHT // STRIDE, WIDTH // STRIDE)
OFFSET_SCALE, SIZE_SCALE = 4.0, 4.0
"""What the network's offsets (in cells) and log sizes are multiplied by, so that int8 steps are fine enough for them."""
TYPICAL_SIDE = 40.0
"""Side of a hand in pixels whose log size is 0."""
OUTPUTS = ("logit", "x", "y", "size")
"""Of each cell, and what stands for the labels in a finder's file."""
CONTRACT = Contract(HEIGHT, WIDTH, crop=WHOLE)


@dataclass(frozen=True)
class Found:
    """A hand.

    Attributes:
        score: how sure, 0..1.
        x, y: middle of the hand without its arm, in pixels of the frame, or of the network's picture in training.
        side: its longer side, in the same pixels.
    """

    score: float
    x: float
    y: float
    side: float


def decode(grid: npt.NDArray[np.float32]) -> Found:
    """The likeliest hand of the network's (rows, columns, 4) float32 answer: logit, x and y offset, log size."""
    logits = grid[..., 0]
    row, column = np.unravel_index(int(logits.argmax()), logits.shape)
    logit, dx, dy, size = (float(value) for value in grid[row, column])
    score = 1 / (1 + np.exp(-logit))
    x = (column + 0.5 + dx / OFFSET_SCALE) * STRIDE
    y = (row + 0.5 + dy / OFFSET_SCALE) * STRIDE
    return Found(float(score), float(x), float(y), float(TYPICAL_SIDE * np.exp(size / SIZE_SCALE)))


class HandFinder:
    """The finder's network on this device. Not safe to call from several threads at once."""

    def __init__(self, model: ModelFile, *, threads: int = 1, runtime: str | None = None) -> None:
        if model.labels != OUTPUTS or model.contract.crop != WHOLE:
            raise ModelError(
                f"the model answers {', '.join(model.labels) or 'nothing named'}: it is no finder; give the .tflite file "
                "that `signs-edge export` makes of a run of `signs-edge train --task find`"
            )
        self.network = Network(model.content, threads=threads, runtime=runtime)
        self.contract = model.contract
        """Size of the picture that the network sees; both sides are multiples of `STRIDE`."""
        height, width = self.contract.height, self.contract.width
        shapes = (self.network.input_shape, self.network.output_shape)
        if shapes != ((1, height, width, 3), (1, height // STRIDE, width // STRIDE, len(OUTPUTS))):
            raise ModelError(f"the finder's tensors {shapes[0]} and {shapes[1]} are not its own: export it again")
        self.network.obey(self.contract)
        self.least_score = model.abstain_below or 0.0
        """From this score on, 0..1, it is a hand, as chosen on scenes without one."""

    @classmethod
    def open(cls, path: Path, *, threads: int = 1, runtime: str | None = None) -> HandFinder:
        """Read a finder's .tflite file and make it ready."""
        return cls(ModelFile.read(path), threads=threads, runtime=runtime)

    def likeliest(self, frame: Image) -> Found:
        """The likeliest hand in a (height, width, 3) uint8 BGR frame, in its pixels, however unsure."""
        picture, scale, left, top = fit_whole(frame, self.contract)
        found = decode(self.network.answer(np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB), np.uint8)))
        return Found(found.score, (found.x - left) / scale, (found.y - top) / scale, found.side / scale)

    def find(self, frame: Image) -> Found | None:
        """The hand in a frame; None where none is likely enough."""
        found = self.likeliest(frame)
        return found if found.score >= self.least_score else None
