"""What a random camera does to a picture, and what it must not do."""

import numpy as np
import pytest

from signs_edge.train.augment.camera_effects import occlude, photograph

SCENE = np.random.default_rng(0).integers(0, 256, (8, 8, 3)).repeat(8, axis=0).repeat(8, axis=1).astype(np.float32)


@pytest.mark.parametrize("strength", [0.0, 0.5, 1.0])
def test_same_seed_same_picture(strength):
    before = SCENE.copy()
    for seed in range(10):
        first = photograph(SCENE, np.random.default_rng(seed), strength)
        assert (first.shape, first.dtype) == ((64, 64, 3), np.uint8)
        assert np.array_equal(first, photograph(SCENE, np.random.default_rng(seed), strength))
    assert np.array_equal(SCENE, before)


def test_at_strength_0_next_to_nothing_changes():
    for seed in range(20):
        taken = photograph(SCENE, np.random.default_rng(seed), 0.0)
        assert np.abs(taken - SCENE).max() <= 1


def test_at_full_strength_pictures_are_darker_lighter_softer_and_noisier():
    taken = np.stack([photograph(SCENE, np.random.default_rng(seed), 1.0) for seed in range(200)]).astype(float)
    lightness = taken.mean(axis=(1, 2, 3))
    assert lightness.min() < 0.6 * SCENE.mean()
    assert lightness.max() > 1.2 * SCENE.mean()
    within = taken[:, :8, :8].std(axis=(1, 2)).mean(axis=1)  # of one flat patch
    assert (within < 1).any()  # no noise
    assert (within > 5).any()  # noise, or colours run in
    assert any(np.ptp(picture.reshape(-1, 3), axis=1).max() <= 60 for picture in taken)  # nearly grey


def test_values_beyond_the_range_are_clipped_not_wrapped():
    light, dark = (np.full((64, 64, 3), value, np.float32) for value in (400, -100))
    assert photograph(light, np.random.default_rng(0), 0.0).min() == 255
    assert photograph(dark, np.random.default_rng(0), 0.0).max() == 0


def test_less_than_an_eighth_of_the_hand_is_covered_by_one_flat_rectangle():
    rows, columns = np.mgrid[:64, :64]
    hand = ((rows - 32) ** 2 + (columns - 32) ** 2 < 16**2).astype(np.float32)
    covered, anything = [], 0
    for seed in range(300):
        picture = SCENE.copy()
        alpha = hand.copy()
        result = occlude(picture, alpha, np.random.default_rng(seed))
        assert result is picture
        assert np.array_equal(alpha, hand)
        changed = (result != SCENE).any(axis=-1)
        covered.append((hand * changed).sum() / hand.sum())
        anything += changed.any()
        assert len(np.unique(result[changed], axis=0)) <= 1
    assert max(covered) < 0.125
    assert max(covered) > 0.05
    assert anything > 200
