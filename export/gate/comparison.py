"""Two models on the same labelled pictures: on how many they agree, which flip, and what that does to accuracy."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from signs_edge.edge.arrays import Labels, Probabilities
from signs_edge.edge.metrics.agreement import Agreement, PairedAccuracy
from signs_edge.edge.metrics.mcnemar import loss_p, mcnemar
from signs_edge.train.data.dataset import SignsDataset

NO_NUMBER = "no number"
"""The answer of a model that gives NaN or infinity: never a right one, and never the same as another's."""


@dataclass(frozen=True)
class Flip:
    """A picture that two models answer differently.

    Attributes:
        index: its place among the pictures compared.
        picture: its name.
        truth, first, second: its label and both answers, by class.
        first_confidence, second_confidence: of the answers, 0..1; 0 where they are no numbers.
        first_probabilities, second_probabilities: of every class, in their order; empty where they are no numbers.
        counted: whether either model is sure enough to give a count; of the others no user sees a flip.
    """

    index: int
    picture: str
    truth: str
    first: str
    second: str
    first_confidence: float = 0.0
    second_confidence: float = 0.0
    first_probabilities: tuple[float, ...] = ()
    second_probabilities: tuple[float, ...] = ()
    counted: bool = True


@dataclass(frozen=True)
class Comparison:
    """Two models on the same pictures.

    Attributes:
        agreement: on how many the answers are equal, however unsure.
        counted: the same, of the pictures for which either model is sure enough to give a count. The others are near
            ties that no user sees: there, no count is given, whichever class is ahead.
        flips: the pictures with other answers, by index.
        accuracy: both against the truth, however unsure.
        distance: mean total-variation distance of the probabilities, 0..1; NaN without pictures.
        withheld_by_one: pictures that one model counts and the other, by its confidence, does not.
    """

    agreement: Agreement
    counted: Agreement
    flips: tuple[Flip, ...]
    accuracy: PairedAccuracy
    distance: float
    withheld_by_one: int = 0

    @property
    def loss(self) -> PairedAccuracy:
        """The accuracies the other way round: `difference` is the second minus the first, negative for a loss."""
        found = self.accuracy
        return PairedAccuracy(found.both, found.only_second, found.only_first, found.n)

    @property
    def counted_flips(self) -> int:
        """Flips that a user would see."""
        return self.counted.n - self.counted.same

    @property
    def mcnemar_p(self) -> float:
        """Exact, two-sided."""
        return mcnemar(self.accuracy.only_first, self.accuracy.only_second)

    @property
    def loss_p(self) -> float:
        """Exact, one-sided: small where the second is worse."""
        return loss_p(self.accuracy.only_first, self.accuracy.only_second)

    def to_json(self) -> dict[str, Any]:
        """Plain values for a JSON object; `accuracy_difference` is the second minus the first."""
        return {
            **_agreement(self.agreement),
            "counted": {**_agreement(self.counted), "withheld_by_one": self.withheld_by_one},
            "flips": [asdict(flip) for flip in self.flips],
            "accuracy_difference": self.loss.difference,
            "accuracy_difference_interval": self.loss.interval.to_json() if self.loss.interval else None,
            "only_first_right": self.accuracy.only_first,
            "only_second_right": self.accuracy.only_second,
            "mcnemar_p": self.mcnemar_p,
            "loss_p": self.loss_p,
            "total_variation": None if np.isnan(self.distance) else self.distance,
        }


def compare(
    first: Probabilities,
    second: Probabilities,
    pictures: SignsDataset,
    abstain_below: float = 0.0,
    names: tuple[str, ...] | None = None,
) -> Comparison:
    """Compare two models.

    Args:
        first, second: their (n, classes) probabilities.
        pictures: n, with their labels.
        abstain_below: the least confidence, 0..1, that is given a count.
        names: of the pictures; None numbers them.
    """
    n = len(pictures)
    a, b = answers(first), answers(second)
    sure_a, sure_b = confidences(first), confidences(second)
    counts_a, counts_b = sure_a >= abstain_below, sure_b >= abstain_below
    counted = counts_a | counts_b
    same = (a == b) & (a >= 0)
    flips = tuple(
        Flip(
            i, names[i] if names else f"picture {i}", pictures.names[pictures.labels[i]], _said(a[i], pictures),
            _said(b[i], pictures), round(float(sure_a[i]), 4), round(float(sure_b[i]), 4), _rounded(first[i]),
            _rounded(second[i]), bool(counted[i]),
        )
        for i in np.flatnonzero(~same).tolist()
    )  # fmt: skip
    right_a, right_b = a == pictures.labels, b == pictures.labels
    accuracy = PairedAccuracy(
        int((right_a & right_b).sum()), int((right_a & ~right_b).sum()), int((right_b & ~right_a).sum()), n
    )
    apart = np.abs(first - second).sum(axis=1) / 2
    distance = float(np.where(np.isfinite(apart), apart, 1.0).mean()) if n else float("nan")
    return Comparison(
        Agreement(int(same.sum()), n),
        Agreement(int((same & counted).sum()), int(counted.sum())),
        flips,
        accuracy,
        distance,
        int((counts_a != counts_b).sum()),
    )


def answers(probabilities: Probabilities) -> Labels:
    """(n,) int64 classes of (n, classes) probabilities; −1 where one of a row is no finite number."""
    found = probabilities.argmax(axis=1) if len(probabilities) else np.empty(0, np.int64)
    return np.where(np.isfinite(probabilities).all(axis=1), found, -1).astype(np.int64)


def confidences(probabilities: Probabilities) -> np.ndarray[Any, np.dtype[np.float32]]:
    """(n,) float32 in 0..1: the highest of each row; 0 where one of it is no finite number."""
    finite = np.isfinite(probabilities).all(axis=1, keepdims=True)
    found: np.ndarray[Any, np.dtype[np.float32]] = np.where(finite, probabilities, 0).max(axis=1, initial=0)
    return found


def _said(answer: int, pictures: SignsDataset) -> str:
    return pictures.names[answer] if answer >= 0 else NO_NUMBER


def _rounded(row: Probabilities) -> tuple[float, ...]:
    return tuple(round(float(value), 4) for value in row) if np.isfinite(row).all() else ()


def _agreement(agreement: Agreement) -> dict[str, Any]:
    interval = agreement.interval
    return {"n": agreement.n, "agreement": agreement.rate, "interval": interval.to_json() if interval else None}
