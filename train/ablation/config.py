"""What an ablation compares: networks of several depths, with and without skip connections, and how they are trained."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

from signs_edge.edge.errors import UsageError
from signs_edge.train.runs.config import ModelConfig

# Blocks per stage by depth; 50, 101 and 152 are He et al. 2015, table 1.
STAGES = {
    14: (1, 1, 1, 1),
    26: (2, 2, 2, 2),
    38: (3, 3, 3, 3),
    50: (3, 4, 6, 3),
    101: (3, 4, 23, 3),
    152: (3, 8, 36, 3),
}


@dataclass(frozen=True)
class Twin:
    """One of the networks: residual, or the plain twin of the residual one of the same depth.

    Attributes:
        stages: blocks per stage.
        batch_norm: whether each convolution is followed by batch normalization.
        skip: whether the blocks have skip connections.
    """

    stages: tuple[int, ...]
    batch_norm: bool
    skip: bool

    @property
    def depth(self) -> int:
        """Layers with weights on the main path: the stem, three per block and the last one."""
        return 3 * sum(self.stages) + 2

    @property
    def kind(self) -> str:
        """For people and pictures."""
        return "residual" if self.skip else "plain"

    @property
    def name(self) -> str:
        """Of its file: unlike any other's in an ablation."""
        return f"{self.depth:03d}-{'norm' if self.batch_norm else 'bare'}-{self.kind}"

    def model(self, width: int) -> ModelConfig:
        """Its shape for `build_resnet`."""
        return ModelConfig(stages=self.stages, width=width, skip=self.skip, batch_norm=self.batch_norm)


@dataclass(frozen=True)
class AblationConfig:
    """An ablation; two with equal configurations on one machine give equal figures.

    The recipe is the course's, without augmentation, which would make it about generalization: Adam, categorical
    cross-entropy, and a learning rate that falls to 0 as a cosine, so that the last epoch is no accident.

    Attributes:
        data: what the photos come from: a path, or "synthetic".
        networks: the stages of each depth, each depth once.
        batch_norm: with, without, or both.
        width: channels of the first stage.
        epochs: passes over the training pictures.
        batch_size: pictures per step.
        learning_rate: Adam's at the start.
        validation: share of the training pictures held out, 0..0.5.
        seed: of weights, order and the split.
    """

    data: str
    networks: tuple[tuple[int, ...], ...]
    batch_norm: tuple[bool, ...] = (True, False)
    width: int = 8
    epochs: int = 12
    batch_size: int = 32
    learning_rate: float = 1e-3
    validation: float = 0.1
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse what compares nothing."""
        if not self.networks or not self.batch_norm:
            raise UsageError("an ablation of nothing is not allowed: give at least one depth")
        depths = [twin.depth for twin in self.twins() if twin.skip and twin.batch_norm == self.batch_norm[0]]
        if len(set(depths)) < len(depths):
            raise UsageError(f"depths {depths} are not allowed: give each depth once")
        for twin in self.twins():
            twin.model(self.width)  # refuses shapes that cannot be built
        for name in ("epochs", "batch_size"):
            if getattr(self, name) < 1:
                raise UsageError(f"{name.replace('_', '-')} {getattr(self, name)} is not allowed: give at least 1")
        if not 0.0 < self.learning_rate < math.inf:
            raise UsageError(f"learning-rate {self.learning_rate} is not allowed: give a positive number such as 0.001")
        if not 0.0 <= self.validation <= 0.5:
            raise UsageError(f"validation {self.validation} is not allowed: give a share from 0 to 0.5")
        if not 0 <= self.seed < 2**32:
            raise UsageError(f"seed {self.seed} is not allowed: give 0 to {2**32 - 1}")

    def twins(self) -> tuple[Twin, ...]:
        """All networks, the shallow ones first, the residual one before its plain twin."""
        return tuple(
            Twin(stages, batch_norm, skip)
            for stages in sorted(self.networks, key=sum)
            for batch_norm in self.batch_norm
            for skip in (True, False)
        )

    def measured_after(self) -> tuple[int, ...]:
        """Finished epochs at which gradients are measured: the start, a quarter, a half, the end."""
        return tuple(sorted({0, max(1, self.epochs // 4), max(1, self.epochs // 2), self.epochs}))

    def to_json(self) -> dict[str, Any]:
        """Plain values for config.json, as they come back from there."""
        values = asdict(self)
        return values | {"networks": [list(stages) for stages in self.networks], "batch_norm": list(self.batch_norm)}


def networks_of(depths: list[int]) -> tuple[tuple[int, ...], ...]:
    """Blocks per stage for each number of layers; UsageError for one that is not in `STAGES`."""
    for depth in depths:
        if depth not in STAGES:
            raise UsageError(f"depth {depth} is not known: choose among {', '.join(map(str, STAGES))}")
    return tuple(STAGES[depth] for depth in depths)
