"""The build of a hand, the arm that it ends, and the sleeve or watch on it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from signs_edge.edge.synthetic.mesh.hand_mesh import CHAINS, JOINTS, Array

HAND, ARM, SLEEVE, WATCH = range(4)
"""What a face is made of."""

AROUND = 20  # vertices around a tube
# Metres along the arm from the wrist, and the arm's half breadth and half thickness there.
PLACES = np.array([-0.014, 0.015, 0.05, 0.1, 0.17, 0.24, 0.4])
BREADTH = np.array([0.0255, 0.0265, 0.028, 0.033, 0.041, 0.044, 0.042])
THICKNESS = np.array([0.0175, 0.018, 0.0205, 0.026, 0.034, 0.039, 0.04])
SLEEVE_SHARE, WATCH_SHARE = 0.62, 0.13


@dataclass(frozen=True)
class Tubes:
    """An arm and what is worn on it, in the wrist's frame.

    Attributes:
        vertices, normals: (n, 3) float32, metres.
        faces: (m, 4) int64; seen from both sides.
        material: (m,) int64, of `ARM`, `SLEEVE` and `WATCH`.
        texture: (n, 3) float32, places on the unrolled tube, metres.
    """

    vertices: Array
    normals: Array
    faces: Array
    material: Array
    texture: Array


def sample_build(rng: np.random.Generator) -> Array:
    """(25, 3) float32 factors on each joint's breadth, thickness and length."""
    scales = np.ones((JOINTS, 3))
    palm = rng.normal(1, (0.07, 0.08, 0.05))
    scales[0] = palm
    longer, thicker = rng.normal(1, 0.07), float(np.clip(rng.normal(1, 0.1), 0.8, 1.28))
    for finger, chain in enumerate(CHAINS):
        own, tip = rng.normal(1, 0.035), rng.normal(1, 0.05)
        scales[list(chain)] = (thicker, thicker, longer * own)
        if finger:
            scales[chain[0]] = palm
        scales[chain[-1], 0] *= tip
    return np.clip(scales, 0.7, 1.4).astype(np.float32)


def sample_arm(build: Array, rng: np.random.Generator) -> Tubes:
    """An arm as broad as the hand's build asks; on most a sleeve, on some a watch or bracelet."""
    wide = 0.5 + 0.5 * float(build[0, 0])
    breadth, thickness = BREADTH * wide * rng.normal(1, 0.05), THICKNESS * wide * rng.normal(1, 0.05)
    parts = [_tube(PLACES, breadth, thickness, ARM)]
    chance = rng.random()
    if chance < SLEEVE_SHARE:
        start, wider = float(rng.choice([rng.uniform(-0.005, 0.05), rng.uniform(0.05, 0.2)])), rng.uniform(1.1, 1.55)
        along = np.array([start, start, start + 0.008, start + 0.05, start + 0.12, 0.42])
        grow = np.array([1.0, wider, wider * rng.uniform(1.0, 1.06), wider, wider, wider])
        a, b = np.interp(along, PLACES, breadth), np.interp(along, PLACES, thickness)
        middle = 0.3 * (a + b) * grow  # cloth is rounder than the arm
        parts.append(_tube(along, middle + 0.4 * a * grow, middle + 0.4 * b * grow, SLEEVE))
    elif chance < SLEEVE_SHARE + WATCH_SHARE:
        start, broad = rng.uniform(0.008, 0.035), rng.choice([0.004, 0.012, 0.024])
        along, grow = start + np.array([0, 0, 1, 1]) * broad, np.array([1.0, 1.07, 1.07, 1.0])
        a, b = np.interp(along, PLACES, breadth), np.interp(along, PLACES, thickness)
        parts.append(_tube(along, a * grow, b * grow, WATCH))
    return _joined(parts)


def _joined(parts: list[Tubes]) -> Tubes:
    starts = np.cumsum([0, *(len(part.vertices) for part in parts)])
    faces = [part.faces + start for part, start in zip(parts, starts.tolist(), strict=False)]
    vertices, normals, material, texture = (
        np.concatenate([getattr(part, name) for part in parts])
        for name in ("vertices", "normals", "material", "texture")
    )
    return Tubes(vertices, normals, np.concatenate(faces), material, texture)


def _tube(places: Array, breadth: Array, thickness: Array, material: int) -> Tubes:
    turn = np.linspace(0, 2 * np.pi, AROUND, endpoint=False)
    cos, sin = np.cos(turn), np.sin(turn)
    along = np.repeat(places[:, None], AROUND, axis=1)
    vertices = np.stack([np.outer(breadth, cos), np.outer(thickness, sin), along], -1)
    normals = np.stack([cos / breadth[:, None], sin / thickness[:, None], 0 * along], -1)
    normals /= np.linalg.norm(normals, axis=-1, keepdims=True)
    texture = np.stack([breadth.mean() * turn + 0 * along, vertices[..., 1], along], -1)
    rows, columns = np.meshgrid(np.arange(len(places) - 1), np.arange(AROUND), indexing="ij")
    a, b = rows * AROUND + columns, rows * AROUND + (columns + 1) % AROUND
    faces = np.stack([a, b, b + AROUND, a + AROUND], -1).reshape(-1, 4)
    flat = [array.reshape(-1, 3).astype(np.float32) for array in (vertices, normals, texture)]
    return Tubes(flat[0], flat[1], faces, np.full(len(faces), material), flat[2])
