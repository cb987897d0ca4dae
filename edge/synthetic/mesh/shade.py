"""The colours of a hand's pixels: skin, nails, ring, sleeve and watch in a scene's light."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from signs_edge.edge.synthetic.mesh.arm import HAND, SLEEVE, WATCH
from signs_edge.edge.synthetic.mesh.hand_mesh import CHAINS, Array, HandMesh, unit
from signs_edge.edge.synthetic.mesh.light import Light, depth_map, light_around, surface_samples
from signs_edge.edge.synthetic.mesh.raster import Surface
from signs_edge.edge.synthetic.mesh.skin import (
    GAMMA,
    Skin,
    back_texture,
    grain_texture,
    palm_texture,
    sample_skin,
    texels,
    to_linear,
)

TEXTURES = 8  # palms and backs to choose from
REACH = 0.34  # metres that a hand and the arm beside it span
SHARP = 110  # cells along the side of the key light's depth map
SLACK = 0.005  # metres that a point may lie under the surface and still be lit by it
SCATTER = np.array([0.3, 0.14, 0.1], np.float32)  # how far light creeps round into the shade, of RGB: skin's red
NAIL_BREADTH = 0.0056  # metres, half of it
RING_SHARE = 0.14
METALS = np.array([[212.0, 175, 90], [190, 190, 195]])


@dataclass(frozen=True)
class Body:
    """A hand with its arm in the camera's frame.

    Attributes:
        points, normals: (n, 3) float32, metres; the hand's first.
        faces: (m, 4) int64.
        material: (m,) int64, of `HAND`, `ARM`, `SLEEVE`, `WATCH`.
        rest: (n, 3) float32, where textures are looked up.
        dorsal: (n,) float32, -1 on the palm's side to 1 on the back.
        hand: how many of the points are the hand's.
    """

    points: Array
    normals: Array
    faces: Array
    material: Array
    rest: Array
    dorsal: Array
    hand: int


@dataclass(frozen=True)
class Look:
    """What a hand looks like; colours linear RGB.

    Attributes:
        skin: its tones.
        texture: which palm and back.
        rough: how strong the texture is.
        ring: the finger with a ring, -1 for none.
        metal: (3,) the ring's colour.
        cloth, trim: (3,) colours of the sleeve, its pattern, and a watch.
        pattern: 0 plain, 1 stripes, 2 checked.
        period: metres of the pattern.
        folds: strength, and three numbers that place them.
    """

    skin: Skin
    texture: int
    rough: float
    ring: int
    metal: Array
    cloth: Array
    trim: Array
    pattern: int
    period: float
    folds: tuple[float, float, float, float]


def sample_look(rng: np.random.Generator) -> Look:
    """Choose skin, ring and sleeve."""
    grey = np.clip(rng.uniform(8, 245) + rng.normal(0, 8, 3), 5, 250)
    return Look(
        skin=sample_skin(rng),
        texture=int(rng.integers(TEXTURES)),
        rough=float(rng.uniform(0.3, 1.6)),
        ring=int(rng.integers(1, 5)) if rng.random() < RING_SHARE else -1,
        metal=to_linear(METALS[int(rng.integers(2))] * rng.uniform(0.7, 1.2)),
        cloth=to_linear(rng.uniform(5, 250, 3) if rng.random() < 0.5 else grey),
        trim=to_linear(rng.uniform(5, 250, 3)),
        pattern=int(rng.choice(3, p=[0.7, 0.2, 0.1])),
        period=float(rng.uniform(0.008, 0.04)),
        folds=(*(float(value) for value in rng.uniform((0, 60, 30, 0), (0.35, 220, 90, 6))),),  # type: ignore[arg-type]
    )


class HandLook:
    """Textures and the places of nails and rings of one mesh, made once."""

    def __init__(self, mesh: HandMesh, finger: Array) -> None:
        self.finger = finger
        self.palms = [palm_texture(mesh.bind, np.random.default_rng((7, k, 0))) for k in range(TEXTURES)]
        self.backs = [back_texture(mesh.bind, np.random.default_rng((7, k, 1))) for k in range(TEXTURES)]
        self.grain = grain_texture(np.random.default_rng(8))
        self.last = [np.linalg.inv(mesh.bind[chain[-2]]) for chain in CHAINS]
        self.base = [np.linalg.inv(mesh.bind[chain[1]]) for chain in CHAINS]
        ends = [mesh.bind[list(chain[-2:]), :3, 3] for chain in CHAINS]
        self.length = [float(np.linalg.norm(end[1] - end[0])) for end in ends]


def shade_hand(model: HandLook, body: Body, surface: Surface, light: Light, look: Look) -> Array:
    """(p, 3) float32 RGB 0..1, as a camera gives it, of the pixels that show a body."""
    around = light_around(
        light, body.points, body.normals, surface_samples(body.points, body.faces, dense=False), REACH
    )
    values = surface.between(
        np.concatenate([body.points, body.normals, body.rest, body.dorsal[:, None], around], axis=1)
    )
    points, normals, rest, dorsal, soft = np.split(values, [3, 6, 9, 10], axis=1)
    normals = unit(normals).astype(np.float32)
    middle = body.points[: body.hand].mean(axis=0)
    shadow = depth_map(surface_samples(body.points, body.faces, dense=True), middle, light.key, (SHARP, REACH), SLACK)
    lit = shadow.lit_softly(points + normals * np.float32(0.002))
    albedo = _albedo(model, body, surface, look, rest, dorsal)
    return camera_colour(albedo, soft, light, normals, lit, SCATTER)


def camera_colour(albedo: Array, soft: Array, light: Light, normals: Array, lit: Array, scatter: Array) -> Array:
    """(p, 3) float32 RGB 0..1 as a camera gives it.

    Args:
        albedo: (p, 3) linear RGB of the surface.
        soft: (p, 3) light from all around.
        light: the key light and the exposure.
        normals: (p, 3).
        lit: (p,) the share of the key light that is not hidden.
        scatter: (3,) or (p, 3) how far light creeps round into the shade.
    """
    direct = np.clip(((normals @ light.key)[:, None] + scatter) / (1 + scatter), 0, None) * lit[:, None]
    half = unit(light.key - np.array([0, 0, 1], np.float32))
    shine = light.gloss * np.clip(normals @ half, 0, 1) ** 24 * lit
    seen = albedo * (soft + direct * light.key_colour) + shine[:, None] * light.key_colour
    return np.asarray(np.clip(seen * light.gain, 0, 1) ** (1 / GAMMA), dtype=np.float32)


def _albedo(model: HandLook, body: Body, surface: Surface, look: Look, rest: Array, dorsal: Array) -> Array:
    material = body.material[surface.face]
    back, palm = to_linear(look.skin.back), to_linear(look.skin.palm)
    share = np.clip(0.5 - 0.9 * dorsal, 0, 1)
    row, column = texels(rest)
    palmar, rear = (side[look.texture][row, column][:, None] for side in (model.palms, model.backs))
    texture = np.where(
        material[:, None] == HAND, palmar * share + rear * (1 - share), model.grain[row, column][:, None]
    )
    colour = (back + share * (palm - back)) * np.clip((texture - 1) * np.float32(look.rough) + 1, 0.2, 2)
    finger = np.full(len(rest), -1)
    hand = material == HAND
    finger[hand] = model.finger[surface.face[hand]]
    _paint_fingers(model, colour, finger, rest, look)
    _dress(colour, material, rest, look)
    return np.asarray(np.clip(colour, 0.001, 1), dtype=np.float32)


def _paint_fingers(model: HandLook, colour: Array, finger: Array, rest: Array, look: Look) -> None:
    """Nails, redder fingertips and a ring, in place."""
    nails = to_linear(look.skin.nails)
    for number, (last, length) in enumerate(zip(model.last, model.length, strict=True)):
        mine = np.nonzero(finger == number)[0]
        place = rest[mine] @ last[:3, :3].T + last[:3, 3]
        along = -place[:, 2] / length
        nail = (place[:, 1] > 0.0015) & (((along - 0.75) / 0.48) ** 4 + (place[:, 0] / NAIL_BREADTH) ** 4 < 1)
        colour[mine[nail]] = nails
        colour[mine] *= 1 + np.clip(along, 0, 1)[:, None] * np.array([0.07, -0.06, -0.06], np.float32)
        if number == look.ring:
            base = model.base[number]
            along_base = -(rest[mine] @ base[:3, :3].T + base[:3, 3])[:, 2]
            colour[mine[np.abs(along_base - 0.02) < 0.0022]] = look.metal


def _dress(colour: Array, material: Array, rest: Array, look: Look) -> None:
    """Sleeve and watch, in place."""
    sleeve = np.nonzero(material == SLEEVE)[0]
    u, v = rest[sleeve, 0], rest[sleeve, 2]
    cloth = np.tile(look.cloth, (len(sleeve), 1))
    across, along = np.floor(u / look.period).astype(np.int64), np.floor(v / look.period).astype(np.int64)
    if look.pattern:
        cloth[(along + (across if look.pattern == 2 else 0)) % 2 == 0] = look.trim
    strength, fine, bend, start = look.folds
    cloth *= (1 + strength * np.sin(v * fine + 3 * np.sin(u * bend) + start))[:, None]
    colour[sleeve] = cloth
    colour[material == WATCH] = look.trim
