"""What files cost beside each other: bytes, and time of one picture, measured in turns."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from signs_edge.edge.arrays import Images
from signs_edge.edge.bundle.model_file import ModelFile
from signs_edge.edge.inference.classifier import TFLiteClassifier


@dataclass(frozen=True)
class Cost:
    """Bytes of a file, and the median time of one picture in milliseconds on one thread of this machine."""

    bytes: int
    milliseconds: float


def measure_costs(files: Mapping[str, ModelFile], pictures: Images, rounds: int = 50) -> dict[str, Cost]:
    """Costs by name. The files take turns, picture by picture, so that a busy moment of the machine strikes all alike.

    Args:
        files: what to compare.
        pictures: (n, height, width, 3) uint8 RGB, at least one, taken in turn.
        rounds: how often each file answers.
    """
    classifiers = {name: TFLiteClassifier(file) for name, file in files.items()}
    seconds: dict[str, list[float]] = {name: [] for name in files}
    for turn in range(rounds):
        picture = pictures[turn % len(pictures)]
        for name, classifier in classifiers.items():
            started = time.perf_counter()
            classifier.probabilities(picture)
            seconds[name].append(time.perf_counter() - started)
    return {
        name: Cost(len(file.content), round(float(np.median(seconds[name])) * 1000, 3)) for name, file in files.items()
    }
