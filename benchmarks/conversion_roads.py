"""The roads from Keras to an int8 .tflite file that `converters.py` compares."""

from __future__ import annotations

import contextlib
import io
import subprocess
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from signs_edge.edge.arrays import Images
from signs_edge.edge.bundle.contract import Contract
from signs_edge.edge.errors import ModelError
from signs_edge.edge.inference.preprocess import scale_pictures
from signs_edge.edge.util.quiet import quiet

CONTRACT = Contract()


def tensorflow_road(model: Any, calibration: Images, folder: Path, quantizer: str) -> bytes:
    """Ours: tf.lite.TFLiteConverter.from_keras_model."""
    from signs_edge.export.convert.convert import to_int8

    return to_int8(model, calibration, CONTRACT)


def keras_road(model: Any, calibration: Images, folder: Path, quantizer: str) -> bytes:
    """Keras 3's export(format="litert"), which makes a SavedModel and hands it to the same converter."""
    import tensorflow as tf

    file = folder / "keras.tflite"
    given = scale_pictures(calibration, CONTRACT)
    with warnings.catch_warnings(), quiet(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        model.export(
            file,
            format="litert",
            verbose=False,
            input_signature=[tf.TensorSpec((1, *model.input_shape[1:]), tf.float32, name="picture")],
            optimizations=[tf.lite.Optimize.DEFAULT],
            representative_dataset=lambda: ([picture[np.newaxis]] for picture in given),
            target_spec={"supported_ops": [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]},
            inference_input_type=tf.int8,
            inference_output_type=tf.int8,
        )
    return file.read_bytes()


def quantizer_road(model: Any, calibration: Images, folder: Path, quantizer: str) -> bytes:
    """Keras' float32 export, quantized by ai-edge-quantizer's static 8-bit recipe.

    The batch is fixed to 1 before: with an open one, the quantizer leaves a DEQUANTIZE and a SHAPE in float.
    """
    import tensorflow as tf

    given = [tf.TensorSpec((1, *model.input_shape[1:]), tf.float32, name="picture")]
    with warnings.catch_warnings(), quiet(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        model.export(folder / "float32.tflite", format="litert", verbose=False, input_signature=given)
    np.save(folder / "calibration.npy", scale_pictures(calibration, CONTRACT))
    ended = subprocess.run([quantizer, "-c", _QUANTIZE, str(folder)], capture_output=True, text=True)
    if ended.returncode:
        reason = (ended.stderr.strip().splitlines() or ["no message"])[-1]
        raise ModelError(f"ai-edge-quantizer failed ({reason}): pip install ai-edge-quantizer, and name its Python")
    return (folder / "quantized.tflite").read_bytes()


_QUANTIZE = """
import sys
from pathlib import Path
import numpy as np
from ai_edge_litert.interpreter import Interpreter
from ai_edge_quantizer import quantizer, recipe
folder = Path(sys.argv[1])
file = str(folder / "float32.tflite")
key, signature = next(iter(Interpreter(model_path=file).get_signature_list().items()))
pictures = np.load(folder / "calibration.npy")
data = {key: [{signature["inputs"][0]: picture[None]} for picture in pictures]}
work = quantizer.Quantizer(file, recipe.static_wi8_ai8())
(folder / "quantized.tflite").write_bytes(work.quantize(work.calibrate(data)).quantized_model)
"""

ROADS: dict[str, Callable[[Any, Images, Path, str], bytes]] = {
    "tf.lite.TFLiteConverter": tensorflow_road,
    'Keras export("litert")': keras_road,
    "ai-edge-quantizer": quantizer_road,
}
