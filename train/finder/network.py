"""The finder: a small fully convolutional network, its targets and its loss."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import numpy.typing as npt
from keras import layers, ops

from signs_edge.edge.region.finder import GRID, HEIGHT, OFFSET_SCALE, SIZE_SCALE, STRIDE, TYPICAL_SIDE, WIDTH
from signs_edge.train.finder.scenes import NOWHERE
from signs_edge.train.network.resnet import BATCH_NORM_MOMENTUM

_PRIOR = 0.01  # share of the cells that a fresh network takes for a hand (Lin et al. 2017, arXiv:1708.02002)


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


def _convolution(x: Any, filters: int, strides: int, dilation: int = 1) -> Any:
    x = layers.Conv2D(filters, 3, strides, "same", dilation_rate=dilation, use_bias=False)(x)
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


def loss(wanted: Any, answered: Any) -> Any:
    """CenterNet's focal loss of the heat, and the absolute error of place and size near the middle, summed per picture."""
    heat, weight = wanted[..., 0], wanted[..., 4]
    probability = ops.clip(ops.sigmoid(answered[..., 0]), 1e-5, 1 - 1e-5)
    middle = ops.cast(heat > 0.999, "float32")
    found = -middle * (1 - probability) ** 2 * ops.log(probability)
    wrong = -(1 - middle) * (1 - heat) ** 4 * probability**2 * ops.log(1 - probability)
    place = ops.sum(ops.abs(answered[..., 1:] - wanted[..., 1:4]), axis=-1) * weight
    return ops.sum(found + wrong + 0.03 * place, axis=(1, 2))
