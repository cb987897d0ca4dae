"""Light: a key light that casts shadows, and light from all around; linear RGB, in the camera's frame."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from signs_edge.edge.synthetic.mesh.hand_mesh import Array, unit

AROUND = 11  # directions from which the light of the surroundings comes
COARSE = 64  # cells along the side of a depth map for them
HIDDEN = 0.02  # shares of the depth map's span that a point may lie under the surface and still be lit
SOFT = ((-0.9, -0.4), (0.4, -0.9), (0.9, 0.4), (-0.4, 0.9))  # cells by which a soft shadow's samples are moved
# How a triangle's or quadrangle's corners are mixed to sample its surface.
MIXES = np.array([[1, 1, 1, 1], [4, 1, 1, 0], [1, 4, 0, 1], [0, 1, 4, 1], [1, 0, 1, 4], [2, 2, 0, 0], [0, 0, 2, 2]])
MIXES = (MIXES / MIXES.sum(axis=1, keepdims=True)).astype(np.float32)


@dataclass(frozen=True)
class Light:
    """What lights a scene; x right, y down, z away from the camera.

    Attributes:
        kind: `room`, `side` (half of the hand is dark), `behind` or `screen`.
        key: (3,) direction to the key light, unit length.
        key_colour: (3,) linear RGB; 1 is as bright as a white surface may be.
        around: (11, 3) directions of the other light.
        around_colour: (11, 3) linear RGB.
        flat: light that reaches every point, however hidden.
        exposure: how bright a white thing becomes, linear; above 1 it is over-exposed.
        gloss: strength of highlights.
    """

    kind: str
    key: Array
    key_colour: Array
    around: Array
    around_colour: Array
    flat: float
    exposure: float
    gloss: float

    @property
    def gain(self) -> float:
        """The factor that brings a white thing to the exposure."""
        level = float(self.around_colour.mean()) + self.flat + 0.35 * float(self.key_colour.mean())
        return self.exposure / level


def sample_light(rng: np.random.Generator) -> Light:
    """Choose daylight from above, a window or lamp to one side, back light or a screen; from dim to over-exposed."""
    kind = str(rng.choice(["room", "side", "behind", "screen"], p=[0.48, 0.36, 0.08, 0.08]))
    key = np.array([rng.normal(0, 0.8), -abs(rng.normal(0.5, 0.5)), -abs(rng.normal(0.6, 0.5))])
    strength = rng.uniform(0.2, 1.2)
    if kind == "side":
        key = np.array([rng.choice([-1, 1]) * rng.uniform(0.7, 1), rng.normal(-0.2, 0.3), rng.normal(-0.1, 0.35)])
        strength = rng.uniform(1.2, 4.0)
    elif kind == "behind":
        key = np.array([rng.normal(0, 0.6), -abs(rng.normal(0.4, 0.3)), rng.uniform(0.3, 0.9)])
        strength = rng.uniform(0.6, 2.5)
    elif kind == "screen":
        key = np.array([rng.normal(0, 0.3), rng.normal(0.1, 0.3), -1.0])
        strength = rng.uniform(0.8, 2.5)
    coloured = 0.4 if rng.random() < 0.12 else 0.25 if kind == "screen" else 0.1
    around = _directions(rng)
    toward = around @ np.array([rng.normal(0, 0.5), -0.6, rng.normal(-0.3, 0.5)])
    bright = np.clip(0.75 + toward * rng.uniform(0.1, 0.9), 0.05, None)[:, None]
    up = np.clip(0.5 - 0.5 * around[:, 1:2], 0, 1)
    colours = bright * (up * _tint(rng, 0.1) + (1 - up) * _tint(rng, 0.12) * 0.8)
    return Light(
        kind=kind,
        key=unit(key).astype(np.float32),
        key_colour=(strength * _tint(rng, coloured)).astype(np.float32),
        around=around,
        around_colour=colours.astype(np.float32),
        flat=float(rng.uniform(0.04, 0.16)),
        exposure=_exposure(rng),
        gloss=float(rng.uniform(0.02, 0.25)) if rng.random() < 0.7 else 0.0,
    )


def _exposure(rng: np.random.Generator) -> float:
    chance = rng.random()
    if chance < 0.1:
        return float(rng.uniform(1.0, 2.2))
    if chance < 0.22:
        return float(rng.uniform(0.1, 0.3))
    return float(np.exp(rng.normal(np.log(0.62), 0.28)))


def _tint(rng: np.random.Generator, strength: float) -> Array:
    """(3,) RGB about 1, warmer or cooler."""
    warm = rng.normal(0, strength)
    return np.asarray(np.clip(np.array([1 + warm, 1 + 0.15 * warm + rng.normal(0, strength / 4), 1 - warm]), 0.3, 1.9))


def _directions(rng: np.random.Generator) -> Array:
    """(11, 3) float32 directions spread evenly over the sphere (a Fibonacci lattice), turned at random."""
    k = np.arange(AROUND) + 0.5
    polar, turn = np.arccos(1 - 2 * k / AROUND), np.pi * (1 + 5**0.5) * k
    points = np.stack([np.sin(polar) * np.cos(turn), np.sin(polar) * np.sin(turn), np.cos(polar)], 1)
    turned, _ = np.linalg.qr(rng.normal(size=(3, 3)))
    return np.asarray(points @ turned, dtype=np.float32)


@dataclass(frozen=True)
class DepthMap:
    """How far from a light a body's nearest surface is.

    Attributes:
        frame: (3, 3) float32 from the camera's frame to the map's cells.
        origin: (3,) the place in the map's middle.
        depth: (side, side) float32 in cells.
        slack: cells that a point may lie under the surface and still be lit.
    """

    frame: Array
    origin: Array
    depth: Array
    slack: float

    def lit(self, points: Array) -> Array:
        """(n,) float32, 1 where the light reaches points (n, 3), else 0."""
        at = (points - self.origin) @ self.frame
        return (at[:, 2] < self._depth_at(at, (0.0, 0.0)) + self.slack).astype(np.float32)

    def lit_softly(self, points: Array) -> Array:
        """(n,) float32, the share of the light that reaches points (n, 3), with a soft edge."""
        at = (points - self.origin) @ self.frame
        share = sum((at[:, 2] < self._depth_at(at, move) + self.slack).astype(np.float32) for move in SOFT)
        return np.asarray(share / np.float32(len(SOFT)))

    def _depth_at(self, at: Array, move: tuple[float, float]) -> Array:
        side = self.depth.shape[0]
        x, y = (np.clip((at[:, k] + (side / 2 + move[k])).astype(np.int32), 0, side - 1) for k in (0, 1))
        return np.asarray(self.depth[y, x])


def depth_map(samples: Array, origin: Array, way: Array, span: tuple[int, float], slack: float) -> DepthMap:
    """Look at a body from a far light.

    Args:
        samples: (k, 3) places on its surface.
        origin: (3,) the middle of what is looked at.
        way: (3,) direction to the light.
        span: cells along the map's side, and the metres that they span.
        slack: metres that a point may lie under the surface and still be lit.
    """
    side, reach = span
    helper = np.array([0, 1, 0.01]) if abs(way[1]) < 0.9 else np.array([1, 0.01, 0])
    across = unit(np.cross(way, helper))
    frame = (np.stack([across, np.cross(way, across), -way], 1) * (side / reach)).astype(np.float32)
    at = (samples - origin) @ frame
    x, y = (at[:, 0] + side / 2).astype(np.int32), (at[:, 1] + side / 2).astype(np.int32)
    inside = (x >= 0) & (x < side) & (y >= 0) & (y < side)
    flat = np.full(side * side, 1e6, np.float32)
    np.minimum.at(flat, y[inside] * side + x[inside], at[inside, 2])
    depth = flat.reshape(side, side)
    depth = np.where(depth < 1e5, depth, cv2.erode(depth, np.ones((3, 3), np.uint8)))  # closes holes of a cell
    return DepthMap(frame, origin, depth, slack * side / reach)


def surface_samples(points: Array, faces: Array, dense: bool) -> Array:
    """(k, 3) float32 places on faces (m, 4): all corners and the middles of diagonals, or seven for each face."""
    if not dense:
        return np.concatenate([points, (points[faces[:, 0]] + points[faces[:, 2]]) * np.float32(0.5)])
    return np.asarray(MIXES @ points[faces]).reshape(-1, 3)


def light_around(light: Light, points: Array, normals: Array, samples: Array, reach: float, every: int = 1) -> Array:
    """Light from all around at vertices, less what the body hides from them.

    Args:
        light: the light.
        points: (n, 3) float32 vertices.
        normals: (n, 3) float32.
        samples: (k, 3) float32 places on the body's surface.
        reach: metres that the body spans.
        every: of the directions, one in so many is looked at; quicker and coarser.

    Returns:
        (n, 3) float32 linear RGB.
    """
    origin = points.mean(axis=0)
    total = np.zeros((len(points), 3), np.float32)
    ways, colours = light.around[::every], light.around_colour[::every]
    for way, colour in zip(ways, colours, strict=True):
        lit = depth_map(samples, origin, way, (COARSE, reach), HIDDEN * reach).lit(points)
        total += (np.clip(normals @ way, 0, None) * lit)[:, None] * colour
    return total * np.float32(4.0 / len(ways)) + np.float32(light.flat)
