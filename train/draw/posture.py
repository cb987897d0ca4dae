"""How persons hold themselves: hands shown before, beside and above the face, and hands at rest."""

from __future__ import annotations

import numpy as np

from signs_edge.edge.synthetic.mesh.finger_pose import FingerPose, sample_finger_pose
from signs_edge.edge.synthetic.mesh.hand_mesh import CHAINS, JOINTS, Array, unit
from signs_edge.edge.synthetic.mesh.rotations import about_x, about_y, about_z
from signs_edge.train.draw.limbs import Arm, Posture
from signs_edge.train.draw.people import SIDES
from signs_edge.train.draw.shape import Shape

UP, FRONT = np.array([0.0, 1, 0]), np.array([0.0, 0, 1])
SHOWN = (
    ((0.15, -0.55, 0.25), (0.65, 0.05, 0.75), 0.34),  # beside the face
    ((-0.2, -0.5, 0.45), (0.2, -0.1, 0.85), 0.2),  # before the face
    ((-0.3, -0.95, 0.35), (0.45, -0.5, 0.8), 0.18),  # before the chest
    ((0.0, 0.0, 0.1), (0.6, 0.5, 0.5), 0.12),  # above the head
    ((0.6, -0.6, 0.0), (1.1, 0.1, 0.4), 0.1),  # far out to the side
    ((-0.1, -0.6, 0.85), (0.4, -0.1, 1.1), 0.06),  # stretched to the camera
)
"""Where a shown hand's wrist is beside the head's joint (outwards, up, to the front), in arm lengths: least, most, share."""
RESTING = {"hang": 0.42, "hip": 0.1, "lap": 0.16, "desk": 0.16, "chin": 0.1, "crossed": 0.06}
"""What a hand does that shows nothing, and how often."""
EASE = ((18, 26, 14), (24, 31, 14), (30, 36, 14), (36, 41, 14))  # degrees of a resting hand's index to little finger
CLOSEST, STRETCHED = 0.36, 0.985  # of the arm's length, between shoulder and wrist


def sample_posture(shape: Shape, shown: dict[str, int], rng: np.random.Generator) -> Posture:
    """Choose how a person stands.

    Args:
        shape: the person.
        shown: by side (`R`, `L`), the counts that are shown; the other hands rest.
        rng: the only source of chance.
    """
    chest = about_y(rng.normal(0, 9)) @ about_x(rng.normal(2, 5)) @ about_z(rng.normal(0, 3))
    yaw = rng.normal(0, 18) if rng.random() < 0.85 else rng.uniform(-65, 65)
    head = about_y(yaw) @ about_x(rng.normal(2, 9)) @ about_z(rng.normal(0, 6))
    arms = {}
    for side in SIDES:
        if side in shown:
            arms[side] = _shown(shape, side, shown[side], rng)
        else:
            kind = str(rng.choice(list(RESTING), p=list(RESTING.values())))
            arms[side] = _resting(shape, side, kind, rng)
    return Posture(arms, chest, head)


def _outwards(side: str) -> float:
    return -1.0 if side == "R" else 1.0


def _reach(shape: Shape, side: str, wrist: Array, elbow_to: Array) -> tuple[Array, Array]:
    """Directions of upper arm and forearm that bring the wrist to a place, or as near as they can."""
    shoulder, elbow, hand = (shape.joints[f"{bone}.{side}.head"] for bone in ("upperarm01", "lowerarm01", "wrist"))
    a, b = float(np.linalg.norm(elbow - shoulder)), float(np.linalg.norm(hand - elbow))
    way = wrist - shoulder
    distance = float(np.clip(np.linalg.norm(way), CLOSEST * (a + b), STRETCHED * (a + b)))
    way = unit(way)
    aside = unit(elbow_to - way * (elbow_to @ way))
    cos = float(np.clip((a * a + distance**2 - b * b) / (2 * a * distance), -1, 1))  # law of cosines
    upper = way * cos + aside * np.sqrt(1 - cos**2)
    return upper, unit(way * distance - upper * a)


