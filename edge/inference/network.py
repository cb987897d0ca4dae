"""A TFLite network behind one call: an RGB picture in, its one output as float32 out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from signs_edge.edge.arrays import Image
from signs_edge.edge.bundle.contract import Contract
from signs_edge.edge.errors import ModelError, UsageError
from signs_edge.edge.inference.preprocess import scale_table
from signs_edge.edge.inference.runtime import find_runtime
from signs_edge.edge.util.quiet import quiet

Floats = npt.NDArray[np.float32]


def quantization_table(scale: float, zero_point: int, dtype: npt.DTypeLike, divisor: float) -> npt.NDArray[Any]:
    """(256,) table from an uint8 value to the quantized network input q = round(value / divisor / scale) + zero_point.

    With a table, quantizing a picture is one look-up per value, and the same for whatever scale the export chose.
    Source of the formula: https://ai.google.dev/edge/litert/models/quantization_spec.
    """
    limits = np.iinfo(dtype)
    quantized = np.round(np.arange(256) / divisor / scale) + zero_point
    return np.clip(quantized, limits.min, limits.max).astype(dtype)


class Network:
    """A network with one input and one output in an interpreter. Not safe to call from several threads at once.

    Attributes:
        runtime: name and version of the runtime that was picked.
        input_shape, output_shape: of its tensors, with the 1 of the batch.
        input_dtype: float32, int8 or uint8.
        input_quantization: scale and zero point of the input; (0.0, 0) where it is float32.
    """

    def __init__(self, content: bytes, *, threads: int = 1, runtime: str | None = None) -> None:
        """Make a flatbuffer ready; what is appended to it is ignored.

        Raises:
            ModelError: no runtime takes it, or it has other tensors than one of each, of float32, int8 or uint8.
            UsageError: `threads` or `runtime` are not allowed.
        """
        if threads < 1:
            raise UsageError(f"threads {threads} is not allowed: give at least 1")
        picked = find_runtime(runtime)
        self.runtime = str(picked)
        refusal = ""
        with quiet():  # LiteRT greets on stderr
            try:
                self._interpreter = picked.interpreter(model_content=content, num_threads=threads)
                self._interpreter.allocate_tensors()
                self._interpreter.invoke()  # on zeros: some damage shows only here, and the first frame comes sooner
            except (ValueError, RuntimeError) as error:
                refusal = str(error).partition("\n")[0] or type(error).__name__
        if refusal:
            raise ModelError(f"{picked} refuses the model ({refusal}): export it again")
        inputs, outputs = self._interpreter.get_input_details(), self._interpreter.get_output_details()
        if len(inputs) != 1 or len(outputs) != 1:
            raise ModelError(
                f"the model has {len(inputs)} inputs and {len(outputs)} outputs, not one of each: export it again"
            )
        (self._input,), (self._output,) = inputs, outputs
        self._input_index, self._output_index = self._input["index"], self._output["index"]
        self.input_shape = tuple(self._input["shape"].tolist())
        self.output_shape = tuple(self._output["shape"].tolist())
        self.input_dtype: np.dtype[Any] = np.dtype(self._input["dtype"])
        self._check_types()
        scale, zero_point = self._input["quantization"]
        self.input_quantization = (float(scale), int(zero_point))
        self._table: npt.NDArray[Any] = np.empty(0)
        self._answers = self._output_table()

    def obey(self, contract: Contract) -> None:
        """Take pictures as the contract scales them: before the first one."""
        if self.input_dtype == np.float32:
            self._table = scale_table(contract)
        else:
            self._table = quantization_table(*self.input_quantization, self.input_dtype, contract.divisor)

    def answer(self, picture: Image) -> Floats:
        """Of one (height, width, 3) uint8 RGB picture: the output without its batch, float32, dequantized."""
        # OpenCV's look-up is ten times as fast as numpy's, which first widens every index to 64 bits.
        return self.answer_to(cv2.LUT(picture, self._table)[np.newaxis])

    def answer_to(self, tensor: npt.NDArray[Any]) -> Floats:
        """The same of the network's own (1, height, width, 3) input, RGB, in `input_dtype`."""
        self._interpreter.set_tensor(self._input_index, tensor)
        self._interpreter.invoke()
        scores: npt.NDArray[Any] = self._interpreter.get_tensor(self._output_index)[0]
        return scores if self._answers is None else self._answers[scores.view(np.uint8)]

    @property
    def invoke(self) -> Callable[[], None]:
        """The interpreter alone, on the picture that it was given last: what a bench compares the whole with."""
        invoke: Callable[[], None] = self._interpreter.invoke
        return invoke

    def _check_types(self) -> None:
        """Refuse tensors that are neither float32 nor 8-bit integers with a scale."""
        for name, tensor in (("input", self._input), ("output", self._output)):
            dtype = np.dtype(tensor["dtype"])
            if dtype not in (np.float32, np.int8, np.uint8):
                raise ModelError(f"model {name} is {dtype}, not float32, int8 or uint8: export it again")
            if dtype != np.float32 and not tensor["quantization"][0] > 0:
                raise ModelError(f"the model's {dtype} {name} has no quantization scale: export it again")

    def _output_table(self) -> Floats | None:
        """(256,) float32 table from the 8 bits of a score, read as uint8, to its value; None for float scores."""
        dtype = np.dtype(self._output["dtype"])
        if dtype == np.float32:
            return None
        scale, zero_point = self._output["quantization"]
        # In int32: an int8 minus a zero point of −128 would wrap around.
        values = np.arange(256, dtype=np.uint8).view(dtype).astype(np.int32)
        table: Floats = ((values - int(zero_point)) * np.float32(scale)).astype(np.float32)
        return table
