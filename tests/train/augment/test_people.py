"""People in scenes: faces to train on and faces to judge by are others, and a head stays in the picture's bounds."""

from __future__ import annotations

import numpy as np
import pytest

from signs_edge.train.augment.people import add_person, load_faces

SKIN = np.array([200.0, 150.0, 120.0])


def test_faces_to_judge_by_are_none_of_those_to_train_on() -> None:
    trained, unseen = load_faces(unseen=False), load_faces(unseen=True)

    assert (trained.shape, unseen.shape) == ((80, 25, 25), (20, 25, 25))
    assert trained.min() >= 0
    assert trained.max() <= 1
    apart = np.abs(trained[:, None] - unseen[None]).mean(axis=(2, 3))
    assert apart.min() > 0.02


@pytest.mark.parametrize("size", [(120, 160), (240, 320), (40, 50)])
def test_somebody_is_there_and_the_background_stays(size: tuple[int, int]) -> None:
    background = np.full((*size, 3), 40, np.uint8)
    faces = load_faces(unseen=False)

    changed = []
    for seed in range(40):
        picture = add_person(background, faces, SKIN, np.random.default_rng(seed))
        assert (picture.shape, picture.dtype) == ((*size, 3), np.uint8)
        changed.append((np.abs(picture.astype(int) - 40).max(axis=2) > 15).mean())

    assert (background == 40).all()
    assert min(changed) > 0.002
    assert np.median(changed) > 0.05


def test_the_same_chance_gives_the_same_person() -> None:
    background, faces = np.full((120, 160, 3), 90, np.uint8), load_faces(unseen=True)

    first, second = (add_person(background, faces, SKIN, np.random.default_rng(7)) for _ in range(2))

    assert np.array_equal(first, second)


def test_heads_have_the_skins_colour_and_some_have_a_face() -> None:
    """A face has shades where a bare head is even."""
    background, faces = np.full((240, 320, 3), 90, np.uint8), load_faces(unseen=False)
    shades = []
    for seed in range(60):
        picture = add_person(background, faces, SKIN, np.random.default_rng(seed)).astype(int)
        skin = (picture[..., 0] - picture[..., 2] > 25) & (picture[..., 0] > picture[..., 1])
        if skin.sum() > 500:
            shades.append(picture[skin][:, 0].std())

    assert len(shades) > 20
    assert max(shades) > 25
    assert min(shades) < 15
