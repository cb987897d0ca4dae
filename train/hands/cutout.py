"""Hands cut out of the plain, light background that SIGNS' photos have."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from signs_edge.edge.arrays import Image

Mask = npt.NDArray[np.uint8]
Plane = npt.NDArray[np.float32]

SIDE = 128  # a cutout's side: twice the photo's, so that its edge is finer than the photo's pixels
MIN_QUALITY = 0.8  # below, the cutout is left out, as four of SIGNS' 1080 training photos are
_UP = 2
_EDGE = 1.0  # softness of the mask's edge, in pixels of the cutout
# Lab differences to the background, L in 0..100: a hand is darker than SIGNS' walls, a shadow only a little less so
_AS_LIGHT_AS_WALL = -8.0
_SURELY_DARKER = -12.0
_DARK_HOLE = -25.0
_BARE = 2.0  # root mean square difference to a smooth surface

_grid = np.mgrid[0:SIDE, 0:SIDE] / SIDE - 0.5
_TERMS = np.stack(
    [np.ones_like(_grid[0]), _grid[1], _grid[0], _grid[0] * _grid[1], _grid[1] ** 2, _grid[0] ** 2], axis=-1
).reshape(-1, 6)  # a quadratic surface: how light falls off along a wall


@dataclass(frozen=True)
class Cutout:
    """A hand without its background.

    Attributes:
        image: (128, 128, 3) uint8 RGB; near the edge the hand's own colours, not mixed with the wall behind.
        mask: (128, 128) uint8, 255 on the hand, soft over about two pixels at its edge.
        quality: 0..1, how far two ways to find the hand agree: by colour alone, and by GrabCut; 0 where none was found.
    """

    image: Image
    mask: Mask
    quality: float

    @property
    def good(self) -> bool:
        """Whether it is fit for training."""
        return self.quality >= MIN_QUALITY


def cut_out(picture: Image) -> Cutout:
    """Find the hand in a (64, 64, 3) uint8 RGB photo with a plain background.

    The background's colour is fitted as a quadratic surface in Lab. What differs from it in colour by more than Otsu's
    threshold is the coarse hand: right, but blurred, as JPEG keeps colours at half the size. GrabCut (Rother,
    Kolmogorov, Blake 2004) sharpens it by lightness, and may not take what is as light as the wall.
    """
    big = enlarge(picture)
    lab: Plane = np.asarray(cv2.cvtColor(big.astype(np.float32) / 255, cv2.COLOR_RGB2LAB), np.float32)
    soft: Plane = np.asarray(cv2.GaussianBlur(lab, (0, 0), 0.6 * _UP), np.float32)
    wall = _fit_wall(lab, soft)
    if wall is None:
        return _nothing(big)
    darker = lab[..., 0] - wall[..., 0]
    colour = np.maximum((soft - wall)[..., 1:].sum(axis=2), 0)
    threshold = _otsu(colour)
    coarse = largest_part((colour > threshold).astype(np.uint8))
    if not coarse.any():
        return _nothing(big)
    trimap = np.full(coarse.shape, cv2.GC_BGD, np.uint8)
    trimap[cv2.dilate(coarse, disc(2 * _UP)) > 0] = cv2.GC_PR_BGD
    trimap[coarse > 0] = cv2.GC_PR_FGD
    trimap[(cv2.erode(coarse, disc(_UP)) > 0) & (darker < _SURELY_DARKER)] = cv2.GC_FGD
    trimap[(darker > _AS_LIGHT_AS_WALL) & (colour < 1.6 * threshold)] = cv2.GC_BGD
    if not (trimap == cv2.GC_FGD).any():
        return _nothing(big)
    scale = np.array([2.5, 2.0, 2.0], np.float32)
    features = np.clip(np.dstack([lab[..., :1], soft[..., 1:]]) * scale + (0, 128, 128), 0, 255).astype(np.uint8)
    cv2.setRNGSeed(0)  # GrabCut starts from k-means
    cv2.grabCut(features, trimap, (0, 0, 0, 0), np.zeros((1, 65)), np.zeros((1, 65)), 2, cv2.GC_INIT_WITH_MASK)
    hand = ((trimap == cv2.GC_FGD) | (trimap == cv2.GC_PR_FGD)).astype(np.uint8)
    hand = largest_part(cv2.morphologyEx(hand, cv2.MORPH_OPEN, disc(1)).astype(np.uint8, copy=False))
    if not hand.any():
        return _nothing(big)
    hand = _without_specks(hand, darker)
    return Cutout(own_colours(big, hand), soften(hand), _quality(hand, coarse))


def is_bare(picture: Image) -> bool:
    """Whether a (64, 64, 3) uint8 RGB photo shows a wall and nothing else, as one of SIGNS' training photos does."""
    lab = cv2.cvtColor(cv2.resize(picture, (SIDE, SIDE)).astype(np.float32) / 255, cv2.COLOR_RGB2LAB).reshape(-1, 3)
    surface, *_ = np.linalg.lstsq(_TERMS, lab, rcond=None)
    return float(np.sqrt(np.mean((lab - _TERMS @ surface) ** 2))) < _BARE


