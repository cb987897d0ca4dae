"""A scene of persons drawn before nothing: some show a count, some do not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from signs_edge.edge.arrays import Image
from signs_edge.edge.synthetic.mesh.finish import finish, sample_blur
from signs_edge.edge.synthetic.mesh.hand_mesh import Array, unit
from signs_edge.edge.synthetic.mesh.light import Light, depth_map, light_around, sample_light
from signs_edge.edge.synthetic.mesh.raster import Surface, facing, rasterise
from signs_edge.edge.synthetic.mesh.rotations import about_x, about_y, about_z
from signs_edge.edge.synthetic.mesh.shade import camera_colour
from signs_edge.train.draw.dress import PersonLook, drawn_faces, person_albedo, sample_person_look
from signs_edge.train.draw.limbs import Posture, pose_person
from signs_edge.train.draw.people import BODY, CLOTH, SIDES
from signs_edge.train.draw.posture import sample_posture
from signs_edge.train.draw.shape import PersonModel, sample_shape

FINE = 1.5  # drawn pixels across one of the picture's
PERSONS = (0.76, 0.17, 0.07)  # shares of one, two and three persons
COUNT_SHARES = (0.13, 0.17, 0.17, 0.18, 0.18, 0.17)
NOTHING, BOTH = (0.16, 0.65), (0.18, 0.1)  # shares of the first, and of a further person, that show none or two hands
REACH, SHARP, SLACK = 2.1, 230, 0.016  # metres that a person spans, cells and slack of the key light's depth map
NEAREST, ARM_FREE = 0.12, 0.24  # metres: what is nearer is not drawn; how far hands stay away from the camera
SKIN_SCATTER, OTHER_SCATTER = np.array([0.25, 0.1, 0.07], np.float32), np.full(3, 0.05, np.float32)
TO_CAMERA = np.diag([1.0, -1.0, -1.0])  # from the body's frame: y down, z away


@dataclass(frozen=True)
class Camera:
    """A pinhole camera: focal length and the picture's middle, in drawn pixels."""

    focal: float
    middle: tuple[float, float]

    def project(self, points: Array) -> Array:
        """(n, 3) float32: x and y in drawn pixels, and the distance, of points (n, 3) in the camera's frame."""
        depth = np.maximum(points[:, 2:], 0.05)
        flat = points[:, :2] / depth * self.focal + np.array(self.middle)
        return np.concatenate([flat, points[:, 2:]], axis=1).astype(np.float32)


@dataclass(frozen=True)
class Placed:
    """A person in the camera's frame.

    Attributes:
        look: of the person.
        posture: of the person.
        points, normals: (n, 3) float32, metres.
        pixels: (n, 3) from `Camera.project`.
        faces: (k,) the mesh's faces that are there.
        joints: by side, the hand's joints (25, 3), metres.
        camera: that sees the person.
    """

    look: PersonLook
    posture: Posture
    points: Array
    normals: Array
    pixels: Array
    faces: Array
    joints: dict[str, Array]
    camera: Camera


@dataclass(frozen=True)
class SceneDrawing:
    """A drawn scene.

    Attributes:
        image: RGB (h, w, 3) uint8; the persons' colour where they are, whatever their opacity; 0 elsewhere.
        alpha: (h, w) uint8, their opacity.
        persons: who is there.
        seen: the drawn pixels, `FINE` times as many along a side.
        owner: (p,) of each of those, the number of its person.
        light: that lights them.
    """

    image: Image
    alpha: Image
    persons: tuple[Placed, ...]
    seen: Surface
    owner: Array
    light: Light

    def over(self, background: Image) -> Image:
        """The persons before a background of the picture's size, RGB (h, w, 3) uint8."""
        share = self.alpha[..., None].astype(np.float32) / 255
        return np.asarray((self.image * share + background * (1 - share)).round(), dtype=np.uint8)


def draw_scene(
    model: PersonModel,
    rng: np.random.Generator,
    size: tuple[int, int] = (240, 320),
    shown: dict[str, int] | None = None,
) -> SceneDrawing:
    """Draw a random scene.

    Args:
        model: the base mesh.
        rng: the only source of chance.
        size: (height, width) of the picture.
        shown: counts that the first person shows, by side (`R`, `L`); chosen at random if none are given.
    """
    light = sample_light(rng)
    drawn = (round(size[0] * FINE), round(size[1] * FINE))
    first = _sample_shown(rng, True) if shown is None else shown
    persons = [_place(model, rng, drawn, None, first)]
    for _ in range(int(rng.choice(len(PERSONS), p=PERSONS))):
        persons.append(_place(model, rng, drawn, persons[0].camera, _sample_shown(rng, False)))
    canvas, seen, owner = _paint(model, persons, light, drawn)
    image, alpha = finish(canvas, size, sample_blur(size[0], rng, most=0.04))
    return SceneDrawing(image, alpha, tuple(persons), seen, owner, light)


def _sample_shown(rng: np.random.Generator, first: bool) -> dict[str, int]:
    """By side, the counts that a person shows."""
    counts, chance, side = rng.choice(6, 2, p=COUNT_SHARES).tolist(), rng.random(), str(rng.choice(SIDES))
    nothing, both = NOTHING[not first], BOTH[not first]
    if chance < nothing:
        return {}
    return dict(zip(SIDES, counts, strict=True)) if chance < nothing + both else {side: counts[0]}


