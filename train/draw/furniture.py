"""What stands in drawn rooms: windows, doors, pictures, shelves; sofas, tables, cupboards, plants."""

from __future__ import annotations

import numpy as np

from signs_edge.edge.synthetic.mesh.hand_mesh import Array
from signs_edge.train.draw.box import Box, some_colour, some_wood

DARK, METAL = np.full(3, 0.012), np.full(3, 0.4)


def furnish(box: Box, rng: np.random.Generator) -> None:
    """Hang things at the back wall, then set others on the floor, the farthest first."""
    for _ in range(int(rng.integers(1, 5))):
        hung = AT_WALL[int(rng.integers(len(AT_WALL)))]
        hung(box, rng, float(rng.uniform(-0.9, 0.5)) * box.half, box.depth - 0.01)
    number = int(rng.integers(1, 6))
    for z in sorted(rng.uniform(0.9, box.depth - 0.2, number).tolist(), reverse=True):
        stood = ON_FLOOR[int(rng.integers(len(ON_FLOOR)))]
        stood(box, rng, float(rng.uniform(-1, 0.7)) * box.half, z)


def _window(box: Box, rng: np.random.Generator, x: float, z: float) -> None:
    wide, tall, y = rng.uniform((0.6, 0.8, -0.8), (1.8, 1.4, -0.2)).tolist()
    frame, bright = some_colour(rng, 150, 250, 4), float(rng.choice([0.05, 1.0, 2.0], p=[0.2, 0.5, 0.3]))
    box.face((x - 0.05, y - 0.05, z), wide + 0.1, tall + 0.1, frame)
    box.face((x, y, z), wide, tall, bright * np.array([0.9, 0.95, 1.0]))
    if rng.random() < 0.6:
        box.face(
            (x, y + tall * float(rng.uniform(0.4, 0.8)), z), wide, tall * 0.2, bright * some_colour(rng, 60, 160, 30)
        )
    for part in range(1, int(rng.integers(1, 4))):
        box.face((x + wide * part / 3, y, z), 0.04, tall, frame)
    if rng.random() < 0.25:  # a blind
        for down in np.arange(0, tall, 0.06).tolist():
            box.face((x, y + down, z), wide, 0.03, frame * 0.9)


def _door(box: Box, rng: np.random.Generator, x: float, z: float) -> None:
    colour, top = some_wood(rng) if rng.random() < 0.5 else some_colour(rng, 120, 250, 6), box.floor - 2.05
    box.face((x - 0.07, top - 0.07, z), 0.99, 2.12, colour * 0.8)
    box.face((x, top, z), 0.85, 2.05, colour)
    for down in (0.15, 1.15):
        box.face((x + 0.12, top + down, z), 0.6, 0.75, colour * 0.85)
    box.face((x + 0.76, top + 1.0, z), 0.05, 0.02, METAL)


def _picture(box: Box, rng: np.random.Generator, x: float, z: float) -> None:
    wide, tall, y = rng.uniform((0.2, 0.2, -0.7), (0.9, 0.8, 0.1)).tolist()
    box.face((x, y, z), wide, tall, some_colour(rng, 5, 120))
    box.face((x + 0.03, y + 0.03, z), wide - 0.06, tall - 0.06, some_colour(rng, 120, 250))
    for a, b, c, d in rng.uniform(0.05, 0.6, (int(rng.integers(1, 7)), 4)).tolist():
        room = (wide * (1 - a) - 0.03, tall * (1 - b) - 0.03)
        box.face((x + a * wide, y + b * tall, z), c * room[0], d * room[1], some_colour(rng, 10, 250, 40))


def _poster(box: Box, rng: np.random.Generator, x: float, z: float) -> None:
    wide, tall, y = rng.uniform((0.4, 0.5, -0.8), (0.8, 1.0, 0.0)).tolist()
    box.face((x, y, z), wide, tall, some_colour(rng, 20, 250, 40))
    for down in np.arange(0.08, tall - 0.08, 0.07).tolist():
        box.face((x + 0.05, y + down, z), float(rng.uniform(0.1, wide - 0.1)), 0.03, some_colour(rng, 10, 250, 30))


