"""Quantizing from the float file gives what the converter gives from Keras; named ops stay in float."""

import numpy as np
import pytest

from signs_edge.edge.bundle.contract import Contract
from signs_edge.edge.errors import ModelError
from signs_edge.export.diagnosis.selective import SelectiveQuantizer
from signs_edge.export.flatbuffer.reader import read_graph


@pytest.fixture(scope="module")
def quantizer(tiny_models, blotches):
    # The packed file: labels and contract behind the flatbuffer do not disturb. The pictures are those of the fixture.
    return SelectiveQuantizer(tiny_models.float32.read_bytes(), blotches(60, 1), Contract())


def test_with_no_op_in_float_it_is_the_converters_file(quantizer, tiny_models):
    found, expected = read_graph(quantizer.quantize()), read_graph(tiny_models.int8.read_bytes())

    assert [op.name for op in found.ops] == [op.name for op in expected.ops]
    for op, other in zip(found.ops, expected.ops, strict=True):
        assert found.output(op).name == expected.output(other).name
        for index, index_other in zip((*op.inputs, *op.outputs), (*other.inputs, *other.outputs), strict=True):
            if index >= 0:
                one, two = found.tensors[index], expected.tensors[index_other]
                assert (one.dtype, one.scales, one.zero_points) == (two.dtype, two.scales, two.zero_points)
                assert (one.values is None) == (two.values is None)
                assert one.values is None or np.array_equal(one.values, two.values)


def test_named_ops_and_no_others_stay_in_float(quantizer, tiny_models):
    exact = read_graph(tiny_models.float32.read_bytes())
    convolution = next(exact.output(op).name for op in exact.ops if op.name == "CONV_2D")
    wanted = {convolution, exact.tensors[exact.outputs[0]].name}

    graph = read_graph(quantizer.quantize(wanted))

    between = ("QUANTIZE", "DEQUANTIZE")
    weighted = [op for op in graph.ops if op.name not in between and graph.output(op).dtype != "int32"]
    in_float = [op for op in weighted if graph.output(op).dtype == "float32"]
    assert [op.name for op in in_float] == ["CONV_2D", "SOFTMAX"]
    assert graph.output(in_float[0]).name == convolution
    assert {op.name for op in graph.ops} >= set(between)
    assert graph.tensors[graph.inputs[0]].dtype == graph.tensors[graph.outputs[0]].dtype == "int8"


def test_a_damaged_file_is_refused(blotches):
    with pytest.raises(ModelError, match="refuses the model"):
        SelectiveQuantizer(b"\x10\0\0\0TFL3" + b"\0" * 60, blotches(2, 1), Contract())
