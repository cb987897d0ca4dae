"""A hand's flesh: rounded bones (tapered capsules) around the joints of a pose, from the fingertips to the sleeve."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from signs_edge.edge.synthetic.pose import HandPose, Points

PALM, FINGER, NAIL, SLEEVE = range(4)
"""What a capsule is made of. The palm's (and arm's) are melted together, a finger's keep their outline."""

# Of thumb to little finger: the radius at the four joints.
RADII = np.array(
    [
        [1.6, 1.28, 1.1, 0.85],
        [1.1, 0.98, 0.84, 0.68],
        [1.1, 1.0, 0.86, 0.7],
        [1.05, 0.94, 0.8, 0.66],
        [0.92, 0.8, 0.69, 0.57],
    ]
)
WRIST = np.array([0.1, 0.6, 0.0])
ARM_LENGTH = 60.0  # enough to leave any picture
SKIN_TONES = np.array([[244, 208, 184], [230, 184, 154], [206, 154, 120], [168, 116, 84], [122, 80, 58], [84, 55, 42]])
# Least and most of a person's skin (place in `SKIN_TONES`, light, green, blue), girth, sleeve (grey, tint, start).
PEOPLE = np.array(
    [
        [0.0, 0.95, 0.95, 0.9, 0.9, 20, -45, -45, -45, 1.0],
        [len(SKIN_TONES) - 1, 1.05, 1.04, 1.06, 1.1, 235, 45, 45, 45, 12.0],
    ]
)


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
    # all at once: a call for each would take longer than what is made of them
    tone, light, green, blue, girth, grey, *tint, start = rng.uniform(*PEOPLE).tolist()
    lower = int(tone)
    skin = SKIN_TONES[lower] + (tone - lower) * (SKIN_TONES[lower + 1] - SKIN_TONES[lower])
    skin *= (light, light * green, light * blue)
    pink = np.array([236.0, 176.0, 150.0])
    share = 0.1 + 0.35 * (tone / (len(SKIN_TONES) - 1)) ** 2
    bare = rng.random() < 0.45
    return Person(
        skin=skin,
        palm=skin + share * (pink - skin),
        girth=girth,
        sleeve=np.array([min(max(grey + more, 8.0), 245.0) for more in tint]),
        sleeve_start=2 * ARM_LENGTH if bare else start,
    )


def hand_body(pose: HandPose, person: Person, arm: Points) -> Capsules:
    """Put flesh on a pose.

    Args:
        pose: the joints.
        person: build and sleeve.
        arm: (3,) the direction from the wrist to the elbow, of length 1.

    Returns:
        All capsules: the palm's and the arm's, the fingers', their nails' and, if there is one, the sleeve's.
    """
    bones, nails = _finger_ends(pose)
    back = np.empty((len(KIND), 3))
    back[:] = (0.0, 0.0, -1.0)
    back[_BONES] = pose.dorsal.reshape(15, 3)
    back[_NAILS] = pose.dorsal[:, 2]
    arms = _arm_ends(arm, person.sleeve_start)
    ends = np.concatenate((_palm_ends(pose.joints), arms[:4], bones, nails, arms[4:]))
    shown = len(KIND) if person.sleeve_start < ARM_LENGTH else len(KIND) - 2
    return Capsules(ends[:shown], person.girth * RADIUS[:shown], KIND[:shown], back[:shown], FLUSH[:shown])


def _palm_ends(joints: Points) -> Points:
    """(11, 2, 3): metacarpals, webs between the fingers, the balls of thumb and little finger, the thumb's web."""
    ends = np.empty((11, 2, 3))
    knuckles, thumb = joints[1:, 0], joints[0]
    ends[:4, 0] = knuckles * (0.5, 0.0, 0.0) + (0.1, 0.9, 0.0)
    ends[:4, 1] = knuckles
    webs = 0.8 * knuckles + 0.2 * joints[1:, 1]
    ends[4:7, 0], ends[4:7, 1] = webs[:-1], webs[1:]
    ends[7] = thumb[:2]
    ends[8] = (-2.3, 1.8, 0.4), (-2.8, 5.5, 0.35)
    ends[9] = 0.15 * thumb[0] + 0.85 * thumb[1], knuckles[0] - (0.3, 1.6, 0.0)
    ends[10] = 0.5 * (thumb[0] + thumb[1]), knuckles[0] - (0.6, 3.6, 0.0)
    return ends


def _arm_ends(arm: Points, sleeve_start: float) -> Points:
    """(6, 2, 3): wrist, forearm and sleeve, two bones each, side by side, which makes them wider than thick."""
    side = np.array([1.0, 0.0, 0.0]) - arm[0] * arm
    side /= math.sqrt(side @ side)
    along = np.array([[0.0, 9.0], [0.0, 9.0], [9.0, ARM_LENGTH], [9.0, ARM_LENGTH]] + [[sleeve_start, ARM_LENGTH]] * 2)
    across = np.array([[1.25, 1.3], [-1.25, -1.3], [1.3, 1.6], [-1.3, -1.6], [1.4, 1.9], [-1.4, -1.9]])
    ends: Points = along[..., None] * arm + across[..., None] * side + WRIST
    return ends


def _finger_ends(pose: HandPose) -> tuple[Points, Points]:
    """Fifteen bones (15, 2, 3), the last of each finger a radius short of its tip, and nails (5, 2, 3) upon those."""
    ends = np.empty((5, 3, 2, 3))
    ends[:, :, 0], ends[:, :, 1] = pose.joints[:, :-1], pose.joints[:, 1:]
    tip = RADII[:, 3, None]
    last = pose.joints[:, 3] - pose.joints[:, 2]
    ends[:, 2, 1] -= last * (tip / np.sqrt((last * last).sum(axis=1, keepdims=True)))
    raised = pose.dorsal[:, 2] * tip
    nails = np.stack([ends[:, 2, 0] + 0.6 * last + 0.45 * raised, ends[:, 2, 1] + 0.35 * raised], axis=1)
    return ends.reshape(15, 2, 3), nails


_BONES, _NAILS = slice(15, 30), slice(30, 35)  # after eleven of the palm and four of the arm
KIND = np.repeat([PALM, FINGER, NAIL, SLEEVE], [15, 15, 5, 2])
RADIUS = np.concatenate(
    [
        [[1.75, 1.15]] * 3 + [[1.6, 1.0]] + [[0.85, 0.85]] * 3 + [[1.7, 1.2], [1.45, 1.35], [0.8, 0.85], [1.2, 1.2]],
        [[1.75, 2.2]] * 2 + [[2.2, 4.5]] * 2,
        np.stack([RADII[:, :-1], RADII[:, 1:]], axis=2).reshape(15, 2),
        0.7 * RADII[:, [3, 3]],
        [[2.7, 5.5]] * 2,
    ]
)
FLUSH = np.concatenate(
    [[0.1] * 4, [0.25] * 3, [0.25, 0.35, 0.1, 0.1], [0.0] * 4, np.tile([0.1, 0.3, 0.55], 5), np.zeros(7)]
)