def _shelf(box: Box, rng: np.random.Generator, x: float, z: float) -> None:
    wide, step, y = rng.uniform((0.6, 0.28, -0.9), (2.0, 0.38, -0.2)).tolist()
    rows, wood = int(rng.integers(1, 6)), some_wood(rng) if rng.random() < 0.6 else some_colour(rng, 180, 250, 4)
    if rng.random() < 0.6:
        box.face((x, y - 0.05, z), wide, rows * step + 0.05, wood * 0.5)
    for row in range(1, rows + 1):
        base, at = y + row * step, x + 0.03
        while at < x + wide - 0.06:
            kind, thick, tall = rng.uniform((0, 0.015, 0.5), (1, 0.06, 0.9)).tolist()
            if kind < 0.8:  # a book
                box.face((at, base - tall * step, z), thick, tall * step, some_colour(rng, 10, 245, 38))
            elif kind < 0.88:
                thick *= 4
                box.face((at, base - thick, z), thick, thick, some_colour(rng, 10, 245, 30))
            at += thick + 0.004
        box.face((x, base, z), wide, 0.03, wood)


def _curtain(box: Box, rng: np.random.Generator, x: float, z: float) -> None:
    colour, wide, top = some_colour(rng, 30, 245, 25), float(rng.uniform(0.3, 1.2)), box.ceiling + 0.15
    wave = float(rng.uniform(38, 44))
    for along in np.arange(0, wide, 0.05).tolist():
        box.face((x + along, top, z), 0.05, box.floor - top - 0.05, colour * (0.75 + 0.3 * np.sin(along * wave)))


def _sofa(box: Box, rng: np.random.Generator, x: float, z: float) -> None:
    colour, wide = some_colour(rng, 20, 220, 22), float(rng.uniform(1.0, 2.2))
    box.block((x, box.floor - 0.85, z + 0.6), (wide, 0.85, 0.2), colour)
    box.block((x, box.floor - 0.45, z), (wide, 0.45, 0.6), colour)
    for side in (x, x + wide - 0.18):
        box.block((side, box.floor - 0.62, z), (0.18, 0.62, 0.75), colour * 0.95)
    for at in rng.uniform(0.2, wide - 0.5, int(rng.integers(0, 4))).tolist():  # cushions
        box.face((x + at, box.floor - 0.8, z + 0.5), 0.4, 0.38, some_colour(rng, 20, 245, 40))


def _table(box: Box, rng: np.random.Generator, x: float, z: float) -> None:
    wood = some_wood(rng)
    wide, high = rng.uniform((0.7, 0.45), (1.8, 0.78)).tolist()
    for leg in (x + 0.03, x + wide - 0.08):
        box.block((leg, box.floor - high, z + 0.05), (0.05, high, 0.05), wood * 0.7)
    box.block((x, box.floor - high, z), (wide, 0.04, 0.7), wood)
    for _ in range(int(rng.integers(0, 6))):
        along, deep, broad, tall = rng.uniform((0, 0, 0.05, 0.05), (wide - 0.2, 0.4, 0.35, 0.35)).tolist()
        box.block((x + along, box.floor - high - tall, z + deep), (broad, tall, 0.1), some_colour(rng, 8, 245, 30))


def _cupboard(box: Box, rng: np.random.Generator, x: float, z: float) -> None:
    colour = some_wood(rng) if rng.random() < 0.5 else some_colour(rng, 100, 250, 6)
    wide, tall = rng.uniform((0.5, 0.7), (1.6, 2.1)).tolist()
    top, parts = box.floor - tall, int(rng.integers(1, 4))
    box.block((x, top, z), (wide, tall, 0.45), colour)
    for part in range(parts):
        box.face((x + wide * part / parts + 0.02, top + 0.04, z - 0.005), wide / parts - 0.04, tall - 0.1, colour * 0.8)
        box.face((x + wide * (part + 0.85) / parts, top + tall / 2, z - 0.01), 0.02, 0.1, METAL)


