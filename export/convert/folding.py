"""Batch normalization behind a dilated convolution of an int8 file, folded into the convolution.

TensorFlow's converter writes a dilated convolution as SPACE_TO_BATCH_ND, CONV_2D and BATCH_TO_SPACE_ND, and does not see
through them: the normalization behind stays, as MUL and ADD. XNNPACK's int8 MUL rounds otherwise on ARM than on x86, so
that one file answers differently on a Pi and on a desktop; its convolutions answer alike. One operator is faster, too.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from signs_edge.edge.errors import ModelError
from signs_edge.export.flatbuffer.reader import load_schema

_CHAIN = ("SPACE_TO_BATCH_ND", "CONV_2D", "BATCH_TO_SPACE_ND", "MUL", "ADD")


def fold_dilated(flatbuffer: bytes) -> bytes:
    """The same network with one dilated CONV_2D in place of each such chain of five operators.

    y = relu((w∗x + b)·m + a) becomes relu(w'∗x + b') with w' = m·w, which changes the channel's scale and no weight, and
    b' = m·b + a. Two roundings to int8 fewer, so answers move by a step here and there. A file without such a chain
    comes back as it is.

    Raises:
        ModelError: m or a are not per channel, or the result does not fit int32.
    """
    import flatbuffers

    schema = load_schema()
    model = schema.ModelT.InitFromObj(schema.Model.GetRootAs(flatbuffer, 0))
    folder = _Folder(model, schema)
    if not folder.fold_all():
        return flatbuffer
    folder.drop_unused()
    model.metadata, model.metadataBuffer = [], []  # the converter's, of the graph that was
    builder = flatbuffers.Builder(len(flatbuffer))
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


@dataclass
class _Folder:
    """The main graph of a model, as the schema's mutable objects."""

    model: Any
    schema: Any

    @property
    def graph(self) -> Any:
        return self.model.subgraphs[0]

    def fold_all(self) -> int:
        """Fold every chain; how many there were."""
        operators, kept, folded = self.graph.operators, [], 0
        while operators:
            chain = self._chain(operators)
            if chain:
                self._fold(*chain)
                folded += 1
            kept.append(chain[1] if chain else operators[0])
            operators = operators[len(_CHAIN) if chain else 1 :]
        self.graph.operators = kept
        return folded

    def drop_unused(self) -> None:
        """Forget tensors, and empty buffers, that nothing reads or writes any more."""
        graph = self.graph
        used = {int(i) for op in graph.operators for i in (*op.inputs, *op.outputs)} | {*map(int, graph.inputs)}
        places = {old: new for new, old in enumerate(sorted(used - {-1}))} | {-1: -1}
        kept = {graph.tensors[old].buffer for old in used - {-1}}
        for number, buffer in enumerate(self.model.buffers):
            if number not in kept:
                buffer.data = None
        graph.tensors = [graph.tensors[old] for old in sorted(used - {-1})]
        for each in (graph, *graph.operators):
            each.inputs = np.array([places[int(i)] for i in each.inputs], np.int32)
            each.outputs = np.array([places[int(i)] for i in each.outputs], np.int32)
        for signature in self.model.signatureDefs or []:
            for named in (*signature.inputs, *signature.outputs):
                named.tensorIndex = places[named.tensorIndex]

    def _chain(self, operators: list[Any]) -> list[Any]:
        """The next five operators where they are one dilated convolution, normalized; else none."""
        chain = operators[: len(_CHAIN)]
        if tuple(map(self._name, chain)) != _CHAIN:
            return []
        for before, after in pairwise(chain):
            if self._readers(before.outputs[0]) != 1 or before.outputs[0] != after.inputs[0]:
                return []
        spread, convolution, gathered, scaled, _ = chain
        before, after = (self.graph.tensors[int(op)].shape for op in (spread.inputs[0], gathered.outputs[0]))
        plain, none = convolution.builtinOptions, self.schema.ActivationFunctionType.NONE
        block, pads = self._values(spread.inputs[1]), self._values(spread.inputs[2]).reshape(-1, 2)
        kernel = self.graph.tensors[int(convolution.inputs[1])].shape[1:3]
        same = (
            plain.strideH == plain.strideW == plain.dilationHFactor == plain.dilationWFactor == 1
            and plain.fusedActivationFunction == scaled.builtinOptions.fusedActivationFunction == none
            and list(before[1:3]) == list(after[1:3])
            and list(pads[:, 0]) == [(size - 1) * step // 2 for size, step in zip(kernel, block, strict=True)]
        )
        return chain if same else []

    def _fold(self, spread: Any, convolution: Any, _gathered: Any, scaled: Any, shifted: Any) -> None:
        tensors = self.graph.tensors
        weights, bias = (tensors[int(i)] for i in convolution.inputs[1:3])
        values, shift = self._values(convolution.inputs[1]), self._real(shifted.inputs[1])
        factor, own = self._real(scaled.inputs[1]), np.asarray(weights.quantization.scale, np.float64)
        if factor.shape != own.shape or shift.shape != own.shape:
            raise ModelError(f"a scale of {factor.shape} behind a convolution of {len(own)} channels cannot be folded")
        offset = self._real(convolution.inputs[2]) * factor + shift
        new = np.where(factor == 0, own, own * np.abs(factor))
        signs = np.sign(factor).astype(np.int8)
        steps = new * float(tensors[int(spread.inputs[0])].quantization.scale[0])
        rounded = np.round(offset / steps)
        if np.abs(rounded).max() >= 2**31 or values.min() == -128:
            raise ModelError(
                "the folded convolution does not fit its integers: export with another seed or more epochs"
            )
        self._store(weights, values * signs.reshape(-1, 1, 1, 1), new)
        self._store(bias, rounded.astype(np.int32), steps)
        options = convolution.builtinOptions
        options.padding = self.schema.Padding.SAME
        options.dilationHFactor, options.dilationWFactor = map(int, self._values(spread.inputs[1]))
        options.fusedActivationFunction = shifted.builtinOptions.fusedActivationFunction
        convolution.inputs = np.array([spread.inputs[0], *convolution.inputs[1:]], np.int32)
        convolution.outputs = shifted.outputs

    def _name(self, operator: Any) -> str:
        code = self.model.operatorCodes[operator.opcodeIndex]
        number = max(code.builtinCode, code.deprecatedBuiltinCode)
        return next((name for name, value in vars(self.schema.BuiltinOperator).items() if value == number), "")

    def _readers(self, tensor: int) -> int:
        return sum(int(i) == int(tensor) for op in self.graph.operators for i in op.inputs)

    def _values(self, index: int) -> npt.NDArray[Any]:
        """The stored integers of a constant, in its shape."""
        tensor = self.graph.tensors[int(index)]
        types = {self.schema.TensorType.INT8: np.int8, self.schema.TensorType.INT32: np.int32}
        data = self.model.buffers[tensor.buffer].data
        if (
            data is None
            or tensor.type not in types
            or len(data) != math.prod(tensor.shape) * np.dtype(types[tensor.type]).itemsize
        ):
            raise ModelError("an operator reads no constant where one is to be folded: export it again")
        return np.frombuffer(np.asarray(data, np.uint8).tobytes(), types[tensor.type]).reshape(tensor.shape)

    def _real(self, index: int) -> npt.NDArray[np.float64]:
        """(q − zero point) × scale of a constant."""
        quantization = self.graph.tensors[int(index)].quantization
        scale, zero_point = (np.asarray(part, np.float64) for part in (quantization.scale, quantization.zeroPoint))
        return np.asarray((self._values(index) - zero_point) * scale, np.float64)

    def _store(self, tensor: Any, values: npt.NDArray[Any], scales: npt.NDArray[np.float64]) -> None:
        buffer = self.schema.BufferT()  # a new one: tensors of equal values, such as biases of 0, share one
        buffer.data = np.frombuffer(np.ascontiguousarray(values).tobytes(), np.uint8)
        self.model.buffers.append(buffer)
        tensor.buffer = len(self.model.buffers) - 1
        tensor.quantization.scale = scales.astype(np.float32)
