"""How a model bears bad pictures: test hands under 12 corruptions at 5 strengths, and on backgrounds it never saw."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from statistics import fmean
from typing import Any

import numpy as np
import numpy.typing as npt

from signs_edge.edge.arrays import Image, Images, Labels, Probabilities
from signs_edge.edge.errors import DataError
from signs_edge.train.augment.unseen_backgrounds import Backgrounded
from signs_edge.train.evaluation.corruptions import CORRUPTIONS, STRENGTHS, corrupt
from signs_edge.train.evaluation.score import Mean, Score, condition_name
from signs_edge.train.runs.work import Progress, silent

WORST = 24  # wrong answers shown
WORST_OF_ONE = 3  # of them under one corruption or on one background

Predict = Callable[[Images], Probabilities]
"""From (n, height, width, 3) uint8 RGB to (n, classes) probabilities."""


@dataclass(frozen=True)
class Mistake:
    """A wrong answer.

    Attributes:
        condition, strength: under which corruption, or on which background; None as in `Score`.
        index: of the hand among the pictures judged.
        truth, answer: names of the classes.
        confidence: the wrong answer's probability, 0..1.
        picture: what the model saw, (height, width, 3) uint8 RGB.
    """

    condition: str
    strength: int | None
    index: int
    truth: str
    answer: str
    confidence: float
    picture: Image = field(compare=False, repr=False)

    @property
    def name(self) -> str:
        """For people: condition and strength."""
        return condition_name(self.condition, self.strength)

    def to_json(self) -> dict[str, Any]:
        """Plain values for a JSON object; without the picture."""
        names = ("condition", "strength", "index", "truth", "answer", "confidence")
        return {name: getattr(self, name) for name in names}


@dataclass(frozen=True)
class Robustness:
    """What `judge_robustness` found.

    Attributes:
        clean: on the pictures as they are.
        corrupted: a score per corruption and strength, in the order of `CORRUPTIONS`.
        backgrounds: a score per kind of unseen background; empty where none were judged.
        mean: over all corruptions and strengths.
        background_mean: over all kinds of background; None where none were judged.
        overall: over all conditions, corruptions and backgrounds alike.
        worst: the surest wrong answers, at most one a hand and `WORST_OF_ONE` a condition, surest first.
        seed: of corruptions and backgrounds.
    """

    clean: Score
    corrupted: tuple[Score, ...]
    backgrounds: tuple[Score, ...]
    mean: Mean
    background_mean: Mean | None
    overall: Mean
    worst: tuple[Mistake, ...]
    seed: int

    def table(self) -> dict[str, tuple[Score, ...]]:
        """The corrupted scores as rows: by corruption, from strength 1 to 5."""
        return {name: tuple(score for score in self.corrupted if score.condition == name) for name in CORRUPTIONS}

    def row_mean(self, name: str) -> float:
        """Mean accuracy over the strengths of one corruption."""
        return fmean(score.accuracy for score in self.table()[name])

    def to_json(self) -> dict[str, Any]:
        """Plain values for a JSON object."""
        return {
            "seed": self.seed,
            "clean": self.clean.to_json(),
            "mean": self.mean.to_json(),
            "background_mean": self.background_mean.to_json() if self.background_mean else None,
            "overall": self.overall.to_json(),
            "corruption_means": {name: self.row_mean(name) for name in CORRUPTIONS},
            "corrupted": [score.to_json() for score in self.corrupted],
            "backgrounds": [score.to_json() for score in self.backgrounds],
            "worst": [mistake.to_json() for mistake in self.worst],
        }


def judge_robustness(
    predict_all: Predict,
    images: Images,
    labels: Labels,
    names: tuple[str, ...],
    *,
    backgrounded: Backgrounded | None = None,
    seed: int = 0,
    progress: Progress = silent,
) -> Robustness:
    """Judge a model on labelled hands under every corruption and strength, and on unseen backgrounds.

    Args:
        predict_all: the model.
        images: (n, height, width, 3) uint8 RGB, n at least 1.
        labels: (n,) int64 class indices.
        names: of the classes.
        backgrounded: the same hands elsewhere; None leaves that part out.
        seed: of the corruptions.
        progress: told after each condition.

    Raises:
        DataError: there are no pictures.
    """
    if not len(images):
        raise DataError("there are no pictures to judge: give data with labelled hands")
    hands = backgrounded if backgrounded is not None and len(backgrounded.indices) else None
    total = 1 + len(CORRUPTIONS) * len(STRENGTHS) + (len(hands.images) if hands else 0)
    everyone = np.arange(len(images))
    scores: list[Score] = []
    mistakes: list[Mistake] = []
    right: list[npt.NDArray[np.float64]] = []  # per condition, a value per hand; nan where the hand took no part
    for condition, strength, pictures, whose in _conditions(images, everyone, hands, seed):
        probabilities = predict_all(pictures)
        truth, answers = labels[whose], probabilities.argmax(axis=1)
        hits = answers == truth
        scores.append(Score(condition, strength, int(hits.sum()), len(hits)))
        right.append(np.full(len(images), np.nan))
        right[-1][whose] = hits
        wrong = np.flatnonzero(~hits)
        for place in wrong[np.argsort(-probabilities[wrong].max(axis=1), kind="stable")][:WORST].tolist():
            index, answer = int(whose[place]), int(answers[place])
            confidence = float(probabilities[place, answer])
            picture = pictures[place].copy()  # a view would keep all pictures of the condition
            mistakes.append(
                Mistake(condition, strength, index, names[labels[index]], names[answer], confidence, picture)
            )
        progress(scores[-1].name, len(scores), total)
    last = 1 + len(CORRUPTIONS) * len(STRENGTHS)
    return Robustness(
        clean=scores[0],
        corrupted=tuple(scores[1:last]),
        backgrounds=tuple(scores[last:]),
        mean=Mean.of(right[1:last]),
        background_mean=Mean.of(right[last:]) if hands else None,
        overall=Mean.of(right[1:]),
        worst=_worst(mistakes),
        seed=seed,
    )


def _conditions(
    images: Images, everyone: Labels, hands: Backgrounded | None, seed: int
) -> Iterator[tuple[str, int | None, Images, Labels]]:
    """Name, strength, pictures, and which hand each picture shows."""
    yield "as they are", None, images, everyone
    for name in CORRUPTIONS:
        for strength in STRENGTHS:
            yield name, strength, corrupt(images, name, strength, seed), everyone
    if hands:
        for kind, pictures in hands.images.items():
            yield kind, None, pictures, hands.indices


def _worst(mistakes: list[Mistake]) -> tuple[Mistake, ...]:
    """The surest ones, the milder first where they are equally sure, but not all of one hand or one condition."""
    kept: dict[int, Mistake] = {}
    shown: Counter[str] = Counter()
    for mistake in sorted(mistakes, key=lambda mistake: (-mistake.confidence, mistake.strength or 0)):
        if mistake.index not in kept and shown[mistake.condition] < WORST_OF_ONE and len(kept) < WORST:
            kept[mistake.index] = mistake
            shown[mistake.condition] += 1
    return tuple(kept.values())
