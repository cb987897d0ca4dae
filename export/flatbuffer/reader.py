"""Read a .tflite file, of any origin, into graphs of plain values."""

from __future__ import annotations

import importlib
import io
import math
import struct
import zipfile
from typing import Any

from signs_edge.edge.errors import ModelError, RuntimeMissingError
from signs_edge.export.flatbuffer.graph import Graph, Op, Tensor, Values, numpy_type

# The generated schema comes with either package; it is the same file.
_SCHEMAS = ("ai_edge_litert.schema_py_generated", "tensorflow.lite.python.schema_py_generated")


def flatbuffer_part(content: bytes) -> bytes:
    """The model without what is appended to it as a ZIP archive, such as labels and the preprocessing contract."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            first = min((item.header_offset for item in archive.infolist()), default=archive.start_dir)
    except (zipfile.BadZipFile, NotImplementedError, ValueError, struct.error):
        return content
    return content[:first]


def read_graphs(content: bytes) -> tuple[Graph, ...]:
    """Read all subgraphs of a .tflite file, the main one first; an appended archive is ignored.

    Raises:
        ModelError: no TFLite model, or a damaged one.
        RuntimeMissingError: neither LiteRT nor TensorFlow is installed, which bring the schema.
    """
    if content[4:8] != b"TFL3":
        raise ModelError("not a TFLite model (no TFL3 mark): give a .tflite file, as `signs-edge export` writes it")
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


def read_graph(content: bytes) -> Graph:
    """Read a .tflite file with one subgraph, as all of ours are.

    Raises:
        ModelError: no TFLite model, a damaged one, or one with several subgraphs.
        RuntimeMissingError: as for `read_graphs`.
    """
    graphs = read_graphs(content)
    if len(graphs) != 1:
        raise ModelError(f"the model has {len(graphs)} subgraphs, not one: export it again")
    return graphs[0]


def load_schema() -> Any:
    """The generated module of the TFLite schema, of whichever package is installed.

    Raises:
        RuntimeMissingError: neither LiteRT nor TensorFlow is installed.
    """
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
        _tensor(model, graph.Tensors(i), i, types, content) for i in range(_few(graph.TensorsLength(), content))
    )
    found = (graph.Operators(i) for i in range(_few(graph.OperatorsLength(), content)))
    ops = tuple(Op(codes[op.OpcodeIndex()], _integers(op, "Inputs"), _integers(op, "Outputs")) for op in found)
    return Graph(tensors, ops, _integers(graph, "Inputs"), _integers(graph, "Outputs"))


def _tensor(model: Any, tensor: Any, index: int, types: dict[int, str], content: bytes) -> Tensor:
    quantization = tensor.Quantization()
    scales: tuple[float, ...] = ()
    zero_points: tuple[int, ...] = ()
    axis = 0
    if quantization is not None and quantization.ScaleLength():
        scales = tuple(map(float, quantization.ScaleAsNumpy()))
        zero_points = _integers(quantization, "ZeroPoint")
        axis = quantization.QuantizedDimension()
    shape = tuple(max(size, 1) for size in _integers(tensor, "Shape"))
    dtype = types.get(tensor.Type(), f"type {tensor.Type()}").lower()
    stored, values = 0, None
    if 0 < tensor.Buffer() < _few(model.BuffersLength(), content):
        buffer = model.Buffers(tensor.Buffer())
        # Files above 2 GB keep their values behind the flatbuffer.
        stored = buffer.DataLength() or (buffer.Size() if buffer.Offset() > 1 else 0)
        values = _values(buffer, shape, dtype)
    name = (tensor.Name() or b"").decode(errors="replace")
    return Tensor(name, shape, dtype, scales, zero_points, axis, stored, index, values)


def _values(buffer: Any, shape: tuple[int, ...], dtype: str) -> Values | None:
    """The stored numbers; None without any, for a type that numpy lacks, and where there are not as many as elements."""
    kind = numpy_type(dtype)
    if kind is None or not buffer.DataLength():
        return None
    if buffer.DataLength() != math.prod(shape) * kind.itemsize:
        return None
    values: Values = buffer.DataAsNumpy().view(kind).reshape(shape)
    return values


def _integers(table: Any, field: str) -> tuple[int, ...]:
    """A vector of integers; empty where it was left out."""
    return tuple(map(int, getattr(table, f"{field}AsNumpy")())) if getattr(table, f"{field}Length")() else ()
