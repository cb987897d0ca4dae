"""How a hand that shows a count is held: which fingers, and where each of their joints is.

Lengths are centimetres of an adult's hand. The hand stands upright, its palm to the viewer: x to the thumb's side,
y from the wrist (0, 0, 0) to the fingers, z out of the palm. A left hand is the same one mirrored, so there is none.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from signs_edge.edge.errors import UsageError

FINGERS = ("thumb", "index", "middle", "ring", "little")

Points: TypeAlias = npt.NDArray[np.float64]
"""Points or directions, (..., 3) float64, in centimetres or of length 1."""

FINGER_CHOICES: tuple[tuple[tuple[float, tuple[str, ...]], ...], ...] = (
    ((1.0, ()),),
    ((0.72, ("index",)), (0.18, ("thumb",)), (0.10, ("little",))),
    (
        (0.62, ("index", "middle")),
        (0.22, ("thumb", "index")),
        (0.08, ("index", "little")),
        (0.08, ("thumb", "little")),
    ),
    (
        (0.40, ("thumb", "index", "middle")),
        (0.38, ("index", "middle", "ring")),
        (0.17, ("middle", "ring", "little")),
        (0.05, ("thumb", "index", "little")),
    ),
    (
        (0.86, ("index", "middle", "ring", "little")),
        (0.10, ("thumb", "index", "middle", "ring")),
        (0.04, ("thumb", "index", "middle", "little")),
    ),
    ((1.0, FINGERS),),
)
"""For each count, how often (weights that sum to 1) which fingers show it."""

COUNTS = len(FINGER_CHOICES)

# Of index, middle, ring and little: the knuckles, the bones beyond them, and how far they lean when spread or together.
KNUCKLES = np.array([[2.7, 9.0, 0.1], [0.7, 9.4, -0.1], [-1.3, 9.0, -0.1], [-3.1, 8.1, 0.2]])
BONES = np.array([[4.4, 2.6, 2.0], [4.9, 3.0, 2.1], [4.5, 2.8, 2.1], [3.5, 2.0, 1.8]])
SPREAD = np.deg2rad([15.0, 2.0, -11.0, -25.0])
TOGETHER = np.deg2rad([-3.0, -0.5, 2.0, 6.0])
FOLDED = np.array([[74.0, 92.0, 45.0], [92.0, 108.0, 70.0]])  # degrees at the three joints, least and most
THUMB_BASE = np.array([1.9, 2.0, 0.6])
THUMB_BONES = (4.2, 3.3, 2.6)

STRAIGHT = 0.88  # a finger's reach over its length, above which it counts
RING_SHARE = 0.5  # of the zeros are the O of SIGNS, the others fists


@dataclass(frozen=True)
class HandPose:
    """A hand's joints.

    Attributes:
        joints: (5, 4, 3) in centimetres: each finger of `FINGERS`, from its base (the thumb's at the wrist, the others'
            at the knuckle) to its tip.
        dorsal: (5, 3, 3) unit directions: out of the back of each finger's three bones, where the last has its nail.
        ring: whether this is the O of SIGNS, to be seen from the thumb's side.
    """

    joints: Points
    dorsal: Points
    ring: bool = False


def sample_pose(count: int, rng: np.random.Generator) -> HandPose:
    """Choose the fingers for a count and a way to hold them.

    Raises:
        UsageError: the count is not 0 to 5.
    """
    if not 0 <= count < COUNTS:
        raise UsageError(f"count must be 0 to {COUNTS - 1}. Received: {count}")
    if count == 0 and rng.random() < RING_SHARE:
        return _ring_pose(rng)
    raised = _choose(count, rng)
    spread = 0.0 if rng.random() < 0.12 else rng.uniform(0.35, 1.1)
    # all fingers folded, then those that are up bent a little, the last joints with the middle ones
    flexion = FOLDED[0] + (FOLDED[1] - FOLDED[0]) * rng.random((4, 3))
    lean = TOGETHER + spread * (SPREAD - TOGETHER) + math.radians(1.5) * rng.standard_normal(4)
    for i, (base, bend) in enumerate(rng.random((4, 2)).tolist()):
        if FINGERS[1 + i] in raised:
            flexion[i] = -8 + 20 * base, 2 + 16 * bend, 2 + 10 * bend
        else:
            lean[i] *= 0.3
    flexion *= math.pi / 180
    joints, dorsal = _fingers(flexion, lean)
    thumb = _raised_thumb(rng) if "thumb" in raised else _folded_thumb(raised, joints, rng)
    return _with_thumb(thumb, joints, dorsal)


def raised_fingers(pose: HandPose) -> tuple[str, ...]:
    """Read off the joints which fingers are raised, in the order of `FINGERS`.

    A finger is when its tip is nearly as far from its knuckle as its bones allow; the thumb is when its tip stands
    farther out to its side than its middle joint does.
    """
    reach = np.linalg.norm(pose.joints[:, -1] - pose.joints[:, 0], axis=1)
    length = np.linalg.norm(np.diff(pose.joints, axis=1), axis=2).sum(axis=1)
    straight = reach > STRAIGHT * length
    straight[0] = pose.joints[0, 3, 0] > pose.joints[0, 1, 0]
    return tuple(finger for finger, up in zip(FINGERS, straight, strict=True) if up)


def _choose(count: int, rng: np.random.Generator) -> tuple[str, ...]:
    """One of the ways to show a count, as often as its weight says."""
    *others, (_, last) = FINGER_CHOICES[count]
    left = rng.random()
    for share, fingers in others:
        left -= share
        if left < 0:
            return fingers
    return last


def _fingers(flexion: Points, lean: Points) -> tuple[Points, Points]:
    """Joints (4, 4, 3) and backs (4, 3, 3) of four fingers from each joint's flexion (4, 3) and sideways lean (4,)."""
    turn = np.cumsum(flexion, axis=1)[..., None]
    along, out = np.cos(turn), np.sin(turn)
    outward = np.zeros((4, 1, 3))
    outward[:, 0, 0], outward[:, 0, 1] = np.sin(lean), np.cos(lean)
    # the parts of a bone, and of its back, in the finger's plane and (z) out of the palm
    joints = np.empty((4, 4, 3))
    joints[:, 0] = KNUCKLES
    joints[:, 1:] = along * outward
    joints[:, 1:, 2] += out[..., 0]
    joints[:, 1:] *= BONES[..., None]
    dorsal = out * outward
    dorsal[..., 2] -= along[..., 0]
    return np.cumsum(joints, axis=1), dorsal


