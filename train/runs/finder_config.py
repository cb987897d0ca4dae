"""What a training run of the finder is made from."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

from signs_edge.edge.errors import ModelError, UsageError


@dataclass(frozen=True)
class FinderConfig:
    """A training run of the hand finder; two runs with equal configurations on one machine give equal histories.

    Attributes:
        data: what the photos come from: a path, or "synthetic".
        epochs: passes over `scenes` new frames.
        scenes: frames per epoch, every one made again.
        batch_size: frames per step.
        learning_rate: Adam's, at its start; it falls to zero along a cosine.
        width: channels of the first convolution; each level has twice as many as the one before.
        backgrounds: how many backgrounds are drawn.
        drawings: how many hands are drawn, beside those cut out of the photos.
        ramp: share of the epochs after which scenes are at their hardest.
        validation: share of the training photos whose hands are held out, 0..0.5, in whole groups of near copies.
        seed: of everything random.
    """

    task: ClassVar[str] = "find"

    data: str
    epochs: int = 40
    scenes: int = 1280
    batch_size: int = 32
    learning_rate: float = 3e-3
    width: int = 16
    backgrounds: int = 2000
    drawings: int = 1000
    ramp: float = 0.4
    validation: float = 0.1
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse values that mean nothing."""
        for name in ("epochs", "scenes", "batch_size", "width", "backgrounds"):
            if getattr(self, name) < 1:
                raise UsageError(f"{name.replace('_', '-')} {getattr(self, name)} is not allowed: give at least 1")
        if not 0.0 < self.learning_rate < math.inf:
            raise UsageError(f"learning-rate {self.learning_rate} is not allowed: give a positive number such as 0.003")
        for name, high in (("ramp", 1.0), ("validation", 0.5)):
            if not 0.0 <= getattr(self, name) <= high:
                raise UsageError(f"{name} {getattr(self, name)} is not allowed: give a share from 0 to {high:g}")
        if not 0 <= self.drawings <= 100_000:
            raise UsageError(f"drawings {self.drawings} is not allowed: give 0 to 100000")
        if not 0 <= self.seed < 2**32:
            raise UsageError(f"seed {self.seed} is not allowed: give 0 to {2**32 - 1}")

    @property
    def steps(self) -> int:
        """Batches per epoch."""
        return -(-self.scenes // self.batch_size)

    def strength(self, epoch: int) -> float:
        """How hard scenes are in an epoch counted from 0: 0.3 to 1, rising in a straight line."""
        return min(1.0, 0.3 + 0.7 * epoch / (self.ramp * self.epochs)) if self.ramp else 1.0

    def to_json(self) -> dict[str, Any]:
        """Plain values for config.json."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: Any) -> FinderConfig:
        """What `to_json` wrote; ModelError where it is not understood."""
        try:
            return cls(**values)
        except TypeError as error:
            raise ModelError(
                f"the run's config.json is not understood ({error}): it was written by another version; train again"
            ) from None
