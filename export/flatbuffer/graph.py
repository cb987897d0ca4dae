"""A .tflite flatbuffer read back: its tensors and operators, of any origin, as plain frozen values."""

from __future__ import annotations

import importlib
import io
import struct
import zipfile
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from signs_edge.edge.errors import ModelError, RuntimeMissingError

# The generated schema comes with either; it is the same file.
_SCHEMAS = ("ai_edge_litert.schema_py_generated", "tensorflow.lite.python.schema_py_generated")
# Bits of one element. STRING, RESOURCE and VARIANT have no fixed size.
_BITS = {
    "float64": 64, "float32": 32, "float16": 16, "bfloat16": 16, "float8_e4m3fn": 8, "float8_e5m2": 8,
    "complex64": 64, "complex128": 128,
    "int64": 64, "uint64": 64, "int32": 32, "uint32": 32, "int16": 16, "uint16": 16, "int8": 8, "uint8": 8,
    "uint4": 4, "int4": 4, "int2": 2, "bool": 8,
}  # fmt: skip


@dataclass(frozen=True)
class Tensor:
    """One tensor.

    Attributes:
        name: as the converter called it.
        shape: sizes, 1 for what is open until the first call.
        dtype: the schema's name in small letters, such as "int8" or "float32".
        scales, zero_points: real = (q − zero point) × scale, one each or one per channel; empty without quantization.
        axis: of the channels, where there are several scales.
        stored: bytes of its values in the file; 0 for what is computed.
    """

    name: str
    shape: tuple[int, ...]
    dtype: str
    scales: tuple[float, ...] = ()
    zero_points: tuple[int, ...] = ()
    axis: int = 0
    stored: int = 0

    @property
    def elements(self) -> int:
        """How many numbers it has."""
        return int(np.prod(self.shape, dtype=np.int64))

    @property
    def bytes(self) -> int:
        """What it takes in memory, 0 for types without a fixed size."""
        return -(-self.elements * _BITS.get(self.dtype, 0) // 8)

    @property
    def constant(self) -> bool:
        """Whether its values stand in the file."""
        return self.stored > 0

    @property
    def floating(self) -> bool:
        """Whether its numbers are floats of any width."""
        return "float" in self.dtype or self.dtype.startswith("complex")


@dataclass(frozen=True)
class Op:
    """One operator: the schema's name (a custom one as CUSTOM:its name), and the indices of its tensors.

    An input of −1 is one that was left out.
    """

    name: str
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]


@dataclass(frozen=True)
class Graph:
    """One subgraph: tensors, operators in the order they run, and which tensors go in and come out."""

    tensors: tuple[Tensor, ...]
    ops: tuple[Op, ...]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]

    def __post_init__(self) -> None:
        """Refuse indices that point nowhere."""
        used = {index for op in self.ops for index in (*op.inputs, *op.outputs)} | {*self.inputs, *self.outputs}
        if used and not -1 <= min(used) <= max(used) < len(self.tensors):
            raise ModelError(f"an operator names a tensor outside of the {len(self.tensors)}: the file is damaged")


