"""What is in a .tflite file: operators, types, multiply-adds, memory, and whether an "int8" is one."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass
from typing import Any

from signs_edge.edge.errors import ModelError
from signs_edge.export.flatbuffer.arena import plan_arena
from signs_edge.export.flatbuffer.graph import Graph, Op, Tensor
from signs_edge.export.flatbuffer.multiply_adds import count_multiply_adds
from signs_edge.export.flatbuffer.reader import flatbuffer_part, read_graphs

CONVOLUTIONS = ("CONV_2D", "DEPTHWISE_CONV_2D", "CONV_3D", "TRANSPOSE_CONV")
_WEIGHTED = (*CONVOLUTIONS, "FULLY_CONNECTED")
_BORDERS = ("QUANTIZE", "DEQUANTIZE")


@dataclass(frozen=True)
class InspectedOp:
    """One operator as it runs.

    Attributes:
        name: such as CONV_2D.
        inputs: its tensors, weights and bias among them.
        outputs: what it computes.
        integer: whether none of them is float.
        border: whether it is the QUANTIZE of the graph's own input, or the DEQUANTIZE of its own output.
        multiply_adds: multiplications with an addition, of one call; 0 for operators without weights.
    """

    name: str
    inputs: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]
    integer: bool
    border: bool
    multiply_adds: int

    @property
    def weights(self) -> Tensor | None:
        """Of a convolution or fully connected layer: what it multiplies with, where that stands in the file."""
        position = 1 if self.name in _WEIGHTED else len(self.inputs)
        return self.inputs[position] if position < len(self.inputs) and self.inputs[position].constant else None

    @property
    def per_channel(self) -> bool | None:
        """Whether its weights have a scale for each output channel; None without quantized weights."""
        weights = self.weights
        if weights is None or weights.floating or not weights.scales:
            return None
        axis = 3 if self.name == "DEPTHWISE_CONV_2D" else 0
        channels = weights.shape[axis] if axis < len(weights.shape) else 1
        return len(weights.scales) == channels


@dataclass(frozen=True)
class Inspection:
    """A .tflite file read back.

    Attributes:
        size: bytes of the file; `flatbuffer` of them are the model, the rest is appended.
        sha256: of the flatbuffer part, in hex.
        inputs, outputs: of the main graph.
        ops: operators of all subgraphs, the main one first.
        constants: tensors of all subgraphs whose values stand in the file.
        arena: bytes of the greedy plan for the main graph's computed tensors (see `plan_arena`); LiteRT's own adds
            what its kernels need as scratch space.
        refusals: why it is no full-integer model, a line each; empty where it is one.
    """

    size: int
    flatbuffer: int
    sha256: str
    inputs: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]
    ops: tuple[InspectedOp, ...]
    constants: tuple[Tensor, ...]
    arena: int
    refusals: tuple[str, ...]

    @property
    def full_integer(self) -> bool:
        """Whether every operator computes in integers, and every convolution's weights are quantized per channel."""
        return not self.refusals

    @property
    def calls_itself_int8(self) -> bool:
        """Whether it takes or gives 8-bit integers with a scale, and so passes for a quantized model."""
        return any(tensor.dtype in ("int8", "uint8") and tensor.scales for tensor in (*self.inputs, *self.outputs))

    @property
    def kind(self) -> str:
        """What it is: full integer, float32, float16 weights, dynamic range, or mixed integer and float."""
        if self.full_integer:
            return "full integer"
        if any(op.integer and op.multiply_adds for op in self.ops):
            return "mixed integer and float"
        weights = {tensor.dtype for tensor in self.constants if tensor.elements > 1}
        if "int8" in weights or "int4" in weights:
            return "dynamic range (integer weights, float in between)"
        return "float16 weights, computed in float32" if "float16" in weights else "float32"

    @property
    def counts(self) -> dict[str, int]:
        """How many of each operator, the most frequent first."""
        return dict(Counter(op.name for op in self.ops).most_common())

    @property
    def multiply_adds(self) -> int:
        """Of one call, all operators together."""
        return sum(op.multiply_adds for op in self.ops)

    @property
    def parameters(self) -> int:
        """Numbers that the weighted operators multiply with or add as bias."""
        # Two layers may share one tensor: it counts once.
        used = {id(t): t for op in self.ops if op.name in _WEIGHTED for t in op.inputs[1:] if t.constant}
        return sum(tensor.elements for tensor in used.values())

    def to_json(self) -> dict[str, Any]:
        """Plain values for a JSON object."""
        return {
            "kind": self.kind, "full_integer": self.full_integer, "refusals": list(self.refusals),
            "bytes": self.size, "flatbuffer_bytes": self.flatbuffer, "flatbuffer_sha256": self.sha256,
            "inputs": [_tensor_json(tensor) for tensor in self.inputs],
            "outputs": [_tensor_json(tensor) for tensor in self.outputs],
            "parameters": self.parameters, "multiply_adds": self.multiply_adds,
            "arena_bytes": self.arena, "arena_source": "greedy plan, largest tensor first",
            "op_counts": self.counts, "ops": [_op_json(op) for op in self.ops],
        }  # fmt: skip


