"""The expectation that an export takes along, and when there is none."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from signs_edge.edge.drift.config import DriftConfig
from signs_edge.edge.drift.sequential.blocks import BlockRule
from signs_edge.edge.run.shadow import Shadow
from signs_edge.edge.run.shadow_options import ShadowOptions
from signs_edge.export.bundle.expectation import expectation_of
from signs_edge.export.convert.convert import FLOAT32, INT8
from signs_edge.export.gate.pictures import GatePictures
from signs_edge.train.data.dataset import SignsDataset

LABELS = ("0", "1")


@dataclass
class Fake:
    """Sure of the class that the picture's brightness names; with a value that is no number where asked."""

    worst: float = 0.1
    labels: tuple[str, ...] = LABELS

    def probabilities(self, picture: np.ndarray) -> np.ndarray:
        bright = float(picture.mean()) / 255
        answer = np.array([1 - bright, bright], np.float32)
        return answer if np.isfinite(self.worst) else np.full(2, np.nan, np.float32)


def asked(n: int, seed: int = 0) -> GatePictures:
    rng = np.random.default_rng(seed)
    light = rng.uniform(0.2, 1, (n, 1, 1, 1))
    images = (rng.integers(0, 256, (n, 64, 64, 3)) * light).astype(np.uint8)
    labels = (images.mean(axis=(1, 2, 3)) > 127).astype(np.int64)
    return GatePictures(SignsDataset(images, labels, LABELS), tuple(map(str, range(n))), n)


def test_it_is_of_the_gates_pictures_and_a_watch_takes_it() -> None:
    pictures = asked(80)

    expectation = expectation_of({INT8: Fake(), FLOAT32: Fake()}, pictures)

    assert expectation is not None
    assert expectation.known
    assert expectation.reference.n == sum(expectation.int8_bins.n) == 80
    config = ShadowOptions(DriftConfig(blocks=BlockRule(1, 0)), every=1)
    fake = Fake()
    watch = Shadow(Fake(), LABELS, expectation, config)
    for picture in asked(80, seed=1).pictures.images:  # others of the same kind: templates know their own too well
        watch.look([picture], fake.probabilities(picture), least=0.0)
    assert watch.verdict.input_status == "ok"
    for _ in range(300):
        dark = np.zeros((64, 64, 3), np.uint8)
        watch.look([dark], fake.probabilities(dark), least=0.0)
    assert watch.verdict.kind == ("drift", "input")


def test_there_is_none_without_int8_of_too_few_pictures_and_of_nan() -> None:
    assert expectation_of({FLOAT32: Fake()}, asked(80)) is None
    assert expectation_of({INT8: Fake(), FLOAT32: Fake()}, asked(59)) is None
    assert expectation_of({INT8: Fake(float("nan")), FLOAT32: Fake()}, asked(80)) is None
