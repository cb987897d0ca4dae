"""Temperature scaling: one number that makes a model as sure as it is right, and never changes an answer."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from signs_edge.edge.arrays import Labels, Probabilities
from signs_edge.edge.errors import ModelError, UsageError

LOWEST, HIGHEST = 0.25, 4.0  # of the temperatures searched: what lies outside comes of too few pictures
_FLOOR = 1e-7  # of a probability: 0 has no logarithm, and float32 and int8 answers do reach 0


def fit_temperature(scores: npt.NDArray[np.floating], labels: Labels) -> float:
    """The temperature T that minimises the negative log-likelihood of softmax(scores / T), with a weak prior.

    Minimised is −Σ log softmax(scores / T)[label] + (ln T / ln 2)² / 2: T is taken to lie between ½ and 2 in two cases
    of three. Where all pictures are answered rightly, the likelihood alone would only grow as the model gets surer, and
    T would run into its bound however few they are; where they say much, the prior says next to nothing.

    Args:
        scores: (n, classes) logits or log-probabilities, of pictures the weights were not fitted to.
        labels: (n,) true class indices.

    Returns:
        T from `LOWEST` to `HIGHEST`; over 1 where the model is too sure. 1 where n is 0.

    Raises:
        UsageError: the shapes do not fit, or a score is not finite.

    Source: Guo, Pleiss, Sun, Weinberger, "On Calibration of Modern Neural Networks", ICML 2017; the prior is ours.
    """
    if scores.ndim != 2 or scores.shape[1] < 2 or labels.shape != scores.shape[:1]:
        raise UsageError(
            f"scores {scores.shape} and labels {labels.shape} do not fit: give (n, classes) and (n,), two classes at least"
        )
    if not np.isfinite(scores).all():
        raise UsageError("scores that are not finite have no temperature: give logits, or `log_probabilities`")
    if not len(scores):
        return 1.0
    centred = scores.astype(np.float64) - scores.max(axis=1, keepdims=True)
    chosen = centred[np.arange(len(labels)), labels]

    def loss(logarithm: float) -> float:
        inverse = np.exp(-logarithm)
        likelihood = np.log(np.exp(inverse * centred).sum(axis=1)).sum() - inverse * chosen.sum()
        return float(likelihood + (logarithm / np.log(2)) ** 2 / 2)

    # The likelihood has one minimum, but with the prior there might be two: a coarse look first, then golden section.
    grid = np.linspace(np.log(LOWEST), np.log(HIGHEST), 41)
    best = int(np.argmin([loss(logarithm) for logarithm in grid]))
    low, high = float(grid[max(best - 1, 0)]), float(grid[min(best + 1, len(grid) - 1)])
    golden = (5**0.5 - 1) / 2
    while high - low > 1e-5:
        left, right = high - golden * (high - low), low + golden * (high - low)
        if loss(left) <= loss(right):
            high = right
        else:
            low = left
    return float(np.exp((low + high) / 2))


def log_probabilities(probabilities: Probabilities) -> npt.NDArray[np.float64]:
    """Logarithms of (n, classes) probabilities, floored at 1e-7; as good as logits to `fit_temperature`."""
    return np.log(np.maximum(probabilities.astype(np.float64), _FLOOR))


def apply_temperature(probabilities: Probabilities, temperature: float) -> Probabilities:
    """What a model that gave these (n, classes) probabilities gives at a temperature: pᵢ^(1/T) / Σ pⱼ^(1/T)."""
    _check(temperature)
    scaled = log_probabilities(probabilities) / temperature
    powers = np.exp(scaled - scaled.max(axis=1, keepdims=True))
    normalised: Probabilities = (powers / powers.sum(axis=1, keepdims=True)).astype(np.float32)
    return normalised


def fold_temperature(model: Any, temperature: float) -> None:
    """Divide the kernel and the bias of a Keras model's last layer by the temperature, in place.

    From then on the model itself, and whatever is exported from it, gives the calibrated probabilities. The most
    probable class stays the same.

    Raises:
        ModelError: the last layer is not a Dense layer with softmax.
    """
    import keras

    _check(temperature)
    last = model.layers[-1]
    if not isinstance(last, keras.layers.Dense) or last.get_config()["activation"] != "softmax":
        raise ModelError(
            f"the last layer is {type(last).__name__} {last.name!r}: a temperature folds into a Dense layer with softmax only"
        )
    last.set_weights([weights / temperature for weights in last.get_weights()])


def _check(temperature: float) -> None:
    if not 0 < temperature < float("inf"):
        raise UsageError(f"temperature {temperature} is not allowed: give a positive number; 1 changes nothing")
