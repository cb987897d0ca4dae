"""What persons look like: skin, face, hair and clothes; which faces of the mesh are there and what colour they have."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from signs_edge.edge.synthetic.mesh.hand_mesh import Array
from signs_edge.edge.synthetic.mesh.skin import TEXELS, Skin, grain_texture, sample_skin, to_linear
from signs_edge.train.draw.people import BODY, CLOTH, EYE, HAIR
from signs_edge.train.draw.shape import PersonModel

HAIRS = np.array(
    [
        *([20.0, 16, 14], [35, 25, 20], [60, 42, 30], [92, 66, 44], [140, 105, 66]),
        *([196, 165, 110], [130, 128, 126], [215, 213, 210], [110, 50, 28]),
    ]
)
HAIR_SHARES = (0.26, 0.2, 0.14, 0.1, 0.08, 0.06, 0.06, 0.05, 0.05)
# Tones of skin by ancestry (African, Asian, European): lightest and darkest.
LIGHTEST, DARKEST = np.array([4.5, 0.8, 0.0]), np.array([9.0, 5.0, 4.0])
# Places on the base mesh, metres.
THROAT, SHOULDERS, COLLAR, HIPS = 0.61, 0.575, 0.7, 0.02
MOUTH, EYES, BROWS, HAIRLINE = (0.0, 0.6775), (0.0311, 0.7288), 0.757, 0.79
TEXTURE = 1500.0  # texels per metre of the skin's grain
IRIS, WHITE = np.array([45.0, 28, 20]), np.array([225.0, 222, 218])


@dataclass(frozen=True)
class PersonLook:
    """A person's skin, hair and clothes; colours are linear RGB, heights and lengths metres on the base mesh.

    Attributes:
        skin: tones.
        hair, lips: (3,) colours.
        length: height below which no long hair hangs; above the head for short hair.
        bald: whether there is no hair.
        beard, brows: how strong, 0..1.
        top, trim, trousers: (3,) colours of the clothes and of the pattern.
        pattern: 0 plain, 1 stripes across, 2 checked, 3 stripes down, 4 a print on the chest.
        period: of the pattern.
        sleeve: where sleeves end along the arm: 0 shoulder, 1 elbow, 2 wrist.
        neckline: height of the collar's front; above `COLLAR` for a high one.
        opening: half the neckline's breadth.
        loose: how far the cloth is from the skin.
        folds: numbers that place the cloth's folds.
    """

    skin: Skin
    hair: Array
    lips: Array
    length: float
    bald: bool
    beard: float
    brows: float
    top: Array
    trim: Array
    trousers: Array
    pattern: int
    period: float
    sleeve: float
    neckline: float
    opening: float
    loose: float
    folds: Array


def _cloth(rng: np.random.Generator) -> Array:
    grey = rng.uniform(8, 240) + rng.normal(0, 9, 3)
    return to_linear(rng.uniform(5, 245, 3) if rng.random() < 0.45 else np.clip(grey, 5, 250))


def sample_person_look(ancestry: Array, rng: np.random.Generator) -> PersonLook:
    """Choose skin that goes with someone's ancestry, hair and clothes."""
    skin = sample_skin(rng, float(ancestry @ LIGHTEST), float(ancestry @ DARKEST))
    sleeves = ((0.1, 0.5), (0.5, 1.0), (1.1, 1.7), (1.85, 2.02))
    return PersonLook(
        skin=skin,
        hair=to_linear(HAIRS[int(rng.choice(len(HAIRS), p=HAIR_SHARES))] * rng.uniform(0.7, 1.2)),
        lips=to_linear(skin.back * np.array([0.9, 0.7, 0.68])),
        length=float(rng.choice([0.9, 0.73, 0.66, 0.56, 0.42], p=[0.5, 0.16, 0.16, 0.12, 0.06])),
        bald=bool(rng.random() < 0.1),
        beard=float(rng.uniform(0.2, 0.9)) if rng.random() < 0.25 else 0.0,
        brows=float(rng.uniform(0.3, 0.9)),
        top=_cloth(rng),
        trim=_cloth(rng),
        trousers=_cloth(rng),
        pattern=int(rng.choice(5, p=[0.52, 0.14, 0.12, 0.08, 0.14])),
        period=float(rng.uniform(0.012, 0.07)),
        sleeve=float(rng.uniform(*sleeves[int(rng.choice(4, p=[0.08, 0.34, 0.14, 0.44]))])),
        neckline=float(rng.uniform(0.5, 0.56)) if rng.random() < 0.8 else 1.0,
        opening=float(rng.uniform(0.07, 0.1)),
        loose=float(rng.uniform(0.007, 0.016)),
        folds=rng.random(8),
    )


def drawn_faces(model: PersonModel, look: PersonLook) -> Array:
    """(k,) the faces that are there: skin that no cloth covers, cloth up to sleeve and collar, hair."""
    x, y, z = model.base.T
    along, beside = model.along_arm, np.hypot(x, 0.8 * z - 0.01)
    cloth_ends = (along > look.sleeve) | ((beside < look.opening) & (y > look.neckline)) | (y > THROAT)
    bare = (beside < look.opening + 0.03) & (y > look.neckline - 0.03)
    covered = ((along < look.sleeve - 0.12) & (along >= 0)) | model.legs
    covered |= model.torso & (along < 0) & (y < SHOULDERS) & ~bare
    corners = [model.faces[:, k] for k in range(4)]
    ends = np.logical_or.reduce([cloth_ends[corner] for corner in corners])
    hidden = np.logical_and.reduce([covered[corner] for corner in corners])
    middle = np.add.reduce([model.base[corner] for corner in corners]) / 4
    fringe = (middle[:, 2] > 0.075) & (middle[:, 1] < 0.80)
    long_hair = ~fringe & (middle[:, 1] > look.length) & (not look.bald) & (look.length < 0.85)
    kind = model.kind
    keep = ((kind == CLOTH) & ~ends) | ((kind == BODY) & ~hidden) | ((kind == HAIR) & long_hair) | (kind == EYE)
    return np.nonzero(keep)[0]


