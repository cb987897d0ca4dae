"""How often a model is right when it says it is so sure: what its confidence is worth, as counted on labelled pictures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from signs_edge.edge.errors import ModelError, UsageError

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class ConfidenceBins:
    """Bins of the highest probability, and in each how many labelled pictures there were and how many answers right.

    Attributes:
        edges: rising; bin k of a confidence is how many edges are at most that confidence.
        n: (edges + 1) pictures in each bin.
        right: (edges + 1) of them answered rightly.
    """

    edges: tuple[float, ...]
    n: tuple[int, ...]
    right: tuple[int, ...]

    def __post_init__(self) -> None:
        """Refuse counts that cannot be."""
        sizes = len(self.n) == len(self.right) == len(self.edges) + 1
        rising = all(a < b for a, b in zip(self.edges, self.edges[1:], strict=False))
        if not sizes or not rising or not all(0 <= k <= n for k, n in zip(self.right, self.n, strict=True)):
            raise ModelError("confidence bins are damaged: export the model again")

    @classmethod
    def of(cls, confidences: npt.ArrayLike, right: npt.ArrayLike, bins: int = 8) -> ConfidenceBins:
        """From (n,) confidences 0..1 and whether each answer was right, in bins of about equally many pictures.

        Best of pictures that no network was trained on, and of many degrees of difficulty: bins that hold no picture
        know nothing.
        """
        sure, is_right = np.asarray(confidences, np.float64), np.asarray(right, bool)
        if sure.ndim != 1 or sure.shape != is_right.shape or len(sure) == 0 or bins < 1:
            raise UsageError(
                f"confidence bins take as many confidences as outcomes. Received: {sure.shape}, {is_right.shape}"
            )
        edges = np.unique(np.quantile(sure, np.arange(1, bins) / bins))
        edges = edges[edges > sure.min()]
        place = np.searchsorted(edges, sure, side="right")
        n = np.bincount(place, minlength=len(edges) + 1)
        hits = np.bincount(place, weights=is_right, minlength=len(edges) + 1)
        return cls(tuple(edges.tolist()), tuple(n.tolist()), tuple(int(hit) for hit in hits))

    def bin(self, confidence: float) -> int:
        """The bin of a confidence; the first where it is NaN."""
        return int(np.searchsorted(self.edges, confidence, side="right")) if confidence == confidence else 0

    @property
    def accuracy(self) -> Floats:
        """(bins,) (right + ½) / (n + 1), Jeffreys' posterior mean."""
        return np.asarray((np.array(self.right) + 0.5) / (np.array(self.n) + 1), dtype=np.float64)

    @property
    def variance(self) -> Floats:
        """(bins,) of that posterior: a(1 − a) / (n + 2)."""
        return np.asarray(self.accuracy * (1 - self.accuracy) / (np.array(self.n) + 2), dtype=np.float64)

    def to_json(self) -> dict[str, Any]:
        """Plain values for a JSON object."""
        return {"edges": list(self.edges), "n": list(self.n), "right": list(self.right)}

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> ConfidenceBins:
        """The bins that `to_json` wrote; ModelError where they are none."""
        try:
            return cls(
                tuple(map(float, values["edges"])), tuple(map(int, values["n"])), tuple(map(int, values["right"]))
            )
        except (KeyError, TypeError, ValueError) as error:
            raise ModelError(f"confidence bins not understood ({error!r}): export the model again") from None
