"""The finder: a small fully convolutional network, its targets and its loss."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
from keras import layers, ops

from signs_edge.edge.region.finder import GRID, HEIGHT, OFFSET_SCALE, SIZE_SCALE, STRIDE, TYPICAL_SIDE, WIDTH
from signs_edge.train.finder.scenes import NOWHERE
from signs_edge.train.network.resnet import BATCH_NORM_MOMENTUM
from signs_edge.train.rooms.frame import LabelledHand
from signs_edge.train.rooms.geometry import area, overlap
from signs_edge.train.rooms.windows import Window

_PRIOR = 0.01  # share of the cells that a fresh network takes for a hand (Lin et al. 2017, arXiv:1708.02002)
_INSIDE = 0.5  # share of a hand in the window, from which on it must be found
_SMALLEST_SIDE = 4.5  # pixels of a hand that can be seen


def build_finder(width: int = 16) -> Any:
    """Build the network, uncompiled: (n, 120, 160, 3) float32 RGB in 0..1 to (n, 15, 20, 4) float32, as in edge/finder."""
    inputs = keras.Input((HEIGHT, WIDTH, 3), name="frame")
    x = _convolution(inputs, width, 2)
    x = _convolution(x, 2 * width, 2)
    x = _residual(x, 2 * width)
    x = _convolution(x, 4 * width, 2)
    for dilation in (1, 2, 1, 2):
        x = _residual(x, 4 * width, dilation)
    grid = layers.Conv2D(4, 1, name="grid")
    model = keras.Model(inputs, grid(x), name="signs_finder")
    grid.bias.assign(np.array([-np.log((1 - _PRIOR) / _PRIOR), 0, 0, 0], np.float32))
    return model


def build_room_finder(height: int | None, width: int | None, channels: int = 16) -> Any:
    """Build the network of the released finder, uncompiled: like `build_finder`, of bottlenecks, for pictures of any size.

    Six bottleneck blocks see as far as four pairs of 3×3 convolutions at half the cost a pixel, which pays for 224×168 pixels
    instead of 160×120: a hand that is 25 pixels wide at 640×480 is then 9 wide, not 6.

    Args:
        height, width: of the picture, multiples of 8; None leaves them open, so that training may begin with small pictures.
        channels: of the first convolution; twice as many follow, then six times as many.
    """
    inputs = keras.Input((height, width, 3), name="frame")
    x = _convolution(inputs, channels, 2)
    x = _convolution(x, 2 * channels, 2)
    for _ in range(2):
        x = _bottleneck(x, 2 * channels, channels)
    x = _convolution(x, 6 * channels, 2)
    for dilation in (1, 2, 1, 4, 1, 2):
        x = _bottleneck(x, 6 * channels, 3 * channels, dilation)
    grid = layers.Conv2D(4, 1, name="grid")
    model = keras.Model(inputs, grid(x), name="signs_finder")
    grid.bias.assign(np.array([-np.log((1 - _PRIOR) / _PRIOR), 0, 0, 0], np.float32))
    return model


def _bottleneck(x: Any, filters: int, narrow: int, dilation: int = 1) -> Any:
    y = _convolution(x, narrow, 1, size=1)
    y = _convolution(y, narrow, 1, dilation)
    y = layers.Conv2D(filters, 1, 1, "same", use_bias=False)(y)
    y = layers.BatchNormalization(momentum=BATCH_NORM_MOMENTUM)(y)
    return layers.ReLU()(layers.Add()([x, y]))


def _convolution(x: Any, filters: int, strides: int, dilation: int = 1, size: int = 3) -> Any:
    x = layers.Conv2D(filters, size, strides, "same", dilation_rate=dilation, use_bias=False)(x)
    return layers.ReLU()(layers.BatchNormalization(momentum=BATCH_NORM_MOMENTUM)(x))


def _residual(x: Any, filters: int, dilation: int = 1) -> Any:
    y = _convolution(x, filters, 1, dilation)
    y = layers.Conv2D(filters, 3, 1, "same", use_bias=False)(y)
    y = layers.BatchNormalization(momentum=BATCH_NORM_MOMENTUM)(y)
    return layers.ReLU()(layers.Add()([x, y]))


def targets(boxes: npt.NDArray[np.float64]) -> npt.NDArray[np.float32]:
    """What the network should answer: (n, 15, 20, 5) float32: heat 0..1, x and y offset, log size, weight of the last three.

    Heat is a Gaussian about the middle of the hand, as wide as a sixth of it; 1 in its own cell.
    """
    wanted = np.zeros((len(boxes), *GRID, 5), np.float32)
    rows, columns = np.mgrid[0 : GRID[0], 0 : GRID[1]]
    for answer, box in zip(wanted, boxes, strict=True):
        if tuple(box) == NOWHERE:
            continue
        left, top, right, bottom = box
        side = max(right - left, bottom - top)
        x = min(max((left + right) / 2 / STRIDE, 0), GRID[1] - 1e-3)
        y = min(max((top + bottom) / 2 / STRIDE, 0), GRID[0] - 1e-3)
        distance = (columns - int(x)) ** 2 + (rows - int(y)) ** 2
        sigma = max(side / STRIDE / 6, 0.4)
        answer[..., 0] = np.exp(-distance / (2 * sigma**2))
        answer[..., 1] = OFFSET_SCALE * (x - columns - 0.5)
        answer[..., 2] = OFFSET_SCALE * (y - rows - 0.5)
        answer[..., 3] = SIZE_SCALE * np.log(side / TYPICAL_SIDE)
        answer[..., 4] = distance <= 2
    return wanted


def window_targets(windows: Sequence[Window]) -> npt.NDArray[np.float32]:
    """As `targets`, for room windows of one size with any number of hands: (n, rows, columns, 6), the last 0 where no heat is judged.

    The larger of two hands that share cells has the offsets where its own heat is greater. Not judged are cells of hands that are
    not certain, that are half outside, or that are too small to be seen.
    """
    height, width = windows[0].picture.shape[:2]
    wanted = np.zeros((len(windows), height // STRIDE, width // STRIDE, 6), np.float32)
    wanted[..., 5] = 1
    for answer, window in zip(wanted, windows, strict=True):
        for hand in sorted(window.hands, key=lambda hand: -hand.side):
            if hand.shown:
                _add_hand(answer, hand, height, width)
    return wanted


def _add_hand(answer: npt.NDArray[np.float32], hand: LabelledHand, height: int, width: int) -> None:
    """Write one hand into the (rows, columns, 6) answer of a window."""
    rows, columns = np.mgrid[0 : answer.shape[0], 0 : answer.shape[1]]
    left, top, right, bottom = hand.box
    inside = overlap(hand.box, (0.0, 0.0, float(width), float(height))) / area(hand.box)
    x, y = hand.centre[0] / STRIDE, hand.centre[1] / STRIDE
    if inside <= 0:
        return
    judged = hand.certain and inside >= _INSIDE and hand.side >= _SMALLEST_SIDE
    if not (judged and 0 <= x < answer.shape[1] and 0 <= y < answer.shape[0]):
        across = (columns + 0.8 > left / STRIDE) & (columns + 0.2 < right / STRIDE)
        answer[across & (rows + 0.8 > top / STRIDE) & (rows + 0.2 < bottom / STRIDE), 5] = 0
        return
    distance = (columns - int(x)) ** 2 + (rows - int(y)) ** 2
    heat = np.exp(-distance / (2 * max(hand.side / STRIDE / 6, 0.4) ** 2))
    near = (distance <= 2) & (heat >= answer[..., 0])
    answer[..., 0] = np.maximum(answer[..., 0], heat)
    answer[near, 1] = OFFSET_SCALE * (x - columns[near] - 0.5)
    answer[near, 2] = OFFSET_SCALE * (y - rows[near] - 0.5)
    answer[near, 3] = SIZE_SCALE * np.log(hand.side / TYPICAL_SIDE)
    answer[near, 4] = 1
    answer[int(y), int(x), 5] = 1


def loss(wanted: Any, answered: Any) -> Any:
    """CenterNet's focal loss of the heat, and the absolute error of place and size near the middle, summed per picture.

    Where `wanted` has a sixth value, a wrong heat counts only as far as that says, 0 to 1.
    """
    heat, weight = wanted[..., 0], wanted[..., 4]
    judged = wanted[..., 5] if wanted.shape[-1] > 5 else 1.0
    probability = ops.clip(ops.sigmoid(answered[..., 0]), 1e-5, 1 - 1e-5)
    middle = ops.cast(heat > 0.999, "float32")
    found = -middle * (1 - probability) ** 2 * ops.log(probability)
    wrong = -(1 - middle) * (1 - heat) ** 4 * probability**2 * ops.log(1 - probability) * judged
    place = ops.sum(ops.abs(answered[..., 1:] - wanted[..., 1:4]), axis=-1) * weight
    return ops.sum(found + wrong + 0.03 * place, axis=(1, 2))