@lru_cache(maxsize=1)
def _grain() -> Array:
    return grain_texture(np.random.default_rng(9))


def person_albedo(look: PersonLook, rest: Array, palmar: Array, kind: Array) -> Array:
    """Colours of a person's pixels.

    Args:
        look: of the person.
        rest: (p, 3) places on the base mesh, metres.
        palmar: (p,) 1 in a palm, 0 elsewhere.
        kind: (p,) `BODY`, `CLOTH`, `HAIR` or `EYE`.

    Returns:
        (p, 3) float32 linear RGB.
    """
    x, y, z = rest.T
    back, palm = to_linear(look.skin.back), to_linear(look.skin.palm)
    row, column = (np.floor(place * TEXTURE).astype(np.int64) % TEXELS for place in (y, x + 0.6 * z))
    grain = _grain()[row, column][:, None]
    colour = (back + palmar[:, None] * (palm - back)) * grain
    hair = look.hair * np.clip(grain * 3 - 2, 0.3, 1.8)
    head = np.nonzero((y > 0.6) & (kind == BODY))[0]
    colour[head] = _face(colour[head], hair[head], look, rest[head])
    eye = np.nonzero(kind == EYE)[0]
    away = np.hypot(np.abs(x[eye]) - EYES[0], y[eye] - EYES[1])
    colour[eye] = np.where((away < 0.0075)[:, None], to_linear(IRIS), to_linear(WHITE))
    colour[kind == HAIR] = hair[kind == HAIR]
    cloth = np.nonzero(kind == CLOTH)[0]
    colour[cloth] = _cloth_colour(look, rest[cloth]) * (0.7 + 0.3 * grain[cloth])
    return np.asarray(np.clip(colour, 0.001, 1), dtype=np.float32)


def _face(colour: Array, hair: Array, look: PersonLook, rest: Array) -> Array:
    """The head's skin (p, 3) with sockets, cheeks, lips, brows, beard and short hair."""
    x, y, z = np.abs(rest[:, 0]), rest[:, 1], rest[:, 2]
    front = z > 0.11
    socket = front & (np.hypot(x - EYES[0], (y - EYES[1]) * 1.3) < 0.021)
    cheek = np.clip(1 - np.hypot(x - 0.045, y - 0.685) / 0.035, 0, 1) * front
    colour = colour * np.where(socket, 0.78, 1)[:, None] * (1 + cheek[:, None] * np.array([0.12, -0.08, -0.06]))
    lips = front & ((x / 0.0235) ** 2 + ((y - MOUTH[1]) / 0.0085) ** 2 < 1)
    arch = y - (BROWS - 2.2 * (x - 0.028) ** 2)
    brows = front & (np.abs(arch) < 0.0042) & (x > 0.012) & (x < 0.052)
    colour = np.where(lips[:, None], look.lips, colour)
    colour = np.where(brows[:, None], colour + look.brows * (0.6 * hair - colour), colour)
    if look.beard:
        chin = np.clip((0.7 - y) / 0.02, 0, 1) * np.clip((y - 0.6) / 0.02, 0, 1) * np.clip((z - 0.03) / 0.03, 0, 1)
        mouth = np.clip(2.2 - np.hypot(x / 0.03, (y - MOUTH[1]) / 0.014), 0, 1) * (y < 0.69) * (y > 0.665)
        beard = np.clip(chin - mouth, 0, 1) * ~lips * look.beard
        colour = colour + beard[:, None] * (hair - colour)
    if not look.bald:
        line = HAIRLINE - 0.06 * np.clip((0.1 - z) / 0.1, -0.3, 1)
        nape = (z < 0.045) & (y > 0.68) & ((z < 0) | (y > 0.73))
        scalp = (y > 0.80) | ((y > line) & (z < 0.1)) | nape
        colour = np.where(scalp[:, None], hair, colour)
    return colour


def _cloth_colour(look: PersonLook, rest: Array) -> Array:
    x, y, z = rest.T
    colour = np.tile(look.top, (len(x), 1))
    across, down = (np.floor(place / look.period).astype(np.int64) % 2 == 0 for place in (x, y))
    f = look.folds
    if look.pattern == 1:
        colour[down] = look.trim
    elif look.pattern == 2:
        colour[down] = 0.5 * (colour[down] + look.trim)
        colour[across] = 0.5 * (colour[across] + look.trim)
    elif look.pattern == 3:
        colour[across] = look.trim
    elif look.pattern == 4:
        print_ = (np.abs(x) < 0.05 + 0.05 * f[0]) & (np.abs(y - 0.32 - 0.1 * f[1]) < 0.03 + 0.07 * f[2])
        colour[(z > 0.05) & print_] = look.trim
    colour[y < HIPS + 0.04 * (f[3] - 0.5)] = look.trousers
    wave = np.sin(x * (25 + 35 * f[4]) + 2 * np.sin(y * (20 + 25 * f[5])) + 6 * f[6]) * np.sin(y * (15 + 25 * f[7]))
    return np.asarray(colour * (1 + (0.03 + 0.19 * f[2]) * wave)[:, None])
