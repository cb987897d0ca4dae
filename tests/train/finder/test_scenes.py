"""Scenes: the box is where the hand is, empty ones say so, and the same seed makes the same scene."""

import numpy as np
import pytest

from signs_edge.train.finder.scenes import NOWHERE, VIEW, Scenes
from signs_edge.train.hands.hands import Hands, drawn_hands


@pytest.fixture(scope="module")
def scenes():
    return Scenes(Hands(tuple(drawn_hands(12, ("0", "1", "2", "3", "4", "5"), 0))), 12, 0)


def test_same_generator_same_scene(scenes):
    first, again, other = (scenes.make(np.random.default_rng(seed), 1.0) for seed in (1, 1, 2))

    assert (first.picture.shape, first.picture.dtype) == ((120, 160, 3), np.uint8)
    assert np.array_equal(first.picture, again.picture)
    assert first.box == again.box
    assert not np.array_equal(first.picture, other.picture)


def test_boxes_lie_in_the_frame_and_have_the_sizes_asked_for(scenes):
    rng = np.random.default_rng(0)
    boxes = np.array([box for box in (scenes.make(rng, 1.0).box for _ in range(200)) if box != NOWHERE])
    sides = (boxes[:, 2:] - boxes[:, :2]).max(axis=1)

    assert 115 <= len(boxes) <= 165  # three in ten of the scenes are empty
    assert sides.min() >= VIEW.smallest * VIEW.height - 0.01
    assert sides.max() <= VIEW.largest * VIEW.height + 0.01
    assert boxes.min() >= -0.01
    assert (boxes <= (160.01, 120.01, 160.01, 120.01)).all()
    assert sides.max() > 3 * sides.min()


def test_the_hand_is_inside_its_box(scenes, monkeypatch):
    """The same scene with a hand of another colour changes inside the box, and next to nothing changes far from box and arm."""
    monkeypatch.setattr("signs_edge.train.finder.scenes._PERSON", 0.0)
    monkeypatch.setattr("signs_edge.train.finder.scenes.photograph", lambda canvas, rng, strength: canvas)
    monkeypatch.setattr("signs_edge.train.finder.scenes.tone", lambda placed, rng, strength: placed)
    moved = 0
    for seed in range(30):
        scene = scenes.make(np.random.default_rng(seed), 0.0)
        if scene.box == NOWHERE:
            continue
        monkeypatch.setattr(
            "signs_edge.train.finder.scenes.tone",
            lambda placed, rng, strength: type(placed)(255 - placed.colour, placed.alpha, placed.box),
        )
        other = scenes.make(np.random.default_rng(seed), 0.0)
        monkeypatch.setattr("signs_edge.train.finder.scenes.tone", lambda placed, rng, strength: placed)
        left, top, right, bottom = (round(v) for v in scene.box)
        changed = np.abs(scene.picture - other.picture).max(axis=2) > 20
        assert changed[top:bottom, left:right].mean() > 0.15, seed
        moved += 1
    assert moved > 10
