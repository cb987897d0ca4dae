"""Rotations about the axes, for one angle or many; degrees."""

from __future__ import annotations

import numpy as np

from signs_edge.edge.synthetic.mesh.hand_mesh import Array


def about_x(angle: Array | float) -> Array:
    """(..., 3, 3) float64 rotations about x by angles (...)."""
    return _about(angle, 1, 2)


def about_y(angle: Array | float) -> Array:
    """(..., 3, 3) float64 rotations about y by angles (...)."""
    return _about(angle, 2, 0)


def about_z(angle: Array | float) -> Array:
    """(..., 3, 3) float64 rotations about z by angles (...)."""
    return _about(angle, 0, 1)


def _about(angle: Array | float, a: int, b: int) -> Array:
    radians = np.deg2rad(np.asarray(angle, dtype=float))
    turn = np.zeros((*radians.shape, 3, 3)) + np.eye(3)
    turn[..., a, a] = turn[..., b, b] = np.cos(radians)
    turn[..., b, a] = np.sin(radians)
    turn[..., a, b] = -turn[..., b, a]
    return turn
