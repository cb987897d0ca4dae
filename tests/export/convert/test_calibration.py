import cv2
import numpy as np
import pytest

from signs_edge.edge.errors import DataError, UsageError
from signs_edge.export.convert.calibration import choose_calibration, read_calibration
from signs_edge.train.data.dataset import SignsDataset
from signs_edge.train.data.duplicates import groups


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


def test_copies_come_last(blotches):
    fresh = SignsDataset(blotches(24, 4), np.arange(24) % 3, ("0", "1", "2"))
    images = np.concatenate([fresh.images, fresh.images, fresh.images[:, :, ::-1]])  # the mirror image is a copy too
    train = SignsDataset(images, np.tile(fresh.labels, 3), fresh.names)
    chosen = choose_calibration(train, 24)
    assert len(np.unique(groups(chosen.images))) == chosen.distinct == 24
    more = choose_calibration(train, 30)
    assert (len(more.indices), more.distinct) == (30, 24)
    assert more.to_json()["distinct"] == 24


def test_the_sample_is_more_diverse_than_a_random_one(blotches):
    """Nine pictures in ten are dark: the bright ones must not be left to chance."""
    images = blotches(100, 3)
    images[10:] //= 8
    train = SignsDataset(images, np.arange(100) % 2, ("0", "1"))
    for seed in range(5):
        assert (choose_calibration(train, 20, seed).indices < 10).sum() >= 6  # at random, two


def test_classes_that_are_not_even_are_said():
    assert choose_calibration(pictures([0, 1, 2] * 20), 12).imbalance is None
    assert "1 pictures of class 1" in choose_calibration(pictures([0] * 20 + [1] + [2] * 20), 12).imbalance


def test_too_few_different_photos_are_said(blotches):
    images = blotches(30, 4)
    enough = choose_calibration(SignsDataset(images, np.arange(30) % 2, ("0", "1")), 30)
    assert enough.scarcity is None
    copies = SignsDataset(images[np.arange(30) % 10], np.arange(30) % 2, ("0", "1"))
    assert "calibration saw 10 different photos: at least 30" in choose_calibration(copies, 30).scarcity


def test_own_frames_are_prepared_as_the_device_does(tmp_path):
    frame = np.zeros((120, 200, 3), np.uint8)
    frame[:, 40:160] = (10, 20, 200)  # BGR, the centre square
    (tmp_path / "3").mkdir()
    cv2.imwrite(str(tmp_path / "3" / "a.png"), frame)
    cv2.imwrite(str(tmp_path / "still.png"), 255 - frame)
    chosen = read_calibration(tmp_path, ("3", "4"))
    assert chosen.images.shape == (2, 64, 64, 3)
    assert (chosen.images[chosen.files.index("3/a.png")] == (200, 20, 10)).all()
    assert chosen.per_class == {"3": 1, "4": 0, "unlabelled": 1}
    assert chosen.to_json()["files"] == list(chosen.files)
    assert chosen.source == tmp_path.name


def test_own_frames_without_labels_will_do(tmp_path):
    rng = np.random.default_rng(0)
    for i in range(8):
        cv2.imwrite(str(tmp_path / f"frame{i}.png"), rng.integers(0, 256, (50, 70, 3), dtype=np.uint8))
    chosen = read_calibration(tmp_path, ("0", "1"), pictures=5, seed=1)
    assert chosen.per_class == {"unlabelled": 5}
    assert chosen.imbalance is None
    assert chosen.digest == read_calibration(tmp_path, ("0", "1"), pictures=5, seed=1).digest


def test_own_frames_that_cannot_be_used(tmp_path):
    with pytest.raises(DataError, match=r"calibration folder .*absent cannot be read \(No such file"):
        read_calibration(tmp_path / "absent", ("0", "1"))
    with pytest.raises(DataError, match="holds no pictures: give one with frames"):
        read_calibration(tmp_path, ("0", "1"))
    (tmp_path / "broken.png").write_bytes(b"no picture")
    with pytest.raises(DataError, match=r"broken\.png cannot be decoded"):
        read_calibration(tmp_path, ("0", "1"))
    with pytest.raises(UsageError, match="with 0 pictures is not allowed"):
        read_calibration(tmp_path, ("0", "1"), pictures=0)