def _with_thumb(thumb: Points, joints: Points, dorsal: Points, ring: bool = False) -> HandPose:
    """Join a thumb (4, 3) to the four fingers; its nail looks away from the palm's middle."""
    bones = _unit(thumb[1:] - thumb[:-1])
    outside = thumb[3, 0] > thumb[1, 0]
    away = np.array((0.6, -0.5, -0.6) if outside else (0.4, -0.5, 0.8))
    away = _unit(away - (bones @ away)[:, None] * bones)
    return HandPose(np.concatenate((thumb[None], joints)), np.concatenate((away[None], dorsal)), ring)


def _unit(ways: Points) -> Points:
    """Directions (n, 3) made of length 1."""
    return np.asarray(ways / np.sqrt(np.einsum("ij,ij->i", ways, ways))[:, None], dtype=np.float64)


def _raised_thumb(rng: np.random.Generator) -> Points:
    """A thumb that stands out to its side."""
    angle, second, third, lift = rng.uniform((36, -14, -18, 0.05), (62, 6, 18, 0.45)).tolist()
    ways = [(math.radians(angle + more), up * lift) for more, up in ((0.0, 1.0), (second, 0.6), (third, 0.4))]
    bones = _unit(np.array([(math.sin(angle), math.cos(angle), up) for angle, up in ways]))
    return np.cumsum(np.concatenate((THUMB_BASE[None], bones * np.array(THUMB_BONES)[:, None])), axis=0)


def _folded_thumb(raised: tuple[str, ...], joints: Points, rng: np.random.Generator) -> Points:
    """A thumb across the palm, or across the first of the folded fingers within its reach."""
    folded = [i for i, finger in enumerate(FINGERS[1:4]) if finger not in raised]
    if folded:
        first = folded[0]
        middle_bone = joints[first, 1:3].mean(axis=0) if first > 0 else joints[:2, 1:3].mean(axis=(0, 1))
        target = middle_bone + rng.uniform((-0.9, -1.3, 1.4), (0.2, -0.3, 1.4))
    else:
        target = rng.uniform((-2.2, 5.8, 1.9), (-0.2, 7.6, 2.4))
    root = rng.uniform((0.3, 0.72, 0.45), (0.45, 0.72, 0.6))
    return _reach(root, target, pole=np.array([1.0, 0.3, 0.5]))


def _ring_pose(rng: np.random.Generator) -> HandPose:
    """The O: four curved fingers and the thumb meet at their tips."""
    curve = np.deg2rad((rng.uniform(42, 58), rng.uniform(52, 66), rng.uniform(26, 42)))
    flexion = curve + np.deg2rad(rng.normal(0, 2.0, (4, 3))) + np.deg2rad([[0.0], [-3.0], [-3.0], [0.0]])
    joints, dorsal = _fingers(flexion, TOGETHER + np.deg2rad(rng.normal(0, 1.0, 4)))
    gap = rng.uniform(0.7, 1.6)
    target = joints[:2, 3].mean(axis=0) + np.array([0.3, -0.9, 0.5]) * gap
    root = np.array([0.25, rng.uniform(0.3, 0.45), 0.85])
    return _with_thumb(_reach(root, target, pole=np.array([0.3, -0.6, 0.7])), joints, dorsal, ring=True)


def _reach(root: Points, target: Points, pole: Points) -> Points:
    """The thumb's joints (4, 3) with its first bone along `root` and its tip at `target`, or as near as it can.

    The last two bones are a triangle's sides (law of cosines), bent towards `pole`.
    """
    _, near, far = THUMB_BONES
    start = THUMB_BASE + root * (THUMB_BONES[0] / math.hypot(*root.tolist()))
    way = target - start
    distance = math.hypot(*way.tolist())
    way /= distance
    distance = min(max(distance, 0.6 * (near + far)), 0.995 * (near + far))
    along = (near**2 - far**2 + distance**2) / (2 * distance)
    side = pole - (pole @ way) * way
    bend = side * (math.sqrt(max(near**2 - along**2, 0.0)) / math.hypot(*side.tolist()))
    return np.array((THUMB_BASE, start, start + along * way + bend, start + distance * way))
