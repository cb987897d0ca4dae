"""A person's posture: directions of the arms' parts and a pose of each hand, and the flesh that follows them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from signs_edge.edge.synthetic.mesh.finger_pose import FingerPose
from signs_edge.edge.synthetic.mesh.hand_mesh import JOINTS, Array, pose_joints, unit
from signs_edge.train.draw.people import GROUP, SIDES
from signs_edge.train.draw.shape import GROUP_JOINT, MIRROR, PersonModel, Shape, cross, least_turn, turn_about

TWIST = (0.3, 0.42)  # shares of the hand's turn about the forearm that are the forearm's near and far half's
LIFT = 0.6  # radians by which a raised arm lifts its shoulder


@dataclass(frozen=True)
class Arm:
    """How an arm is held; directions (3,) are in the body's frame: x to the left hand, y up, z to the front.

    Attributes:
        upper: of the upper arm.
        lower: of the forearm.
        fingers: where straight fingers would point.
        palm: where the palm looks.
        pose: of the hand.
        doing: `shown`, or how the hand rests.
    """

    upper: Array
    lower: Array
    fingers: Array
    palm: Array
    pose: FingerPose
    doing: str

    @property
    def raised(self) -> bool:
        """Whether the hand shows a count."""
        return self.doing == "shown"


@dataclass(frozen=True)
class Posture:
    """Arms by side (`R`, `L`), and rotations (3, 3) of chest and head in the body's frame."""

    arms: dict[str, Arm]
    chest: Array
    head: Array


def pose_person(model: PersonModel, shape: Shape, posture: Posture) -> tuple[Array, Array, dict[str, Array]]:
    """Move a person's flesh.

    Returns:
        (n, 3) vertices and (n, 3) unit normals, float32, and by side the hand's joints (25, 3).
    """
    moves = np.tile(np.eye(4), (len(GROUP), 1, 1))
    at = shape.joints
    chest = _turned(np.eye(4), posture.chest, at["spine02.head"])
    half = _half(posture.head)
    neck = _turned(chest, half, at["neck01.head"])
    moves[GROUP["chest"]], moves[GROUP["neck"]] = chest, neck
    moves[GROUP["head"]] = _turned(neck, half, at["neck03.head"])
    hands = {side: _move_arm(moves, shape, side, posture.arms[side]) for side in SIDES}
    blend = (model.weights @ moves.reshape(len(GROUP), 16).astype(np.float32)).reshape(-1, 4, 4)
    vertices = (blend[:, :3, :3] @ shape.vertices[:, :, None])[:, :, 0] + blend[:, :3, 3]
    normals = (blend[:, :3, :3] @ shape.normals[:, :, None])[:, :, 0]
    return vertices, unit(normals), hands


def _turned(parent: Array, turn: Array, pivot: Array) -> Array:
    """(4, 4) the move of a part that turns about a place of the rest, and then moves with its parent."""
    step = np.eye(4)
    step[:3, :3], step[:3, 3] = turn, pivot - turn @ pivot
    return np.asarray(parent @ step)


def _half(turn: Array) -> Array:
    """Half of a rotation."""
    angle = float(np.arccos(np.clip((np.trace(turn) - 1) / 2, -1, 1)))
    axis = np.array([turn[2, 1] - turn[1, 2], turn[0, 2] - turn[2, 0], turn[1, 0] - turn[0, 1]])
    return np.eye(3) if angle < 1e-4 else turn_about(axis, angle / 2)


def _move_arm(moves: Array, shape: Shape, side: str, arm: Arm) -> Array:
    """Set the moves of an arm's groups, in place; the hand's joints (25, 3) in the world."""
    at = {
        name: shape.joints[f"{name}.{side}.head"]
        for name in ("shoulder01", "upperarm01", "lowerarm01", "lowerarm02", "wrist")
    }
    lift = max(0.0, float(unit(arm.upper)[1])) * (-LIFT if side == "R" else LIFT)
    shoulder = _turned(moves[GROUP["chest"]], turn_about(np.array([0, 0, 1.0]), lift), at["shoulder01"])
    bend = least_turn(at["lowerarm01"] - at["upperarm01"], shoulder[:3, :3].T @ arm.upper)
    upper = _turned(shoulder, bend, at["upperarm01"])
    bend = least_turn(at["wrist"] - at["lowerarm01"], upper[:3, :3].T @ arm.lower)
    elbow = _turned(upper, bend, at["lowerarm01"])
    mirror = MIRROR if side == "L" else np.eye(3)
    rest, straight = shape.hands[side]
    frame = _hand_frame(mirror @ arm.fingers, mirror @ arm.palm)
    # how far the forearm must turn about itself for the back of the hand to look where it shall
    axis = unit(arm.lower)
    old, new = elbow[:3, :3] @ mirror @ rest[0, :3, 1], mirror @ frame[:, 1]
    old, new = old - axis * (old @ axis), new - axis * (new @ axis)
    twist = float(np.arctan2(cross(old, new) @ axis, old @ new))
    along = elbow[:3, :3].T @ axis
    elbow = _turned(elbow, turn_about(along, twist * TWIST[0]), at["lowerarm01"])
    forearm = _turned(elbow, turn_about(along, twist * TWIST[1]), at["lowerarm02"])
    for name, move in (("shoulder", shoulder), ("upperarm", upper), ("elbow", elbow), ("forearm", forearm)):
        moves[GROUP[f"{name}.{side}"]] = move
    place, flip = np.eye(4), np.eye(4)
    place[:3, :3], flip[:3, :3] = frame, mirror
    place[:3, 3] = mirror @ (forearm @ np.append(at["wrist"], 1.0))[:3]
    posed = place @ pose_joints(straight, arm.pose.rotations, np.ones((JOINTS, 3), np.float32)).astype(float)
    for name, joint in GROUP_JOINT.items():
        moves[GROUP[f"{name}.{side}"]] = flip @ posed[joint] @ np.linalg.inv(rest[joint].astype(float)) @ flip
    return np.asarray(posed[:, :3, 3] @ mirror)


def _hand_frame(fingers: Array, palm: Array) -> Array:
    """(3, 3) a right wrist's frame: its fingers to -z, its palm to -y as near as that allows."""
    z = -unit(fingers)
    y = unit(-palm + z * (palm @ z))
    return np.stack([cross(y, z), y, z], 1)
