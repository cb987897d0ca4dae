"""May these two files be released: both are run on the test photos, by the device's own classifier."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from signs_edge.edge.bundle.store import FLOAT32_NAME, INT8_NAME
from signs_edge.edge.inference.classifier import TFLiteClassifier, predict_all
from signs_edge.train.data.dataset import Splits
from signs_edge.train.evaluation.leaks import LeakAwareEvaluation, evaluate_leak_aware


@dataclass(frozen=True)
class Limits:
    """What a release must keep.

    Attributes:
        accuracy: of int8 on the test photos without leaked ones, at least; 0..1.
        flips: share of the test photos that int8 answers otherwise than float32, at most; 0..1.
        size: of both files together, at most, in bytes.
    """

    accuracy: float = 0.95
    flips: float = 1 / 120
    size: int = 5_000_000


@dataclass(frozen=True)
class Verdict:
    """What was found.

    Attributes:
        float32, int8: on the test photos, with and without those that leaked from training.
        flips: test photos that the two answer differently.
        size: of both files, in bytes.
        names_folder: whether a file tells where the data lay on the machine that made it.
    """

    float32: LeakAwareEvaluation
    int8: LeakAwareEvaluation
    flips: int
    size: int
    names_folder: bool = False

    @classmethod
    def of(cls, folder: Path, splits: Splits) -> Verdict:
        """Of int8.tflite and float32.tflite in a folder.

        Args:
            folder: with both files.
            splits: what the model learned from, and the photos to judge it by, uint8 RGB.

        Raises:
            ModelError: a file is missing, damaged or of other classes.
        """
        paths = (folder / FLOAT32_NAME, folder / INT8_NAME)
        judged, answers = [], []
        for path in paths:
            classifier = TFLiteClassifier.open(path)
            test = splits.test.with_names(classifier.labels, splits.source)
            answers.append(predict_all(classifier, test.images).argmax(axis=1))
            judged.append(evaluate_leak_aware(answers[-1], splits.train.with_names(test.names, splits.source), test))
        contents = [path.read_bytes() for path in paths]
        place = str(Path(splits.source).parent)
        found = len(place) > 1 and any(place.encode() in content for content in contents)
        flips = int(np.count_nonzero(answers[0] != answers[1]))
        return cls(judged[0], judged[1], flips, sum(map(len, contents)), found)

    def refusals(self, limits: Limits) -> list[str]:
        """Why these files are not to be released; empty where they are."""
        clean, n = self.int8.clean, self.int8.whole.n
        reasons = []
        if clean.accuracy is None or clean.accuracy < limits.accuracy:
            reasons.append(
                f"int8 is right on {clean.correct} of {clean.n} test photos without leaked ones, "
                f"at least {limits.accuracy:.1%} is asked for"
            )
        if self.flips > limits.flips * n:
            reasons.append(
                f"int8 and float32 differ on {self.flips} of {n} test photos, at most {int(limits.flips * n)} are allowed"
            )
        if self.size > limits.size:
            reasons.append(f"the files take {self.size:,} bytes, at most {limits.size:,} are allowed")
        if self.names_folder:
            reasons.append("a file names the folder of the data on this machine")
        return reasons


def digest(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
