"""Windows for the finder: hands where they are said to be, and what it should answer to them."""

import keras
import numpy as np
import pytest

from signs_edge.edge.region.finder import OFFSET_SCALE, SIZE_SCALE, STRIDE, TYPICAL_SIDE, decode
from signs_edge.train.finder.network import build_room_finder, loss, window_targets
from signs_edge.train.rooms.frame import LabelledHand
from signs_edge.train.rooms.windows import RoomMaterial, RoomShares, Window, Windows


@pytest.mark.parametrize(
    "shares",
    [RoomShares(scenes=1), RoomShares(0, 1, 0, 0, 0), RoomShares(0, 0, 1, 0, 0), RoomShares(0, 0, 0, 1, 0)],
    ids=["drawn people", "frames", "mosaics", "pasted hands"],
)
def test_hands_are_where_the_boxes_say(material: RoomMaterial, shares: RoomShares) -> None:
    windows, rng = Windows(material, shares), np.random.default_rng(5)

    for _ in range(20):
        window = windows.make(rng, 96, 128, strength=0.0)
        green = np.argwhere((window.picture[..., 1] > 180) & (window.picture[..., 0] < 90))
        boxes = [hand.box for hand in window.hands if hand.shown]
        for y, x in green:
            assert any(left - 3 <= x <= right + 3 and top - 3 <= y <= bottom + 3 for left, top, right, bottom in boxes)


def test_rooms_without_a_hand_have_no_heat(material: RoomMaterial) -> None:
    windows = Windows(material, RoomShares(0, 0, 0, 0, 1))

    made = [windows.make(np.random.default_rng(seed), 96, 128) for seed in range(8)]

    assert window_targets(made)[..., 0].max() == 0


def test_one_generator_one_window(material: RoomMaterial) -> None:
    windows = Windows(material)

    first, second = (windows.make(np.random.default_rng(3), 96, 128) for _ in range(2))

    assert (first.picture == second.picture).all()
    assert first.hands == second.hands


def window(*hands: LabelledHand) -> Window:
    return Window(np.zeros((96, 128, 3), np.uint8), hands)


def test_targets_decode_to_the_hand() -> None:
    wanted = window_targets([window(LabelledHand((30, 20, 60, 70)))])[0]

    row, column = np.unravel_index(wanted[..., 0].argmax(), wanted.shape[:2])
    found = decode(np.dstack([10 * wanted[..., 0], wanted[..., 1:4]]))
    assert (row, column) == (45 // STRIDE, 45 // STRIDE)
    assert (found.x, found.y, found.side) == pytest.approx((45, 45, 50))
    assert wanted[row, column, 3] == pytest.approx(SIZE_SCALE * np.log(50 / TYPICAL_SIDE))
    assert wanted[row, column, 1] == pytest.approx(OFFSET_SCALE * (45 / STRIDE - column - 0.5))


@pytest.mark.parametrize(
    ("hand", "judged"),
    [
        (LabelledHand((30, 20, 60, 70), certain=False), False),
        (LabelledHand((120, 20, 150, 70)), False),
        (LabelledHand((30, 20, 33, 24)), False),
        (LabelledHand((30, 20, 60, 70), shown=False), True),
    ],
    ids=["not certain", "mostly outside", "too small", "lowered"],
)
def test_what_is_no_hand_to_find_has_no_heat(hand: LabelledHand, judged: bool) -> None:
    wanted = window_targets([window(hand)])[0]

    assert wanted[..., 0].max() == 0
    assert bool(wanted[..., 5].min()) is judged


def test_two_hands_have_two_middles_and_the_unjudged_costs_nothing() -> None:
    two = window_targets([window(LabelledHand((10, 10, 40, 40)), LabelledHand((80, 40, 110, 80)))])
    assert (two[..., 0] == 1).sum() == 2
    wild = np.zeros((1, 12, 16, 4), np.float32)
    wild[0, 5, 5, 0] = 9
    unsure, nothing = (
        window_targets([window(*hands)]) for hands in ((LabelledHand((30, 30, 60, 60), certain=False),), ())
    )

    unjudged, judged = (
        float(np.asarray(loss(keras.ops.convert_to_tensor(wanted), wild))[0]) for wanted in (unsure, nothing)
    )

    assert unjudged < judged - 5


def test_the_network_takes_pictures_of_any_size() -> None:
    model = build_room_finder(None, None, channels=4)

    assert model(np.zeros((1, 96, 128, 3), np.float32)).shape == (1, 12, 16, 4)
    assert model(np.zeros((2, 168, 224, 3), np.float32)).shape == (2, 21, 28, 4)
