"""A hand laid over a background as a camera might see it: geometry, sleeve, light, shadow."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from signs_edge.edge.arrays import Image
from signs_edge.edge.synthetic.backdrop import in_rgb
from signs_edge.train.hands.cutout import SIDE
from signs_edge.train.hands.hands import Hand

Canvas = npt.NDArray[np.float32]

SIZE = 64
MAX_ROTATION = 50.0  # degrees, all at full strength
MAX_SHEAR = 0.2
MAX_STRETCH = 0.15
_LEAST_CONTRAST = 32  # grey levels between skin and wall, in one channel at least
_SLEEVE, _BRACELET, _NO_ARM = 0.3, 0.08, 0.12  # how often


@dataclass(frozen=True)
class View:
    """What a picture is to be: its size, and how large a hand may be in it.

    Attributes:
        height, width: in pixels.
        smallest, largest: the hand's longer side without the arm, as a share of the height.
    """

    height: int = SIZE
    width: int = SIZE
    smallest: float = 0.46
    largest: float = 1.04


PICTURE = View()
"""What the counting network sees."""


@dataclass(frozen=True)
class Placed:
    """A hand brought to its place.

    Attributes:
        colour: (height, width, 3) float32 RGB 0..255.
        alpha: (height, width) float32 0..1.
        box: left, top, right, bottom of the hand without its arm, in pixels.
    """

    colour: Canvas
    alpha: Canvas
    box: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)


@lru_cache(maxsize=4)
def _grid(height: int, width: int) -> tuple[Canvas, Canvas]:
    """(height, width) float32 each: every pixel's y and x."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    return y, x


def place(
    hand: Hand, rng: np.random.Generator, strength: float, arm_only: bool = False, view: View = PICTURE
) -> Placed:
    """Turn, size, shear, mirror and move a hand so that all of its fingers stay in the picture; dress its arm.

    Args:
        hand: what to place.
        rng: the only source of chance.
        strength: 0 nearly as it was photographed, 1 as far as the limits above allow.
        arm_only: leave the hand itself out: a negative.
        view: size of the picture, and of the hand in it.
    """
    linear = _linear(rng, strength)
    corners = hand.shape.outline @ linear.T
    low, high = corners.min(axis=0), corners.max(axis=0)
    natural = float((high - low).max()) / SIDE
    wanted = np.exp(rng.uniform(np.log(view.smallest), np.log(view.largest)))
    size = natural ** (1 - strength) * wanted**strength
    scale = size * view.height / float((high - low).max())
    low, high = low * scale, high * scale
    room = np.array([view.width, view.height]) - (high - low)
    shift = rng.uniform(np.minimum(0, room), np.maximum(0, room)) - low
    box = (*(low + shift).tolist(), *(high + shift).tolist())
    matrix = np.column_stack([linear * scale, shift]).astype(np.float32)
    image, mask = hand.image, hand.mask
    detail = scale
    while detail < 0.36:  # the pictures hold more detail than the result can show
        image, mask = _halved(image), _halved(mask)
        matrix[:, :2] *= 2
        detail *= 2
    colour: Canvas = _warp(image, matrix, view).astype(np.float32)
    alpha: Canvas = _warp(mask, matrix, view).astype(np.float32) / np.float32(255)
    if hand.shape.arm.any():
        arm = linear @ hand.shape.arm
        arm = arm / max(float(np.hypot(*arm)), 1e-6)
        palm = (linear @ hand.shape.palm) * scale + shift
        across = arm / (hand.shape.radius * scale)  # in palm radii
        y, x = _grid(view.height, view.width)
        along: Canvas = (x - np.float32(palm[0])) * np.float32(across[0]) + (y - np.float32(palm[1])) * np.float32(
            across[1]
        )
        if arm_only:
            alpha = alpha * np.clip(
                (along - np.float32(rng.uniform(2, 3))) * np.float32(4), np.float32(0), np.float32(1)
            )
        else:
            colour, alpha = _dress(colour, alpha, along, rng)
    return Placed(colour, alpha, (box[0], box[1], box[2], box[3]))


def tone(placed: Placed, rng: np.random.Generator, strength: float) -> Placed:
    """Another skin, another light on the hand alone: lightness, contrast, colourfulness, tint, a slope of light."""
    mean = np.array(cv2.mean(placed.colour, _core(placed.alpha))[:3]) + 1e-3
    contrast = np.exp(rng.normal(0, 0.2 * strength))
    grey = mean.mean()
    skin = (grey + (mean - grey) * np.exp(rng.normal(0, 0.35 * strength))) * np.exp(
        np.clip(rng.normal(-0.1, 0.3), -0.9, 0.4) * strength
    )
    skin = skin * np.exp(rng.normal(0, 0.06 * strength, 3))
    gain = contrast * skin / np.maximum(mean, 1)
    colour = cv2.transform(placed.colour, np.column_stack([np.diag(gain), skin - mean * gain]))
    if rng.random() < 0.6:
        height, width = placed.alpha.shape
        angle, slope = rng.uniform(0, 2 * np.pi), rng.uniform(0, 0.5 * strength) / (height / 2)
        y, x = _grid(height, width)
        light = (
            1
            + (x - width / 2) * np.float32(slope * np.cos(angle))
            + (y - height / 2) * np.float32(slope * np.sin(angle))
        )
        colour = colour * in_rgb(light)
    return replace(placed, colour=np.asarray(colour, np.float32))


