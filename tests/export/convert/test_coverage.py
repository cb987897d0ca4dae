"""Which ranges are called too narrow, and which only look so by chance."""

from __future__ import annotations

import numpy as np
import pytest

from signs_edge.edge.bundle.contract import Contract
from signs_edge.export.convert.coverage import Coverage, TensorCoverage, measure_coverage


def coverage(pictures: int, outside: float = 0.02, calibrated: int = 120) -> Coverage:
    """Of 60 activations and test pictures, the worst of which so many pictures leave."""
    return Coverage(60, 1e-6, (TensorCoverage("a/Relu", (0, 1), (0, 2), outside, pictures),), calibrated, 60)


@pytest.mark.parametrize(("pictures", "outside", "warned"), [(3, 0.02, False), (10, 0.02, True), (10, 1e-5, False)])
def test_a_few_pictures_leave_any_range_by_chance(pictures: int, outside: float, warned: bool) -> None:
    assert (coverage(pictures, outside).warning is not None) is warned


def test_of_few_calibration_pictures_more_are_let_pass() -> None:
    assert coverage(10, calibrated=12).warning is None  # they are a sixth of all: no wonder


def test_pictures_of_one_kind_raise_no_alarm_more_often_than_asked_for() -> None:
    """Ranges of 40 independent activations from 120 pictures, seen on 60 more of the same, 300 times."""
    rng = np.random.default_rng(0)
    alarms = 0
    for _ in range(300):
        known, seen = rng.normal(size=(120, 40)), rng.normal(size=(60, 40))
        left = np.maximum((seen > known.max(axis=0)).sum(axis=0), (seen < known.min(axis=0)).sum(axis=0))
        worst = tuple(TensorCoverage(str(i), (0, 1), (0, 2), 0.02, int(left[i])) for i in np.argsort(-left)[:8])
        alarms += Coverage(40, 0.01, worst, 120, 60).warning is not None
    assert alarms / 300 <= 0.02


def test_nothing_outside_names_no_tensor(tiny_models, blotches) -> None:
    content = tiny_models.float32.read_bytes()
    pictures = blotches(6, 0)

    found = measure_coverage(content, pictures, pictures, Contract())

    assert (found.worst, found.outside, found.warning) == ((), 0.0, None)
    assert found.tensors > 3
    narrow = measure_coverage(content, pictures[:1] * 0, pictures, Contract())  # black: and still all are looked at
    assert narrow.tensors == found.tensors
    assert narrow.worst[0].pictures > 0
    assert (
        narrow.worst[0].tested[1] > narrow.worst[0].calibrated[1]
        or narrow.worst[0].tested[0] < narrow.worst[0].calibrated[0]
    )
