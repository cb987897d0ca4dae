"""A float32 .tflite file taken apart: each op fed by itself, with other weights where wanted, all in one file."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from signs_edge.edge.errors import ModelError
from signs_edge.edge.inference.runtime import find_runtime
from signs_edge.edge.util.quiet import quiet

FloatValues = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Isolated:
    """A file in which no op reads what another wrote.

    Attributes:
        content: the flatbuffer.
        fed: for each tensor of the original, by index, the input that takes its place before its readers.
    """

    content: bytes
    fed: Mapping[int, int]


def isolate(float32: bytes, replaced: Mapping[tuple[int, int], FloatValues]) -> Isolated:
    """Cut a float32 model between all its ops.

    Every float tensor that is computed becomes an output, and its readers read an input of the same shape instead. So
    one run gives what each op makes of exact inputs: the error of its own weights, without those of the ops before it.

    Args:
        float32: a flatbuffer with one subgraph.
        replaced: other values of constants, of their shape, by (number of the op, place among its inputs).
    """
    import flatbuffers
    from tensorflow.lite.python import schema_py_generated as schema

    model = schema.ModelT.InitFromObj(schema.Model.GetRootAs(float32, 0))
    graph = model.subgraphs[0]
    fed: dict[int, int] = {}

    def copy(index: int, buffer: int) -> int:
        original, made = graph.tensors[index], schema.TensorT()
        made.shape, made.type, made.buffer = original.shape, original.type, buffer
        made.name = original.name + b"/alone"
        graph.tensors.append(made)
        return len(graph.tensors) - 1

    written = [int(i) for op in graph.operators for i in op.outputs]
    outputs = [index for index in written if graph.tensors[index].type == schema.TensorType.FLOAT32]
    for index in outputs:
        fed[index] = copy(index, 0)  # buffer 0 is the empty one, by the format
    for number, op in enumerate(graph.operators):
        op.inputs = np.array([fed.get(int(i), int(i)) for i in op.inputs], np.int32)
        for place in range(len(op.inputs)):
            values = replaced.get((number, place))
            if values is not None:  # a tensor of its own: ops may share one
                buffer = schema.BufferT()
                buffer.data = np.frombuffer(np.ascontiguousarray(values, np.float32).tobytes(), np.uint8)
                model.buffers.append(buffer)
                op.inputs[place] = copy(int(op.inputs[place]), len(model.buffers) - 1)
    graph.inputs = np.array([*map(int, graph.inputs), *fed.values()], np.int32)
    graph.outputs = np.array(outputs, np.int32)
    model.signatureDefs, model.metadata, model.metadataBuffer = [], [], []  # they speak of the whole
    builder = flatbuffers.Builder(len(float32))
    builder.Finish(model.Pack(builder), b"TFL3")
    return Isolated(bytes(builder.Output()), fed)


class TensorReader:
    """An interpreter that keeps every tensor of a run."""

    def __init__(self, content: bytes) -> None:
        """Of a flatbuffer; ModelError where the runtime refuses it."""
        refusal = ""
        with quiet(), warnings.catch_warnings():  # LiteRT greets on stderr, and warns of the memory this takes
            warnings.simplefilter("ignore")
            try:
                self._interpreter: Any = find_runtime().interpreter(
                    model_content=content, experimental_preserve_all_tensors=True
                )
                self._interpreter.allocate_tensors()
            except (ValueError, RuntimeError) as error:
                refusal = str(error).partition("\n")[0] or type(error).__name__
        if refusal:
            raise ModelError(f"the runtime refuses the model ({refusal}): export the run again")

    def run(self, inputs: Mapping[int, npt.NDArray[Any]]) -> None:
        """Set the inputs, by tensor index, and compute."""
        for index, values in inputs.items():
            self._interpreter.set_tensor(index, values)
        self._interpreter.invoke()

    def read(self, index: int) -> npt.NDArray[Any]:
        """A copy of a tensor after the run."""
        values: npt.NDArray[Any] = self._interpreter.get_tensor(index)
        return values
