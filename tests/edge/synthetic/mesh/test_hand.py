"""A drawn hand, and the truth about it."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from signs_edge.edge.errors import UsageError
from signs_edge.edge.synthetic.mesh import hand as room
from signs_edge.edge.synthetic.mesh.capsule_hand import capsule_hand
from signs_edge.edge.synthetic.mesh.finish import Blur
from signs_edge.edge.synthetic.mesh.hand import HELD, HandDrawing, HandModel, View, draw_hand
from signs_edge.edge.synthetic.mesh.rotations import about_x, about_y, about_z


@pytest.fixture(scope="module")
def model() -> HandModel:
    return HandModel(capsule_hand())


def drawn(
    model: HandModel, monkeypatch: pytest.MonkeyPatch, count: int, seed: int, turn: np.ndarray, mirror: bool = False
) -> HandDrawing:
    """A sharp hand seen from where it is wanted."""
    view = View((turn @ HELD).astype(np.float32), 1.2, mirror)
    monkeypatch.setattr(room, "sample_view", lambda *_: view)
    monkeypatch.setattr(room, "sample_blur", lambda *_: Blur())
    return draw_hand(model, count, np.random.default_rng(seed), 128)


def test_the_same_chance_gives_the_same_picture_and_another_gives_another(model: HandModel) -> None:
    first, again, other = (draw_hand(model, 3, np.random.default_rng(seed), 96) for seed in (5, 5, 6))
    assert np.array_equal(first.image, again.image)
    assert np.array_equal(first.alpha, again.alpha)
    assert first.truth.to_json() == again.truth.to_json()
    assert not np.array_equal(first.alpha, other.alpha)


@pytest.mark.parametrize("count", range(6))
def test_shapes_counts_and_boxes(model: HandModel, count: int) -> None:
    for seed in range(6):
        drawing = draw_hand(model, count, np.random.default_rng((seed, count)), 96)
        assert drawing.image.shape == (96, 96, 3)
        assert drawing.image.dtype == drawing.alpha.dtype == np.uint8
        assert drawing.alpha.shape == (96, 96)
        truth = drawing.truth
        left, top, right, bottom = truth.box
        assert truth.count == count
        assert sum(state == 1 for state in truth.fingers) <= count
        assert 0.5 * 96 < max(right - left, bottom - top) < 0.68 * 96
        x, y = truth.points.T
        assert ((x > left - 1) & (x < right + 1) & (y > top - 1) & (y < bottom + 1)).all()


def test_an_upright_palm_is_seen_whole_and_its_fingers_point_up(
    model: HandModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    truth = drawn(model, monkeypatch, 5, 1, np.eye(3)).truth
    assert truth.facing == pytest.approx(1, abs=1e-5)
    assert abs(truth.angle) < 8
    assert truth.fingers == (1, 1, 1, 1, 1)
    assert truth.clear
    assert min(truth.slant[1:]) > 0.8
    assert truth.points[12, 1] < truth.points[9, 1] < truth.points[0, 1]


def test_the_angle_follows_the_hand(model: HandModel, monkeypatch: pytest.MonkeyPatch) -> None:
    upright = drawn(model, monkeypatch, 5, 1, np.eye(3)).truth
    turned = drawn(model, monkeypatch, 5, 1, about_z(90)).truth
    assert (turned.angle - upright.angle) == pytest.approx(90, abs=6)


def test_a_right_hands_thumb_is_to_the_right_of_its_palm_and_a_left_hands_to_the_left(
    model: HandModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = drawn(model, monkeypatch, 5, 2, np.eye(3)).truth
    left = drawn(model, monkeypatch, 5, 2, np.eye(3), mirror=True).truth
    back = drawn(model, monkeypatch, 5, 2, about_y(180)).truth
    assert (right.side, left.side, back.side) == ("right", "left", "right")
    assert right.points[4, 0] > right.points[20, 0]
    assert left.points[4, 0] < left.points[20, 0]
    assert back.points[4, 0] < back.points[20, 0]
    assert back.facing == pytest.approx(-1, abs=1e-5)


def test_fingers_that_point_at_the_camera_are_unseen(model: HandModel, monkeypatch: pytest.MonkeyPatch) -> None:
    truth = drawn(model, monkeypatch, 4, 3, about_x(88)).truth
    assert truth.fingers[1:].count(2) >= 2
    assert not truth.clear
    assert truth.count == 4


def test_a_finger_behind_another_is_unseen(model: HandModel, monkeypatch: pytest.MonkeyPatch) -> None:
    states = [drawn(model, monkeypatch, 5, seed, about_y(88)).truth for seed in range(12)]
    assert any(2 in truth.fingers for truth in states)
    assert all(min(truth.seen) < 0.7 for truth in states)


def test_the_hand_is_opaque_inside_its_box_and_the_background_shows_beside_it(
    model: HandModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawing = drawn(model, monkeypatch, 0, 4, np.eye(3))
    left, top, right, bottom = (round(value) for value in drawing.truth.box)
    middle = ((top + bottom) // 2, (left + right) // 2)
    assert drawing.alpha[middle] == 255
    assert (drawing.alpha[: top - 2] == 0).all()
    before = drawing.over(np.full((128, 128, 3), 77, np.uint8))
    assert (before[: top - 2] == 77).all()
    assert np.array_equal(before[middle], drawing.image[middle])


def test_dark_skin_is_darker_than_light_skin(model: HandModel) -> None:
    drawings = [draw_hand(model, 5, np.random.default_rng(seed), 64) for seed in range(60)]
    level = [float(d.image[d.alpha == 255].mean()) / max(d.exposure, 0.2) ** 0.4 for d in drawings]
    assert np.corrcoef([d.tone for d in drawings], level)[0, 1] < -0.3


def test_a_count_that_no_hand_shows_is_refused(model: HandModel) -> None:
    with pytest.raises(UsageError, match="Received: 7"):
        draw_hand(model, 7, np.random.default_rng(0))


def test_truth_as_json_is_plain(model: HandModel) -> None:
    truth = draw_hand(model, 2, np.random.default_rng(1), 64).truth
    values = truth.to_json()
    assert set(values) == {field.name for field in dataclasses.fields(truth)} | {"clear"}
    assert all(len(point) == 2 for point in values["points"])
