"""A hand of our own geometry: tapered capsules around 25 joints, smoothly joined and made a mesh; no file is needed.

The surface is where a signed distance is zero (the smooth minimum of I. Quilez, "smin"), found on a grid by naive
surface nets (S. F. Gibson, 1998) and then moved onto the surface along the gradient.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from signs_edge.edge.synthetic.mesh.hand_mesh import CHAINS, JOINTS, Array, HandMesh, unit

CELL = 0.0042  # metres of the grid
# Metres from the wrist to each joint of thumb to little finger: x away from the thumb, y to the back, z to the arm.
PLACES = np.array(
    [
        *([0, 0, 0], [-0.023, -0.013, -0.027], [-0.044, -0.026, -0.056], [-0.067, -0.036, -0.079]),
        *([-0.085, -0.042, -0.094], [-0.013, -0.001, -0.026], [-0.026, 0.001, -0.090], [-0.029, 0.0, -0.134]),
        *([-0.030, -0.001, -0.159], [-0.030, -0.002, -0.180], [-0.003, 0.0, -0.026], [-0.004, 0.003, -0.094]),
        *([-0.003, 0.002, -0.143], [-0.002, 0.001, -0.172], [-0.001, 0.0, -0.194], [0.007, 0.0, -0.025]),
        *([0.016, 0.001, -0.089], [0.022, 0.0, -0.133], [0.026, -0.001, -0.160], [0.029, -0.002, -0.180]),
        *([0.016, -0.002, -0.024], [0.034, -0.003, -0.079], [0.045, -0.004, -0.112], [0.051, -0.005, -0.131]),
        [0.057, -0.006, -0.148],
    ]
)
NAILS = ((-0.72, 0.31, 0.62), (-0.03, 1, 0), (0.02, 1, 0), (0.1, 1, 0), (0.22, 0.97, 0))
"""Where the back of each finger looks."""
# Metres: the radius at each joint of thumb to little finger; the first is the palm's.
RADII = (
    (0.0150, 0.0128, 0.0108, 0.0072),
    (0.0125, 0.0112, 0.0094, 0.0084, 0.0060),
    (0.0125, 0.0114, 0.0096, 0.0086, 0.0062),
    (0.0120, 0.0106, 0.0090, 0.0080, 0.0058),
    (0.0115, 0.0098, 0.0080, 0.0071, 0.0052),
)
TIP = 0.0045  # metres by which the flesh ends before the tip's joint, so that the round end reaches it
WRIST = ((-0.013, 0.0, 0.014), (0.013, 0.0, 0.014), 0.0155)
MELT_PALM, MELT_FINGER, MELT_WEB = 0.014, 0.0016, 0.0075
FOLLOW = 0.0032  # metres over which a vertex passes from one joint to the next


@lru_cache(maxsize=1)
def capsule_hand() -> HandMesh:
    """The hand at rest, made once."""
    bind = _frames()
    low, high = PLACES.min(axis=0) - 0.026, PLACES.max(axis=0) + 0.026
    high[2] = 0.042
    axes = [np.arange(a, b, CELL) for a, b in zip(low, high, strict=True)]
    grid = np.stack(np.meshgrid(*axes, indexing="ij"), -1)
    field = _distance(grid.reshape(-1, 3)).reshape(grid.shape[:3])
    vertices, faces = _surface_net(field, low)
    for _ in range(2):
        vertices -= _distance(vertices)[:, None] * _gradient(vertices)
    normals = _gradient(vertices)
    return HandMesh(
        vertices.astype(np.float32), normals.astype(np.float32), faces, _weights(vertices), bind.astype(np.float32)
    )


def _frames() -> Array:
    """(25, 4, 4) the joints' frames at rest."""
    frames = np.tile(np.eye(4), (JOINTS, 1, 1))
    for chain, back in zip(CHAINS, NAILS, strict=True):
        for place, joint in enumerate(chain):
            ahead = chain[min(place + 1, len(chain) - 1)]
            behind = joint if ahead != joint else chain[place - 1]
            z = -unit(PLACES[ahead] - PLACES[behind])
            y = np.array(back, dtype=float)
            y = unit(y - z * (y @ z))
            frames[joint, :3, :3] = np.stack([np.cross(y, z), y, z], 1)
            frames[joint, :3, 3] = PLACES[joint]
    return frames