def flatbuffer_part(content: bytes) -> bytes:
    """The model without what is appended to it as a ZIP archive, labels and contract for instance."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            first = min((item.header_offset for item in archive.infolist()), default=archive.start_dir)
    except (zipfile.BadZipFile, NotImplementedError, ValueError, struct.error):
        return content
    return content[:first]


def read_graphs(content: bytes) -> tuple[Graph, ...]:
    """All subgraphs of a .tflite file, the main one first; an appended archive is ignored.

    Raises:
        ModelError: no TFLite model, or a damaged one.
        RuntimeMissingError: neither LiteRT nor TensorFlow is installed, with which the schema comes.
    """
    if content[4:8] != b"TFL3":
        raise ModelError("not a TFLite model (no TFL3 mark): give a .tflite file")
    schema = load_schema()
    try:
        model = schema.Model.GetRootAs(content, 0)
        codes = [_code(schema, model.OperatorCodes(i)) for i in range(_few(model.OperatorCodesLength(), content))]
        graphs = tuple(
            _graph(model, model.Subgraphs(i), codes, schema, content)
            for i in range(_few(model.SubgraphsLength(), content))
        )
    except (struct.error, IndexError, ValueError, TypeError, AttributeError, OverflowError, MemoryError) as error:
        raise ModelError(f"the flatbuffer is damaged ({type(error).__name__}: {error}): export it again") from None
    if not graphs:
        raise ModelError("the flatbuffer holds no graph: export it again")
    return graphs


def stored_values(content: bytes, index: int) -> npt.NDArray[Any]:
    """The numbers of a constant tensor of the main graph, in its shape; for types that numpy has.

    Raises:
        ModelError: the tensor is computed, or of another type.
    """
    tensor = read_graphs(content)[0].tensors[index]
    model = load_schema().Model.GetRootAs(content, 0)
    if not tensor.constant or tensor.dtype not in np.sctypeDict:
        raise ModelError(
            f"tensor {tensor.name!r} of {tensor.dtype} has no values to read: give one with stored numbers"
        )
    raw = model.Buffers(model.Subgraphs(0).Tensors(index).Buffer()).DataAsNumpy()
    return np.frombuffer(raw.tobytes(), tensor.dtype).reshape(tensor.shape)


def load_schema() -> Any:
    """The generated reader of the TFLite schema, of whichever package is installed."""
    for name in _SCHEMAS:
        try:
            return importlib.import_module(name)
        except ImportError:
            continue
    raise RuntimeMissingError(
        "reading a .tflite file back needs its schema, which comes with LiteRT: pip install ai-edge-litert"
    )


def _few(length: int, content: bytes) -> int:
    """A vector's length; ValueError where the file is too short for it, so that damage cannot make a loop endless."""
    if not 0 <= length <= len(content) // 4:
        raise ValueError(f"a vector of {length} in {len(content)} bytes")
    return length


def _names(enumeration: Any) -> dict[int, str]:
    return {value: name for name, value in vars(enumeration).items() if not name.startswith("_")}


def _code(schema: Any, code: Any) -> str:
    # Old files know only the first field, which ends at 127.
    number = max(code.BuiltinCode(), code.DeprecatedBuiltinCode())
    if number == schema.BuiltinOperator.CUSTOM:
        return f"CUSTOM:{(code.CustomCode() or b'').decode(errors='replace')}"
    return _names(schema.BuiltinOperator).get(number, f"OPERATOR_{number}")


def _graph(model: Any, graph: Any, codes: list[str], schema: Any, content: bytes) -> Graph:
    types = _names(schema.TensorType)
    tensors = tuple(
        _tensor(model, graph.Tensors(i), types, content) for i in range(_few(graph.TensorsLength(), content))
    )
    found = (graph.Operators(i) for i in range(_few(graph.OperatorsLength(), content)))
    ops = tuple(Op(codes[op.OpcodeIndex()], _integers(op, "Inputs"), _integers(op, "Outputs")) for op in found)
    return Graph(tensors, ops, _integers(graph, "Inputs"), _integers(graph, "Outputs"))


def _tensor(model: Any, tensor: Any, types: dict[int, str], content: bytes) -> Tensor:
    quantization = tensor.Quantization()
    scales: tuple[float, ...] = ()
    zero_points: tuple[int, ...] = ()
    axis = 0
    if quantization is not None and quantization.ScaleLength():
        scales = tuple(map(float, quantization.ScaleAsNumpy()))
        zero_points = _integers(quantization, "ZeroPoint")
        axis = quantization.QuantizedDimension()
    stored = 0
    if 0 < tensor.Buffer() < _few(model.BuffersLength(), content):
        buffer = model.Buffers(tensor.Buffer())
        # Files above 2 GB keep their values behind the flatbuffer.
        stored = buffer.DataLength() or (buffer.Size() if buffer.Offset() > 1 else 0)
    shape = tuple(max(size, 1) for size in _integers(tensor, "Shape"))
    name = (tensor.Name() or b"").decode(errors="replace")
    return Tensor(
        name, shape, types.get(tensor.Type(), f"type {tensor.Type()}").lower(), scales, zero_points, axis, stored
    )


def _integers(table: Any, field: str) -> tuple[int, ...]:
    """A vector of integers; empty where it was left out."""
    return tuple(map(int, getattr(table, f"{field}AsNumpy")())) if getattr(table, f"{field}Length")() else ()
