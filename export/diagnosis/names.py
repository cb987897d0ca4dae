"""Names of Keras layers, and which of them stand behind a tensor of a .tflite file."""

from __future__ import annotations

import re
from collections.abc import Sequence

from signs_edge.train.network.keras_classifier import load_keras
from signs_edge.train.runs.run_folder import RunFolder


def layer_names(run: RunFolder) -> tuple[str, ...]:
    """Names of a run's Keras layers by depth, without batch normalization: the converter folds it into the layer before.

    Raises:
        ModelError: the run has no model that Keras can read.
    """
    model = load_keras(run.model_file)
    return tuple(layer.name for layer in model.layers if type(layer).__name__ != "BatchNormalization")


def layers_of(name: str, known: Sequence[str]) -> tuple[str, ...]:
    """The Keras layers behind a tensor's name, in the order of the network; empty where there are none.

    The converter joins the names of what it fused with ";", each a path of scopes, and numbers a scope that it met
    before: "net_1/relu_1/Relu;net_1/conv_1/convolution" is the layers conv and relu.

    Args:
        name: the tensor's.
        known: all layers' names, in the order of the network.
    """
    scopes = {scope for path in name.split(";") for scope in path.split("/")}
    plain = {scope if scope in known else re.sub(r"_\d+$", "", scope) for scope in scopes}
    return tuple(layer for layer in known if layer in plain)
