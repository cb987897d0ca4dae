"""Backgrounds: those of training and those that no training shows have nothing in common."""

from importlib import resources

import cv2
import numpy as np
import pytest

from signs_edge.edge.errors import RuntimeMissingError
from signs_edge.train.augment import backgrounds
from signs_edge.train.augment.backgrounds import (
    TRAINING_PHOTOS,
    UNSEEN_PHOTOS,
    training_backgrounds,
    unseen_backgrounds,
)


def test_training_and_judging_use_different_photographs():
    training, unseen = ({name for name, _ in photos} for photos in (TRAINING_PHOTOS, UNSEEN_PHOTOS))
    assert not training & unseen
    for name, rows in TRAINING_PHOTOS + UNSEEN_PHOTOS:
        picture = cv2.imread(str(resources.files("skimage") / "data" / name), cv2.IMREAD_GRAYSCALE)
        assert picture.shape[0] >= rows


def test_same_seed_same_backgrounds_and_another_seed_others():
    first = training_backgrounds(40, seed=1)
    assert (first.shape, first.dtype) == ((40, 64, 64, 3), np.uint8)
    assert np.array_equal(first, training_backgrounds(40, seed=1))
    assert not np.array_equal(first, training_backgrounds(40, seed=2))
    assert len(np.unique(first.reshape(40, -1), axis=0)) == 40


def test_about_a_fifth_of_the_training_backgrounds_are_photographs(monkeypatch):
    monkeypatch.setattr(backgrounds, "_crop", lambda photo, rng, size: np.zeros((size, size, 3), np.uint8))
    made = training_backgrounds(400, seed=0, size=16)
    assert 0.15 < np.mean([not picture.any() for picture in made]) < 0.3


def test_each_unseen_kind_is_there_and_comes_again():
    kinds = unseen_backgrounds(6, seed=1)
    assert len(kinds) == 5
    again, other = unseen_backgrounds(6, seed=1), unseen_backgrounds(6, seed=2)
    for kind, pictures in kinds.items():
        assert (pictures.shape, pictures.dtype) == ((6, 64, 64, 3), np.uint8)
        assert np.array_equal(pictures, again[kind])
        assert not np.array_equal(pictures, other[kind])
        assert pictures.std() > 5, kind
    assert unseen_backgrounds(1, seed=1, size=32)["wood"].shape == (1, 32, 32, 3)


def test_the_libraries_that_decode_the_photographs_say_nothing(capfd):
    training_backgrounds(1, seed=0)
    unseen_backgrounds(1, seed=0)
    assert capfd.readouterr().err == ""


def test_without_scikit_image_it_is_said_what_to_install(monkeypatch):
    def missing(name):
        raise ModuleNotFoundError(name)

    monkeypatch.setattr(backgrounds.resources, "files", missing)
    with pytest.raises(RuntimeMissingError, match=r"install signs-edge\[train\]"):
        training_backgrounds(1, seed=0)
