"""Persons: their posture is what was asked for, and the truth about their hands is what is drawn."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from signs_edge.edge.synthetic.mesh.hand_mesh import unit
from signs_edge.train.draw import scene
from signs_edge.train.draw.limbs import Posture, pose_person
from signs_edge.train.draw.people import CLOTH, SIDES
from signs_edge.train.draw.posture import RESTING, SHOWN, _reach, sample_posture
from signs_edge.train.draw.scene import draw_scene
from signs_edge.train.draw.scene_truth import scene_truth
from signs_edge.train.draw.shape import PersonModel, Shape, least_turn, sample_shape, turn_about


def test_the_least_turn_turns_one_way_into_the_other() -> None:
    rng = np.random.default_rng(0)
    for a, b in [*(rng.normal(size=(2, 3)) for _ in range(20)), (np.array([0, 1.0, 0]), np.array([0, -2.0, 0]))]:
        turn = least_turn(a, b)
        assert turn @ unit(a) == pytest.approx(unit(b), abs=1e-6)
        assert turn @ turn.T == pytest.approx(np.eye(3), abs=1e-6)
        assert np.linalg.det(turn) == pytest.approx(1)


def test_a_turn_about_an_axis_leaves_the_axis() -> None:
    axis = np.array([1.0, 2, -1])
    turn = turn_about(axis, 0.7)
    assert turn @ axis == pytest.approx(axis)
    assert np.trace(turn) == pytest.approx(1 + 2 * np.cos(0.7))


@pytest.mark.parametrize("side", SIDES)
def test_an_arm_reaches_the_place_that_its_wrist_shall_be_at(person_model: PersonModel, side: str) -> None:
    rng = np.random.default_rng(1)
    shape = sample_shape(person_model, rng)
    shoulder, elbow, hand = (shape.joints[f"{bone}.{side}.head"] for bone in ("upperarm01", "lowerarm01", "wrist"))
    a, b = float(np.linalg.norm(elbow - shoulder)), float(np.linalg.norm(hand - elbow))
    for _ in range(20):
        place = shoulder + unit(rng.normal(size=3)) * rng.uniform(0.5, 0.95) * (a + b)
        upper, lower = _reach(shape, side, place, np.array([0.3, -1, 0.2]))
        assert shoulder + a * upper + b * lower == pytest.approx(place, abs=1e-6)


@pytest.mark.parametrize("side", SIDES)
def test_hands_point_and_look_where_their_arms_say(person_model: PersonModel, side: str) -> None:
    for seed in range(12):
        rng = np.random.default_rng((2, seed))
        shape = sample_shape(person_model, rng)
        posture = dataclasses.replace(sample_posture(shape, {side: 5}, rng), chest=np.eye(3))
        vertices, normals, hands = pose_person(person_model, shape, posture)
        at, arm = hands[side], posture.arms[side]
        along = unit(at[11] - at[0])
        assert along @ unit(arm.fingers) > 0.99
        looks = unit(np.cross(at[11] - at[0], at[21] - at[6])) * (1 if side == "R" else -1)
        palm = unit(arm.palm - arm.fingers * (arm.palm @ unit(arm.fingers)))
        assert looks @ palm > 0.9
        # the flesh is where the joints are
        middle = vertices[person_model.hand_vertices[side]].mean(axis=0)
        assert np.linalg.norm(middle - at.mean(axis=0)) < 0.05
        assert np.linalg.norm(normals, axis=1) == pytest.approx(1, abs=1e-4)


def test_only_hands_that_were_asked_for_are_shown(person_model: PersonModel) -> None:
    doing = set()
    for seed in range(60):
        rng = np.random.default_rng((3, seed))
        posture = sample_posture(sample_shape(person_model, rng), {"L": 3} if seed % 2 else {}, rng)
        assert posture.arms["L"].raised == bool(seed % 2)
        assert not posture.arms["R"].raised
        if seed % 2:
            assert posture.arms["L"].pose.count == 3
        doing.add(posture.arms["R"].doing)
    assert doing == set(RESTING)
    assert sum(RESTING.values()) == pytest.approx(1)
    assert sum(share for *_, share in SHOWN) == pytest.approx(1)


def test_a_scene_depends_on_its_chance_alone(person_model: PersonModel) -> None:
    first, again, other = (draw_scene(person_model, np.random.default_rng(seed), (90, 120)) for seed in (4, 4, 5))
    assert np.array_equal(first.image, again.image)
    assert scene_truth(person_model, first) == scene_truth(person_model, again)
    assert not np.array_equal(first.alpha, other.alpha)
    assert first.image.shape == (90, 120, 3)


def test_the_truth_of_scenes_holds(person_model: PersonModel) -> None:
    shown = visible = 0
    for seed in range(30):
        drawing = draw_scene(person_model, np.random.default_rng((6, seed)), (90, 120))
        for person, placed in zip(scene_truth(person_model, drawing), drawing.persons, strict=True):
            assert 0.2 < person["distance"] < 5
            assert 0 <= person["tone"] <= 9
            assert [hand["side"] for hand in person["hands"]] == ["right", "left"]
            for hand, side in zip(person["hands"], SIDES, strict=True):
                left, top, right, bottom = hand["box"]
                assert (hand["count"] is not None) == hand["raised"] == placed.posture.arms[side].raised
                assert 0 <= hand["visible"] <= 1
                if hand["visible"] > 0.5:
                    visible += 1
                    # so much of it is seen that its box is in the picture, and people are drawn there
                    assert left < 120 and right > 0 and top < 90 and bottom > 0  # noqa: PT018
                    part = drawing.alpha[max(int(top), 0) : int(bottom) + 1, max(int(left), 0) : int(right) + 1]
                    assert part.max() > 100
                if hand["raised"]:
                    shown += 1
                    assert hand["count"] == sum(placed.posture.arms[side].pose.raised)
    assert shown > 10
    assert visible > 10


def test_a_palm_to_the_camera_faces_it(person_model: PersonModel, monkeypatch: pytest.MonkeyPatch) -> None:
    def upright(shape: Shape, shown: dict[str, int], rng: np.random.Generator) -> Posture:
        """The right palm, and the back of the left hand, to the front."""
        posture = sample_posture(shape, {"R": 5, "L": 5}, rng)
        arms = {
            side: dataclasses.replace(
                arm, fingers=np.array([0, 1.0, 0]), palm=np.array([0, 0, 1.0 if side == "R" else -1])
            )
            for side, arm in posture.arms.items()
        }
        return Posture(arms, np.eye(3), np.eye(3))

    monkeypatch.setattr(scene, "sample_posture", upright)
    facing = []
    for seed in range(8):
        drawing = draw_scene(person_model, np.random.default_rng((8, seed)), (90, 120))
        facing.append([hand["facing"] for hand in scene_truth(person_model, drawing)[0]["hands"]])
    right, left = np.median(facing, axis=0)
    assert right > 0.7
    assert left < -0.7


def test_counts_that_are_asked_for_are_shown(person_model: PersonModel) -> None:
    drawing = draw_scene(person_model, np.random.default_rng(7), (90, 120), shown={"R": 2, "L": 4})
    first = scene_truth(person_model, drawing)[0]
    assert [hand["count"] for hand in first["hands"]] == [2, 4]


def test_clothes_stand_off_the_skin(person_model: PersonModel) -> None:
    assert (person_model.kind == CLOTH).any()
    assert person_model.cloth.sum() >= 4
