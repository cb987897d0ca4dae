"""What frames should be like: quantiles of their statistics on pictures the model is known to work on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from signs_edge.edge.arrays import Images, Probabilities
from signs_edge.edge.errors import ModelError, UsageError
from signs_edge.edge.reference.statistics import (
    PICTURE,
    PIXELS,
    STATISTICS,
    TURNS,
    answer_statistics,
    picture_statistics,
    turn_templates,
)

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
        templates: (4, 434) float64, for `picture_statistics`.
        groups: (groups, statistics, 8) float64, the share of a group's pictures in each bin. A group is one kind of
            room: a camera stands in one, so it may show any of them alone, or some of each.
        sizes: (groups,) int64, pictures of each.
    """

    n: int
    edges: Floats
    shares: Floats
    limits: Floats
    templates: Floats
    groups: Floats
    sizes: npt.NDArray[np.int64]

    def __post_init__(self) -> None:
        """Refuse what is not a reference of this version's statistics."""
        n = len(STATISTICS)
        groups = len(self.sizes)
        expected = ((n, BINS - 1), (n, BINS), (n, 2), (len(TURNS), PIXELS), (groups, n, BINS), (groups,))
        parts = (self.edges, self.shares, self.limits, self.templates, self.groups, self.sizes)
        received = tuple(part.shape for part in parts)
        if received != expected or not groups:
            raise ModelError(f"reference of shapes {received} is not this version's {expected}: export the model again")
        whole = np.concatenate([part.reshape(-1) for part in parts])
        sums = np.concatenate([self.shares.sum(axis=1), self.groups.sum(axis=2).reshape(-1)])
        if self.n < 1 or self.sizes.min() < 1 or not np.isfinite(whole).all() or not np.allclose(sums, 1, atol=1e-3):
            raise ModelError("the reference's numbers are damaged: export the model again")

    @classmethod
    def of(
        cls, pictures: Images, int8: Probabilities, float32: Probabilities, rooms: Sequence[str] | None = None
    ) -> Reference:
        """From pictures and both models' answers to them.

        The turns' scores are of templates that were made without the picture (4 folds): with it, they would be better
        than on any new one.

        Args:
            pictures: (n, side, side, 3) uint8 RGB; best ones that no network was trained on; n at least 60.
            int8: (n, classes) probabilities.
            float32: (n, classes) probabilities.
            rooms: (n,) which kind of room each picture shows; None: all the same. Rooms of fewer than 60 pictures are
                one group together.

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
        return cls.of_values(values, turn_templates(pictures), rooms)

    @classmethod
    def of_values(cls, values: Floats, templates: Floats, rooms: Sequence[str] | None = None) -> Reference:
        """From (n, statistics) values, in the order of `STATISTICS`, and as in `of` the kinds of rooms."""
        edges = np.quantile(values, QUANTILES, axis=0).T
        one_hot = (values[:, :, None] >= edges).sum(axis=2)[:, :, None] == np.arange(BINS)
        sizes = Counter(rooms or [""] * len(values))
        kinds = np.array([room if sizes[room] >= LEAST else "" for room in rooms or [""] * len(values)])
        groups = [kinds == kind for kind in sorted(set(kinds.tolist()))]
        return cls(
            len(values), edges, one_hot.mean(axis=0), np.stack((values.min(axis=0), values.max(axis=0)), axis=1), templates,
            np.stack([one_hot[group].mean(axis=0) for group in groups]), np.array([int(group.sum()) for group in groups]),
        )  # fmt: skip

    @classmethod
    def blank(cls) -> Reference:
        """One that says nothing: its tails may hold all frames, so that no shift is ever found, and no picture is like it."""
        n = len(STATISTICS)
        limits = np.tile((1e300, -1e300), (n, 1))
        even, templates = np.full((n, BINS), 1 / BINS), np.zeros((len(TURNS), PIXELS))
        return cls(1, np.zeros((n, BINS - 1)), even, limits, templates, even[None], np.ones(1, np.int64))

    def bins(self, values: Floats) -> npt.NDArray[np.int64]:
        """(statistics,) bin, 0..7, of (statistics,) values."""
        return np.asarray((values[:, None] >= self.edges).sum(axis=1), dtype=np.int64)

    def is_like(self, values: Floats) -> bool:
        """Whether no statistic of a picture, (11,) in the order of `PICTURE`, lies beyond all the reference's."""
        limits = self.limits[: len(PICTURE)]
        return bool((values >= limits[:, 0]).all() and (values <= limits[:, 1]).all())

    def to_json(self) -> dict[str, Any]:
        """Plain values for a JSON object, about 20 kB with six groups; rounded."""
        return {
            "n": self.n,
            "statistics": list(STATISTICS),
            "edges": _rounded(self.edges, 6),
            "shares": _rounded(self.shares, 6),
            "limits": _rounded(self.limits, 6),
            "templates": _rounded(self.templates, 4),
            "groups": _rounded(self.groups, 5),
            "sizes": self.sizes.tolist(),
        }

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Reference:
        """The reference that `to_json` wrote; ModelError where it is none, or one of other statistics."""
        try:
            names = tuple(values["statistics"])
            keys = ("edges", "shares", "limits", "templates", "groups")
            edges, shares, limits, templates, groups = (np.array(values[key], np.float64) for key in keys)
            n, sizes = int(values["n"]), np.array(values["sizes"], np.int64)
        except (KeyError, TypeError, ValueError) as error:
            raise ModelError(f"reference not understood ({error!r}): export the model again") from None
        if names != STATISTICS:
            raise ModelError(f"reference of {', '.join(map(str, names))} is not this version's: export the model again")
        return cls(n, edges, shares, limits, templates, groups, sizes)


def _rounded(array: Floats, digits: int) -> list[Any]:
    """Nested lists; edges are rounded down with the values, so a bin's border moves by less than matters."""
    rounded: list[Any] = np.round(array, digits).tolist()
    return rounded
