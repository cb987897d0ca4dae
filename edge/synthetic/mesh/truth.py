"""What a drawn hand shows: its count, its fingers, its box, and how much of it is to be seen."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from signs_edge.edge.synthetic.mesh.finger_pose import FingerPose
from signs_edge.edge.synthetic.mesh.hand_mesh import CHAINS, LANDMARKS, Array

FOLDED, RAISED, UNSEEN = range(3)
LEAST_SEEN, LEAST_SLANT = 0.35, 0.3  # a raised finger of which less is seen, or that looks shorter, is unclear
HIDDEN, EDGE_ON = 0.08, 0.3  # a folded finger hidden more than that, in a hand seen edge-on, is unclear


@dataclass(frozen=True)
class HandTruth:
    """What a drawn hand shows. Pixels are those of the picture, y down.

    Attributes:
        count: raised fingers, 0 to 5.
        fingers: (5,) thumb to little finger: 0 folded, 1 raised, 2 hidden or pointing at the camera.
        seen: (5,) the share of each finger's surface to the camera that is in the picture and not hidden, 0..1.
        slant: (5,) each finger's length in the picture over its true length, 0..1.
        box: left, top, right, bottom of the hand without its arm; may reach out of the picture.
        angle: degrees from upright, clockwise, of the way from the wrist to the middle finger's knuckle.
        side: `left` or `right`: whose hand it is.
        facing: 1 palm to the camera, 0 edge-on, -1 back.
        points: (21, 2) float32 pixels of MediaPipe's landmarks, in its order.
        thumb: where the thumb is, as in `FingerPose.thumb`.
        together: whether the raised fingers are held together.
    """

    count: int
    fingers: tuple[int, ...]
    seen: tuple[float, ...]
    slant: tuple[float, ...]
    box: tuple[float, float, float, float]
    angle: float
    side: str
    facing: float
    points: Array
    thumb: str
    together: bool

    @property
    def clear(self) -> bool:
        """Whether all raised fingers are to be seen, so that the count is."""
        return UNSEEN not in self.fingers

    def to_json(self) -> dict[str, Any]:
        """The same as numbers, texts and lists."""
        values = asdict(self) | {"clear": self.clear, "points": np.round(self.points.astype(float), 1).tolist()}
        for name in ("seen", "slant", "box"):
            values[name] = [round(value, 2) for value in values[name]]
        return values | {"angle": round(self.angle, 1), "facing": round(self.facing, 2), "fingers": list(self.fingers)}


def finger_of_faces(weights: Array, faces: Array, chains: tuple[tuple[int, ...], ...]) -> Array:
    """(m,) int64, the finger (0 to 4) whose bones carry all of a face's corners; -1 for the palm and webs.

    Args:
        weights: (n, joints) how much each joint carries a vertex.
        faces: (m, 4) corners.
        chains: the joints of each finger, the first of which is the palm's.
    """
    owner = np.full(weights.shape[1], -1)
    for finger, chain in enumerate(chains):
        owner[list(chain[1:])] = finger
    corners = owner[weights.argmax(axis=1)][faces]
    return np.where((corners == corners[:, :1]).all(axis=1), corners[:, 0], -1)


def hand_truth(
    pose: FingerPose,
    *,
    side: str,
    facing: float,
    outline: Array,
    joints: tuple[Array, Array, float],
    finger_pixels: tuple[Array, Array, Array],
) -> HandTruth:
    """Read the truth off a drawing.

    Args:
        pose: how the hand is held.
        side: `left` or `right`.
        facing: as in `HandTruth`.
        outline: (n, 2) pixels of the hand's vertices.
        joints: (25, 3) in the camera's frame in metres, (25, 2) in pixels, and the focal length in pixels.
        finger_pixels: (p,) faces of the drawn pixels, (m,) the finger of each face, and (m,) the drawn pixels that
            each face would cover if nothing hid it.
    """
    places, flat, focal = joints
    faces, finger, areas = finger_pixels
    shown = np.bincount(finger[faces] + 1, minlength=6)[1:]
    whole = np.bincount(finger + 1, areas, minlength=6)[1:]
    seen = np.clip(shown / np.maximum(whole, 1), 0, 1)
    slant = np.array([_slant(places, flat, focal, chain) for chain in CHAINS])
    states = []
    for number, up in enumerate(pose.raised):
        if up:
            states.append(RAISED if seen[number] > LEAST_SEEN and slant[number] > LEAST_SLANT else UNSEEN)
        else:
            states.append(UNSEEN if seen[number] < HIDDEN and abs(facing) < EDGE_ON else FOLDED)
    way = flat[CHAINS[2][1]] - flat[0]
    low, high = outline.min(axis=0).tolist(), outline.max(axis=0).tolist()
    return HandTruth(
        count=pose.count,
        fingers=tuple(states),
        seen=tuple(seen.tolist()),
        slant=tuple(slant.tolist()),
        box=(low[0], low[1], high[0], high[1]),
        angle=float(np.degrees(np.arctan2(way[0], -way[1]))),
        side=side,
        facing=facing,
        points=flat[list(LANDMARKS)].astype(np.float32),
        thumb=pose.thumb,
        together=pose.together,
    )


def _slant(places: Array, flat: Array, focal: float, chain: tuple[int, ...]) -> float:
    """A finger's length in the picture over the length that it would have across the view."""
    a, b = chain[1], chain[-1]
    across = float(np.linalg.norm(places[b] - places[a])) * focal / max(float(places[[a, b], 2].mean()), 0.05)
    return float(np.clip(np.linalg.norm(flat[b] - flat[a]) / max(across, 1e-6), 0, 1))
