"""Crops for the counting network: what is in them, and what it should answer."""

import numpy as np
import pytest

from signs_edge.train.rooms.crops import UNKNOWN, Crop, Crops, CropShares, targets
from signs_edge.train.rooms.windows import RoomMaterial


def green(crop: Crop) -> float:
    """Share of the crop that is a hand."""
    return float(((crop.picture[..., 1] > 150) & (crop.picture[..., 0] < 110)).mean())


@pytest.mark.parametrize(
    ("shares", "count"),
    [(CropShares(0, 0, 0), 2), (CropShares(1, 0, 0), 2), (CropShares(0, 1, 0), 5)],
    ids=["real", "drawn", "drawn people"],
)
def test_a_crop_shows_its_hand(material: RoomMaterial, shares: CropShares, count: int) -> None:
    crops, rng = Crops(material, shares), np.random.default_rng(1)

    for _ in range(12):
        crop = crops.make(rng, 48, strength=0.0)
        assert crop.count == count
        assert 0.1 < green(crop) < 0.75


def test_a_square_without_a_hand_has_none(material: RoomMaterial) -> None:
    crops, rng = Crops(material, CropShares(0, 0, 1)), np.random.default_rng(2)

    made = [crops.make(rng, 48, strength=0.0) for _ in range(30)]

    assert {crop.count for crop in made} == {UNKNOWN}
    assert sum(green(crop) > 0.1 for crop in made) == 0


def test_unseen_fingers_are_unknown_and_weigh_less(material: RoomMaterial) -> None:
    crop = Crops(material, CropShares(1, 0, 0)).make(np.random.default_rng(0), 48)

    assert (crop.fingers == UNKNOWN).all()
    assert crop.weight < 1


def test_targets_are_smoothed_and_even_where_nothing_is_shown() -> None:
    nothing = np.full(5, UNKNOWN, np.int8)
    picture = np.zeros((8, 8, 3), np.uint8)

    wanted = targets([Crop(picture, 4, 1.0, nothing), Crop(picture, UNKNOWN, 1.0, nothing)], 0.06)

    assert wanted[0] == pytest.approx([0.01] * 4 + [0.95, 0.01])
    assert wanted[1] == pytest.approx([1 / 6] * 6)