def _place(
    model: PersonModel, rng: np.random.Generator, size: tuple[int, int], camera: Camera | None, shown: dict[str, int]
) -> Placed:
    """Choose a person and where it stands; the first one comes without a camera and chooses it too."""
    shape = sample_shape(model, rng)
    posture = sample_posture(shape, shown, rng)
    look = sample_person_look(shape.ancestry, rng)
    points, normals, joints = pose_person(model, shape, posture)
    points = np.where(model.cloth[:, None], points + np.float32(look.loose) * normals, points)
    turn = about_y(rng.normal(0, 14) if rng.random() < 0.88 else rng.uniform(-100, 100))
    if camera is None:
        turn = about_x(float(np.clip(rng.normal(0, 7), -20, 20))) @ about_z(rng.normal(0, 2)) @ turn
    to_camera = (TO_CAMERA @ turn).T.astype(np.float32)
    points, normals = points @ to_camera, normals @ to_camera
    joints = {side: places.astype(np.float32) @ to_camera for side, places in joints.items()}
    farthest = 2.6 if rng.random() < 0.75 else 4.4
    nearest = max(ARM_FREE - float(min(places[:, 2].min() for places in joints.values())), 0.3)
    distance = max(float(np.exp(rng.uniform(np.log(0.5), np.log(farthest)))), nearest)
    tall, wide = size
    head = points[model.head].mean(axis=0)
    if camera is None:
        camera = Camera(wide * float(rng.uniform(0.7, 1.2)), (wide / 2, tall / 2))
        hands = [joints[side].mean(axis=0) for side in shown] or [head + np.array([0, rng.uniform(0, 0.5), 0])]
        share = rng.uniform(0.25, 1) if distance < 1.6 else rng.uniform(0, 0.6)
        aim = head * (1 - share) + hands[int(rng.integers(len(hands)))] * share
        spot = rng.normal((0, -0.08), (0.17, 0.14)) * (wide, tall)
    else:
        aim, spot = head, np.array([rng.uniform(-0.5, 0.5) * wide, rng.normal(-0.15, 0.12) * tall])
    move = np.append(spot * (distance + aim[2]) / camera.focal - aim[:2], distance).astype(np.float32)
    points, joints = points + move, {side: places + move for side, places in joints.items()}
    return Placed(look, posture, points, normals, camera.project(points), drawn_faces(model, look), joints, camera)


def _paint(
    model: PersonModel, persons: list[Placed], light: Light, size: tuple[int, int]
) -> tuple[Array, Surface, Array]:
    """All persons in one picture: (h, w, 4) RGB and opacity, what is seen where, and whose it is."""
    corners, faces = len(model.base), len(model.faces)
    keep = [_in_view(model, person, size) + number * faces for number, person in enumerate(persons)]
    everything = np.concatenate([model.faces + number * corners for number in range(len(persons))])
    seen = rasterise(np.concatenate([person.pixels for person in persons]), everything, np.concatenate(keep), size)
    owner = seen.face // faces
    canvas = np.zeros((*size, 4), np.float32)
    for number, person in enumerate(persons):
        mine = np.nonzero(owner == number)[0]
        if len(mine):
            part = seen.part(mine, number * faces, number * corners)
            canvas[part.where[0], part.where[1], :3] = _shade(model, person, part, light)
            canvas[part.where[0], part.where[1], 3] = 1
    return canvas, seen, owner


def _in_view(model: PersonModel, person: Placed, size: tuple[int, int]) -> Array:
    """The faces that look to the camera and are in the picture."""
    outlines = model.faces[person.faces]
    x, y, z = (np.ascontiguousarray(person.pixels[:, k])[outlines] for k in range(3))
    inside = (_most(x) > 0) & (-_most(-x) < size[1]) & (_most(y) > 0) & (-_most(-y) < size[0]) & (-_most(-z) > NEAREST)
    return np.asarray(person.faces[inside & (facing(person.pixels, outlines) < 0)])


def _most(corners: Array) -> Array:
    """(m,) the largest of (m, 4); quicker than numpy's own along a short axis."""
    return np.maximum(np.maximum(corners[:, 0], corners[:, 1]), np.maximum(corners[:, 2], corners[:, 3]))


def _shade(model: PersonModel, person: Placed, part: Surface, light: Light) -> Array:
    """(p, 3) float32 RGB 0..1 of a person's pixels."""
    points, normals, outlines = person.points, person.normals, model.faces[person.faces]
    used = np.zeros(len(points), dtype=bool)
    used[outlines] = True
    around = np.zeros_like(points)
    around[used] = light_around(light, points[used], normals[used], points[used][::2], REACH, every=2)
    values = part.between(np.concatenate([points, normals, model.base, model.palms[:, None], around], axis=1))
    place, lean, rest, palmar, soft = np.split(values, [3, 6, 9, 10], axis=1)
    lean = unit(lean).astype(np.float32)
    a, b, c = (points[outlines[:, k]] for k in range(3))
    samples = np.concatenate([points[used], (a + c) * np.float32(0.5), (a + b) * np.float32(0.5)])
    middle = points[model.head | (model.along_arm >= 0)].mean(axis=0)
    shadow = depth_map(samples, middle, light.key, (SHARP, REACH), SLACK)
    lit = shadow.lit_softly(place + lean * np.float32(0.006))
    kind = model.kind[part.face]
    scatter = np.where((kind == BODY)[:, None], SKIN_SCATTER, OTHER_SCATTER)
    albedo = person_albedo(person.look, rest, palmar[:, 0], kind)
    return camera_colour(albedo, soft, light, lean, np.where(kind == CLOTH, 0.9, 1.0).astype(np.float32) * lit, scatter)