def enlarge(picture: Image) -> Image:
    """A (64, 64, 3) uint8 photo at the side of a cutout."""
    return np.asarray(cv2.resize(picture, (SIDE, SIDE), interpolation=cv2.INTER_CUBIC), np.uint8)


def disc(radius: int) -> Mask:
    """Structuring element of (2·radius + 1)² pixels."""
    return cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1)).astype(np.uint8)


def largest_part(mask: Mask) -> Mask:
    """The largest connected part of a 0/1 mask; all 0 where there is none."""
    count, parts, statistics, _ = cv2.connectedComponentsWithStats(mask)
    if count < 2:
        return np.zeros_like(mask)
    return np.asarray(parts == 1 + statistics[1:, cv2.CC_STAT_AREA].argmax(), np.uint8)


def soften(mask: Mask) -> Mask:
    """A 0/1 mask as 0..255 with a soft edge."""
    return cv2.GaussianBlur(mask * np.uint8(255), (0, 0), _EDGE).astype(np.uint8)


def _fit_wall(lab: Plane, soft: Plane) -> Plane | None:
    """The background as a surface, (128, 128, 3) float32 Lab; None where next to nothing of it is seen."""
    reddish = soft[..., 1] + soft[..., 2]
    reddish = reddish - reddish.min()
    background = cv2.dilate((reddish > 0.9 * _otsu(reddish)).astype(np.uint8), disc(_UP)).reshape(-1) == 0
    if background.mean() < 0.05:
        return None
    surface, *_ = np.linalg.lstsq(_TERMS[background], lab.reshape(-1, 3)[background], rcond=None)
    return np.asarray((_TERMS @ surface).reshape(lab.shape), np.float32)


def _otsu(values: Plane) -> float:
    """Otsu's threshold of what is above 0."""
    top = max(float(np.percentile(values, 98)), 1e-6)
    levels = (np.clip(values / top, 0, 1) * 255).astype(np.uint8).reshape(-1, 1)
    return float(cv2.threshold(levels, 0, 1, cv2.THRESH_BINARY + cv2.THRESH_OTSU)[0]) / 255 * top


def _without_specks(hand: Mask, darker: Plane) -> Mask:
    """Fill holes too small to be seen through, and larger ones that are dark: creases and deep shade, not wall."""
    hand = hand.copy()
    count, parts, statistics, _ = cv2.connectedComponentsWithStats(1 - hand, connectivity=4)
    for part in range(1, count):
        area = statistics[part, cv2.CC_STAT_AREA]
        if area < 24 or (area < 160 and np.median(darker[parts == part]) < _DARK_HOLE):
            hand[parts == part] = 1
    return hand


def own_colours(big: Image, hand: Mask) -> Image:
    """Within two pixels of the edge, where hand and wall are mixed, the mean of the hand's colours nearby."""
    core = cv2.erode(hand, disc(_UP)).astype(np.float32)
    weight = cv2.GaussianBlur(core, (0, 0), 1.5 * _UP)[..., np.newaxis]
    nearby = cv2.GaussianBlur(big * core[..., np.newaxis], (0, 0), 1.5 * _UP) / np.maximum(weight, 1e-3)
    inside = cv2.GaussianBlur(cv2.erode(hand, disc(1)).astype(np.float32), (0, 0), 0.6 * _UP)[..., np.newaxis]
    mixed = np.where(weight > 0.02, 1 - inside, 0)
    return np.asarray(np.clip(big * (1 - mixed) + nearby * mixed, 0, 255), np.uint8)


def _quality(hand: Mask, coarse: Mask) -> float:
    """Overlap of both masks (intersection over union); 0 for what is too small or too large for a hand."""
    if not 0.03 <= hand.mean() <= 0.7:
        return 0.0
    return float((hand & coarse).sum() / (hand | coarse).sum())


def _nothing(big: Image) -> Cutout:
    return Cutout(big, np.zeros(big.shape[:2], np.uint8), 0.0)
