"""Which fingers are raised and how a hand holds them: rotations of its joints."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from signs_edge.edge.errors import UsageError
from signs_edge.edge.synthetic.mesh.hand_mesh import CHAINS, JOINTS, Array, pose_joints
from signs_edge.edge.synthetic.mesh.rotations import about_x, about_y, about_z

SIGNS: tuple[tuple[tuple[str, str, float], ...], ...] = (
    (("", "fist", 0.5), ("", "side", 0.14), ("", "touch", 0.1), ("", "inside", 0.08), ("", "ring", 0.18)),
    (
        *(("i", way, share) for way, share in (("fist", 0.34), ("touch", 0.1), ("side", 0.08), ("palm", 0.05))),
        *(("t", "up", 0.3), ("l", "fist", 0.08), ("m", "fist", 0.03), ("r", "touch", 0.02)),
    ),
    (
        *(("im", "fist", 0.3), ("im", "touch", 0.18), ("im", "palm", 0.04), ("ti", "up", 0.28), ("il", "fist", 0.08)),
        *(("tl", "up", 0.05), ("rl", "touch", 0.03), ("tm", "up", 0.02), ("mr", "touch", 0.02)),
    ),
    (
        *(("imr", "touch", 0.18), ("imr", "fist", 0.16), ("imr", "palm", 0.06), ("tim", "up", 0.28)),
        *(("mrl", "touch", 0.2), ("til", "up", 0.06), ("iml", "touch", 0.03), ("irl", "touch", 0.03)),
    ),
    (
        *(("imrl", "palm", 0.82), ("imrl", "inside", 0.02), ("timr", "up", 0.08), ("timl", "up", 0.02)),
        *(("tmrl", "up", 0.04), ("tirl", "up", 0.02)),
    ),
    (("timrl", "up", 1.0),),
)
"""For each count: raised fingers by their first letters, where the thumb is, and how often."""

LETTERS = "timrl"
TOGETHER_SHARE = 0.38  # of the hands hold their raised fingers together
THUMB_TRIES = 320
# Degrees of a folded thumb's five angles, least and most: base sideways, to the palm, about itself; two bends.
THUMB_REACH = np.array([[-35.0, -55.0, -40.0, -8.0, -5.0], [45.0, 35.0, 40.0, 68.0, 80.0]])
FAN = np.array([1.5, 0.5, -0.5, -1.5])  # how index to little finger lean when spread
TO_PALM = np.array([0.0, -1.0, 0.0])


@dataclass(frozen=True)
class FingerPose:
    """How a hand is held.

    Attributes:
        rotations: (25, 3, 3) float64, each in its joint's own frame.
        raised: whether thumb to little finger are raised.
        thumb: `up` (raised), or where a folded thumb's tip lies: on a `fist`'s fingers, beside the hand (`side`), on a
            folded finger's tip (`touch`), over the `palm`, `inside` the fist, or at the others' tips (`ring`, an O).
        together: whether the raised fingers are held together.
    """

    rotations: Array
    raised: tuple[bool, ...]
    thumb: str
    together: bool

    @property
    def count(self) -> int:
        """The number of raised fingers."""
        return sum(self.raised)


def sample_finger_pose(bind: Array, scales: Array, count: int, rng: np.random.Generator) -> FingerPose:
    """Choose how a hand shows a count.

    Args:
        bind: (25, 4, 4) the joints at rest.
        scales: (25, 3) the hand's build.
        count: raised fingers, 0 to 5.
        rng: the only source of chance.

    Raises:
        UsageError: the count is not 0 to 5.
    """
    if not 0 <= count < len(SIGNS):
        raise UsageError(f"count must be 0 to {len(SIGNS) - 1}. Received: {count}")
    signs = SIGNS[count]
    shares = np.array([share for *_, share in signs])
    letters, thumb, _ = signs[int(rng.choice(len(signs), p=shares / shares.sum()))]
    raised = tuple(letter in letters for letter in LETTERS)
    rotations = np.tile(np.eye(3), (JOINTS, 1, 1))
    together, loose = bool(rng.random() < TOGETHER_SHARE), bool(rng.random() < 0.2)
    spread = _spread(together, rng)
    for finger in range(1, 5):
        up = raised[finger]
        bend = _raised_bend(loose, rng) if up else _folded_bend(thumb, rng)
        if up and not together and rng.random() < 0.06:
            bend[0] += rng.uniform(-20, 25)
        lean = spread[finger - 1] if up else (2.5 - finger) * rng.normal(-3, 1)
        chain = CHAINS[finger]
        rotations[chain[1]] = about_y(lean + rng.normal(0, 0.7 if together else 2)) @ about_x(-bend[0])
        rotations[chain[2]], rotations[chain[3]] = about_x(-bend[1]), about_x(-bend[2])
    if thumb == "up":
        rotations[1:4] = _raised_thumb(raised, together, rng)
    else:
        places = pose_joints(bind, rotations, scales)[:, :3, 3].astype(float)
        rotations[1:4] = _thumb_to(_thumb_target(places, raised, thumb, rng), bind, scales, rng)
    return FingerPose(rotations, raised, thumb, together)


def _spread(together: bool, rng: np.random.Generator) -> Array:
    """(4,) degrees by which index to little finger lean to the thumb's side."""
    if together:
        return np.asarray(FAN * rng.normal(-3.6, 0.8))
    if rng.random() < 0.1:  # two and two
        gap = rng.uniform(3, 8)
        return np.array([gap - 2, gap + 2, -gap - 2, -gap + 2]) + rng.normal(0, 1, 4)
    return np.asarray(FAN * rng.uniform(-1, 8) + rng.normal(0, 1.5, 4))


