"""A model cut between its ops gives what the whole gives, as long as it is fed what the whole computes."""

import numpy as np
import pytest

from signs_edge.edge.bundle.contract import Contract
from signs_edge.edge.inference.preprocess import scale_pictures
from signs_edge.export.diagnosis.isolation import TensorReader, isolate
from signs_edge.export.flatbuffer.reader import read_graph


@pytest.fixture(scope="module")
def whole(tiny_models, blotches):
    content = tiny_models.float32.read_bytes()
    graph, reader = read_graph(content), TensorReader(content)
    picture = scale_pictures(blotches(1, 5), Contract())
    reader.run({graph.inputs[0]: picture})
    return content, graph, reader, picture


def fed_alone(whole, replaced, changed=()):
    content, graph, reader, picture = whole
    isolated = isolate(content, replaced)
    alone = TensorReader(isolated.content)
    fed = {place: reader.read(index) * (2 if index in changed else 1) for index, place in isolated.fed.items()}
    alone.run({graph.inputs[0]: picture, **fed})
    return {index: alone.read(index) for index in isolated.fed}


def test_fed_exactly_every_op_gives_what_it_gives_in_the_whole(whole):
    found = fed_alone(whole, {})
    assert len(found) > 10
    for index, values in found.items():
        assert np.allclose(values, whole[2].read(index), rtol=1e-4, atol=1e-5)


def test_what_is_fed_reaches_its_readers_and_nothing_beyond(whole):
    _, graph, reader, _ = whole
    convolution = next(op for op in graph.ops if op.name == "CONV_2D")
    changed = convolution.outputs[0]

    found = fed_alone(whole, {}, {changed})

    readers = {op.outputs[0] for op in graph.readers[changed]}
    differing = {index for index, values in found.items() if not np.allclose(values, reader.read(index), atol=1e-4)}
    assert differing == readers


def test_replaced_weights_change_their_op_alone(whole):
    _, graph, reader, _ = whole
    number = next(number for number, op in enumerate(graph.ops) if op.name == "CONV_2D")
    weights = graph.tensors[graph.ops[number].inputs[1]].values

    found = fed_alone(whole, {(number, 1): weights * 2})

    differing = {index for index, values in found.items() if not np.allclose(values, reader.read(index), atol=1e-4)}
    assert differing == set(graph.ops[number].outputs)
