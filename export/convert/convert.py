"""A Keras model as TFLite flatbuffers: float32, float16, dynamic-range and full-integer int8."""

from __future__ import annotations

import contextlib
import io
import warnings
from typing import Any

import numpy as np

from signs_edge.edge.arrays import Images
from signs_edge.edge.bundle.contract import Contract
from signs_edge.edge.errors import ModelError, RuntimeMissingError, UsageError
from signs_edge.edge.inference.preprocess import scale_pictures
from signs_edge.edge.util.quiet import quiet

FLOAT32, FLOAT16, DYNAMIC, INT8 = "float32", "float16", "dynamic", "int8"
FORMATS = (FLOAT32, FLOAT16, DYNAMIC, INT8)
"""All that can be written, in the order of their files' size; float32 comes first, for the others are judged by it."""

IO_TYPES = ("int8", "uint8", "float32")
"""What a full-integer file may take and give; with float32, it quantizes its input and dequantizes its output itself."""


def checked_formats(wanted: tuple[str, ...]) -> tuple[str, ...]:
    """The formats in the order of `FORMATS`, each once, float32 always among them.

    Raises:
        UsageError: one is not known.
    """
    unknown = [name for name in wanted if name not in FORMATS]
    if unknown:
        raise UsageError(f"format {unknown[0]!r} is not known: choose of {', '.join(FORMATS)}")
    return tuple(name for name in FORMATS if name in wanted or name == FLOAT32)


def checked_io(io_type: str) -> str:
    """The same name; UsageError where it is not one of `IO_TYPES`."""
    if io_type not in IO_TYPES:
        raise UsageError(f"io {io_type!r} is not known: choose one of {', '.join(IO_TYPES)}")
    return io_type


def convert(model: Any, form: str, representative: Images | None, contract: Contract, io_type: str = "int8") -> bytes:
    """The model in one of `FORMATS`; only int8 looks at the last three arguments, which are those of `to_int8`."""
    if form == FLOAT32:
        return to_float32(model)
    if form == FLOAT16:
        return to_float16(model)
    if form == DYNAMIC:
        return to_dynamic(model)
    if form != INT8 or representative is None:
        raise UsageError(f"format {form!r} is not known or has no calibration pictures: choose of {', '.join(FORMATS)}")
    return to_int8(model, representative, contract, io_type)


def to_float32(model: Any) -> bytes:
    """The model as a float32 flatbuffer: (1, height, width, 3) float32 RGB in 0..1 to (1, classes) float32."""
    return _convert(_converter(model))


def to_float16(model: Any) -> bytes:
    """Weights stored as float16, half the size; input, output and, on a processor, the arithmetic stay float32."""
    import tensorflow as tf

    converter = _converter(model)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.target_spec.supported_types = [tf.float16]
    return _convert(converter)


def to_dynamic(model: Any) -> bytes:
    """Weights in int8; activations are quantized while it runs, from each picture's own range. Float32 in and out."""
    import tensorflow as tf

    converter = _converter(model)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    return _convert(converter)


def to_int8(model: Any, representative: Images, contract: Contract, io_type: str = "int8") -> bytes:
    """The model in full-integer int8, weights quantized per channel, activations per tensor.

    Args:
        model: a `keras.Model` with (n, height, width, 3) float32 input in 0..1.
        representative: (n, height, width, 3) uint8 RGB pictures from which the ranges of the activations are taken.
        contract: scales the pictures as the float model's input.
        io_type: what it takes and gives, one of `IO_TYPES`.
    """
    import tensorflow as tf

    converter = _converter(model)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = lambda: (
        [scale_pictures(picture[np.newaxis], contract)] for picture in representative
    )
    # No float op to fall back on: what cannot be int8 fails here instead of running slowly and otherwise on the device.
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = converter.inference_output_type = getattr(tf, checked_io(io_type))
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
