"""Where palm, wrist and fingers are in a cut-out hand: plain geometry on its mask."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from signs_edge.train.hands.cutout import SIDE, Mask, disc, largest_part, soften

Points = npt.NDArray[np.float32]

_PAD = 24  # pixels the mask is carried on beyond its border, so that an arm is not taken to end there
_OPENINGS = (0.5, 0.54, 0.58, 0.62, 0.66, 0.7, 0.75)  # radii tried, as shares of the palm's
_WRIST = 1.5  # distance from the palm's centre, in palm radii
_MIN_CONTACT = 3  # pixels along the border


@dataclass(frozen=True)
class HandShape:
    """Geometry of one mask, in its pixels, x to the right and y down.

    Attributes:
        palm: (2,) float32, the centre of the largest disc inside the hand.
        radius: that disc's radius.
        arm: (2,) float32 unit vector from the palm towards the arm; zeros where no arm is seen.
        outline: (k, 2) float32 corners of the convex hull of the hand without its arm.
        cut: whether the picture's border cuts more than the arm, so that fingers may be missing.
    """

    palm: Points
    radius: float
    arm: Points
    outline: Points
    cut: bool


def shape_of(mask: Mask) -> HandShape:
    """Measure a (128, 128) uint8 mask of 0..255 that holds one hand."""
    hand = (mask > 127).astype(np.uint8)
    inside = _inside(hand)
    y, x = np.unravel_index(int(inside.argmax()), inside.shape)
    palm, radius = np.array([x, y], np.float32), float(inside.max())
    contacts = _border_contacts(hand)
    arm = np.zeros(2, np.float32)
    if contacts:
        towards = max(contacts, key=len).mean(axis=0) - palm
        arm = (towards / max(float(np.hypot(*towards)), 1e-6)).astype(np.float32)
    points = np.argwhere(hand)[:, ::-1].astype(np.float32)
    hand_points = points[(points - palm) @ arm <= _WRIST * radius]
    outline = np.asarray(cv2.convexHull(hand_points).reshape(-1, 2), np.float32)
    return HandShape(palm, radius, arm, outline, len(contacts) > 1)


def find_fingers(mask: Mask, count: int) -> list[Mask] | None:
    """The raised fingers of a hand known to show `count` of them.

    What an opening with a disc somewhat smaller than the palm takes away are fingers. The disc's size is tried out
    until as many are found as the label says; None where none gives that, as with fingers held together.

    Returns:
        (128, 128) 0/1 masks, one per finger.
    """
    hand = (mask > 127).astype(np.uint8)
    padded = cv2.copyMakeBorder(hand, _PAD, _PAD, _PAD, _PAD, cv2.BORDER_REPLICATE)
    inside = _inside(hand)
    radius = float(inside.max())
    for share in _OPENINGS:
        opened = cv2.morphologyEx(padded, cv2.MORPH_OPEN, disc(max(3, round(share * radius))))
        rest = ((padded > 0) & (opened == 0)).astype(np.uint8)[_PAD:-_PAD, _PAD:-_PAD]
        rest = cv2.morphologyEx(rest, cv2.MORPH_OPEN, disc(1))
        number, parts = cv2.connectedComponents(rest, connectivity=4)
        candidates = [(parts == part).astype(np.uint8) for part in range(1, number)]
        fingers = [part for part in candidates if _like_finger(part, radius)]
        if len(fingers) == count and _of_one_width(fingers):
            return fingers
    return None


def without_fingers(mask: Mask, fingers: list[Mask], erased: npt.NDArray[np.int64]) -> Mask:
    """The mask without some of its fingers, as if they were folded away: a count of as many less.

    Args:
        mask: (128, 128) uint8 0..255.
        fingers: what `find_fingers` found in it.
        erased: (k,) indices into `fingers`.
    """
    hand = (mask > 127).astype(np.uint8)
    kept = np.zeros_like(hand)
    for index, finger in enumerate(fingers):
        if index not in erased:
            kept |= finger
    for index in erased:
        hand[(cv2.dilate(fingers[index], disc(1)) > 0) & (kept == 0)] = 0
    smooth = cv2.morphologyEx(hand, cv2.MORPH_OPEN, disc(2)).astype(np.uint8)
    near = cv2.dilate(kept, disc(1)).astype(np.uint8)
    return soften(largest_part(smooth | (hand & near)))


def _inside(hand: Mask) -> npt.NDArray[np.float32]:
    """Each pixel's distance to the outside of a 0/1 mask, in pixels; the picture's border is no outside."""
    padded = cv2.copyMakeBorder(hand, _PAD, _PAD, _PAD, _PAD, cv2.BORDER_REPLICATE)
    distance = cv2.distanceTransform(padded, cv2.DIST_L2, 5)[_PAD:-_PAD, _PAD:-_PAD]
    return np.asarray(distance, np.float32)


def _like_finger(part: Mask, radius: float) -> bool:
    """Long enough, narrow enough, and not an arm, which touches the border over more than a finger's width."""
    area = int(part.sum())
    if area < 0.36 * radius**2:
        return False
    (_, _), (width, height), _ = cv2.minAreaRect(np.argwhere(part).astype(np.float32))
    if max(width, height) < 0.8 * radius or _half_width(part) > 0.55 * radius:
        return False
    border = np.concatenate([part[0], part[-1], part[1:-1, 0], part[1:-1, -1]])
    return int(border.sum()) < 0.5 * radius


def _of_one_width(fingers: list[Mask]) -> bool:
    """Whether none is so much wider than the narrowest that it must be two held together."""
    widths = [_half_width(finger) for finger in fingers]
    return max(widths) <= 1.8 * min(widths)


def _half_width(part: Mask) -> float:
    return float(cv2.distanceTransform(cv2.copyMakeBorder(part, 1, 1, 1, 1, cv2.BORDER_CONSTANT), cv2.DIST_L2, 5).max())


def _border_contacts(hand: Mask) -> list[Points]:
    """Where the mask meets the picture's border: (k, 2) float32 x, y of each stretch at least a few pixels long."""
    last = SIDE - 1
    run = np.arange(last, dtype=np.float32)
    still = np.zeros_like(run)
    ring = np.concatenate(
        [
            np.column_stack([run, still]),
            np.column_stack([still + last, run]),
            np.column_stack([last - run, still + last]),
            np.column_stack([still, last - run]),
        ]
    )
    touched = hand[ring[:, 1].astype(int), ring[:, 0].astype(int)] > 0
    if touched.all() or not touched.any():
        return []
    start = int(np.flatnonzero(~touched)[0])  # begin outside, so that no stretch is split
    ring, touched = np.roll(ring, -start, axis=0), np.roll(touched, -start)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], touched, [False]]).astype(np.int8)))
    stretches = [ring[a:b] for a, b in zip(edges[::2], edges[1::2], strict=True)]
    return [stretch for stretch in stretches if len(stretch) >= _MIN_CONTACT]
