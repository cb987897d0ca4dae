"""The hand of our own geometry is a whole, closed surface around its joints."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from signs_edge.edge.synthetic.mesh.capsule_hand import capsule_hand
from signs_edge.edge.synthetic.mesh.hand_mesh import CHAINS, deform, pose_joints
from signs_edge.edge.synthetic.mesh.rotations import about_x
from signs_edge.edge.synthetic.mesh.truth import finger_of_faces

STILL = np.tile(np.eye(3), (25, 1, 1))
PLAIN = np.ones((25, 3), np.float32)


def test_the_surface_is_closed() -> None:
    faces = capsule_hand().faces
    ways = Counter((a, b) for k in range(4) for a, b in faces[:, [k, (k + 1) % 4]].tolist())
    # a face along each edge in either direction; a cell with two sheets, between fingers, has two of each
    assert all(ways[b, a] == number for (a, b), number in ways.items())
    assert sum(number > 1 for number in ways.values()) < 20


def test_faces_and_normals_show_outwards() -> None:
    mesh = capsule_hand()
    corners = mesh.vertices[mesh.faces]
    across = np.cross(corners[:, 2] - corners[:, 0], corners[:, 3] - corners[:, 1])
    mean = mesh.normals[mesh.faces].mean(axis=1)
    assert ((across * mean).sum(axis=1) > 0).mean() > 0.995
    # a little along its normal a vertex is farther from the mesh's inside than a little against it
    tip = mesh.vertices[:, 2].argmin()
    assert mesh.normals[tip, 2] < -0.8


def test_it_has_the_size_of_a_hand() -> None:
    mesh = capsule_hand()
    extent = np.ptp(mesh.vertices, axis=0)
    assert 0.19 < extent[2] < 0.24
    assert 0.12 < extent[0] < 0.18
    assert np.linalg.norm(mesh.normals, axis=1) == pytest.approx(1, abs=1e-4)


def test_at_rest_the_vertices_stay_where_they_are() -> None:
    mesh = capsule_hand()
    posed = pose_joints(mesh.bind, STILL, PLAIN)
    vertices, normals = deform(mesh, posed, PLAIN)
    assert posed == pytest.approx(mesh.bind, abs=1e-6)
    assert vertices == pytest.approx(mesh.vertices, abs=1e-5)
    assert normals == pytest.approx(mesh.normals, abs=1e-4)


def test_each_finger_has_faces_of_its_own_and_its_tip_follows_its_knuckle() -> None:
    mesh = capsule_hand()
    owner = finger_of_faces(mesh.weights, mesh.faces, CHAINS)
    assert mesh.weights.sum(axis=1) == pytest.approx(1, abs=1e-5)
    for finger, chain in enumerate(CHAINS[1:], start=1):
        turns = STILL.copy()
        turns[chain[1]] = about_x(-90)
        vertices, _ = deform(mesh, pose_joints(mesh.bind, turns, PLAIN), PLAIN)
        mine, others = np.unique(mesh.faces[owner == finger]), np.unique(mesh.faces[(owner > 0) & (owner != finger)])
        moved = np.linalg.norm(vertices - mesh.vertices, axis=1)
        assert moved[mine].max() > 0.08
        assert moved[others].max() < 0.02
        # bent by a right angle, the tip is out of the palm
        assert vertices[mine, 1].min() < mesh.vertices[mine, 1].min() - 0.05


def test_a_longer_build_makes_longer_fingers_and_a_broader_one_thicker() -> None:
    mesh = capsule_hand()
    long = PLAIN.copy()
    long[list(CHAINS[2][1:]), 2] = 1.2
    posed = pose_joints(mesh.bind, STILL, long)
    before, after = (np.linalg.norm(frame[14, :3, 3] - frame[11, :3, 3]) for frame in (mesh.bind, posed))
    assert after / before == pytest.approx(1.2, abs=1e-4)