def _plant(box: Box, rng: np.random.Generator, x: float, z: float) -> None:
    pot, high = box.floor - 0.3, float(rng.uniform(0.5, 1.5))
    box.block((x, pot, z), (0.3, 0.3, 0.3), some_colour(rng, 40, 230, 25))
    green: Array = np.array([0.028, 0.157, 0.022]) * rng.uniform(0.3, 2.0)
    number = int(rng.integers(12, 50))
    for aside, up, lean, long, wide, shade in np.stack(
        [
            rng.normal(0.15, 0.22, number),
            rng.uniform(0, high, number),
            rng.normal(0, 0.18, number),
            rng.uniform(-0.05, 0.25, number),
            rng.uniform(0.02, 0.05, number),
            rng.uniform(0.4, 1.5, number),
        ],
        axis=1,
    ).tolist():
        root, tip = (x + aside, pot - up, z), (x + aside + lean, pot - up - long, z)
        middle = ((root[0] + tip[0]) / 2, (root[1] + tip[1]) / 2)
        box.quad((root, (middle[0] + wide, middle[1], z), tip, (middle[0] - wide, middle[1], z)), green * shade)


def _chair(box: Box, rng: np.random.Generator, x: float, z: float) -> None:
    colour = some_wood(rng) if rng.random() < 0.4 else some_colour(rng, 8, 200, 25)
    for leg in (x, x + 0.42):
        box.block((leg, box.floor - 0.45, z), (0.04, 0.45, 0.04), colour * 0.6)
    box.block((x, box.floor - 1.0, z + 0.42), (0.46, 0.5, 0.05), colour)
    box.block((x, box.floor - 0.48, z), (0.46, 0.06, 0.45), colour)


def _lamp(box: Box, rng: np.random.Generator, x: float, z: float) -> None:
    top = box.floor - float(rng.uniform(1.2, 1.7))
    box.face((x, top, z), 0.03, box.floor - top, DARK)
    glow = rng.uniform(0.3, 2.0) * np.array([1.0, 0.85, 0.6])
    box.quad(((x - 0.1, top - 0.25, z), (x + 0.13, top - 0.25, z), (x + 0.2, top, z), (x - 0.17, top, z)), glow)


def _bed(box: Box, rng: np.random.Generator, x: float, z: float) -> None:
    box.block((x, box.floor - 1.0, z + 1.0), (1.5, 1.0, 0.06), some_wood(rng))
    box.block((x, box.floor - 0.55, z), (1.5, 0.55, 1.0), some_colour(rng, 60, 250, 20))
    for along in (0.1, 0.8):
        box.block((x + along, box.floor - 0.7, z + 0.6), (0.6, 0.16, 0.3), some_colour(rng, 120, 252, 8))


def _screen(box: Box, rng: np.random.Generator, x: float, z: float) -> None:
    wide, high = rng.uniform((0.4, 0.9), (1.2, 1.4)).tolist()
    y, tall = box.floor - high, wide * 0.6
    box.face((x, y, z), wide, tall, DARK)
    if rng.random() < 0.6:
        box.face((x + 0.02, y + 0.02, z), wide - 0.04, tall - 0.04, some_colour(rng, 20, 250, 50))
    box.block((x - 0.2, y + tall + 0.1, z), (wide + 0.4, 0.5, 0.4), some_wood(rng))


AT_WALL = (_window, _door, _picture, _picture, _shelf, _curtain, _poster)
ON_FLOOR = (_sofa, _table, _cupboard, _plant, _chair, _lamp, _bed, _screen)
