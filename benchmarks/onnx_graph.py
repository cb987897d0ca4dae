"""A full-integer .tflite file as the same graph in ONNX: same weights, scales, zero points; QDQ, per channel.

No second calibration, so whatever differs in answers or time is the runtime. Activations become uint8 (each int8 value
and zero point plus 128: the same real numbers), the type for which ONNX Runtime's documentation recommends QDQ models on
x86 (https://onnxruntime.ai/docs/performance/model-optimizations/quantization.html); the layout becomes NCHW.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from signs_edge.edge.errors import ModelError
from signs_edge.export.flatbuffer.graph import Graph, Op, Tensor
from signs_edge.export.flatbuffer.reader import load_schema, read_graph

_SHAPE_ONLY = ("SHAPE", "STRIDED_SLICE", "PACK")  # of what RESHAPE takes; it is written out instead
_RELU = 1  # ActivationFunctionType.RELU


class _Builder:
    """Nodes and constants so far; every activation is known by the index of its TFLite tensor."""

    def __init__(self, content: bytes) -> None:
        self.graph: Graph = read_graph(content)
        self.schema = load_schema()
        self.model = self.schema.Model.GetRootAs(content, 0)
        self.nodes: list[Any] = []
        self.constants: list[Any] = []
        self.pads: dict[int, tuple[int, int, int, int, int]] = {}  # padded tensor: its source; top, left, bottom, right

    def constant(self, name: str, value: np.ndarray) -> str:
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def node(self, kind: str, inputs: list[str], output: str, **attributes: Any) -> str:
        self.nodes.append(helper.make_node(kind, inputs, [output], name=f"{kind}_{output}", **attributes))
        return output

    def values(self, index: int) -> np.ndarray:
        """A stored tensor's numbers."""
        tensor = self.graph.tensors[index]
        if tensor.values is None:
            raise ModelError(
                f"tensor {tensor.name!r} of {tensor.dtype} has no stored numbers: give a full-integer file"
            )
        return tensor.values

    def scale(self, tensor: Tensor, name: str) -> list[str]:
        """Scale and uint8 zero point of an int8 activation."""
        if tensor.dtype != "int8" or len(tensor.scales) != 1:
            raise ModelError(f"{tensor.name!r} is no int8 activation: give a full-integer file with int8 in and out")
        return [
            self.constant(f"{name}_scale", np.float32(tensor.scales[0])),
            self.constant(f"{name}_zero", np.uint8(tensor.zero_points[0] + 128)),
        ]

    def quantized(self, index: int, real: str) -> None:
        """A computed tensor: to its 8 bits and back."""
        parameters = self.scale(self.graph.tensors[index], f"t{index}")
        self.node("QuantizeLinear", [real, *parameters], f"t{index}_q")
        self.node("DequantizeLinear", [f"t{index}_q", *parameters], f"t{index}")

    def weights(self, op: Op, order: tuple[int, ...]) -> list[str]:
        """Weights and bias of an operator, as integers that are made real where they are used."""
        source, kernel = self.graph.tensors[op.inputs[0]], self.graph.tensors[op.inputs[1]]
        name = f"w{op.outputs[0]}"
        scales = np.broadcast_to(np.float32(kernel.scales), (kernel.shape[0],))
        stored = self.values(op.inputs[1]).transpose(order)
        inputs = [self.constant(f"{name}_q", stored), self.constant(f"{name}_scale", scales)]
        self.node(
            "DequantizeLinear", [*inputs, self.constant(f"{name}_zero", np.zeros(len(scales), np.int8))], name, axis=0
        )
        if len(op.inputs) < 3 or op.inputs[2] < 0:
            return [name]
        bias = [
            self.constant(f"{name}_bias_q", self.values(op.inputs[2])),
            self.constant(f"{name}_bias_scale", np.float32(source.scales[0]) * scales),
            self.constant(f"{name}_bias_zero", np.zeros(len(scales), np.int32)),
        ]
        return [name, self.node("DequantizeLinear", bias, f"{name}_bias", axis=0)]

    def options(self, number: int, kind: str) -> Any:
        """The operator's settings, such as strides."""
        table = self.model.Subgraphs(0).Operators(number).BuiltinOptions()
        options = getattr(self.schema, kind)()
        options.Init(table.Bytes, table.Pos)
        return options

    def activated(self, real: str, options: Any, index: int) -> None:
        """A fused ReLU made a node, then the 8 bits."""
        function = options.FusedActivationFunction()
        if function not in (0, _RELU):
            raise ModelError(f"fused activation {function} is not known here: only ReLU is")
        self.quantized(index, self.node("Relu", [real], f"{real}_relu") if function else real)

    def padding(self, op: Op, options: Any, kernel: tuple[int, int], strides: tuple[int, int]) -> list[int]:
        """Top, left, bottom, right: of a PAD before, or TFLite's SAME, which has the odd one at the end."""
        if op.inputs[0] in self.pads:
            return list(self.pads[op.inputs[0]][1:])
        if options.Padding() == self.schema.Padding.VALID:
            return [0, 0, 0, 0]
        sizes = self.graph.tensors[op.inputs[0]].shape[1:3]
        total = [max((-(-n // s) - 1) * s + k - n, 0) for n, s, k in zip(sizes, strides, kernel, strict=True)]
        return [total[0] // 2, total[1] // 2, total[0] - total[0] // 2, total[1] - total[1] // 2]

    def add(self, number: int, op: Op) -> None:
        """One operator."""
        given, made = op.inputs[0], op.outputs[0]
        name, real = f"t{self.pads[given][0] if given in self.pads else given}", f"t{made}_real"
        shape = self.graph.tensors[made].shape
        if op.name == "PAD":
            before_after = self.values(op.inputs[1])
            self.pads[made] = (given, *(int(before_after[axis, side]) for side in (0, 1) for axis in (1, 2)))
        elif op.name == "CONV_2D":
            options = self.options(number, "Conv2DOptions")
            kernel, strides = self.graph.tensors[op.inputs[1]].shape[1:3], (options.StrideH(), options.StrideW())
            pads = self.padding(op, options, kernel, strides)
            inputs = [name, *self.weights(op, (0, 3, 1, 2))]
            self.node("Conv", inputs, real, kernel_shape=kernel, strides=strides, pads=pads)
            self.activated(real, options, made)
        elif op.name in ("MAX_POOL_2D", "AVERAGE_POOL_2D"):
            options = self.options(number, "Pool2DOptions")
            kernel, strides = (options.FilterHeight(), options.FilterWidth()), (options.StrideH(), options.StrideW())
            if op.name == "AVERAGE_POOL_2D" and shape[1:3] == (1, 1):
                self.node("GlobalAveragePool", [name], real)
            else:
                kind = "MaxPool" if op.name == "MAX_POOL_2D" else "AveragePool"
                pads = self.padding(op, options, kernel, strides)
                self.node(kind, [name], real, kernel_shape=kernel, strides=strides, pads=pads)
            self.activated(real, options, made)
        elif op.name == "ADD":
            self.node("Add", [name, f"t{op.inputs[1]}"], real)
            self.activated(real, self.options(number, "AddOptions"), made)
        elif op.name == "RESHAPE" and self.graph.tensors[given].shape[:3] == (1, 1, 1) and len(shape) == 2:
            self.quantized(made, self.node("Flatten", [name], real, axis=1))
        elif op.name == "FULLY_CONNECTED":
            self.node("Gemm", [name, *self.weights(op, (0, 1))], real, transB=1)
            self.activated(real, self.options(number, "FullyConnectedOptions"), made)
        elif op.name == "SOFTMAX":
            self.node("Softmax", [name], f"t{made}", axis=-1)  # six numbers: in float
        elif op.name not in _SHAPE_ONLY:
            raise ModelError(f"{op.name} is not known here: give an int8 file of this project's networks")


def to_onnx(content: bytes) -> bytes:
    """The ONNX model: "picture", (1, 3, height, width) uint8 RGB as the network's input has it plus 128, to "scores"
    (1, classes) float32.
    """  # fmt: skip
    builder = _Builder(content)
    graph = builder.graph
    (given,), (answer,) = graph.inputs, graph.outputs
    _, height, width, channels = graph.tensors[given].shape
    parameters = builder.scale(graph.tensors[given], f"t{given}")
    builder.node("DequantizeLinear", ["picture", *parameters], f"t{given}")
    for number, op in enumerate(graph.ops):
        builder.add(number, op)
    builder.node("Identity", [f"t{answer}"], "scores")
    model = helper.make_model(
        helper.make_graph(
            builder.nodes,
            "signs",
            [helper.make_tensor_value_info("picture", TensorProto.UINT8, (1, channels, height, width))],
            [helper.make_tensor_value_info("scores", TensorProto.FLOAT, graph.tensors[answer].shape)],
            builder.constants,
        ),
        opset_imports=[helper.make_opsetid("", 17)],
        ir_version=8,
    )
    onnx.checker.check_model(model)
    content_out: bytes = model.SerializeToString()
    return content_out
