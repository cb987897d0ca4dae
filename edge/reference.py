"""What frames should be like: quantiles of their statistics on pictures the model is known to work on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from signs_edge.edge.errors import ModelError, UsageError
from signs_edge.edge.frame_statistics import (
    PICTURE,
    STATISTICS,
    answer_statistics,
    picture_statistics,
    turn_templates,
)
from signs_edge.edge.images import Images, Probabilities

Floats = npt.NDArray[np.float64]

QUANTILES = (0.02, 0.1, 0.25, 0.5, 0.75, 0.9, 0.98)
BINS = len(QUANTILES) + 1
FOLDS = 4
LEAST = 60  # pictures; fewer say nothing of the outer bins


@dataclass(frozen=True)
class Reference:
    """What travels with the model.

    Attributes:
        n: number of pictures it was made from.
        edges: (statistics, 7) float64; bin k of a value is how many edges are at most that value.
        shares: (statistics, 8) float64, the share of the pictures in each bin; a row sums to 1.
        limits: (statistics, 2) float64, the least and the highest value.
        templates: (4, 192) float64, for `picture_statistics`.
    """

    n: int
    edges: Floats
    shares: Floats
    limits: Floats
    templates: Floats

    def __post_init__(self) -> None:
        """Refuse what is not a reference of this version's statistics."""
        expected = ((len(STATISTICS), BINS - 1), (len(STATISTICS), BINS), (len(STATISTICS), 2), (4, 192))
        received = (self.edges.shape, self.shares.shape, self.limits.shape, self.templates.shape)
        if received != expected:
            raise ModelError(f"reference of shapes {received} is not this version's {expected}: export the model again")
        whole = np.concatenate([part.reshape(-1) for part in (self.edges, self.shares, self.limits, self.templates)])
        if self.n < 1 or not np.isfinite(whole).all() or not np.allclose(self.shares.sum(axis=1), 1, atol=1e-3):
            raise ModelError("the reference's numbers are damaged: export the model again")

    @classmethod
    def of(cls, pictures: Images, int8: Probabilities, float32: Probabilities) -> Reference:
        """From pictures and both models' answers to them.

        The turns' scores are of templates that were made without the picture (4 folds): with it, they would be better
        than on any new one.

        Args:
            pictures: (n, side, side, 3) uint8 RGB; best ones that no network was trained on; n at least 60.
            int8: (n, classes) probabilities.
            float32: (n, classes) probabilities.

        Raises:
            UsageError: too few pictures, or not as many answers.
        """
        n = len(pictures)
        if n < LEAST or len(int8) != n or len(float32) != n:
            raise UsageError(
                f"a reference takes at least {LEAST} pictures with both answers to each. "
                f"Received: {n} with {len(int8)} and {len(float32)}"
            )
        values = np.empty((n, len(STATISTICS)))
        for fold in range(FOLDS):
            templates = turn_templates(pictures[np.arange(n) % FOLDS != fold])
            for i in range(fold, n, FOLDS):
                answers = answer_statistics(int8[i], float32[i])
                values[i, : len(PICTURE)] = picture_statistics(pictures[i], templates)
                values[i, len(PICTURE) :] = [answers[name] for name in STATISTICS[len(PICTURE) :]]
        return cls.of_values(values, turn_templates(pictures))

    @classmethod
    def of_values(cls, values: Floats, templates: Floats) -> Reference:
        """From (n, statistics) values, in the order of `STATISTICS`."""
        edges = np.quantile(values, QUANTILES, axis=0).T
        bins = (values[:, :, None] >= edges).sum(axis=2)
        shares = (bins[:, :, None] == np.arange(BINS)).mean(axis=0)
        return cls(len(values), edges, shares, np.stack((values.min(axis=0), values.max(axis=0)), axis=1), templates)

    @classmethod
    def blank(cls) -> Reference:
        """One that says nothing: its tails may hold all frames, so that no shift is ever found, and no picture is like it."""
        n = len(STATISTICS)
        limits = np.tile((1e300, -1e300), (n, 1))
        return cls(1, np.zeros((n, BINS - 1)), np.full((n, BINS), 1 / BINS), limits, np.zeros((4, 192)))

    def bins(self, values: Floats) -> npt.NDArray[np.int64]:
        """(statistics,) bin, 0..7, of (statistics,) values."""
        return np.asarray((values[:, None] >= self.edges).sum(axis=1), dtype=np.int64)

    def is_like(self, values: Floats) -> bool:
        """Whether no statistic of a picture, (11,) in the order of `PICTURE`, lies beyond all the reference's."""
        limits = self.limits[: len(PICTURE)]
        return bool((values >= limits[:, 0]).all() and (values <= limits[:, 1]).all())

    def to_json(self) -> dict[str, Any]:
        """Plain values for a JSON object, about 12 kB; rounded."""
        return {
            "n": self.n,
            "statistics": list(STATISTICS),
            "edges": _rounded(self.edges, 6),
            "shares": _rounded(self.shares, 6),
            "limits": _rounded(self.limits, 6),
            "templates": _rounded(self.templates, 4),
        }

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Reference:
        """The reference that `to_json` wrote; ModelError where it is none, or one of other statistics."""
        try:
            names = tuple(values["statistics"])
            arrays = [np.array(values[key], np.float64) for key in ("edges", "shares", "limits", "templates")]
            n = int(values["n"])
        except (KeyError, TypeError, ValueError) as error:
            raise ModelError(f"reference not understood ({error!r}): export the model again") from None
        if names != STATISTICS:
            raise ModelError(f"reference of {', '.join(map(str, names))} is not this version's: export the model again")
        return cls(n, *arrays)


def _rounded(array: Floats, digits: int) -> list[Any]:
    """Nested lists; edges are rounded down with the values, so a bin's border moves by less than matters."""
    rounded: list[Any] = np.round(array, digits).tolist()
    return rounded
