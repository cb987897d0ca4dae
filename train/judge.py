"""The finished model judged: calibrated first, then measured on every part of the data, and all of it written down."""

from __future__ import annotations

from typing import Any

import numpy as np

from signs_edge.edge.evaluation import Evaluation
from signs_edge.edge.images import Images
from signs_edge.train.abstain import choose_threshold, share_above
from signs_edge.train.backgrounded import on_unseen_backgrounds
from signs_edge.train.backgrounds import unseen_backgrounds
from signs_edge.train.batches import Batches
from signs_edge.train.dataset import SignsDataset
from signs_edge.train.keras_classifier import KerasClassifier
from signs_edge.train.leaks import LeakAwareEvaluation, evaluate_with_leaks
from signs_edge.train.reliability import Calibration
from signs_edge.train.report import Abstention, Report, write_report
from signs_edge.train.robustness import Robustness, judge_robustness
from signs_edge.train.run_folder import RunFolder
from signs_edge.train.temperature import fold_temperature

_VARIED = 600  # composed pictures of validation hands, and as many backgrounds without a hand
_UNSEEN = 200  # hand-free pictures of each kind of background that training does not show


def calibrate(model: Any, validation: SignsDataset, varied: SignsDataset, test: SignsDataset) -> Calibration:
    """Fit the temperature on validation photos and composed validation pictures, and fold it into the last layer."""
    classifier = KerasClassifier(model, validation.names)
    known = [part for part in (validation, varied) if len(part)]
    images = np.concatenate([part.images for part in known]) if known else validation.images
    labels = np.concatenate([part.labels for part in known]) if known else validation.labels
    calibration = Calibration.measure(
        _predict(classifier, images), labels, _predict(classifier, test.images), test.labels
    )
    fold_temperature(model, calibration.temperature)
    return calibration
