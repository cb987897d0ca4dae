import numpy as np
import pytest

from signs_edge.edge.errors import UsageError
from signs_edge.export.calibration import choose_calibration
from signs_edge.train.dataset import SignsDataset


def pictures(labels, classes=3):
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (len(labels), 64, 64, 3), dtype=np.uint8)
    return SignsDataset(images, np.array(labels), tuple(map(str, range(classes))))


def test_the_sample_is_stratified_without_repeats_and_seeded():
    train = pictures([0, 1, 2] * 20)
    chosen = choose_calibration(train, 12, seed=1)
    assert chosen.per_class == {"0": 4, "1": 4, "2": 4}
    assert len(set(chosen.indices.tolist())) == 12
    assert np.array_equal(chosen.images, train.images[chosen.indices])
    assert np.array_equal(chosen.indices, choose_calibration(train, 12, seed=1).indices)
    assert not np.array_equal(chosen.indices, choose_calibration(train, 12, seed=2).indices)


def test_a_small_class_gives_all_it_has():
    chosen = choose_calibration(pictures([0] * 20 + [1] * 2 + [2] * 20), 12, seed=0)
    assert chosen.per_class["1"] == 2
    assert sum(chosen.per_class.values()) == 12


def test_fewer_pictures_than_wanted_are_all_taken():
    assert len(choose_calibration(pictures([0, 1, 2]), 100).indices) == 3


def test_the_record_tells_one_sample_from_another():
    train = pictures([0, 1, 2] * 20)
    first, second = (choose_calibration(train, 12, seed).to_json() for seed in (0, 1))
    assert first["n"] == 12
    assert len(first["sha256"]) == 64
    assert first["sha256"] != second["sha256"]
    assert first == choose_calibration(train, 12, 0).to_json()


def test_too_few_for_the_classes_is_refused():
    with pytest.raises(UsageError, match="at least 3"):
        choose_calibration(pictures([0, 1, 2]), 2)
    with pytest.raises(UsageError, match="seed -1"):
        choose_calibration(pictures([0, 1, 2]), 3, seed=-1)
