"""Which frames the float twin sees: drawn at random, with known probabilities, within a budget of processor time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from signs_edge.edge.errors import UsageError

SMOOTHING = 0.05  # weight of the newest duration in the running mean
PLANNED = (
    0.8  # of the budget: with all of it a loop lost 12 % and not 9 %, perhaps for the caches that the twin empties
)


@dataclass(frozen=True)
class ShadowConfig:
    """How often the float twin looks.

    Attributes:
        budget: of one core's time, 0..1: of what the loop takes beside the watch, for the twin and the watch itself.
        floor: the least probability, so that no frame's weight is above 1/floor; also what is left when giving way.
        ceiling: the highest probability of a frame whose margin is not low.
        low_margin: int8's two highest probabilities lie less than this apart: the frame is hard.
        boost: how many times likelier a hard frame is drawn; 1: no likelier.
    """

    budget: float = 0.10
    floor: float = 0.01
    ceiling: float = 1.0
    low_margin: float = 0.2
    boost: float = 2.0

    def __post_init__(self) -> None:
        """Refuse values that mean nothing."""
        if not 0 < self.budget <= 1:
            raise UsageError(f"shadow budget {self.budget} is not allowed: give a share of a core above 0, 1 at most")
        if not 0 < self.floor <= self.ceiling <= 1:
            raise UsageError(f"shadow floor {self.floor} and ceiling {self.ceiling} must be 0 < floor <= ceiling <= 1")
        if not self.boost >= 1:
            raise UsageError(f"shadow boost {self.boost} is not allowed: give 1 or more")


@dataclass(frozen=True)
class Draw:
    """Whether the float twin sees a frame.

    Attributes:
        probability: with which this frame was drawn, 0..1.
        base: with which it would have been drawn had it not been hard; fixed before the frame was seen.
        taken: whether it was drawn.
        plain: whether it was drawn and would have been at `base` too. These are a simple random sample.

    >>> Draw(0.2, 0.1, taken=True, plain=False).weight
    0.5
    """

    probability: float
    base: float
    taken: bool
    plain: bool

    def __post_init__(self) -> None:
        """Refuse what no sampler gives."""
        if not 0 < self.base <= self.probability <= 1 or (self.plain and not self.taken):
            raise ValueError(f"not a draw: {self}")

    @property
    def weight(self) -> float:
        """What makes the drawn frames stand for all: base / probability, 0..1."""
        return self.base / self.probability

    @classmethod
    def certain(cls) -> Draw:
        """Of a frame that is seen in any case, as when every frame is."""
        return cls(1.0, 1.0, True, True)


class ShadowSampler:
    """Draws frames. It has no clock: durations are told to it."""

    def __init__(self, config: ShadowConfig | None = None, seed: int = 0) -> None:
        self.config = config or ShadowConfig()
        self._rng = np.random.default_rng(seed)
        self._float_s: float | None = None
        self._frame_s: float | None = None
        self._own_s = 0.0
        self._likelier = 1.0  # mean of probability / base

    def float_took(self, seconds: float) -> None:
        """The twin took so long for one frame, in seconds: of processor time, or of waiting for it if that was more."""
        self._float_s = _smoothed(self._float_s, seconds)

    def frame_took(self, seconds: float) -> None:
        """So long it was from the last frame to this one, in seconds, less what the twin and the watch took of it."""
        self._frame_s = _smoothed(self._frame_s, seconds)

    def watch_took(self, seconds: float) -> None:
        """The watch itself took so long for one frame, in seconds, beside the twin."""
        self._own_s += SMOOTHING * (seconds - self._own_s)

    @property
    def base(self) -> float:
        """The probability of the next frame if it is not hard.

        (`PLANNED` · budget · time from frame to frame − the watch's own time) / (the twin's time), less for the hard
        frames' share; 0.1 or what is allowed nearest to it until both times are known. A loop that never waits is
        slowed down by the budget and no more: to 1 / (1 + budget) of its frame rate.
        """
        config = self.config
        wanted = 0.1
        if self._float_s is not None and self._frame_s is not None:
            left = PLANNED * config.budget * self._frame_s - self._own_s
            wanted = left / max(self._float_s, 1e-9) / self._likelier
        return min(max(wanted, config.floor), config.ceiling)

    def draw(self, margin: float, throttled: bool = False) -> Draw:
        """Decide on one frame.

        Args:
            margin: int8's highest probability less its second, 0..1; NaN counts as hard.
            throttled: the device is hot, throttled or behind: no more than the floor, hard frames too.
        """
        base = self.config.floor if throttled else self.base
        hard = not margin >= self.config.low_margin and not throttled
        probability = min(1.0, base * self.config.boost) if hard else base
        self._likelier += SMOOTHING * (probability / base - self._likelier)
        chance = float(self._rng.random())
        return Draw(probability, base, chance < probability, chance < base)

    def to_json(self) -> dict[str, Any]:
        """Plain values for a JSON object: durations and the generator's state."""
        return {
            "float_s": self._float_s,
            "frame_s": self._frame_s,
            "own_s": self._own_s,
            "likelier": self._likelier,
            "chance": self._rng.bit_generator.state,
        }

    @classmethod
    def from_json(cls, values: dict[str, Any], config: ShadowConfig | None = None) -> ShadowSampler:
        """The sampler that `to_json` wrote, which draws on as if never stopped."""
        sampler = cls(config)
        sampler._float_s, sampler._frame_s = values["float_s"], values["frame_s"]
        sampler._own_s, sampler._likelier = float(values["own_s"]), float(values["likelier"])
        sampler._rng.bit_generator.state = values["chance"]
        return sampler


def _smoothed(before: float | None, seconds: float) -> float:
    return seconds if before is None else before + SMOOTHING * (seconds - before)