def _capsules() -> list[tuple[list[tuple[Array, Array, float, float]], float]]:
    """The palm, then each finger: its capsules (both ends and their radii), and how far they melt into each other."""
    palm = [(PLACES[chain[0]], PLACES[chain[1]], RADII[k][0], RADII[k][1]) for k, chain in enumerate(CHAINS)]
    wrist = [np.array(end) for end in WRIST[:2]]
    palm += [(wrist[0], PLACES[5], WRIST[2], RADII[1][0]), (wrist[1], PLACES[20], WRIST[2], RADII[4][0])]
    palm += [(wrist[0], wrist[1], WRIST[2], WRIST[2]), (PLACES[6], PLACES[21], RADII[1][1] * 0.9, RADII[4][1] * 0.9)]
    parts = [(palm, MELT_PALM)]
    for radii, chain in zip(RADII, CHAINS, strict=True):
        finger = []
        for place in range(1, len(chain) - 1):
            a, b = PLACES[chain[place]], PLACES[chain[place + 1]]
            if place == len(chain) - 2:
                b = b - TIP * unit(b - a)
            finger.append((a, b, radii[place], radii[place + 1]))
        parts.append((finger, MELT_FINGER))
    return parts


def _capsule(points: Array, a: Array, b: Array, first: float, second: float) -> Array:
    way = b - a
    share = np.clip((points - a) @ way / (way @ way), 0, 1)
    away = points - a - share[:, None] * way
    return np.asarray(np.sqrt(np.einsum("ij,ij->i", away, away)) - (first + share * (second - first)))


def _melt(a: Array, b: Array, width: float) -> Array:
    """The smooth minimum of two distances."""
    share = np.clip(0.5 + 0.5 * (b - a) / width, 0, 1)
    return b + (a - b) * share - width * share * (1 - share)


def _distance(points: Array) -> Array:
    """(n,) metres from the surface at points (n, 3), negative inside."""
    parts = []
    for capsules, width in _capsules():
        whole = _capsule(points, *capsules[0])
        for capsule in capsules[1:]:
            whole = _melt(whole, _capsule(points, *capsule), width)
        parts.append(whole)
    fingers = np.minimum.reduce(parts[1:])
    return _melt(parts[0], fingers, MELT_WEB)


def _gradient(points: Array) -> Array:
    """(n, 3) unit directions out of the surface."""
    step = 4e-4
    ways = [_distance(points + step * way) - _distance(points - step * way) for way in np.eye(3)]
    return unit(np.stack(ways, 1))


def _surface_net(field: Array, low: Array) -> tuple[Array, Array]:
    """Vertices (n, 3) and faces (m, 4) of the surface where a field over a grid is zero.

    Each cell that the surface crosses has one vertex, each edge that it crosses one face between the four cells around.
    """
    inside = field < 0
    corners = [np.s_[i : i + field.shape[0] - 1, j : j + field.shape[1] - 1, k : k + field.shape[2] - 1]
               for i in (0, 1) for j in (0, 1) for k in (0, 1)]  # fmt: skip
    count = np.add.reduce([inside[corner].astype(np.int8) for corner in corners])
    cells = np.argwhere((count > 0) & (count < 8))
    number = np.full(count.shape, -1)
    number[tuple(cells.T)] = np.arange(len(cells))
    vertices = low + (cells + 0.5) * CELL
    faces = []
    for axis in range(3):
        u, v = (axis + 1) % 3, (axis + 2) % 3
        ahead = np.roll(inside, -1, axis)
        crossed = np.argwhere(inside != ahead)
        crossed = crossed[((crossed > 0) & (crossed < np.array(field.shape) - 1)).all(axis=1)]
        quad = []
        for du, dv in ((1, 1), (0, 1), (0, 0), (1, 0)):
            cell = crossed.copy()
            cell[:, u] -= du
            cell[:, v] -= dv
            quad.append(number[tuple(cell.T)])
        face = np.stack(quad, 1)
        outwards = inside[tuple(crossed.T)]
        face[~outwards] = face[~outwards][:, ::-1]
        faces.append(face[(face >= 0).all(axis=1)])
    return vertices, np.concatenate(faces)


def _weights(vertices: Array) -> Array:
    """(n, 25) float32: each vertex follows the bones that are nearest to it."""
    away = np.full((len(vertices), JOINTS), np.inf)
    for radii, chain in zip(RADII, CHAINS, strict=True):
        for place in range(len(chain) - 1):
            a, b = chain[place], chain[place + 1]
            away[:, a] = _capsule(vertices, PLACES[a], PLACES[b], radii[place], radii[place + 1])
    away[:, 0] = _capsule(vertices, np.array([0, 0, 0.03]), np.array([0, 0, -0.02]), 0.03, 0.022)
    near = np.exp(-(away - away.min(axis=1, keepdims=True)) / FOLLOW)
    return np.asarray(near / near.sum(axis=1, keepdims=True), dtype=np.float32)
