"""Full-integer quantization of a float32 .tflite file in which chosen ops stay in float."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from signs_edge.edge.arrays import Images
from signs_edge.edge.bundle.contract import Contract
from signs_edge.edge.errors import ModelError
from signs_edge.edge.inference.preprocess import scale_pictures
from signs_edge.edge.util.quiet import quiet
from signs_edge.export.diagnosis.isolation import TensorReader


class SelectiveQuantizer:
    """Calibrates a float32 file once, and quantizes it as often as wanted, each time with other ops left out.

    It starts from the flatbuffer, not from Keras, with the calibrator and the quantizer that `tf.lite.TFLiteConverter`
    and `tf.lite.experimental.QuantizationDebugger` use themselves. Without an op left out, types, scales and weights
    are those that the converter gives; a test holds that. A call takes a tenth of a second, for the SavedModel and the
    graph's conversion are behind it.
    """

    def __init__(self, float32: bytes, representative: Images, contract: Contract) -> None:
        """Take the ranges of the activations from (n, height, width, 3) uint8 RGB pictures.

        Raises:
            ModelError: the file is damaged, or cannot be calibrated.
        """
        from tensorflow.lite.python.optimize import calibrator

        def inputs() -> Iterator[list[np.ndarray[Any, np.dtype[np.float32]]]]:
            for picture in representative:
                yield [scale_pictures(picture[np.newaxis], contract)]

        TensorReader(float32)  # verifies the bytes; the calibrator does not, and takes the process down with it
        try:
            with _silence():
                self._calibrated: bytes = calibrator.Calibrator(float32).calibrate(inputs)
        except (ValueError, RuntimeError) as error:
            raise ModelError(
                f"the float32 file cannot be calibrated ({_first_line(error)}): export the run again"
            ) from error

    def quantize(self, float_tensors: Iterable[str] = ()) -> bytes:
        """An int8 flatbuffer, int8 in and out, weights per channel; the ops that write the named tensors stay in float.

        Between a float op and an integer one the quantizer puts a QUANTIZE or DEQUANTIZE.
        """
        import tensorflow as tf
        from tensorflow.lite.python import convert

        try:
            with _silence():
                content: bytes = convert.mlir_quantize(
                    self._calibrated,
                    fully_quantize=True,
                    input_data_type=tf.int8,
                    output_data_type=tf.int8,
                    denylisted_nodes=sorted(float_tensors),
                )
        except Exception as error:  # the converter's errors share no base of their own
            raise ModelError(f"the quantizer refuses the model ({_first_line(error)}): export the run again") from error
        return content


@contextlib.contextmanager
def _silence() -> Iterator[None]:
    with quiet(), contextlib.redirect_stdout(io.StringIO()):
        yield


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0] or type(error).__name__
