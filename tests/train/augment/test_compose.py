"""A hand in its new place: all of it in the picture, and told apart from what is behind it."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from signs_edge.train.augment.compose import SIZE, Placed, lay_over, place, tone
from signs_edge.train.hands.cutout import SIDE, soften
from signs_edge.train.hands.hands import PHOTO, Hand
from signs_edge.train.hands.shape import shape_of

PALM, REACH = (64, 80), 50
TIPS = [
    (round(PALM[0] + REACH * np.sin(angle)), round(PALM[1] - REACH * np.cos(angle)))
    for angle in np.deg2rad([-72, -36, 0, 36, 72])
]


def hand_with_arm():
    """A skin-coloured palm with five fingers up and an arm down to the border."""
    mask = np.zeros((SIDE, SIDE), np.uint8)
    cv2.circle(mask, PALM, 20, 1, -1)
    cv2.rectangle(mask, (50, 80), (78, SIDE), 1, -1)
    for tip in TIPS:
        cv2.line(mask, PALM, tip, 1, 9)
    soft = soften(mask)
    return Hand(np.full((SIDE, SIDE, 3), (190, 140, 110), np.uint8), soft, 5, PHOTO, shape_of(soft))


HAND = hand_with_arm()
ARMLESS = replace(HAND, shape=replace(HAND.shape, arm=np.zeros(2, np.float32)))  # nothing is dressed or left out


def spot(centre, radius):
    """Black with one white disc."""
    image = np.zeros((SIDE, SIDE, 3), np.uint8)
    cv2.circle(image, centre, radius, (255, 255, 255), -1)
    return image


@pytest.mark.parametrize("strength", [0.0, 0.5, 1.0])
def test_all_fingers_stay_in_the_picture_but_for_a_pixel_or_two(strength):
    """Each fingertip is lit alone: an affine map gives all of them the same size, unless one is cut off."""
    for seed in range(60):
        seen = [
            place(replace(ARMLESS, image=spot(tip, 5)), np.random.default_rng(seed), strength).colour.sum()
            for tip in TIPS
        ]
        assert min(seen) > 0.5 * max(seen), seed


def test_same_seed_same_place():
    first, again, other = (place(HAND, np.random.default_rng(seed), 1.0) for seed in (1, 1, 2))
    assert np.array_equal(first.colour, again.colour)
    assert np.array_equal(first.alpha, again.alpha)
    assert not np.array_equal(first.alpha, other.alpha)
    assert (first.colour.shape, first.colour.dtype) == ((SIZE, SIZE, 3), np.float32)
    assert (first.alpha.shape, first.alpha.dtype) == ((SIZE, SIZE), np.float32)
    assert first.alpha.min() >= 0
    assert first.alpha.max() <= 1


def test_at_strength_0_a_hand_keeps_its_size_and_stands_upright_and_at_1_it_does_not():
    def widths(strength):
        """Distance between the outer fingertips, in pixels along x and y."""
        found = []
        for seed in range(40):
            ends = [
                np.argwhere(
                    place(replace(ARMLESS, image=spot(tip, 5)), np.random.default_rng(seed), strength).colour[..., 0]
                    > 60
                ).mean(axis=0)
                for tip in (TIPS[0], TIPS[4])
            ]
            found.append(np.abs(ends[1] - ends[0]))
        return np.array(found)

    still, moved = widths(0.0), widths(1.0)
    photographed = (TIPS[4][0] - TIPS[0][0]) / 2  # at half the size
    assert still[:, 1] == pytest.approx(photographed, abs=2)
    assert still[:, 0].max() < 2
    lengths = np.hypot(*moved.T)
    assert lengths.min() < 0.75 * photographed
    assert lengths.max() > 1.05 * photographed
    assert moved[:, 0].max() > 10


def test_of_an_arm_alone_no_hand_is_seen():
    bright = replace(HAND, image=spot(PALM, 24))
    for seed in range(60):
        placed = place(bright, np.random.default_rng(seed), 1.0, arm_only=True)
        assert (placed.alpha * placed.colour[..., 0]).max() < 40, seed
    seen = [place(HAND, np.random.default_rng(seed), 1.0, arm_only=True).alpha.max() > 0.9 for seed in range(60)]
    assert np.mean(seen) > 0.5  # but an arm


def test_arms_are_dressed_and_the_hand_is_left_as_it_is():
    changed, at_hand = 0, 0.0
    for seed in range(80):
        dressed = place(HAND, np.random.default_rng(seed), 0.5)
        bare = place(ARMLESS, np.random.default_rng(seed), 0.5)
        where = place(replace(ARMLESS, image=spot(PALM, 18)), np.random.default_rng(seed), 0.5).colour[..., 0] > 200
        differs = np.abs(dressed.colour - bare.colour).max(axis=-1) + 255 * np.abs(dressed.alpha - bare.alpha)
        changed += (differs > 20).any()
        at_hand = max(at_hand, float(differs[where].max()))
    assert 20 < changed < 60  # about half
    assert at_hand < 1


def test_toning_changes_colour_and_light_but_no_shape():
    placed = place(ARMLESS, np.random.default_rng(0), 0.5)
    core = placed.alpha > 0.9
    means = []
    for seed in range(60):
        toned = tone(placed, np.random.default_rng(seed), 1.0)
        assert toned.alpha is placed.alpha
        assert (toned.colour.shape, toned.colour.dtype) == ((SIZE, SIZE, 3), np.float32)
        means.append(toned.colour[core].mean(axis=0))
    assert np.mean(means, axis=1).min() < 90
    assert np.mean(means, axis=1).max() > 160
    assert np.allclose(tone(placed, np.random.default_rng(3), 0.0).colour, placed.colour, atol=0.5)


def test_a_hand_covers_what_is_behind_it_and_only_that():
    alpha = np.zeros((SIZE, SIZE), np.float32)
    alpha[16:48, 16:48] = 1
    alpha[16:48, 48] = 0.5
    placed = Placed(np.full((SIZE, SIZE, 3), 200, np.float32), alpha)
    behind = np.full((SIZE, SIZE, 3), 60, np.uint8)
    shadows = 0
    for seed in range(30):
        picture = lay_over(placed, behind, np.random.default_rng(seed), 0.0)
        assert (picture.shape, picture.dtype) == ((SIZE, SIZE, 3), np.float32)
        assert (picture[16:48, 16:48] == 200).all()
        assert picture[..., 0][alpha == 0].max() <= 60
        shadows += picture[..., 0][alpha == 0].min() < 55
        assert picture[0, 0, 0] <= 60
    assert 5 < shadows < 20
    assert (behind == 60).all()


@pytest.mark.parametrize("grey", [50, 90, 110, 130, 180, 230])
def test_skin_is_never_laid_on_its_own_colour(grey):
    alpha = np.zeros((SIZE, SIZE), np.float32)
    alpha[20:44, 20:44] = 1
    placed = Placed(np.full((SIZE, SIZE, 3), grey, np.float32), alpha)
    for seed in range(20):
        picture = lay_over(placed, np.full((SIZE, SIZE, 3), grey, np.uint8), np.random.default_rng(seed), 0.0)
        assert np.abs(np.median(picture[alpha == 0]) - grey) >= 30


def test_half_of_the_backgrounds_are_mirrored():
    nothing = Placed(np.zeros((SIZE, SIZE, 3), np.float32), np.zeros((SIZE, SIZE), np.float32))
    behind = np.full((SIZE, SIZE, 3), 100, np.uint8)
    behind[:, :32] = 200
    left = [lay_over(nothing, behind, np.random.default_rng(seed), 0.0)[0, 0, 0] > 150 for seed in range(60)]
    assert 15 < sum(left) < 45
