"""How large the loss's gradient is in each convolution: what a vanishing gradient is seen by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from signs_edge.edge.errors import UsageError

BACKENDS = ("tensorflow", "jax")
SHORTCUT = "_shortcut_"  # in the names of the convolutions that only a residual network has

Batch = tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]


@dataclass(frozen=True)
class LayerGradient:
    """The kernel of one convolution and the gradient of the loss with respect to it.

    Attributes:
        layer: its name in the network.
        position: 1 for the stem's convolution, 2 for the next on the main path, and so on; None on a shortcut.
        gradient: L2 norm of the gradient, the mean over the batches; not finite where the loss is not.
        weight: L2 norm of the kernel.
    """

    layer: str
    position: int | None
    gradient: float
    weight: float

    @property
    def relative(self) -> float:
        """Gradient norm over weight norm: how far a step of plain gradient descent would turn the kernel."""
        return self.gradient / self.weight


def gradient_norms(model: Any, batches: list[Batch]) -> tuple[LayerGradient, ...]:
    """Gradient norms of all convolutions, in the order of the forward pass; the model stays as it is.

    The loss is the categorical cross-entropy, the mean over a batch, in training mode: batch normalization uses the
    batch's own statistics, as it does in a training step, and its moving ones are put back.

    Args:
        model: from (n, height, width, channels) pictures to (n, classes) probabilities.
        batches: pairs of float32 pictures and one-hot float32 targets, at least one.

    Raises:
        UsageError: Keras runs on a backend that is neither TensorFlow nor JAX.
    """
    convolutions = [layer for layer in model.layers if isinstance(layer, keras.layers.Conv2D)]
    kernels = [layer.kernel for layer in convolutions]
    moving = [np.array(keras.ops.convert_to_numpy(variable)) for variable in model.non_trainable_variables]
    norms = np.array([[_norm(each) for each in kernel_gradients(model, kernels, *batch)] for batch in batches])
    for variable, value in zip(model.non_trainable_variables, moving, strict=True):
        variable.assign(value)
    found, position = [], 0
    for layer, gradient in zip(convolutions, norms.mean(axis=0), strict=True):
        on_shortcut = SHORTCUT in layer.name
        position += not on_shortcut
        weight = _norm(keras.ops.convert_to_numpy(layer.kernel))
        found.append(LayerGradient(layer.name, None if on_shortcut else position, float(gradient), weight))
    return tuple(found)


def kernel_gradients(
    model: Any, kernels: list[Any], pictures: npt.NDArray[np.float32], targets: npt.NDArray[np.float32]
) -> list[npt.NDArray[np.float32]]:
    """The gradient of the mean cross-entropy with respect to each variable, an array of its shape.

    The one place that knows backends: Keras 3 has no gradient of its own.
    """
    backend = keras.backend.backend()
    if backend == "tensorflow":
        import tensorflow

        with tensorflow.GradientTape() as tape:
            loss = _loss(targets, model(pictures, training=True))
        gradients = tape.gradient(loss, [kernel.value for kernel in kernels])
    elif backend == "jax":
        import jax

        trained = [variable.value for variable in model.trainable_variables]
        fixed = [variable.value for variable in model.non_trainable_variables]

        def loss_of(values: list[Any]) -> Any:
            return _loss(targets, model.stateless_call(values, fixed, pictures, training=True)[0])

        every = jax.grad(loss_of)(trained)
        index = {id(variable): number for number, variable in enumerate(model.trainable_variables)}
        gradients = [every[index[id(kernel)]] for kernel in kernels]
    else:
        raise UsageError(
            f"gradients cannot be measured on Keras' backend {backend!r}: set KERAS_BACKEND to one of {', '.join(BACKENDS)}"
        )
    return [np.asarray(gradient, np.float32) for gradient in gradients]


def _loss(targets: npt.NDArray[np.float32], probabilities: Any) -> Any:
    return keras.ops.mean(keras.losses.categorical_crossentropy(targets, probabilities))


def _norm(values: npt.NDArray[np.float32]) -> float:
    return float(np.linalg.norm(np.asarray(values, np.float64)))  # squares of 1e-25 are 0 in float32
