"""Skin: its tones, the palm's colour, and textures with creases, knuckles and veins."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from signs_edge.edge.synthetic.mesh.hand_mesh import CHAINS, Array

# RGB 0..255 of skin, from very light to very dark.
TONES = np.array(
    [
        *([255, 224, 196], [241, 194, 165], [229, 180, 143], [214, 158, 122], [198, 134, 98]),
        *([164, 108, 76], [141, 85, 56], [112, 66, 44], [84, 52, 38], [62, 40, 30]),
    ],
    dtype=float,
)
DARKEST = len(TONES) - 1.0
PALM, NAIL = np.array([228.0, 168.0, 143.0]), np.array([245.0, 205.0, 195.0])
VARNISH_SHARE = 0.12
TEXELS, SPAN = 256, 0.26  # pixels and metres of a texture's side
GAMMA = 2.2


def to_linear(colour: Array) -> Array:
    """Linear RGB 0..1, float32, of RGB 0..255."""
    return np.asarray((np.clip(np.asarray(colour, dtype=float), 0, 255) / 255).astype(np.float32) ** np.float32(GAMMA))


@dataclass(frozen=True)
class Skin:
    """A person's skin; colours are RGB 0..255.

    Attributes:
        tone: 0 (very light) to 9 (very dark).
        back: (3,) of the back of the hand.
        palm: (3,) of the palm.
        nails: (3,).
    """

    tone: float
    back: Array
    palm: Array
    nails: Array


def sample_skin(rng: np.random.Generator, least: float = 0.0, most: float = DARKEST) -> Skin:
    """Choose a skin between two tones, each as often as the others."""
    tone = float(rng.uniform(least, most))
    low = min(int(tone), len(TONES) - 2)
    back = TONES[low] + (tone - low) * (TONES[low + 1] - TONES[low])
    back = back * np.clip(rng.normal(1, (0.05, 0.035, 0.05)), 0.85, 1.15)
    share = float(np.clip(rng.normal(0.5, 0.12), 0.2, 0.75))
    palm = back * (1 - share) + share * PALM * (back.mean() / 230) ** rng.uniform(0.2, 0.5)
    nails = rng.uniform(20, 255, 3) if rng.random() < VARNISH_SHARE else 0.6 * back + 0.4 * NAIL
    return Skin(tone, *(np.clip(colour, 5, 255).astype(np.float32) for colour in (back, palm, nails)))


def texels(places: Array) -> tuple[Array, Array]:
    """Row (n,) and column (n,) on a texture of places (n, 3) of the hand at rest; it repeats beyond its borders."""
    column, row = places[:, 0] * (TEXELS / SPAN) + TEXELS / 2, (places[:, 2] + 0.2) * (TEXELS / SPAN)
    return np.floor(row).astype(np.int64) % TEXELS, np.floor(column).astype(np.int64) % TEXELS


def grain_texture(rng: np.random.Generator) -> Array:
    """(256, 256) float32 factors about 1: uneven skin without creases."""
    picture = np.ones((TEXELS, TEXELS), np.float32)
    for cells, strength in ((8, 0.05), (24, 0.035), (90, 0.03), (TEXELS, 0.02)):
        spots = rng.normal(0, strength, (cells, cells)).astype(np.float32)
        picture += cv2.resize(spots, (TEXELS, TEXELS), interpolation=cv2.INTER_CUBIC)
    return picture


def palm_texture(bind: Array, rng: np.random.Generator) -> Array:
    """(256, 256) float32 factors: a palm with its creases, over x and z of the hand at rest."""
    at, lines = _places(bind), np.zeros((TEXELS, TEXELS), np.float32)
    for chain in CHAINS[1:]:
        for joint, beside in ((chain[1], chain[2]), (chain[2], chain[1]), (chain[3], chain[2])):
            middle = at[joint] if joint != chain[1] else at[joint] * 0.55 + at[beside] * 0.45
            _across(lines, middle, at[beside] - at[joint], (9.0, rng.uniform(0.5, 1.0)), 2)
    index, little, wrist, thumb = at[CHAINS[1][1]], at[CHAINS[4][1]], at[0], at[CHAINS[0][1]]
    for share, bow in ((0.22, 8), (0.45, -6)):
        a, b = index + (wrist - index) * (share - 0.05), little + (wrist - little) * share
        _curve(lines, (a, (a + b) / 2 + np.array([0, bow]), b), rng.uniform(0.5, 1))
    inner = index * 0.3 + little * 0.3 + wrist * 0.4 + (thumb - wrist) * 0.2
    _curve(lines, (index + (wrist - index) * 0.3, inner, wrist + np.array([2, -6])), rng.uniform(0.5, 1))
    return _engraved(lines, rng)


def back_texture(bind: Array, rng: np.random.Generator) -> Array:
    """(256, 256) float32 factors: a hand's back with knuckles and veins, over x and z of the hand at rest."""
    at, lines = _places(bind), np.zeros((TEXELS, TEXELS), np.float32)
    for chain in CHAINS[1:]:
        for joint, beside in ((chain[2], chain[1]), (chain[3], chain[2])):
            way = at[beside] - at[joint]
            for _ in range(3):
                shift = way / np.linalg.norm(way) * rng.normal(0, 2.2)
                _across(lines, at[joint] + shift, way, (rng.uniform(5, 7), rng.uniform(0.2, 0.6)), 1)
    for _ in range(4):
        a, b = at[0] + rng.normal(0, 10, 2), at[CHAINS[int(rng.integers(1, 5))][1]] + rng.normal(0, 5, 2)
        _curve(lines, (a, (a + b) / 2 + rng.normal(0, 6, 2), b), rng.uniform(0, 0.35))
    return _engraved(lines, rng)


def _places(bind: Array) -> Array:
    """(25, 2) column and row of the joints on a texture."""
    row, column = texels(bind[:, :3, 3])
    return np.stack([column, row], 1).astype(float)


def _across(lines: Array, middle: Array, way: Array, half_and_strength: tuple[float, float], width: int) -> None:
    """A line across a direction: half its length in pixels and its strength."""
    half, strength = half_and_strength
    side = np.array([-way[1], way[0]]) / max(float(np.linalg.norm(way)), 1e-6) * half
    a, b = (np.round((middle + sign * side) * 8).astype(int).tolist() for sign in (-1, 1))
    cv2.line(lines, a, b, float(strength), width, cv2.LINE_AA, 3)


def _curve(lines: Array, bends: tuple[Array, Array, Array], strength: float) -> None:
    """A quadratic Bézier curve."""
    t = np.linspace(0, 1, 14)[:, None]
    points = (1 - t) ** 2 * bends[0] + 2 * t * (1 - t) * bends[1] + t**2 * bends[2]
    cv2.polylines(lines, [np.round(points * 8).astype(np.int32)], False, float(strength), 2, cv2.LINE_AA, 3)


def _engraved(lines: Array, rng: np.random.Generator) -> Array:
    soft = np.clip(cv2.GaussianBlur(lines, (0, 0), 0.9), 0, 1)
    return np.asarray(grain_texture(rng) * (1 - soft * np.float32(rng.uniform(0.15, 0.5))), dtype=np.float32)
