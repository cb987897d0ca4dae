"""Normalization behind a dilated convolution becomes part of it, whatever its factors, and the answers stay."""

import flatbuffers
import keras
import numpy as np
import pytest
from keras import layers

from signs_edge.edge.bundle.contract import WHOLE, Contract
from signs_edge.edge.inference.network import Network
from signs_edge.edge.inference.preprocess import scale_pictures
from signs_edge.export.convert.convert import to_int8
from signs_edge.export.convert.folding import fold_dilated
from signs_edge.export.flatbuffer.reader import load_schema, read_graphs

SIZE = (15, 20)  # odd and even: the converter pads them unlike
CONTRACT = Contract(*SIZE, crop=WHOLE)


@pytest.fixture(scope="module")
def pictures(blotches):
    return np.ascontiguousarray(blotches(24, 5)[:, : SIZE[0], : SIZE[1]])


@pytest.fixture(scope="module")
def model():
    """Two dilated convolutions whose biases are 0 alike; normalization with factors above, below and equal to 0."""
    inputs = x = keras.Input((*SIZE, 3))
    rng = np.random.default_rng(1)
    for _ in range(2):
        x = layers.Conv2D(8, 3, padding="same", dilation_rate=2, use_bias=False)(x)
        normalization = layers.BatchNormalization()
        x = normalization(x)
        gamma = rng.uniform(0.5, 1.5, 8) * np.array([1, -1, 1, 1, 0, 1, -1, 1])
        normalization.set_weights([gamma, rng.normal(0.3, 0.2, 8), rng.normal(0, 0.1, 8), rng.uniform(0.2, 0.6, 8)])
        x = layers.ReLU()(x)
    return keras.Model(inputs, layers.Conv2D(2, 1)(x))


@pytest.fixture(scope="module")
def int8(model, pictures):
    return to_int8(model, pictures, CONTRACT)


def answers(flatbuffer, pictures):
    network = Network(flatbuffer)
    network.obey(CONTRACT)
    return np.stack([network.answer(picture) for picture in pictures])


def operators(flatbuffer):
    return [op.name for op in read_graphs(flatbuffer)[0].ops]


def test_one_convolution_is_left_of_five_operators(int8):
    assert operators(int8).count("MUL") == 2, "the converter folds it itself now: this module can go"

    folded = fold_dilated(int8)

    assert operators(folded) == ["CONV_2D"] * 3
    assert len(folded) < len(int8)
    graph = read_graphs(folded)[0]
    read = {index for op in graph.ops for index in (*op.inputs, *op.outputs)} | {*graph.inputs}
    assert read == set(range(len(graph.tensors)))


def test_its_answers_are_as_near_to_the_float_models_as_before(model, int8, pictures):
    exact = model.predict(scale_pictures(pictures, CONTRACT), verbose=0)

    before, after = (np.abs(answers(content, pictures) - exact) for content in (int8, fold_dilated(int8)))

    assert after.mean() <= 1.1 * before.mean()
    assert after.max() <= 0.1 * np.ptp(exact)


def test_what_has_nothing_to_fold_comes_back_as_it_is(int8, tiny_models):
    folded = fold_dilated(int8)

    assert fold_dilated(folded) == folded
    for path in (tiny_models.int8, tiny_models.float32):
        assert fold_dilated(path.read_bytes()) == path.read_bytes()


def test_an_activation_within_the_chain_is_not_lost(int8):
    schema = load_schema()
    model = schema.ModelT.InitFromObj(schema.Model.GetRootAs(int8, 0))
    name = {value: name for name, value in vars(schema.BuiltinOperator).items()}
    scaled = [
        op for op in model.subgraphs[0].operators if name[model.operatorCodes[op.opcodeIndex].builtinCode] == "MUL"
    ]
    scaled[0].builtinOptions.fusedActivationFunction = schema.ActivationFunctionType.RELU
    builder = flatbuffers.Builder(len(int8))
    builder.Finish(model.Pack(builder), b"TFL3")

    assert operators(fold_dilated(bytes(builder.Output()))).count("MUL") == 1


def test_the_packaged_finder_has_no_operator_that_rounds_otherwise_on_arm():
    from signs_edge.edge.bundle.store import find_finder

    path = find_finder(None)
    assert path is not None
    assert set(operators(path.read_bytes())) == {"CONV_2D", "ADD"}
