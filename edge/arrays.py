"""The array types that pictures travel in."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Image: TypeAlias = npt.NDArray[np.uint8]
"""One picture, (height, width, 3) uint8; the docstring beside it says whether RGB or, as OpenCV has it, BGR."""

Images: TypeAlias = npt.NDArray[np.uint8]
"""Several pictures, (n, height, width, 3) uint8."""

Labels: TypeAlias = npt.NDArray[np.int64]
"""(n,) int64, each an index into the names of the classes."""

Probabilities: TypeAlias = npt.NDArray[np.float32]
"""(n, classes) or (classes,) float32 in 0..1; a row sums to 1."""
