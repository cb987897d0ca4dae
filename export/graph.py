"""The ops and tensors of a .tflite file, read from the flatbuffer itself, and names of Keras layers for them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from signs_edge.edge.errors import ModelError

Values = npt.NDArray[Any]


@dataclass(frozen=True)
class Tensor:
    """One tensor of the graph.

    Attributes:
        index: its place in the file; the interpreter counts the same.
        name: as the converter gave it.
        shape: its dimensions.
        dtype: float32, int8, uint8, int32, int64 or bool; None for others, which are not looked into.
        scales, zero_points: its quantization, one of each or one per channel; empty where it is not quantized.
        channel_axis: the dimension that several scales belong to.
        constant: weights, biases and other values that the file holds, as stored; None for what is computed.
    """

    index: int
    name: str
    shape: tuple[int, ...]
    dtype: np.dtype[Any] | None
    scales: tuple[float, ...]
    zero_points: tuple[int, ...]
    channel_axis: int
    constant: Values | None

    @property
    def is_integer(self) -> bool:
        """Whether it is quantized."""
        return bool(self.scales) and self.dtype is not None and self.dtype.kind in "iu"

    def dequantized(self, stored: Values) -> npt.NDArray[np.float32]:
        """Stored values of this tensor's shape as real ones, float32: scale · (q − zero point); floats stay themselves.

        Source of the formula: https://ai.google.dev/edge/litert/models/quantization_spec.
        """
        if not self.is_integer:
            return stored.astype(np.float32)
        along = [1] * stored.ndim
        if len(self.scales) > 1:
            along[self.channel_axis] = -1
        scales = np.asarray(self.scales, np.float64).reshape(along)
        zero_points = np.asarray(self.zero_points, np.int64).reshape(along)
        return ((stored.astype(np.int64) - zero_points) * scales).astype(np.float32)

    @property
    def limits(self) -> tuple[float, float]:
        """The least and the greatest real value that this tensor, with one scale for all of it, can hold."""
        if self.dtype is None or len(self.scales) != 1:
            raise ModelError(f"tensor {self.name!r} has {len(self.scales)} scales, not one: export the model again")
        kind, scale, zero_point = np.iinfo(self.dtype), self.scales[0], self.zero_points[0]
        return (int(kind.min) - zero_point) * scale, (int(kind.max) - zero_point) * scale

    def rounded(self, values: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """Real values as this tensor can hold them: clipped to its limits and rounded to its steps, float32."""
        low, high = self.limits
        scale = self.scales[0]
        return (np.round(np.clip(values, low, high) / scale) * scale).astype(np.float32)


@dataclass(frozen=True)
class Op:
    """One operation: its kind, such as "CONV_2D", and the tensors it reads (−1: left out) and writes, by index."""

    kind: str
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]


@dataclass(frozen=True)
class Graph:
    """What a .tflite file computes: its ops in the order of their execution, which is also that of their depth."""

    tensors: tuple[Tensor, ...]
    ops: tuple[Op, ...]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]

    @classmethod
    def read(cls, content: bytes) -> Graph:
        """Of a flatbuffer's bytes; ModelError where they are none, or hold several subgraphs."""
        from tensorflow.lite.python import schema_py_generated as schema

        if content[4:8] != b"TFL3":
            raise ModelError("the bytes are no TFLite model (no TFL3 mark): give a file from `signs-edge export`")
        try:
            model = schema.ModelT.InitFromObj(schema.Model.GetRootAs(content, 0))
        except Exception as error:  # the reader of flatbuffers trusts its input: anything may come of a damaged one
            raise ModelError(f"the TFLite file is damaged ({error}): export it again") from error
        if len(model.subgraphs) != 1:
            raise ModelError(f"the model has {len(model.subgraphs)} subgraphs, not one: export it again")
        kinds = {code: name for name, code in vars(schema.BuiltinOperator).items() if isinstance(code, int)}
        types = {
            getattr(schema.TensorType, name): np.dtype(dtype)
            for name, dtype in {"FLOAT32": "f4", "INT8": "i1", "UINT8": "u1", "INT32": "i4", "INT64": "i8"}.items()
        }
        subgraph = model.subgraphs[0]
        tensors = tuple(_tensor(index, t, model.buffers, types) for index, t in enumerate(subgraph.tensors))
        ops = []
        for operator in subgraph.operators:
            code = model.operatorCodes[operator.opcodeIndex]
            number = max(code.builtinCode, code.deprecatedBuiltinCode)
            ops.append(Op(kinds.get(number, f"op {number}"), _numbers(operator.inputs), _numbers(operator.outputs)))
        return cls(tensors, tuple(ops), _numbers(subgraph.inputs), _numbers(subgraph.outputs))

    def read_tensors(self, op: Op) -> list[Tensor]:
        """The computed tensors that an op reads, without weights and what is left out."""
        return [self.tensors[i] for i in op.inputs if i >= 0 and self.tensors[i].constant is None]

    def output(self, op: Op) -> Tensor:
        """The tensor that an op writes; all ops of our networks write one."""
        return self.tensors[op.outputs[0]]

    @cached_property
    def readers(self) -> dict[int, tuple[Op, ...]]:
        """The ops that read each tensor, by its index."""
        found: dict[int, tuple[Op, ...]] = {}
        for op in self.ops:
            for index in dict.fromkeys(op.inputs):
                found[index] = (*found.get(index, ()), op)
        return found

    @cached_property
    def by_output(self) -> dict[str, Op]:
        """Each op by the name of what it writes; names of computed tensors are unique."""
        return {self.output(op).name: op for op in self.ops}


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


def _numbers(indices: Any) -> tuple[int, ...]:
    return () if indices is None else tuple(int(index) for index in indices)


def _tensor(index: int, raw: Any, buffers: Any, types: dict[int, np.dtype[Any]]) -> Tensor:
    shape, dtype = _numbers(raw.shape), types.get(raw.type)
    quantization = raw.quantization
    scales = () if quantization is None or quantization.scale is None else tuple(map(float, quantization.scale))
    zero_points = _numbers(quantization.zeroPoint) if scales else ()
    data = buffers[raw.buffer].data
    constant = None
    if data is not None and len(data) and dtype is not None:
        constant = np.frombuffer(bytes(bytearray(data)), dtype).reshape(shape)
    axis = int(quantization.quantizedDimension) if scales else 0
    return Tensor(index, raw.name.decode(), shape, dtype, scales, zero_points, axis, constant)
