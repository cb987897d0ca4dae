"""The representative dataset: which training pictures set the int8 ranges, and a record of them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np

from signs_edge.edge.errors import UsageError
from signs_edge.edge.images import Images, Labels
from signs_edge.train.dataset import SignsDataset

DEFAULT_PICTURES = 120


@dataclass(frozen=True)
class Calibration:
    """The pictures that calibrate an export.

    Attributes:
        images: (n, 64, 64, 3) uint8 RGB.
        indices: (n,) int64, their places in the training pictures.
        per_class: how many of each class.
        seed: of the draw.
    """

    images: Images
    indices: Labels
    per_class: dict[str, int]
    seed: int

    def to_json(self) -> dict[str, Any]:
        """The record that goes into the report; the digest is over the pictures' bytes in their order."""
        return {
            "n": len(self.indices),
            "per_class": self.per_class,
            "seed": self.seed,
            "indices": self.indices.tolist(),
            "sha256": self.digest,
        }

    @property
    def digest(self) -> str:
        """SHA-256, in hexadecimal, of the pictures' bytes in their order."""
        return hashlib.sha256(np.ascontiguousarray(self.images).tobytes()).hexdigest()


def choose_calibration(train: SignsDataset, pictures: int = DEFAULT_PICTURES, seed: int = 0) -> Calibration:
    """Draw a stratified sample: as near as can be the same number of each class, without a picture twice.

    Args:
        train: training pictures; never those that the export is judged on.
        pictures: how many in all; fewer where the data has fewer.
        seed: same seed, same pictures.
    """
    if pictures < len(train.names):
        raise UsageError(
            f"calibration with {pictures} pictures is not allowed: give at least {len(train.names)}, one of each class"
        )
    if seed < 0:
        raise UsageError(f"calibration seed {seed} is not allowed: give 0 or more")
    rng = np.random.default_rng(seed)
    shuffled = [rng.permutation(np.flatnonzero(train.labels == label)) for label in range(len(train.names))]
    # Round by round one of each class, until there are enough or none are left.
    rounds = max(len(members) for members in shuffled)
    in_turn = [members[turn] for turn in range(rounds) for members in shuffled if turn < len(members)]
    indices = np.sort(np.array(in_turn[:pictures], np.int64))
    counts = np.bincount(train.labels[indices], minlength=len(train.names)).tolist()
    return Calibration(train.images[indices], indices, dict(zip(train.names, counts, strict=True)), seed)
