"""How often two models agree, and how their accuracy on the same pictures compares."""

from __future__ import annotations

from dataclasses import dataclass

from signs_edge.edge.metrics.intervals import Interval, paired_difference_interval, wilson_interval


@dataclass(frozen=True)
class Agreement:
    """On how many of n pictures two models give the same answer (top-1)."""

    same: int
    n: int

    @property
    def rate(self) -> float | None:
        """Share of equal answers, 0..1; None where n is 0."""
        return self.same / self.n if self.n else None

    @property
    def interval(self) -> Interval | None:
        """Wilson's interval of the rate."""
        return wilson_interval(self.same, self.n)


@dataclass(frozen=True)
class PairedAccuracy:
    """Two models against the truth on the same n pictures.

    Attributes:
        both, only_first, only_second: pictures that both, only the first, only the second has right.
        n: pictures with a known label.
    """

    both: int
    only_first: int
    only_second: int
    n: int

    @property
    def first(self) -> float | None:
        """Accuracy of the first model, 0..1; None where n is 0."""
        return (self.both + self.only_first) / self.n if self.n else None

    @property
    def second(self) -> float | None:
        """Accuracy of the second model, 0..1; None where n is 0."""
        return (self.both + self.only_second) / self.n if self.n else None

    @property
    def difference(self) -> float | None:
        """First minus second, −1..1; None where n is 0."""
        return (self.only_first - self.only_second) / self.n if self.n else None

    @property
    def interval(self) -> Interval | None:
        """Interval of the difference."""
        return paired_difference_interval(self.only_first, self.only_second, self.n)
