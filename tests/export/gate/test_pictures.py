"""What the gate is asked on: the test photos, and their hands before backgrounds that no training shows."""

from __future__ import annotations

import os

import numpy as np
import pytest

from signs_edge.edge.bundle.store import FLOAT32_NAME, packaged_model
from signs_edge.edge.inference.classifier import TFLiteClassifier, predict_all
from signs_edge.export.gate.comparison import compare
from signs_edge.export.gate.gate import Gate, GateLimits
from signs_edge.export.gate.pictures import gate_pictures
from signs_edge.train.data.dataset import SignsDataset, load_labelled


def test_the_test_photos_alone(wall_photos) -> None:
    test = SignsDataset(wall_photos.images, wall_photos.labels, tuple("012345"))
    asked = gate_pictures(test, other_rooms=False)

    assert asked.pictures is test
    assert asked.names[:2] == ("test 0", "test 1")
    assert asked.about == "36 test photos"


def test_hands_before_other_backgrounds_keep_their_labels_and_names(wall_photos) -> None:
    test = SignsDataset(wall_photos.images[:12], wall_photos.labels[:12], tuple("012345"))
    asked = gate_pictures(test, other_rooms=True)

    assert len(asked) == len(asked.names) > 12 * 4
    assert np.array_equal(asked.pictures.images[:12], test.images)
    assert len(set(asked.names)) == len(asked)
    for place, name in enumerate(asked.names):
        assert asked.pictures.labels[place] == test.labels[int(name.split()[1])]
    assert f"12 test photos and {len(asked) - 12} of their hands before" in asked.about
    again = gate_pictures(test, other_rooms=True)
    assert np.array_equal(again.pictures.images, asked.pictures.images)


def test_no_photos_no_rooms(wall_photos) -> None:
    nothing = SignsDataset(wall_photos.images[:0], wall_photos.labels[:0], tuple("012345"))

    assert len(gate_pictures(nothing, other_rooms=True)) == 0


@pytest.mark.signs
def test_the_model_that_ships_passes_on_real_photos() -> None:
    int8 = packaged_model()
    assert int8 is not None
    asked = gate_pictures(load_labelled(os.environ["SIGNS_EDGE_DATA"]), other_rooms=True)
    models = [TFLiteClassifier.open(path) for path in (int8.with_name(FLOAT32_NAME), int8)]
    first, second = (predict_all(model, asked.pictures.images) for model in models)
    found = compare(first, second, asked.pictures, models[0].abstain_below, asked.names)
    gate = Gate("int8", "float32", found, GateLimits())

    assert found.counted.n > 400
    assert gate.passed, gate.reasons