def _raised_bend(loose: bool, rng: np.random.Generator) -> Array:
    """(3,) degrees at a raised finger's joints."""
    if loose:
        return np.array([rng.normal(12, 8), abs(rng.normal(14, 8)), abs(rng.normal(8, 6))])
    return np.array([rng.normal(3, 6), abs(rng.normal(3, 4)) - 1, abs(rng.normal(2, 3)) - 1])


def _folded_bend(thumb: str, rng: np.random.Generator) -> Array:
    """(3,) degrees at a folded finger's joints."""
    if thumb == "ring":
        return np.array([rng.normal(46, 6), rng.normal(52, 8), rng.normal(32, 8)])
    if rng.random() < 0.86:
        return rng.uniform((58, 88, 45), (92, 112, 75))
    return rng.uniform((35, 88, 40), (60, 112, 70))


def _raised_thumb(raised: tuple[bool, ...], together: bool, rng: np.random.Generator) -> Array:
    """(3, 3, 3) rotations of a thumb away from the hand, along a flat hand's edge, or out of the palm."""
    chance = rng.random()
    if all(raised) and together and chance < 0.4:
        out, forward = rng.uniform(-32, -18), rng.normal(0, 5)  # along the edge
    elif chance < 0.5:
        out, forward = rng.normal(5, 10), rng.normal(0, 8)
    elif chance < 0.75:
        out, forward = rng.normal(8, 10), rng.uniform(8, 30)
    else:  # out of the palm: short when seen from the front
        out, forward = rng.uniform(-25, 5), rng.uniform(-40, -10)
    return np.stack([about_y(out) @ about_x(forward), about_x(-rng.normal(0, 8)), about_x(-rng.normal(-4, 11))])


def _thumb_to(target: Array, bind: Array, scales: Array, rng: np.random.Generator) -> Array:
    """(3, 3, 3) rotations that bring the thumb's tip nearest to a place, of many random ones."""
    angles = rng.uniform(THUMB_REACH[0], THUMB_REACH[1], (THUMB_TRIES, 5))
    first = about_y(angles[:, 0]) @ about_x(angles[:, 1]) @ about_z(angles[:, 2])
    second, third = about_x(-angles[:, 3]), about_x(-angles[:, 4])
    steps = [np.linalg.inv(bind[joint - 1]) @ bind[joint] for joint in range(1, 5)]
    place, turn = (steps[0][:3, 3] * scales[0]).astype(float), steps[0][:3, :3] @ first
    for joint, local in ((1, second), (2, third), (3, None)):
        place = place + turn @ (steps[joint][:3, 3] * scales[joint])
        if local is not None:
            turn = turn @ steps[joint][:3, :3] @ local
    # metres to the target, and a little for every degree, so that of two equal ways the plainer wins
    cost = np.linalg.norm(place - target, axis=1) + np.abs(angles[:, :3]) @ np.array([4e-5, 4e-5, 1.2e-4])
    best = int(cost.argmin())
    return np.stack([first[best], second[best], third[best]])


def _thumb_target(at: Array, raised: tuple[bool, ...], way: str, rng: np.random.Generator) -> Array:
    """(3,) where the thumb's tip shall lie, from the joints' places (25, 3)."""
    folded = [finger for finger in range(1, 5) if not raised[finger]]
    index = at[CHAINS[1][1]]
    if way == "palm" or not folded:
        finger = int(rng.choice([1, 2, 3, 4], p=[0.12, 0.28, 0.4, 0.2]))
        return np.asarray(
            at[CHAINS[finger][1]] * rng.uniform(0.72, 1.0) + np.array([0, -0.022, rng.normal(0.004, 0.008)])
        )
    if way == "side":
        across = index - at[CHAINS[4][1]]
        out = 0.018 * across / np.linalg.norm(across)
        return np.asarray(index * rng.uniform(0.8, 1.0) + out + np.array([0, -0.006, rng.normal(0, 0.012)]))
    if way == "inside":
        return np.asarray(at[CHAINS[2][1]] * rng.uniform(0.75, 0.95) + 0.024 * TO_PALM)
    if way == "ring":
        return np.asarray(at[CHAINS[1][4]] * 0.7 + at[CHAINS[2][4]] * 0.3 + np.array([0, 0, 0.005]))
    if way == "touch":
        return np.asarray(at[CHAINS[int(rng.choice(folded))][-1]] + 0.006 * TO_PALM)
    finger, share = int(rng.choice(folded[:3])), rng.random()
    return np.asarray(at[CHAINS[finger][2]] * share + at[CHAINS[finger][3]] * (1 - share) + 0.016 * TO_PALM)
