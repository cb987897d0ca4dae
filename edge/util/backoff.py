"""How long to wait before the next try: longer each time, up to a limit, and short again after a success."""

from __future__ import annotations

from dataclasses import dataclass

from signs_edge.edge.errors import UsageError


@dataclass
class Backoff:
    """Exponential backoff without chance, so that what it does can be foretold.

    Attributes:
        first: seconds before the first try.
        longest: no wait is longer, in seconds.
        factor: each wait is so many times the one before.
    """

    first: float = 0.25
    longest: float = 1.0
    factor: float = 2.0
    tries: int = 0

    def __post_init__(self) -> None:
        """Refuse waits that are none or that shrink."""
        if not (0 < self.first <= self.longest and self.factor >= 1):
            raise UsageError(
                f"backoff from {self.first:g} to {self.longest:g} s by {self.factor:g} is not allowed: "
                "give 0 < first <= longest and a factor of 1 or more"
            )

    def next(self) -> float:
        """Seconds to wait before the next try."""
        wait = self.first
        for _ in range(self.tries):
            wait = min(wait * self.factor, self.longest)
            if wait >= self.longest:
                break
        self.tries += 1
        return wait

    def reset(self) -> None:
        """Start from the first wait again: all went well."""
        self.tries = 0
