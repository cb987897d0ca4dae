"""Keras against float32 against each other file, picture by picture, through the classifier that the device runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from signs_edge.edge.arrays import Probabilities
from signs_edge.edge.inference.classifier import Classifier, predict_all
from signs_edge.edge.metrics.evaluation import Evaluation
from signs_edge.export.convert.convert import FLOAT32
from signs_edge.export.gate.comparison import Comparison, compare
from signs_edge.export.gate.gate import Gate, GateLimits
from signs_edge.export.gate.pictures import GatePictures
from signs_edge.train.data.dataset import SignsDataset
from signs_edge.train.network.keras_classifier import KerasClassifier

KERAS = "Keras"


@dataclass(frozen=True)
class Verification:
    """All forms of one model.

    Attributes:
        evaluations: on the test photos, by format, "Keras" first.
        comparisons: on the test photos, by format: float32 with Keras, each other one with float32.
        gates: on all pictures of the gate, by format.
        judged_on: what these pictures are, for people.
    """

    evaluations: Mapping[str, Evaluation]
    comparisons: Mapping[str, Comparison]
    gates: Mapping[str, Gate]
    judged_on: str

    @property
    def passed(self) -> bool:
        """Whether every file may be deployed."""
        return all(gate.passed for gate in self.gates.values())

    def to_json(self) -> dict[str, Any]:
        """Figures on the test photos, as plain values; a comparison's name is that of both, as in "float32_int8"."""
        values: dict[str, Any] = {form.lower(): found.to_json() for form, found in self.evaluations.items()}
        for form, comparison in self.comparisons.items():
            values[f"{reference_of(form).lower()}_{form}"] = comparison.to_json()
        return {"int8": None, "float32_int8": None} | values


def reference_of(form: str) -> str:
    """What a file of this format is compared with."""
    return KERAS if form == FLOAT32 else FLOAT32


def verify(
    keras_model: KerasClassifier,
    classifiers: Mapping[str, Classifier],
    asked: GatePictures,
    limits: GateLimits,
    abstain_below: float = 0.0,
    refusals: Mapping[str, tuple[str, ...]] | None = None,
) -> Verification:
    """Run all of them over the pictures of the gate, and compare.

    Args:
        keras_model: what was trained.
        classifiers: the files, by format; float32 among them.
        asked: the pictures.
        limits: of the gate.
        abstain_below: the least confidence, 0..1, that is given a count.
        refusals: reasons against a file whatever it answers, by format.
    """
    scores: dict[str, Probabilities] = {KERAS: keras_model.predict_all(asked.pictures.images)}
    scores |= {form: predict_all(classifier, asked.pictures.images) for form, classifier in classifiers.items()}
    test = asked.pictures.take(np.arange(asked.tests))

    def compared(form: str, pictures: SignsDataset) -> Comparison:
        first, second = (scores[name][: len(pictures)] for name in (reference_of(form), form))
        return compare(first, second, pictures, abstain_below, asked.names[: len(pictures)])

    gates: dict[str, Gate] = {}
    for form in classifiers:
        reasons = (refusals or {}).get(form, ())
        if form != FLOAT32 and not gates[FLOAT32].passed:
            reasons = (*reasons, "the float32 file it is compared with did not pass")
        gates[form] = Gate(form, reference_of(form), compared(form, asked.pictures), limits, reasons)
    return Verification(
        {form: _judged(found[: asked.tests], test) for form, found in scores.items()},
        {form: compared(form, test) for form in classifiers},
        gates,
        asked.about,
    )


def _judged(scores: Probabilities, test: SignsDataset) -> Evaluation:
    # argmax as ever: Evaluation has no column for an answer that is no number, and the comparison counts those.
    return Evaluation.of(scores.argmax(axis=1).astype(np.int64), test.labels, test.names)
