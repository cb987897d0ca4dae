"""A Keras model as TFLite flatbuffers: float32, and full-integer int8."""

from __future__ import annotations

import contextlib
import io
import warnings
from typing import Any

import numpy as np

from signs_edge.edge.contract import Contract
from signs_edge.edge.errors import ModelError, RuntimeMissingError
from signs_edge.edge.images import Images
from signs_edge.edge.preprocess import scale_pictures
from signs_edge.edge.quiet import quiet


def to_float32(model: Any) -> bytes:
    """The model as a float32 flatbuffer: (1, height, width, 3) float32 RGB in 0..1 to (1, classes) float32."""
    return _convert(_converter(model))


def to_int8(model: Any, representative: Images, contract: Contract) -> bytes:
    """The model in full-integer int8, int8 in and out, weights quantized per channel, activations per tensor.

    Args:
        model: a `keras.Model` with (n, height, width, 3) float32 input in 0..1.
        representative: (n, height, width, 3) uint8 RGB pictures from which the ranges of the activations are taken.
        contract: scales the pictures as the float model's input.
    """
    import tensorflow as tf

    converter = _converter(model)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = lambda: (
        [scale_pictures(picture[np.newaxis], contract)] for picture in representative
    )
    # No float op to fall back on: what cannot be int8 fails here instead of running slowly and otherwise on the device.
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = tf.int8
    converter.inference_output_type = tf.int8
    return _convert(converter)


def _converter(model: Any) -> Any:
    """TensorFlow's converter. It goes through a SavedModel; Keras 3 variables are lost on the way of concrete functions."""
    import keras

    if keras.backend.backend() != "tensorflow":
        raise RuntimeMissingError(
            f"TFLite files are made with Keras on TensorFlow, not on {keras.backend.backend()}: "
            "run the export with KERAS_BACKEND=tensorflow; a model trained on any backend will do"
        )
    import tensorflow as tf

    return tf.lite.TFLiteConverter.from_keras_model(model)


def _convert(converter: Any) -> bytes:
    try:
        # Keras prints the SavedModel's signature; TensorFlow warns of what is meant to be so.
        with quiet(), contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            content: bytes = converter.convert()
    except Exception as error:  # the converter's errors share no base of their own
        raise ModelError(
            f"the converter refuses the model ({str(error).splitlines()[0]}): is it one that `signs-edge train` built?"
        ) from error
    return content
