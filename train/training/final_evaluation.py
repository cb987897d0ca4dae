"""The finished model: calibrated, measured on every part of the data, and all of it written down."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import numpy as np

from signs_edge.edge.arrays import Images, Probabilities
from signs_edge.edge.errors import ModelError
from signs_edge.edge.metrics.abstention import Abstention
from signs_edge.edge.metrics.evaluation import Evaluation
from signs_edge.edge.prediction import NO_HAND, decide
from signs_edge.edge.util.atomic_file import write_json
from signs_edge.train.augment.backgrounds import unseen_backgrounds
from signs_edge.train.augment.unseen_backgrounds import on_unseen_backgrounds
from signs_edge.train.data.dataset import SignsDataset
from signs_edge.train.data.duplicates import leaked
from signs_edge.train.evaluation.leaks import LeakAwareEvaluation
from signs_edge.train.evaluation.reliability import Calibration
from signs_edge.train.evaluation.robustness import Robustness, judge_robustness
from signs_edge.train.evaluation.threshold import choose_threshold
from signs_edge.train.network.keras_classifier import KerasClassifier
from signs_edge.train.network.temperature import fold_temperature
from signs_edge.train.report.report import Report, write_report
from signs_edge.train.runs.run_folder import RunFolder
from signs_edge.train.runs.work import Progress, silent

_UNSEEN = 120  # hand-free pictures of each kind of background that training does not show


@dataclass(frozen=True)
class Parts:
    """What a model is judged on.

    Attributes:
        train: the photos it learned from.
        validation: photos held out, in whole groups of near copies.
        test: the test photos.
        varied: held-out hands on other backgrounds, in other light; empty without strong augmentation.
        hand_free: (n, 64, 64, 3) uint8 RGB to choose the least confidence by; empty without strong augmentation.
    """

    train: SignsDataset
    validation: SignsDataset
    test: SignsDataset
    varied: SignsDataset
    hand_free: Images


def calibrate(model: Any, parts: Parts) -> Calibration:
    """Fit the temperature on held-out hands, as photographed and varied, and fold it into the model's last layer."""
    classifier = KerasClassifier(model, parts.test.names)
    images = np.concatenate([parts.validation.images, parts.varied.images])
    labels = np.concatenate([parts.validation.labels, parts.varied.labels])
    calibration = Calibration.measure(
        classifier.predict_all(images), labels, classifier.predict_all(parts.test.images), parts.test.labels
    )
    fold_temperature(model, calibration.temperature)
    return calibration


def evaluate_run(
    model: Any,
    parts: Parts,
    calibration: Calibration,
    source: str,
    folder: RunFolder,
    *,
    robustness: bool = False,
    progress: Progress = silent,
) -> dict[str, Any]:
    """Measure a calibrated model; metrics.json and the report page are left in the run folder.

    Args:
        model: Keras model with its temperature folded in.
        parts: of the data.
        calibration: what folding it in changed.
        source: of the photos, for people.
        folder: a run that has its configuration and history.
        robustness: whether the report has the corrupted and re-backgrounded test hands, thousands of pictures.
        progress: called after each condition of these.

    Returns:
        What metrics.json holds.
    """
    began = time.perf_counter()
    classifier = KerasClassifier(model, parts.test.names)
    test = classifier.predict_all(parts.test.images)
    copies = leaked(np.concatenate([parts.train.images, parts.validation.images]), parts.test.images)
    leak_aware = LeakAwareEvaluation.of(test.argmax(axis=1), parts.test, copies)
    evaluations = {
        name: _evaluate(classifier, part)
        for name, part in (("train", parts.train), ("validation", parts.validation), ("varied", parts.varied))
        if len(part)
    }
    threshold = _threshold(classifier, parts)
    abstention = _abstain(classifier, test, parts.test, threshold)
    robust = _robustness(classifier, parts.test, progress) if robustness else None
    training = round(sum(record["seconds"] for record in folder.history()), 1)
    metrics = {
        "data": source,
        "seconds": training,
        **{name: evaluation.to_json() for name, evaluation in evaluations.items()},
        "test": leak_aware.to_json(),
        "calibration": _calibration_json(calibration),
        "abstention": {"threshold": threshold or None, **abstention.to_json()},  # null: none was chosen
        "robustness": {"mean": robust.mean.to_json(), "overall": robust.overall.to_json()} if robust else None,
    }
    report = Report.of_run(
        folder,
        {**evaluations, "test": leak_aware.whole},
        without_leaked=leak_aware.clean,
        calibration=calibration,
        robustness=robust,
        abstention=abstention,
        threshold=threshold,
        seconds={"training": training, "judging": round(time.perf_counter() - began, 1)},
    )
    write_report(folder.path, report)
    write_json(folder.metrics_file, metrics, error=ModelError)
    return metrics


def _robustness(classifier: KerasClassifier, test: SignsDataset, progress: Progress) -> Robustness:
    """Measured on the test hands, corrupted and on unseen backgrounds."""

    def judged(condition: str, done: int, total: int) -> None:
        progress("judging conditions", done, total)

    elsewhere = on_unseen_backgrounds(test.images, progress=progress)
    return judge_robustness(
        classifier.predict_all, test.images, test.labels, test.names, backgrounded=elsewhere, progress=judged
    )


def _calibration_json(calibration: Calibration) -> dict[str, Any]:
    return {
        "temperature": calibration.temperature,
        "fitted_on": calibration.fitted_on,
        "error_before": calibration.before.error,
        "error_after": calibration.after.error,
    }


def _evaluate(classifier: KerasClassifier, part: SignsDataset) -> Evaluation:
    return Evaluation.of(classifier.predict_all(part.images).argmax(axis=1), part.labels, part.names)


def _threshold(classifier: KerasClassifier, parts: Parts) -> float:
    """Chosen on held-out hands and on training's kinds of background."""
    held_out = parts.validation if len(parts.validation) else parts.varied
    return choose_threshold(classifier.predict_all(held_out.images), classifier.predict_all(parts.hand_free))


def _abstain(classifier: KerasClassifier, answers: Probabilities, test: SignsDataset, threshold: float) -> Abstention:
    """Measured on the test hands and on kinds of background that training does not show."""
    unseen = classifier.predict_all(np.concatenate(list(unseen_backgrounds(_UNSEEN, seed=1).values())))
    truths = [test.names[label] for label in test.labels] + [NO_HAND] * len(unseen)
    rows = zip(np.concatenate([answers, unseen]), truths, strict=True)
    return Abstention.of((decide(row, test.names, threshold), truth) for row, truth in rows)
