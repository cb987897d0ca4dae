"""The SIGNS ResNet: He et al. 2015 as the course built it, its smaller sister, and the plain twin without skips."""

from __future__ import annotations

from typing import Any

import keras
from keras import layers, regularizers

from signs_edge.train.runs.config import ModelConfig

# Keras' own default of 0.99 needs hundreds of steps before the moving statistics follow the weights; an epoch of
# SIGNS has 34. With it, validation accuracy jumps between chance and 78 % from one epoch to the next.
BATCH_NORM_MOMENTUM = 0.9


def build_resnet(config: ModelConfig, input_shape: tuple[int, int, int], classes: int) -> Any:
    """Build the network, uncompiled, its weights drawn from Keras' global seed.

    Args:
        config: depth, width, skip connections and regularization; `ModelConfig()` is the seed's ResNet-50.
        input_shape: (height, width, channels) of a picture, float32 RGB in 0..1 (uint8 divided by 255).
        classes: number of outputs, one softmax probability each.

    Returns:
        A `keras.Model` from (n, height, width, channels) to (n, classes).

    Source: He, Zhang, Ren, Sun, "Deep Residual Learning for Image Recognition", arXiv:1512.03385; the layout is that
    of github.com/tejaslodaya/keras-signs-resnet, with the stride in the first 1×1 convolution of a stage.
    """
    inputs = keras.Input(shape=input_shape, name="picture")
    x = layers.ZeroPadding2D(3, name="stem_pad")(inputs)
    x = _convolution(x, config.width, 7, 2, config, "stem", padding="valid")
    x = layers.ReLU(name="stem_relu")(x)
    x = layers.MaxPooling2D(3, strides=2, name="stem_pool")(x)
    for stage, depth in enumerate(config.stages, start=2):
        filters = config.width * 2 ** (stage - 2)
        for block in range(1, depth + 1):
            strides = 2 if block == 1 and stage > 2 else 1
            x = _bottleneck(x, filters, strides, block == 1, config, f"stage{stage}_block{block}")
    x = layers.AveragePooling2D(tuple(x.shape[1:3]), name="average_pool")(x)
    x = layers.Flatten(name="features")(x)
    if config.dropout:
        x = layers.Dropout(config.dropout, name="dropout")(x)
    outputs = layers.Dense(classes, activation="softmax", kernel_regularizer=_l2(config), name="probabilities")(x)
    return keras.Model(inputs, outputs, name="signs_resnet")


def _bottleneck(x: Any, filters: int, strides: int, project: bool, config: ModelConfig, name: str) -> Any:
    """One block: 1×1, 3×3 and 1×1 convolutions to 4·filters channels, plus the shortcut unless skips are off.

    `project` makes it the course's "convolution block", whose shortcut is itself a 1×1 convolution; without it, the
    "identity block". The plain twin leaves the shortcut out and keeps all else.
    """
    shortcut = x
    starts_small = config.zero_init_residual and config.skip
    x = layers.ReLU(name=f"{name}_relu1")(_convolution(x, filters, 1, strides, config, f"{name}_1"))
    x = layers.ReLU(name=f"{name}_relu2")(_convolution(x, filters, 3, 1, config, f"{name}_2"))
    x = _convolution(x, 4 * filters, 1, 1, config, f"{name}_3", gamma="zeros" if starts_small else "ones")
    if config.skip:
        if project:
            shortcut = _convolution(shortcut, 4 * filters, 1, strides, config, f"{name}_shortcut")
        x = layers.Add(name=f"{name}_add")([x, shortcut])
    return layers.ReLU(name=f"{name}_out")(x)


def _convolution(
    x: Any,
    filters: int,
    size: int,
    strides: int,
    config: ModelConfig,
    name: str,
    padding: str = "same",
    gamma: str = "ones",
) -> Any:
    """A convolution with bias and Glorot's uniform start, as the course has it, and its batch normalization."""
    x = layers.Conv2D(
        filters, size, strides=strides, padding=padding, kernel_regularizer=_l2(config), name=f"{name}_conv"
    )(x)
    if not config.batch_norm:
        return x
    return layers.BatchNormalization(momentum=BATCH_NORM_MOMENTUM, gamma_initializer=gamma, name=f"{name}_bn")(x)


def _l2(config: ModelConfig) -> Any:
    return regularizers.L2(config.l2) if config.l2 else None
