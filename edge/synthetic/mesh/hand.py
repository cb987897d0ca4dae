"""A hand drawn before nothing, with the truth about it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from signs_edge.edge.arrays import Image
from signs_edge.edge.synthetic.mesh.arm import HAND, Tubes, sample_arm, sample_build
from signs_edge.edge.synthetic.mesh.finger_pose import FingerPose, sample_finger_pose
from signs_edge.edge.synthetic.mesh.finish import finish, sample_blur
from signs_edge.edge.synthetic.mesh.hand_mesh import CHAINS, Array, HandMesh, deform, pose_joints
from signs_edge.edge.synthetic.mesh.light import sample_light
from signs_edge.edge.synthetic.mesh.raster import Surface, as_quads, facing, rasterise
from signs_edge.edge.synthetic.mesh.rotations import about_x, about_y, about_z
from signs_edge.edge.synthetic.mesh.shade import Body, HandLook, sample_look, shade_hand
from signs_edge.edge.synthetic.mesh.truth import HandTruth, finger_of_faces, hand_truth

FINE = 1.5  # drawn pixels across one of the picture's
HELD = np.array([[-1.0, 0, 0], [0, 0, 1], [0, 1, 0]])
"""From the wrist's frame to the camera's (x right, y down, z away), the palm to the camera and the fingers up."""
FILLED = (0.54, 0.64)  # of the picture's side, by the longer side of the hand without its arm
NEAREST = 0.05  # metres before the camera that are not drawn


@dataclass(frozen=True)
class View:
    """From where a hand is seen.

    Attributes:
        rotation: (3, 3) float32, from the wrist's frame to the camera's.
        distance: metres from the camera to the hand's middle.
        mirror: whether it is a left hand.
    """

    rotation: Array
    distance: float
    mirror: bool

    @property
    def flip(self) -> Array:
        """(3,) factors on the camera's axes."""
        return np.array([-1 if self.mirror else 1, 1, 1], np.float32)


@dataclass(frozen=True)
class HandDrawing:
    """A drawn hand.

    Attributes:
        image: RGB (size, size, 3) uint8; the hand's colour where it is, whatever its opacity; 0 elsewhere.
        alpha: (size, size) uint8, its opacity.
        truth: what it shows.
        light: the kind of light, as in `Light.kind`.
        exposure: as in `Light.exposure`.
        distance: metres from the camera.
        tone: of the skin, 0 (very light) to 9 (very dark).
    """

    image: Image
    alpha: Image
    truth: HandTruth
    light: str
    exposure: float
    distance: float
    tone: float

    def over(self, background: Image) -> Image:
        """The hand before a background of its size, RGB (size, size, 3) uint8."""
        share = self.alpha[..., None].astype(np.float32) / 255
        return np.asarray((self.image * share + background * (1 - share)).round(), dtype=np.uint8)


class HandModel:
    """A hand's mesh, with all that is computed once for many drawings."""

    def __init__(self, mesh: HandMesh) -> None:
        self.mesh = mesh
        self.faces = as_quads(mesh.faces)
        self.finger = finger_of_faces(mesh.weights, self.faces, CHAINS)
        self.look = HandLook(mesh, self.finger)


def sample_view(pose: FingerPose, rng: np.random.Generator) -> View:
    """Choose a view: mostly of the palm; the back, edge-on, from the fingertips; upright or turned in the picture."""
    kind = rng.random()
    pitch, yaw = float(np.clip(rng.normal(0, 14), -40, 40)), rng.normal(0, 20)
    if kind < 0.24:
        yaw += 180
    elif kind < 0.36:
        yaw = rng.choice([-1, 1]) * rng.uniform(45, 100)
    elif kind < 0.47:
        pitch = rng.choice([-1, 1], p=[0.35, 0.65]) * rng.uniform(25, 68)
        yaw += rng.choice([0, 180], p=[0.75, 0.25])
    roll = rng.normal(0, 22)
    if pose.raised == (True, False, False, False, False) and rng.random() < 0.75:
        roll = rng.choice([-1, 1]) * rng.normal(80, 22)  # thumbs up
    elif rng.random() < 0.22:
        roll = rng.choice([-1, 1]) * rng.uniform(50, 120)
    elif rng.random() < 0.04:
        roll = rng.uniform(-180, 180)
    rotation = about_z(roll) @ about_x(pitch) @ about_y(yaw) @ HELD
    nearest = 0.28 + 0.75 * max(0.0, -float(rotation[2, 2]))  # an arm to the camera must not reach it
    distance = float(np.exp(rng.uniform(np.log(nearest), np.log(2.0))))
    return View(rotation.astype(np.float32), distance, bool(rng.random() < 0.5))


