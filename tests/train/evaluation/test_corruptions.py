"""The corruptions: repeatable, harder with strength, each doing what its name says."""

import numpy as np
import pytest

from signs_edge.edge.errors import UsageError
from signs_edge.edge.synthetic.hands import draw_hands
from signs_edge.train.evaluation.corruptions import CORRUPTIONS, STRENGTHS, corrupt


@pytest.fixture(scope="module")
def hands():
    return draw_hands(12, seed=5)[0]


def distance(one, other):
    return float(np.mean((one.astype(float) - other) ** 2))


def test_there_are_twelve_at_five_strengths():
    assert len(CORRUPTIONS) == 12
    assert all(len(corruption.levels) == len(STRENGTHS) == 5 for corruption in CORRUPTIONS.values())


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_each_keeps_the_shape_and_leaves_its_input_alone(hands, name):
    before = hands.copy()

    corrupted = corrupt(hands, name, 3)

    assert (corrupted.shape, corrupted.dtype) == (hands.shape, np.uint8)
    assert np.array_equal(hands, before)
    assert corrupt(hands[:0], name, 3).shape == (0, 64, 64, 3)


@pytest.mark.parametrize("name", [name for name in CORRUPTIONS if name != "framing"])
def test_each_strength_is_further_from_the_picture(hands, name):
    distances = [distance(corrupt(hands, name, strength), hands) for strength in STRENGTHS]

    assert distances[0] > 1
    assert distances == sorted(distances)


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_a_seed_gives_the_same_pictures(hands, name):
    chance = {"sensor noise", "low light", "low contrast", "white balance", "shadow", "motion blur", "framing"}

    assert np.array_equal(corrupt(hands, name, 4, seed=1), corrupt(hands, name, 4, seed=1))
    assert np.array_equal(corrupt(hands, name, 4, seed=1), corrupt(hands, name, 4, seed=2)) == (name not in chance)


def test_many_pictures_are_done_in_blocks(hands, monkeypatch):
    whole = corrupt(hands, "jpeg", 4)
    monkeypatch.setattr("signs_edge.train.evaluation.corruptions._BLOCK", 5)

    assert np.array_equal(corrupt(hands, "jpeg", 4), whole)
    assert distance(corrupt(hands, "sensor noise", 1), hands) == pytest.approx((0.03 * 255) ** 2, rel=0.25)


def test_what_the_names_say(hands):
    grey = corrupt(hands, "grey", 5).astype(int)
    assert np.ptp(grey, axis=-1).max() <= 1
    assert corrupt(hands, "low light", 3).mean() < 0.6 * hands.mean()
    assert corrupt(hands, "overexposure", 3).mean() > 1.1 * hands.mean()
    assert corrupt(hands, "low contrast", 5).std() < 0.5 * hands.std()
    edges = [
        np.abs(np.diff(pictures.astype(int), axis=2)).mean() for pictures in (hands, corrupt(hands, "defocus blur", 4))
    ]
    assert edges[1] < 0.7 * edges[0]


def test_a_hand_framed_worse_is_smaller_and_further_away():
    square = np.zeros((40, 64, 64, 3), np.uint8)
    square[:, 22:42, 22:42] = 255
    sizes, shifts = [], []
    for strength in STRENGTHS:
        framed = corrupt(square, "framing", strength).astype(float)[..., 0] / 255
        rows, columns = np.mgrid[:64, :64]
        mass = framed.sum(axis=(1, 2))
        y, x = (framed * rows).sum(axis=(1, 2)) / mass, (framed * columns).sum(axis=(1, 2)) / mass
        sizes.append(mass.mean() / 400)
        shifts.append(np.hypot(y - 31.5, x - 31.5))

    assert sizes == sorted(sizes, reverse=True)
    assert 0.7**2 <= sizes[4] < 0.8**2
    assert [shift.mean() for shift in shifts] == sorted(shift.mean() for shift in shifts)
    assert shifts[4].min() > 0.14 * 64 * 2 / 3 - 0.5
    assert shifts[4].max() < 0.14 * 64 + 0.5


def test_a_line_is_blurred_along_its_direction_only():
    dot = np.zeros((40, 65, 65, 3), np.uint8)
    dot[:, 32, 32] = 255

    blurred = corrupt(dot, "motion blur", 5).astype(float)[..., 0]

    for picture in blurred:
        assert picture.sum() == pytest.approx(255, rel=0.1)
        y, x = np.nonzero(picture > 2)
        assert np.hypot(y - 32, x - 32).max() <= 8.5 / 2 + 1.5  # half the line, and its soft end
        assert abs(np.average(y, weights=picture[y, x]) - 32) < 0.2


@pytest.mark.parametrize(
    ("name", "strength", "message"),
    [
        ("rain", 1, "corruption 'rain' is not known: choose one of sensor noise"),
        ("jpeg", 0, "strength 0 is not allowed"),
        ("jpeg", 6, "strength 6 is not allowed: give 1 to 5"),
    ],
)
def test_what_is_not_known_is_refused(hands, name, strength, message):
    with pytest.raises(UsageError, match=message):
        corrupt(hands, name, strength)
