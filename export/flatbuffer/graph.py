"""Tensors, operators and the graph of a .tflite file, as plain frozen values."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from signs_edge.edge.errors import ModelError

Values = npt.NDArray[Any]

# Bits of one element. STRING, RESOURCE and VARIANT have no fixed size.
_BITS = {
    "float64": 64, "float32": 32, "float16": 16, "bfloat16": 16, "float8_e4m3fn": 8, "float8_e5m2": 8,
    "complex64": 64, "complex128": 128,
    "int64": 64, "uint64": 64, "int32": 32, "uint32": 32, "int16": 16, "uint16": 16, "int8": 8, "uint8": 8,
    "uint4": 4, "int4": 4, "int2": 2, "bool": 8,
}  # fmt: skip
_NOT_IN_NUMPY = {"bfloat16", "float8_e4m3fn", "float8_e5m2", "uint4", "int4", "int2"}


@dataclass(frozen=True)
class Tensor:
    """One tensor.

    Attributes:
        name: as the converter gave it.
        shape: its dimensions; 1 for one that is open until the first call.
        dtype: the schema's name in small letters, such as "int8" or "float32".
        scales, zero_points: real = (q − zero point) × scale, one each or one per channel; empty without quantization.
        axis: the dimension of the channels, if there are several scales.
        stored: bytes of its values in the file; 0 for a computed tensor.
        index: its place in the file; the interpreter uses the same.
        values: the stored numbers, in the shape and type of the tensor, read-only; None for a computed tensor, for a
            type that numpy lacks and for values that are stored sparsely.
    """

    name: str
    shape: tuple[int, ...]
    dtype: str
    scales: tuple[float, ...] = ()
    zero_points: tuple[int, ...] = ()
    axis: int = 0
    stored: int = 0
    index: int = 0
    values: Values | None = field(default=None, compare=False, repr=False)

    @property
    def elements(self) -> int:
        """Number of elements."""
        return int(np.prod(self.shape, dtype=np.int64))

    @property
    def bytes(self) -> int:
        """Size in memory; 0 for types without a fixed size."""
        return -(-self.elements * _BITS.get(self.dtype, 0) // 8)

    @property
    def constant(self) -> bool:
        """Whether its values are stored in the file: weights, biases and shapes."""
        return self.stored > 0

    @property
    def floating(self) -> bool:
        """Whether its elements are floats of any width."""
        return "float" in self.dtype or self.dtype.startswith("complex")

    @property
    def quantized(self) -> bool:
        """Whether its elements are integers with a scale, of a type that numpy has."""
        dtype = numpy_type(self.dtype)
        return bool(self.scales) and dtype is not None and dtype.kind in "iu"

    def dequantized(self, stored: Values) -> npt.NDArray[np.float32]:
        """Convert stored values of this tensor's shape to real ones, float32: scale · (q − zero point).

        Values of a tensor that is not quantized are only cast.
        Source of the formula: https://ai.google.dev/edge/litert/models/quantization_spec.
        """
        if not self.quantized:
            return stored.astype(np.float32)
        along = [1] * stored.ndim
        if len(self.scales) > 1:
            along[self.axis] = -1
        scales = np.asarray(self.scales, np.float64).reshape(along)
        zero_points = np.asarray(self.zero_points, np.int64).reshape(along)
        return ((stored.astype(np.int64) - zero_points) * scales).astype(np.float32)

    @property
    def limits(self) -> tuple[float, float]:
        """The least and the greatest real value that a quantized tensor with one scale can hold.

        Raises:
            ModelError: it is not quantized, or has a scale for each channel.
        """
        if not self.quantized or len(self.scales) != 1:
            raise ModelError(f"tensor {self.name!r} has {len(self.scales)} scales, not one: export the model again")
        kind, scale, zero_point = np.iinfo(self.dtype), self.scales[0], self.zero_points[0]
        return (int(kind.min) - zero_point) * scale, (int(kind.max) - zero_point) * scale

    def rounded(self, values: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """Quantize and dequantize real values, float32: clipped to the limits and rounded to the steps.

        Raises:
            ModelError: as for `limits`.
        """
        low, high = self.limits
        scale = self.scales[0]
        return (np.round(np.clip(values, low, high) / scale) * scale).astype(np.float32)


@dataclass(frozen=True)
class Op:
    """One operator: the schema's name, such as CONV_2D, and the indices of its tensors.

    A custom operator is called "CUSTOM:" and its name. An input of −1 is an optional one that was left out.
    """

    name: str
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]


@dataclass(frozen=True)
class Graph:
    """One subgraph: tensors, operators in the order of execution, and which tensors go in and come out."""

    tensors: tuple[Tensor, ...]
    ops: tuple[Op, ...]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]

    def __post_init__(self) -> None:
        """Refuse indices that name no tensor."""
        used = {index for op in self.ops for index in (*op.inputs, *op.outputs)} | {*self.inputs, *self.outputs}
        if used and not -1 <= min(used) <= max(used) < len(self.tensors):
            raise ModelError(f"an operator names a tensor outside of the {len(self.tensors)}: the file is damaged")

    def computed_inputs(self, op: Op) -> list[Tensor]:
        """Tensors that an operator reads, without stored ones and optional ones that were left out."""
        return [self.tensors[i] for i in op.inputs if i >= 0 and not self.tensors[i].constant]

    def output(self, op: Op) -> Tensor:
        """The tensor that an operator writes; all operators of our networks write one."""
        return self.tensors[op.outputs[0]]

    @cached_property
    def readers(self) -> dict[int, tuple[Op, ...]]:
        """The operators that read each tensor, by its index."""
        found: dict[int, tuple[Op, ...]] = {}
        for op in self.ops:
            for index in dict.fromkeys(op.inputs):
                found[index] = (*found.get(index, ()), op)
        return found

    @cached_property
    def by_output(self) -> dict[str, Op]:
        """Each operator by the name of the tensor it writes; names of computed tensors are unique."""
        return {self.output(op).name: op for op in self.ops}


def numpy_type(dtype: str) -> np.dtype[Any] | None:
    """Numpy's type for a schema's name in small letters; None where numpy has none."""
    return np.dtype(dtype) if dtype in _BITS and dtype not in _NOT_IN_NUMPY else None
