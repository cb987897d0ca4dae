"""A hand as a mesh that follows 25 joints, and how the joints carry it along (linear blend skinning)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Array: TypeAlias = npt.NDArray[Any]
"""Numbers of any kind; the docstrings give shapes and kinds."""

FINGERS = ("thumb", "index", "middle", "ring", "little")
JOINTS = 25
CHAINS = ((1, 2, 3, 4), (5, 6, 7, 8, 9), (10, 11, 12, 13, 14), (15, 16, 17, 18, 19), (20, 21, 22, 23, 24))
"""The joints of each of `FINGERS` from the palm to the tip, as WebXR's hand input numbers them; the wrist is 0."""
PARENTS = (-1, 0, 1, 2, 3, 0, 5, 6, 7, 8, 0, 10, 11, 12, 13, 0, 15, 16, 17, 18, 0, 20, 21, 22, 23)
LANDMARKS = (0, *CHAINS[0], *(joint for chain in CHAINS[1:] for joint in chain[1:]))
"""The 21 joints that MediaPipe's hand landmarks name, in its order."""


@dataclass(frozen=True)
class HandMesh:
    """A right hand at rest, in its wrist's frame: fingers to -z, back to +y, thumb to -x; metres.

    Attributes:
        vertices: (n, 3) float32.
        normals: (n, 3) float32, unit length, outwards.
        faces: (m, 3) or (m, 4) int64, counter-clockwise as seen from outside.
        weights: (n, 25) float32, how much each joint carries a vertex; each row's sum is 1.
        bind: (25, 4, 4) float32, each joint's frame at rest: -z to the tip, +y to the back of the finger.
    """

    vertices: Array
    normals: Array
    faces: Array
    weights: Array
    bind: Array


def pose_joints(bind: Array, rotations: Array, scales: Array) -> Array:
    """Turn a hand's joints.

    Args:
        bind: (25, 4, 4) the joints at rest.
        rotations: (25, 3, 3) each joint's rotation in its own frame.
        scales: (25, 3) factors along each joint's axes: the hand's build. A bone's length follows its joint's z.

    Returns:
        (25, 4, 4) float32, the joints' frames: rotations and places, without the scale.
    """
    posed = np.asarray(bind, dtype=np.float32).copy()
    rest = np.linalg.inv(bind)
    for joint in range(1, JOINTS):
        parent = PARENTS[joint]
        local = rest[parent] @ bind[joint]
        local[:3, 3] *= scales[parent]
        local[:3, :3] = local[:3, :3] @ rotations[joint]
        posed[joint] = posed[parent] @ local
    return posed


def deform(mesh: HandMesh, posed: Array, scales: Array) -> tuple[Array, Array]:
    """Let the vertices follow the joints.

    Args:
        mesh: the hand at rest.
        posed: (25, 4, 4) from `pose_joints`.
        scales: (25, 3) as given there.

    Returns:
        (n, 3) vertices and (n, 3) unit normals, float32.
    """
    rest = np.linalg.inv(mesh.bind)
    grown, shrunk = posed.copy(), posed.copy()
    grown[:, :3, :3] *= scales[:, None, :]
    shrunk[:, :3, :3] /= scales[:, None, :]  # normals follow the inverse transpose
    moves = (mesh.weights @ (grown @ rest).reshape(JOINTS, 16)).reshape(-1, 4, 4)
    turns = (mesh.weights @ (shrunk @ rest)[:, :3, :3].reshape(JOINTS, 9)).reshape(-1, 3, 3)
    vertices = (moves[:, :3, :3] @ mesh.vertices[:, :, None])[:, :, 0] + moves[:, :3, 3]
    return vertices, unit((turns @ mesh.normals[:, :, None])[:, :, 0])


def unit(vectors: Array) -> Array:
    """Vectors (..., 3) of length 1."""
    length = np.sqrt(np.einsum("...i,...i->...", vectors, vectors))[..., None]
    return np.asarray(vectors / np.maximum(length, 1e-9))
