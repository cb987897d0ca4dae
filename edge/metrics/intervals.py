"""How well two models agree, and how sure one can be of it. Pure functions; no I/O, numpy at most."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

LEVEL = 0.95  # of every interval, where nothing else is said


@dataclass(frozen=True)
class Interval:
    """A confidence interval at `LEVEL`; `low` and `high` in the units of what it bounds."""

    low: float
    high: float

    def to_json(self) -> list[float]:
        """As a pair for a JSON object."""
        return [self.low, self.high]

    def of_the_rest(self) -> Interval:
        """Of one minus what this bounds: of agreement, where this is of disagreement."""
        return Interval(1 - self.high, 1 - self.low)

    def percent(self) -> str:
        """For people: the bounds in per cent."""
        return f"{self.low:.1%} to {self.high:.1%}"


def wilson_interval(successes: int, n: int, level: float = LEVEL) -> Interval | None:
    """Wilson's score interval of a proportion; None where n is 0, for then nothing is known.

    With z the normal quantile of (1 + level) / 2 and p = successes / n:
    (p + z²/2n ± z·√(p(1−p)/n + z²/4n²)) / (1 + z²/n).
    It assumes independent trials; frames of one held pose are not, and then it is too narrow.

    Source: Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22 (1927).
    """
    if n == 0:
        return None
    z = NormalDist().inv_cdf((1 + level) / 2)
    p = successes / n
    centre = p + z * z / (2 * n)
    half = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    scale = 1 + z * z / n
    # At p = 0 and p = 1 the formula gives exactly 0 and 1 but for rounding.
    low = 0.0 if successes == 0 else (centre - half) / scale
    high = 1.0 if successes == n else (centre + half) / scale
    return Interval(low, high)


def paired_difference_interval(only_first: int, only_second: int, n: int, level: float = LEVEL) -> Interval | None:
    """Interval of the difference of two accuracies on the same n pictures; None where n is 0.

    With b = only_first (pictures that only the first has right), c = only_second, and half a picture added to each
    of the four cells, b' = b + ½, c' = c + ½, n' = n + 2: d = (b' − c') / n', ± z·√(b' + c' − (b' − c')²/n') / n'.

    Source: Agresti and Min, "Simple improved confidence intervals for comparing matched proportions",
    Statistics in Medicine 24 (2005).
    """
    if n == 0:
        return None
    z = NormalDist().inv_cdf((1 + level) / 2)
    b, c, total = only_first + 0.5, only_second + 0.5, n + 2
    difference = (b - c) / total
    half = z * math.sqrt(b + c - (b - c) ** 2 / total) / total
    return Interval(max(-1.0, difference - half), min(1.0, difference + half))
