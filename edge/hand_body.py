"""A hand's flesh: rounded bones (tapered capsules) around the joints of a pose, from the fingertips to the sleeve."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from signs_edge.edge.hand_pose import HandPose, Points

PALM, FINGER, NAIL, SLEEVE = range(4)
"""What a capsule is made of. The palm's (and arm's) are melted together, a finger's keep their outline."""

# Of thumb to little finger: the radius at the four joints.
RADII = np.array(
    [
        [1.55, 1.2, 1.02, 0.78],
        [1.05, 0.9, 0.76, 0.6],
        [1.05, 0.92, 0.78, 0.62],
        [1.0, 0.86, 0.72, 0.58],
        [0.88, 0.73, 0.62, 0.5],
    ]
)
ARM_LENGTH = 60.0  # enough to leave any picture
SKIN_TONES = np.array([[244, 208, 184], [230, 184, 154], [206, 154, 120], [168, 116, 84], [122, 80, 58], [84, 55, 42]])


@dataclass(frozen=True)
class Person:
    """Whose hand it is.

    Attributes:
        skin: (3,) RGB 0..255 of the back of the hand in full light.
        palm: (3,) RGB of its palm side.
        girth: factor on all radii.
        sleeve: (3,) RGB of the sleeve.
        sleeve_start: centimetres from the wrist to the sleeve's edge; beyond `ARM_LENGTH` for a bare arm.
    """

    skin: Points
    palm: Points
    girth: float
    sleeve: Points
    sleeve_start: float


@dataclass(frozen=True)
class Capsules:
    """Tapered capsules, n of them.

    Attributes:
        ends: (n, 2, 3) float64, both ends in centimetres.
        radii: (n, 2) float64 at the ends.
        kind: (n,) int64, `PALM`, `FINGER`, `NAIL` or `SLEEVE`.
        back: (n, 3) float64, the direction out of the back of the hand's side (unit length).
        flush: (n,) float64, how much redder than the rest the skin is there, 0..1.
    """

    ends: Points
    radii: Points
    kind: npt.NDArray[np.int64]
    back: Points
    flush: Points


def sample_person(rng: np.random.Generator) -> Person:
    """Choose skin, build and clothes."""
    tone = rng.uniform(0, len(SKIN_TONES) - 1)
    steps = np.arange(len(SKIN_TONES))
    skin = np.array([np.interp(tone, steps, SKIN_TONES[:, channel]) for channel in range(3)])
    skin *= rng.uniform(0.95, 1.05) * np.array([1.0, rng.uniform(0.95, 1.04), rng.uniform(0.9, 1.06)])
    pink = np.array([236.0, 176.0, 150.0])
    share = 0.15 + 0.35 * tone / (len(SKIN_TONES) - 1)
    bare = rng.random() < 0.45
    sleeve = rng.uniform(20, 235) + rng.uniform(-45, 45, 3)
    return Person(
        skin=skin,
        palm=skin + share * (pink - skin),
        girth=rng.uniform(0.9, 1.1),
        sleeve=np.clip(sleeve, 8, 245),
        sleeve_start=2 * ARM_LENGTH if bare else rng.uniform(1.0, 12.0),
    )


def hand_body(pose: HandPose, person: Person, arm: Points) -> Capsules:
    """Put flesh on a pose.

    Args:
        pose: the joints.
        person: build and sleeve.
        arm: (3,) the direction from the wrist to the elbow.

    Returns:
        All capsules, the palm's first, then the sleeve's, the fingers' and their nails'.
    """
    parts = [_palm(pose.joints), _arm(arm), _sleeve(arm, person), *_fingers(pose.joints, pose.dorsal)]
    return Capsules(
        ends=np.concatenate([part.ends for part in parts]),
        radii=person.girth * np.concatenate([part.radii for part in parts]),
        kind=np.concatenate([part.kind for part in parts]),
        back=np.concatenate([part.back for part in parts]),
        flush=np.concatenate([part.flush for part in parts]),
    )


def _part(ends: Points, radii: Points, kind: int, back: Points | None = None, flush: Points | float = 0.0) -> Capsules:
    n = len(ends)
    behind = np.broadcast_to(np.array([0.0, 0.0, -1.0]), (n, 3)) if back is None else back
    return Capsules(ends, radii, np.full(n, kind), behind, np.broadcast_to(np.asarray(flush, dtype=np.float64), n))


