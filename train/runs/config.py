"""What a training run is made from: the network's shape and the recipe, frozen and checked."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, ClassVar

from signs_edge.edge.errors import ModelError, UsageError

SCHEDULES = ("cosine", "constant")
AUGMENTATIONS = ("strong", "light", "none")


_SHARES = (
    ("easy", 0.0, 1.0),
    ("ramp", 0.0, 1.0),
    ("erased", 0.0, 1.0),
    ("drawn", 0.0, 1.0),
    ("negatives", 0.0, 0.5),
    ("label_smoothing", 0.0, 0.5),
    ("mixup", 0.0, 10.0),
    ("weight_decay", 0.0, 1.0),
    ("ema", 0.0, 0.9999),
)


@dataclass(frozen=True)
class ModelConfig:
    """Shape of the residual network; the defaults are the seed's ResNet-50.

    Attributes:
        stages: blocks per stage, the first of each a convolution block.
        width: channels of the stem and of the first stage's 3×3 convolutions; each later stage has twice as many.
        skip: False builds the plain twin, the same convolutions without shortcuts.
        dropout: share of the features dropped before the last layer while training, 0..1.
        l2: weight of the squared kernels in the loss.
        batch_norm: False leaves out the normalization after each convolution, to see what it does for depth.
        zero_init_residual: the last normalization of each block starts with a scale of 0, so that every identity block
            starts as the identity (Goyal et al., arXiv:1706.02677, section 5.1). Blocks without a shortcut start as ever.
    """

    stages: tuple[int, ...] = (3, 4, 6, 3)
    width: int = 64
    skip: bool = True
    dropout: float = 0.0
    l2: float = 0.0
    batch_norm: bool = True
    zero_init_residual: bool = False

    def __post_init__(self) -> None:
        """Refuse shapes that cannot be built."""
        if not self.stages or min(self.stages) < 1 or len(self.stages) > 5:
            raise UsageError(
                f"stages {self.stages} are not allowed: give one to five depths of at least 1, such as 3,4,6,3"
            )
        if self.width < 1:
            raise UsageError(f"width {self.width} is not allowed: give at least 1; the ResNet-50 has 64")
        if not 0.0 <= self.dropout < 1.0:
            raise UsageError(f"dropout {self.dropout} is not allowed: give a share from 0 up to, not with, 1")
        if not 0.0 <= self.l2 < math.inf:
            raise UsageError(f"l2 {self.l2} is not allowed: give 0 or a small positive weight such as 0.0001")


@dataclass(frozen=True)
class TrainConfig:
    """A training run; two runs with equal configurations on one machine give equal histories.

    Attributes:
        data: what the photos come from: a path, or "synthetic".
        model: shape of the network.
        epochs: passes over the training pictures.
        batch_size: pictures per step.
        learning_rate: Adam's, at its highest.
        schedule: "cosine" warms up for two epochs and falls to zero at the end; "constant" stays.
        augment: "strong" lays hands over other backgrounds in other light, "light" varies each photo a little, "none".
        easy: share of the epochs before strong augmentation begins.
        ramp: share of the epochs after which it is at its strongest.
        erased: share of the composed hands with fingers taken away, which makes finger choices that SIGNS lacks.
        drawn: share of the composed hands that are drawn.
        drawings: how many hands are drawn.
        negatives: share of the pictures that show no hand, for which no class is right.
        label_smoothing: share of the target spread over all classes.
        mixup: parameter of the beta distribution that mixes pairs of pictures; 0 mixes none.
        weight_decay: AdamW's, of kernels.
        ema: momentum of the average of the weights that is kept as the model; 0 keeps the weights themselves.
        validation: share of the training pictures held out, 0..0.5, in whole groups of equal pictures.
        seed: of weights, order, augmentation and the split.
    """

    task: ClassVar[str] = "count"

    data: str
    model: ModelConfig = field(default_factory=ModelConfig)
    epochs: int = 25
    batch_size: int = 32
    learning_rate: float = 1e-3
    schedule: str = "cosine"
    augment: str = "strong"
    easy: float = 0.0
    ramp: float = 0.5
    erased: float = 0.3
    drawn: float = 0.25
    drawings: int = 2000
    negatives: float = 0.15
    label_smoothing: float = 0.05
    mixup: float = 0.0
    weight_decay: float = 0.0
    ema: float = 0.0
    validation: float = 0.1
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse values that mean nothing."""
        for name in ("epochs", "batch_size"):
            if getattr(self, name) < 1:
                raise UsageError(f"{name.replace('_', '-')} {getattr(self, name)} is not allowed: give at least 1")
        if not 0.0 < self.learning_rate < math.inf:
            raise UsageError(f"learning-rate {self.learning_rate} is not allowed: give a positive number such as 0.001")
        if self.schedule not in SCHEDULES:
            raise UsageError(f"schedule {self.schedule!r} is not known: choose one of {', '.join(SCHEDULES)}")
        if self.augment not in AUGMENTATIONS:
            raise UsageError(f"augment {self.augment!r} is not known: choose one of {', '.join(AUGMENTATIONS)}")
        for name, low, high in _SHARES:
            if not low <= getattr(self, name) <= high:
                raise UsageError(
                    f"{name.replace('_', '-')} {getattr(self, name)} is not allowed: give a number from {low:g} to {high:g}"
                )
        if self.erased + self.drawn > 1:
            raise UsageError(
                f"erased {self.erased} and drawn {self.drawn} are shares of one whole: give at most 1 together"
            )
        if not 0 <= self.drawings <= 100_000:
            raise UsageError(f"drawings {self.drawings} is not allowed: give 0 to 100000")
        if not 0.0 <= self.validation <= 0.5:
            raise UsageError(f"validation {self.validation} is not allowed: give a share from 0 to 0.5")
        if not 0 <= self.seed < 2**32:
            raise UsageError(f"seed {self.seed} is not allowed: give 0 to {2**32 - 1}")

    @property
    def origins(self) -> tuple[float, float, float]:
        """Shares of the composed hands: cut out of photos, with fingers taken away, drawn."""
        return 1 - self.erased - self.drawn, self.erased, self.drawn

    def strength(self, epoch: int) -> float:
        """How strong augmentation is in an epoch counted from 0: 0 to 1, rising in a straight line."""
        done = epoch / self.epochs
        return min(1.0, max(0.0, (done - self.easy) / (self.ramp - self.easy))) if self.ramp > self.easy else 1.0

    def to_json(self) -> dict[str, Any]:
        """Plain values for config.json."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> TrainConfig:
        """What `to_json` wrote; ModelError where it is not understood."""
        try:
            model = dict(values["model"], stages=tuple(values["model"]["stages"]))
            return cls(**dict(values, model=ModelConfig(**model)))
        except (KeyError, TypeError) as error:
            raise ModelError(
                f"the run's config.json is not understood ({error}): it was written by another version; train again"
            ) from None


@dataclass(frozen=True)
class Preset:
    """A network and the recipe that suits it: values of `TrainConfig`'s attributes."""

    model: ModelConfig
    recipe: Mapping[str, Any]


PRESETS = {
    "resnet50": Preset(
        ModelConfig(zero_init_residual=True), {"epochs": 120, "learning_rate": 1e-3, "easy": 0.05, "ramp": 0.5}
    ),
    "slim": Preset(
        ModelConfig(stages=(3, 3, 3), width=24), {"epochs": 320, "learning_rate": 3e-3, "easy": 0.0, "ramp": 0.4}
    ),
}
