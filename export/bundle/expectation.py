"""What frames and answers should be like on a device, taken from the pictures that the gate is asked on."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from signs_edge.edge.inference.classifier import Classifier, predict_all
from signs_edge.edge.reference.expectation import Expectation
from signs_edge.edge.reference.quantiles import LEAST
from signs_edge.export.convert.convert import FLOAT32, INT8
from signs_edge.export.gate.pictures import GatePictures


def expectation_of(classifiers: Mapping[str, Classifier], asked: GatePictures) -> Expectation | None:
    """Of int8 and its float twin, on pictures that no network learned from.

    None where there is no int8, where the pictures are fewer than a reference takes, and where an answer is no number:
    such a model is refused by the gate, and a device that runs it all the same gets no wrong figures.
    """
    if INT8 not in classifiers or len(asked) < LEAST:
        return None
    images = asked.pictures.images
    int8, float32 = (predict_all(classifiers[form], images) for form in (INT8, FLOAT32))
    if not (np.isfinite(int8).all() and np.isfinite(float32).all()):
        return None
    return Expectation.of(images, asked.pictures.labels, int8, float32, asked.rooms)