def lay_over(placed: Placed, background: Image, rng: np.random.Generator, strength: float) -> Canvas:
    """The hand on a background of its size, float32 RGB; sometimes with its shadow, never of the background's very colour."""
    if rng.random() < 0.5:
        background = np.asarray(cv2.flip(background, 1), np.uint8)
    core = _core(placed.alpha)
    skin, wall = np.array(cv2.mean(placed.colour, core)[:3]), np.array(cv2.mean(background, 255 - core)[:3])
    light = np.exp(rng.normal(0, 0.25 * strength))
    if np.abs(skin - light * wall).max() < _LEAST_CONTRAST:
        light *= 0.5 if skin.mean() > 110 else 1.8
    behind = background.astype(np.float32) * np.float32(light)
    if rng.random() < 0.4:
        height, width = placed.alpha.shape
        moved = np.array([[1, 0, rng.uniform(-9, 9)], [0, 1, rng.uniform(-3, 9)]])
        shadow = cv2.GaussianBlur(cv2.warpAffine(placed.alpha, moved, (width, height)), (0, 0), rng.uniform(0.8, 5))
        behind = behind * in_rgb(1 - np.float32(rng.uniform(0.1, 0.6)) * shadow)
    picture: Canvas = behind + in_rgb(placed.alpha) * (placed.colour - behind)
    return picture


def _core(alpha: Canvas) -> npt.NDArray[np.uint8]:
    """0/255 mask of what is mostly hand."""
    return (alpha > 0.5).astype(np.uint8) * np.uint8(255)


def _linear(rng: np.random.Generator, strength: float) -> npt.NDArray[np.float64]:
    """(2, 2): mirror, stretch, shear, then rotation."""
    angle = np.deg2rad(rng.uniform(-MAX_ROTATION, MAX_ROTATION)) * strength
    if rng.random() < 0.04 * strength:
        angle = rng.uniform(-np.pi, np.pi)
    shear = rng.uniform(-MAX_SHEAR, MAX_SHEAR) * strength
    stretch = np.exp(rng.uniform(-MAX_STRETCH, MAX_STRETCH) * strength)
    mirror = rng.choice((-1.0, 1.0))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return np.asarray(turn @ np.array([[mirror * stretch, shear], [0.0, 1 / stretch]]))


def _warp(picture: npt.NDArray[np.uint8], matrix: npt.NDArray[np.float32], view: View) -> npt.NDArray[Any]:
    """To the size of the view; what touches the border, an arm, is carried on outwards."""
    size = (view.width, view.height)
    return cv2.warpAffine(picture, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


def _halved(picture: npt.NDArray[np.uint8]) -> npt.NDArray[Any]:
    return cv2.resize(picture, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)


def _dress(colour: Canvas, alpha: Canvas, along: Canvas, rng: np.random.Generator) -> tuple[Canvas, Canvas]:
    """A sleeve, a bracelet, no arm at all, or, mostly, nothing; `along` counts palm radii from the palm's centre."""
    chance = rng.random()
    if chance < _SLEEVE:
        start = rng.uniform(1.5, 3.2)
        sleeve = np.clip((along - np.float32(start)) * 4, 0, 1)
        wide = cv2.dilate(alpha, np.ones((3 + 2 * int(rng.integers(0, 3)),) * 2, np.uint8))
        dressed = _cloth(along, rng) * _shade(colour)
        sleeved = colour + in_rgb(sleeve) * (dressed - colour)
        return sleeved, np.maximum(alpha * (1 - sleeve), wide * sleeve)
    if chance < _SLEEVE + _BRACELET:
        start = rng.uniform(1.5, 2.2)
        band = ((along > start) & (along < start + rng.uniform(0.15, 0.5)))[..., np.newaxis]
        return np.where(band, rng.uniform(10, 245, 3).astype(np.float32), colour), alpha
    if chance < _SLEEVE + _BRACELET + _NO_ARM:
        return colour, alpha * np.clip((np.float32(rng.uniform(1.3, 2.2)) - along) * 4, 0, 1)
    return colour, alpha


def _cloth(along: Canvas, rng: np.random.Generator) -> Canvas:
    """Plain or striped across the arm."""
    cloth: Canvas = np.broadcast_to(rng.uniform(10, 245, 3).astype(np.float32), (*along.shape, 3))
    if rng.random() < 0.5:
        stripes = (np.sin(along * rng.uniform(4, 30) + rng.uniform(0, 6)) > rng.uniform(-0.5, 0.5))[..., np.newaxis]
        cloth = np.where(stripes, rng.uniform(10, 245, 3).astype(np.float32), cloth)
    return cloth


def _shade(colour: Canvas) -> Canvas:
    """How light the arm is where the cloth lies, about 1: cloth folds as the arm is lit."""
    light = cv2.cvtColor(colour, cv2.COLOR_RGB2GRAY)
    return np.asarray(in_rgb(0.4 + light * np.float32(0.6 / max(float(light.mean()), 1))), np.float32)
