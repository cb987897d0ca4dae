"""Painting faces: where they are, what is between their corners, which is in front."""

from __future__ import annotations

import numpy as np
import pytest

from signs_edge.edge.synthetic.mesh.raster import as_quads, facing, rasterise

SQUARE = np.array([[2, 2, 1], [2, 12, 1], [12, 12, 1], [12, 2, 1]], np.float32)
FACE = np.array([[0, 1, 2, 3]])


def test_a_square_covers_its_pixels_and_no_others() -> None:
    seen = rasterise(SQUARE, FACE, np.array([0]), (16, 20))
    covered = np.zeros((16, 20), bool)
    covered[seen.where] = True
    expected = np.zeros((16, 20), bool)
    expected[2:13, 2:13] = True
    assert np.array_equal(covered, expected)


def test_values_between_corners_are_linear_on_both_sides_of_the_diagonal() -> None:
    seen = rasterise(SQUARE, FACE, np.array([0]), (16, 20))
    values = seen.between(SQUARE[:, :2])
    assert values[:, 0] == pytest.approx(seen.where[1], abs=1e-4)
    assert values[:, 1] == pytest.approx(seen.where[0], abs=1e-4)


def test_a_triangle_as_a_quadrangle_is_linear_too() -> None:
    faces = as_quads(np.array([[0, 1, 2]]))
    seen = rasterise(SQUARE, faces, np.array([0]), (16, 20))
    inside = seen.where[0] >= seen.where[1]  # its rim may have pixels that are only touched
    assert seen.between(SQUARE[:, :2])[inside, 0] == pytest.approx(seen.where[1][inside], abs=1e-4)


@pytest.mark.parametrize("near", [0, 1])
def test_of_two_faces_the_nearer_is_seen_whatever_their_order(near: int) -> None:
    two = np.concatenate([SQUARE, SQUARE + np.float32(4)])
    two[:, 2] = np.repeat([1.0, 2.0] if near == 0 else [2.0, 1.0], 4)
    faces = np.array([[0, 1, 2, 3], [4, 5, 6, 7]])
    seen = rasterise(two, faces, np.array([0, 1]), (20, 20))
    both = (seen.where[0] >= 6) & (seen.where[0] <= 12) & (seen.where[1] >= 6) & (seen.where[1] <= 12)
    assert both.sum() == 49
    assert set(seen.face[both].tolist()) == {near}


def test_facing_tells_a_face_from_its_back() -> None:
    assert facing(SQUARE, FACE)[0] == pytest.approx(-200)
    assert facing(SQUARE, FACE[:, ::-1])[0] == pytest.approx(200)


def test_a_part_is_numbered_from_its_own_start() -> None:
    two = np.concatenate([SQUARE, SQUARE + np.float32(20)])
    faces = np.array([[0, 1, 2, 3], [4, 5, 6, 7]])
    seen = rasterise(two, faces, np.array([0, 1]), (40, 40))
    part = seen.part(np.nonzero(seen.face == 1)[0], 1, 4)
    assert set(part.face.tolist()) == {0}
    assert part.between(SQUARE[:, :2] + 20)[:, 0] == pytest.approx(part.where[1], abs=1e-4)