def _palm(joints: Points) -> Capsules:
    """Metacarpals, the balls of thumb and little finger, and the webs between the fingers."""
    knuckles = joints[1:, 0]
    carpals = knuckles * (0.5, 0.0, 0.0) + (0.1, 0.9, 0.0)
    webs = knuckles + 0.2 * (joints[1:, 1] - knuckles)
    thumb = joints[0]
    ball = thumb[0] + 0.85 * (thumb[1] - thumb[0])
    ends = [
        *np.stack([carpals, knuckles], axis=1),
        *np.stack([webs[:-1], webs[1:]], axis=1),
        np.stack([thumb[0], thumb[1]]),
        np.array([[-2.3, 1.8, 0.4], [-2.8, 5.5, 0.35]]),
        np.stack([ball, knuckles[0] - (0.3, 1.6, 0.0)]),
        np.stack([thumb[0] + 0.5 * (thumb[1] - thumb[0]), knuckles[0] - (0.6, 3.6, 0.0)]),
    ]
    radii = [[1.75, 1.15]] * 3 + [[1.6, 1.0]] + [[0.85, 0.85]] * 3 + [[1.7, 1.2], [1.45, 1.35], [0.8, 0.85], [1.2, 1.2]]
    flush = np.array([0.1] * 4 + [0.25] * 3 + [0.25, 0.35, 0.1, 0.1])
    return _part(np.array(ends), np.array(radii), PALM, flush=flush)


def _across(arm: Points) -> Points:
    """The direction from side to side of the wrist, square to the arm."""
    side = np.array([1.0, 0.0, 0.0]) - arm[0] * arm
    return side / np.linalg.norm(side)


def _arm(arm: Points) -> Capsules:
    """Two parallel bones make the wrist wider than thick; the forearm swells towards the elbow."""
    side = _across(arm)
    start = np.array([0.1, 0.6, 0.0])
    ends = [[start + s * side, start + arm * 9 + 1.3 * s * side] for s in (1.25, -1.25)]
    ends += [[start + arm * 9 + 1.6 * s * side, start + arm * ARM_LENGTH + 1.6 * s * side] for s in (1.0, -1.0)]
    return _part(np.array(ends), np.array([[1.75, 2.2]] * 2 + [[2.2, 4.5]] * 2), PALM)


def _sleeve(arm: Points, person: Person) -> Capsules:
    if person.sleeve_start >= ARM_LENGTH:
        return _part(np.empty((0, 2, 3)), np.empty((0, 2)), SLEEVE)
    side = _across(arm)
    start = arm * person.sleeve_start
    ends = [[start + s * side, start + arm * ARM_LENGTH + 1.4 * s * side] for s in (1.4, -1.4)]
    return _part(np.array(ends), np.array([[2.7, 5.5]] * 2), SLEEVE)


def _fingers(joints: Points, dorsal: Points) -> tuple[Capsules, Capsules]:
    """Fifteen bones (the thumb's first is the palm's, and thinner here), and five nails."""
    ends = np.stack([joints[:, :-1], joints[:, 1:]], axis=2)
    radii = np.stack([RADII[:, :-1], RADII[:, 1:]], axis=2)
    tip_radius = RADII[:, -1]
    # the last bone's capsule ends a radius short of the tip
    last = ends[:, 2, 1] - ends[:, 2, 0]
    length = np.linalg.norm(last, axis=1)
    ends[:, 2, 1] -= last * (tip_radius / length)[:, None]
    flush = np.tile([0.1, 0.25, 0.75], 5)
    bones = _part(ends.reshape(15, 2, 3), radii.reshape(15, 2), FINGER, dorsal.reshape(15, 3), flush)
    raised = dorsal[:, 2] * tip_radius[:, None]
    nails = np.stack([ends[:, 2, 0] + 0.6 * last + 0.45 * raised, ends[:, 2, 1] + 0.35 * raised], axis=1)
    return bones, _part(nails, np.stack([0.7 * tip_radius] * 2, axis=1), NAIL, dorsal[:, 2])
