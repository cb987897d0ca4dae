"""Ops, tensors and layer names read from the flatbuffer."""

import numpy as np
import pytest

from signs_edge.edge.errors import ModelError
from signs_edge.export.flatbuffer import reader
from signs_edge.export.flatbuffer.graph import Tensor
from signs_edge.export.flatbuffer.reader import read_graph, read_graphs


def test_it_reads_what_the_interpreter_reads(tiny_models):
    content = tiny_models.int8.read_bytes()
    from signs_edge.edge.inference.runtime import find_runtime

    interpreter = find_runtime().interpreter(model_content=content)
    interpreter.allocate_tensors()

    graph = read_graph(content)

    details = {tensor["index"]: tensor for tensor in interpreter.get_tensor_details()}
    for tensor in graph.tensors:
        detail = details[tensor.index]
        assert (tensor.name, tensor.shape) == (detail["name"], tuple(detail["shape"]))
        assert tensor.dtype == np.dtype(detail["dtype"]).name
        assert np.array_equal(np.float32(tensor.scales), detail["quantization_parameters"]["scales"])
        if tensor.values is not None:
            assert np.array_equal(tensor.values, interpreter.get_tensor(tensor.index))
    assert [op.name for op in graph.ops][:3] == ["PAD", "CONV_2D", "MAX_POOL_2D"]
    assert graph.ops[-1].name == "SOFTMAX"
    assert graph.ops[-1].outputs == graph.outputs


@pytest.mark.parametrize("content", [b"", b"not a model", b"\x10\0\0\0TFL3" + b"\xff" * 60])
def test_bytes_that_are_no_model_are_refused_in_one_line(content):
    with pytest.raises(ModelError, match="export"):
        read_graph(content)


def quantized(scales, zero_points, axis=0):
    return Tensor("t", (2, 3), "int8", scales, zero_points, axis)


def test_dequantizing_is_scale_times_distance_from_zero_point():
    stored = np.array([[-128, 0, 127], [10, 11, 12]], np.int8)
    assert np.allclose(quantized((0.5,), (10,)).dequantized(stored), [[-69, -5, 58.5], [0, 0.5, 1]])
    by_row = quantized((1.0, 10.0), (0, 0)).dequantized(stored)
    assert np.allclose(by_row, [[-128, 0, 127], [100, 110, 120]])
    by_column = quantized((1.0, 10.0, 100.0), (0, 0, 0), axis=1).dequantized(stored)
    assert np.allclose(by_column, [[-128, 0, 12700], [10, 110, 1200]])


def test_rounding_keeps_to_the_steps_and_the_limits():
    tensor = quantized((0.5,), (-128,))
    assert tensor.limits == (0.0, 127.5)
    assert np.allclose(tensor.rounded(np.float32([-3, 0.3, 1.2, 500])), [0, 0.5, 1.0, 127.5])
    with pytest.raises(ModelError, match="2 scales"):
        _ = quantized((0.5, 1.0), (0, 0)).limits


def test_a_model_with_several_subgraphs_is_refused(tiny_models, monkeypatch):
    content = tiny_models.int8.read_bytes()
    monkeypatch.setattr(reader, "read_graphs", lambda content: (read_graphs(content)[0],) * 2)
    with pytest.raises(ModelError, match="2 subgraphs"):
        read_graph(content)