def _shown(shape: Shape, side: str, count: int, rng: np.random.Generator) -> Arm:
    out, at = _outwards(side), shape.joints
    pose = sample_finger_pose(shape.hands[side][1], np.ones((JOINTS, 3), np.float32), count, rng)
    length = 2 * float(np.linalg.norm(at[f"lowerarm01.{side}.head"] - at[f"upperarm01.{side}.head"]))
    low, high, _ = SHOWN[int(rng.choice(len(SHOWN), p=[share for *_, share in SHOWN]))]
    wrist = at["head.head"] + rng.uniform(low, high) * length * np.array([out, 1, 1])
    upper, lower = _reach(shape, side, wrist, np.array([out * rng.uniform(0.2, 1.2), -1, rng.normal(-0.1, 0.3)]))
    fingers = lower * rng.uniform(0.4, 1.2) + UP * rng.uniform(0.1, 1.2) + rng.normal(0, 0.22, 3)
    palm, chance = FRONT + rng.normal(0, 0.3, 3), rng.random()
    if chance < 0.22:
        palm = -palm
    elif chance < 0.36:  # edge-on
        palm = np.array([rng.choice([-1, 1]), 0, rng.normal(0, 0.4)])
    elif chance < 0.5:  # turned by a right angle
        fingers = np.array([-out, 0.1, 0.2]) + rng.normal(0, 0.25, 3)
        palm = FRONT * rng.choice([-1, 1], p=[0.6, 0.4]) + rng.normal(0, 0.2, 3)
    if pose.raised == (True, False, False, False, False) and rng.random() < 0.75:  # thumbs up
        fingers = np.array([-out * rng.uniform(0.4, 1), rng.normal(0.1, 0.15), rng.uniform(0, 0.9)])
        palm = np.array([-out * 0.4, 0.1, -1]) + rng.normal(0, 0.2, 3)
    fingers = unit(fingers)
    if fingers @ lower < 0.1:  # a wrist bends no further
        fingers = unit(fingers + lower * (0.35 - fingers @ lower))
    return Arm(upper, lower, fingers, palm, pose, "shown")


def _resting(shape: Shape, side: str, kind: str, rng: np.random.Generator) -> Arm:
    out = _outwards(side)
    place = _resting_place(shape, kind, out, rng)
    palm = np.array([-out, 0, -0.2]) + rng.normal(0, 0.35, 3)
    if place is None:
        upper = unit(np.array([out * rng.uniform(0.08, 0.35), -1, rng.normal(0.05, 0.15)]))
        lower = unit(np.array([out * rng.uniform(-0.1, 0.3), -1, rng.uniform(0, 0.5)]))
    else:
        upper, lower = _reach(shape, side, place, np.array([out, -0.4, -0.3]))
    fingers = lower + rng.normal(0, 0.17, 3)
    if kind == "desk":
        palm = np.array([0, -1, 0.1]) + rng.normal(0, 0.15, 3)
    elif kind == "chin":
        fingers, palm = UP + rng.normal(0, 0.4, 3), np.array([-out * 0.4, 0, -1.0]) + rng.normal(0, 0.25, 3)
    elif kind == "hip":
        fingers, palm = np.array([-out * 0.2, -0.5, 1]), np.array([-out, 0.1, 0])
    elif kind in ("lap", "crossed"):
        palm = np.array([-out * 0.2, -0.3, -1.0]) + rng.normal(0, 0.2, 3)
    return Arm(upper, lower, unit(fingers), palm, FingerPose(_at_ease(rng), (False,) * 5, "rest", True), kind)


def _resting_place(shape: Shape, kind: str, out: float, rng: np.random.Generator) -> Array | None:
    """Where a resting hand's wrist is; `None` for one that hangs down."""
    head = shape.joints["head.head"]
    hips = shape.joints["upperleg01.R.head"] * np.array([0, 1, 1])
    low, high = {
        "hang": ((0, 0, 0), (0, 0, 0)),
        "hip": ((0.2, 0.12, 0.06), (0.2, 0.12, 0.06)),
        "lap": ((-0.08, 0, 0.22), (0.12, 0.15, 0.32)),
        "desk": ((0, 0.05, 0.35), (0.25, 0.2, 0.5)),
        "chin": ((0.02, -0.2, 0.14), (0.12, 0.05, 0.2)),
        "crossed": ((-0.15, -0.1, 0.18), (-0.05, 0.05, 0.24)),
    }[kind]
    beside = rng.uniform(low, high) * np.array([out, 1, 1])
    if kind == "hang":
        return None
    start = head if kind == "chin" else 0.5 * (hips + head) if kind == "crossed" else hips
    return np.asarray(start + beside)


def _at_ease(rng: np.random.Generator) -> Array:
    """(25, 3, 3) rotations of a resting hand: fingers a little bent, more so towards the little finger."""
    rotations = np.tile(np.eye(3), (JOINTS, 1, 1))
    ease = rng.uniform(0.3, 1.3)
    for finger, bends in enumerate(EASE, start=1):
        chain = CHAINS[finger]
        for joint, bend in zip(chain[1:4], bends, strict=True):
            rotations[joint] = about_x(-ease * (bend + rng.normal(0, 6)))
        rotations[chain[1]] = about_y((2.5 - finger) * rng.uniform(-3, 3)) @ rotations[chain[1]]
    rotations[1] = about_y(rng.uniform(-25, 5)) @ about_x(rng.uniform(-30, 0)) @ about_z(rng.normal(0, 8))
    rotations[2], rotations[3] = about_x(-rng.uniform(0, 20)), about_x(-rng.uniform(0, 30))
    return rotations
