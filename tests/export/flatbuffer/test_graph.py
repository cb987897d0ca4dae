"""Ops, tensors and layer names read from the flatbuffer."""

import numpy as np
import pytest

from signs_edge.edge.errors import ModelError
from signs_edge.export.graph import Graph, Tensor, layers_of


def test_it_reads_what_the_interpreter_reads(tiny_models):
    content = tiny_models.int8.read_bytes()
    from signs_edge.edge.inference.runtime import find_runtime

    interpreter = find_runtime().interpreter(model_content=content)
    interpreter.allocate_tensors()

    graph = Graph.read(content)

    details = {tensor["index"]: tensor for tensor in interpreter.get_tensor_details()}
    for tensor in graph.tensors:
        detail = details[tensor.index]
        assert (tensor.name, tensor.shape) == (detail["name"], tuple(detail["shape"]))
        assert tensor.dtype == detail["dtype"]
        assert np.array_equal(np.float32(tensor.scales), detail["quantization_parameters"]["scales"])
        if tensor.constant is not None:
            assert np.array_equal(tensor.constant, interpreter.get_tensor(tensor.index))
    assert [op.kind for op in graph.ops][:3] == ["PAD", "CONV_2D", "MAX_POOL_2D"]
    assert graph.ops[-1].kind == "SOFTMAX"
    assert graph.ops[-1].outputs == graph.outputs


@pytest.mark.parametrize("content", [b"", b"not a model", b"\x10\0\0\0TFL3" + b"\xff" * 60])
def test_bytes_that_are_no_model_are_refused_in_one_line(content):
    with pytest.raises(ModelError, match="export"):
        Graph.read(content)


def quantized(scales, zero_points, axis=0):
    return Tensor(0, "t", (2, 3), np.dtype(np.int8), scales, zero_points, axis, None)


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


def test_layers_behind_a_tensor():
    known = ("picture", "conv", "relu", "block_1", "block_1_add")
    assert layers_of("net_1/relu_1/Relu;net_1/conv_1/convolution", known) == ("conv", "relu")
    assert layers_of("net/block_1/Add", known) == ("block_1",)  # a number of its own, not the tracer's
    assert layers_of("net/block_1_add_1/Add", known) == ("block_1_add",)
    assert layers_of("StatefulPartitionedCall_1:0", known) == ()
