"""The truth about a drawn scene: every hand's box, angle, count and fingers, and who is there."""

from __future__ import annotations

from typing import Any

import numpy as np

from signs_edge.edge.synthetic.mesh.hand_mesh import Array
from signs_edge.edge.synthetic.mesh.raster import facing
from signs_edge.edge.synthetic.mesh.truth import HandTruth, hand_truth
from signs_edge.train.draw.people import SIDES
from signs_edge.train.draw.scene import FINE, Placed, SceneDrawing
from signs_edge.train.draw.shape import PersonModel

SIDE_NAMES = {"R": "right", "L": "left"}


def scene_truth(model: PersonModel, drawing: SceneDrawing) -> list[dict[str, Any]]:
    """Describe all persons of a scene, as JSON knows it.

    Returns:
        For each person `head` (its box), `distance` in metres, `tone` of the skin (0 to 9), and `hands`: for each the
        values of `HandTruth`; `raised` (whether it shows a count; else `count` and `fingers` are null) and `doing`;
        `visible`, the share of its surface to the camera that is in the picture and not hidden; `distance` in metres.
    """
    return [_person(model, drawing, number, person) for number, person in enumerate(drawing.persons)]


def _person(model: PersonModel, drawing: SceneDrawing, number: int, person: Placed) -> dict[str, Any]:
    faces = drawing.seen.face[drawing.owner == number] - number * len(model.faces)
    areas = np.maximum(-facing(person.pixels, model.faces) / 2, 0.0)
    return {
        "head": _box(person.pixels[model.face_vertices]),
        "distance": round(float(person.points[model.head, 2].mean()), 2),
        "tone": round(person.look.skin.tone, 1),
        "hands": [_hand(model, person, side, faces, areas) for side in SIDES],
    }


def _hand(model: PersonModel, person: Placed, side: str, faces: Array, areas: Array) -> dict[str, Any]:
    arm, joints, mine = person.posture.arms[side], person.joints[side], model.hand_faces[side]
    truth = _hand_truth(model, person, side, (faces, model.fingers[side], areas))
    whole = float(areas[mine].sum())
    unknown = {} if arm.raised else {"count": None, "fingers": None, "clear": False}
    return truth.to_json() | {
        "raised": arm.raised,
        "doing": arm.doing,
        "visible": round(min(float(mine[faces].sum()) / max(whole, 1.0), 1.0), 2),
        "distance": round(float(joints[:, 2].mean()), 2),
        **unknown,
    }


def _hand_truth(model: PersonModel, person: Placed, side: str, finger_pixels: tuple[Array, Array, Array]) -> HandTruth:
    arm, joints = person.posture.arms[side], person.joints[side]
    flat = person.camera.project(joints)[:, :2]
    across, along = joints[21] - joints[6], joints[11] - joints[0]
    back = np.cross(across, along) * (1 if side == "R" else -1)
    to_camera = joints[11] / np.linalg.norm(joints[11])
    return hand_truth(
        arm.pose,
        side=SIDE_NAMES[side],
        facing=float(back @ to_camera / max(float(np.linalg.norm(back)), 1e-9)),
        outline=person.pixels[model.hand_vertices[side], :2] / FINE,
        joints=(joints, flat / FINE, person.camera.focal / FINE),
        finger_pixels=finger_pixels,
    )


def _box(points: Array) -> list[float]:
    low, high = points[:, :2].min(axis=0) / FINE, points[:, :2].max(axis=0) / FINE
    return [round(float(value), 1) for value in (*low, *high)]