def inspect_model(content: bytes) -> Inspection:
    """Read a .tflite file of any origin back.

    Args:
        content: the whole file; a ZIP archive may be appended.

    Raises:
        ModelError: no TFLite model, or a damaged one.
        RuntimeMissingError: the schema is not installed.
    """
    graphs = read_graphs(content)
    main, flatbuffer = graphs[0], flatbuffer_part(content)
    ops = tuple(_inspect(op, graph) for graph in graphs for op in graph.ops)
    inputs = tuple(main.tensors[index] for index in main.inputs)
    outputs = tuple(main.tensors[index] for index in main.outputs)
    return Inspection(
        size=len(content), flatbuffer=len(flatbuffer), sha256=hashlib.sha256(flatbuffer).hexdigest(),
        inputs=inputs, outputs=outputs, ops=ops,
        constants=tuple(tensor for graph in graphs for tensor in graph.tensors if tensor.constant),
        arena=plan_arena(main), refusals=_refusals(ops, (*inputs, *outputs)),
    )  # fmt: skip


def require_full_integer(content: bytes, name: str) -> Inspection:
    """Read a file back that is meant to be int8; ModelError, in one line, where it is not full integer.

    Args:
        content: the whole file.
        name: what to call it in the message.
    """
    found = inspect_model(content)
    if found.refusals:
        more = f"; and {len(found.refusals) - 3} more" if len(found.refusals) > 3 else ""
        raise ModelError(
            f"{name} is not full-integer int8 ({'; '.join(found.refusals[:3])}{more}): export it with `signs-edge export --int8`"
        )
    return found


def _inspect(op: Op, graph: Graph) -> InspectedOp:
    inputs = tuple(graph.tensors[index] for index in op.inputs if index >= 0)
    outputs = tuple(graph.tensors[index] for index in op.outputs if index >= 0)
    border = (op.name == "QUANTIZE" and set(op.inputs) <= set(graph.inputs)) or (
        op.name == "DEQUANTIZE" and set(op.outputs) <= set(graph.outputs)
    )
    integer = not any(tensor.floating for tensor in (*inputs, *outputs))
    return InspectedOp(op.name, inputs, outputs, integer, border, count_multiply_adds(op, graph))


def _refusals(ops: tuple[InspectedOp, ...], ends: tuple[Tensor, ...]) -> tuple[str, ...]:
    """Why these operators are no full-integer model, a line each."""
    lines = []
    for number, op in enumerate(ops):
        what = f"op {number} {op.name}"
        weights = op.weights
        if not op.integer and not op.border:
            if op.name == "DEQUANTIZE":
                source = "stored weights" if op.inputs and op.inputs[0].constant else "what was computed"
                lines.append(f"{what} turns {source} from {_types(op.inputs)} into {_types(op.outputs)}")
            elif weights is not None and not weights.floating:
                lines.append(f"{what} computes in float32 with {weights.dtype} weights (dynamic range)")
            else:
                floats = tuple(tensor for tensor in (*op.outputs, *op.inputs) if tensor.floating)
                lines.append(f"{what} computes in {_types(floats)}")
        if op.name in CONVOLUTIONS and op.per_channel is False:
            lines.append(
                f"{what} has weights with {len(op.weights.scales) if op.weights else 0} scale, not per channel"
            )
        for tensor in (*op.inputs, *op.outputs):
            if tensor.dtype in ("int8", "uint8") and any(not 0 < scale < float("inf") for scale in tensor.scales):
                lines.append(f"{what} has a scale that is not above 0, of {tensor.name!r}")
    if not any(op.integer and op.multiply_adds for op in ops) and not lines:
        lines.append("no operator multiplies integers")
    lines += [
        f"{tensor.dtype} end {tensor.name!r} has no scale"
        for tensor in ends
        if tensor.dtype in ("int8", "uint8") and not tensor.scales
    ]
    return tuple(lines)


def _types(tensors: tuple[Tensor, ...]) -> str:
    """Of those that are computed; of a single one, whatever it is."""
    return " and ".join(dict.fromkeys(tensor.dtype for tensor in tensors if not tensor.constant or len(tensors) == 1))


def _tensor_json(tensor: Tensor) -> dict[str, Any]:
    return {
        "name": tensor.name, "shape": list(tensor.shape), "dtype": tensor.dtype,
        "scale": tensor.scales[0] if len(tensor.scales) == 1 else None,
        "zero_point": tensor.zero_points[0] if len(tensor.zero_points) == 1 else None,
        "scales": len(tensor.scales), "axis": tensor.axis if len(tensor.scales) > 1 else None,
        "stored_bytes": tensor.stored,
    }  # fmt: skip


def _op_json(op: InspectedOp) -> dict[str, Any]:
    return {
        "name": op.name, "integer": op.integer, "border": op.border, "multiply_adds": op.multiply_adds,
        "weights_per_channel": op.per_channel,
        "inputs": [_tensor_json(tensor) for tensor in op.inputs],
        "outputs": [_tensor_json(tensor) for tensor in op.outputs],
    }  # fmt: skip
