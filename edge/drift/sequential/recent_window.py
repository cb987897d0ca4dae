"""The mean of what was seen lately, with an interval: a sliding window in the memory of two sums."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from signs_edge.edge.drift.sequential.confidence_sequence import MeanSequence
from signs_edge.edge.errors import UsageError


@dataclass(frozen=True)
class RecentSequence:
    """Two sequences, the second started half a window after the first; the older one is reported, and dropped when full.

    So the report is of the last window/2 to window observations. Each sequence holds its level at all times from its
    own start on: the level is that of one window, not of all windows that a long run goes through.

    Attributes:
        window: the most observations that are looked back on; even, 2 or more.
        older, newer: the two.
    """

    window: int
    older: MeanSequence
    newer: MeanSequence

    def __post_init__(self) -> None:
        """Refuse windows that cannot be halved."""
        if self.window < 2 or self.window % 2:
            raise UsageError(f"window of {self.window} observations is not allowed: give an even number from 2 on")

    @classmethod
    def start(cls, window: int, empty: MeanSequence) -> RecentSequence:
        """Before the first observation; `empty` says what range they have."""
        return cls(window, empty, empty)

    def add(self, value: float) -> RecentSequence:
        """With one observation more."""
        older = self.older.add(value)
        newer = self.newer.add(value) if older.n > self.window // 2 else self.newer
        if older.n == self.window:
            older, newer = newer, MeanSequence(newer.low, newer.high, newer.guess)
        return RecentSequence(self.window, older, newer)

    @property
    def sequence(self) -> MeanSequence:
        """The sequence that is reported."""
        return self.older

    def to_json(self) -> dict[str, Any]:
        """Plain values for a JSON object."""
        return {"older": self.older.to_json(), "newer": self.newer.to_json()}

    def resume(self, values: dict[str, Any]) -> RecentSequence:
        """This one's window with the observations that `to_json` wrote."""
        return RecentSequence(self.window, self.older.resume(values["older"]), self.newer.resume(values["newer"]))