def draw_hand(model: HandModel, count: int, rng: np.random.Generator, size: int = 160) -> HandDrawing:
    """Draw a random hand that shows a count.

    Args:
        model: the hand.
        count: raised fingers, 0 to 5.
        rng: the only source of chance.
        size: the picture's side in pixels.

    Raises:
        UsageError: the count is not 0 to 5.
    """
    build = sample_build(rng)
    pose = sample_finger_pose(model.mesh.bind, build, count, rng)
    view, light, look = sample_view(pose, rng), sample_light(rng), sample_look(rng)
    joints = pose_joints(model.mesh.bind, pose.rotations, build)
    body, middle = _body(model, deform(model.mesh, joints, build), sample_arm(build, rng), view, rng)
    side = round(size * FINE)
    pixels, scale, shift = _project(body, view, side, rng)
    area = facing(pixels, body.faces) * (-1 if view.mirror else 1)
    shown = ((area < 0) | (body.material != HAND)) & (pixels[body.faces, 2].min(axis=1) > NEAREST)
    surface = rasterise(pixels, body.faces, np.nonzero(shown)[0], (side, side))
    canvas = np.zeros((side, side, 4), np.float32)
    canvas[surface.where[0], surface.where[1], :3] = shade_hand(model.look, body, surface, light, look)
    canvas[surface.where[0], surface.where[1], 3] = 1
    image, alpha = finish(canvas, (size, size), sample_blur(size, rng))
    places = (joints[:, :3, 3] - middle) @ view.rotation.T * view.flip + np.array([0, 0, view.distance], np.float32)
    truth = _truth(model, pose, view, (surface, area, pixels), (places, scale, shift))
    return HandDrawing(image, alpha, truth, light.kind, light.exposure, view.distance, look.skin.tone)


def _body(
    model: HandModel, hand: tuple[Array, Array], arm: Tubes, view: View, rng: np.random.Generator
) -> tuple[Body, Array]:
    """Hand and arm in the camera's frame, the hand's middle at the origin; and that middle in the wrist's frame."""
    points, normals = hand
    bend = (about_x(rng.normal(0, 16)) @ about_y(rng.normal(0, 12))).astype(np.float32)
    middle, number = points.mean(axis=0), len(points)
    to_camera = view.rotation.T * view.flip
    body = Body(
        points=(np.concatenate([points, arm.vertices @ bend.T]) - middle) @ to_camera,
        normals=np.concatenate([normals, arm.normals @ bend.T]) @ to_camera,
        faces=np.concatenate([model.faces, arm.faces + number]),
        material=np.concatenate([np.full(len(model.faces), HAND), arm.material]),
        rest=np.concatenate([model.mesh.vertices, arm.texture]),
        dorsal=np.concatenate([model.mesh.normals[:, 1], np.sign(arm.vertices[:, 1]) * np.float32(0.3)]),
        hand=number,
    )
    return body, middle


def _project(body: Body, view: View, side: int, rng: np.random.Generator) -> tuple[Array, float, Array]:
    """Pixels and distance (n, 3) of the body, the hand in the middle; pixels per metre at it, and where it lands."""
    depth = body.points[:, 2:] + np.float32(view.distance)
    flat = body.points[:, :2] / np.maximum(depth, 0.03) * np.float32(view.distance)
    low, high = flat[: body.hand].min(axis=0), flat[: body.hand].max(axis=0)
    scale = float(side * rng.uniform(*FILLED) / (high - low).max())
    shift = side / 2 - (low + high) / 2 * scale + rng.normal(0, 0.015, 2) * side
    return np.concatenate([flat * scale + shift, depth], 1).astype(np.float32), scale, shift


def _truth(
    model: HandModel,
    pose: FingerPose,
    view: View,
    seen: tuple[Surface, Array, Array],
    placed: tuple[Array, float, Array],
) -> HandTruth:
    surface, area, pixels = seen
    places, scale, shift = placed
    number = len(model.faces)
    faces = surface.face[surface.face < number]
    flat = places[:, :2] / places[:, 2:] * (view.distance * scale) + shift
    return hand_truth(
        pose,
        side="left" if view.mirror else "right",
        facing=float((view.rotation @ (0, 1, 0))[2]),
        outline=pixels[: len(model.mesh.vertices), :2] / FINE,
        joints=(places, flat / FINE, view.distance * scale / FINE),
        finger_pixels=(faces, model.finger, np.where(area[:number] < 0, -area[:number] / 2, 0.0)),
    )
