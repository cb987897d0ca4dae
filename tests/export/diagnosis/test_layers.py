"""The diagnosis: numbers checked by hand, branches named, and a planted outlier channel found."""

import dataclasses
import math

import numpy as np
import pytest

from signs_edge.edge.bundle.contract import Contract
from signs_edge.edge.errors import ModelError
from signs_edge.edge.inference.preprocess import scale_pictures
from signs_edge.export.diagnosis.branches import branches, reader_energy
from signs_edge.export.diagnosis.isolation import TensorReader
from signs_edge.export.diagnosis.layers import compare_layers, own_ratio
from signs_edge.export.diagnosis.noise import Noise
from signs_edge.export.flatbuffer.reader import read_graph

PLANTED = "stage3_block1_1_conv + stage3_block1_relu1"
READER = "stage3_block1_2_conv + stage3_block1_relu2"


def examine(quantized, bars):
    return compare_layers(quantized.float32, quantized.int8, bars.images[:12], Contract(), quantized.layers)


@pytest.fixture(scope="module")
def of_healthy(healthy, bars):
    return examine(healthy, bars)


@pytest.fixture(scope="module")
def of_planted(planted, bars):
    return examine(planted, bars)


def by_name(diagnosis):
    return {layer.name: layer for layer in diagnosis.layers}


def test_every_layer_has_its_partner_and_its_name(of_healthy, healthy):
    assert of_healthy.unmatched == ()
    names = [layer.name for layer in of_healthy.layers]
    assert names[:3] == ["stem_pad", "stem_conv + stem_relu", "stem_pool"]
    assert names[-2:] == ["probabilities", "probabilities (output)"]
    assert len(set(names)) == len(names)
    assert all(layer.integer for layer in of_healthy.layers)
    convolutions = [layer for layer in healthy.layers if layer.endswith("_conv")]
    weighted = [layer for layer in of_healthy.layers if layer.weight_sqnr]
    assert len(weighted) == len(convolutions) + 1


def test_ratio_and_errors_are_those_of_the_dequantized_tensor(of_healthy, healthy, bars):
    """Worked out once more for one layer, straight from the two interpreters."""
    layer = by_name(of_healthy)[READER]
    scaled = scale_pictures(bars.images[:12], Contract())
    exact, rounded = [], []
    for content, found in ((healthy.float32, exact), (healthy.int8, rounded)):
        graph, reader = read_graph(content), TensorReader(content)
        source, tensor = graph.tensors[graph.inputs[0]], graph.output(graph.by_output[layer.tensor])
        for picture in scaled:
            values = picture[np.newaxis]
            if source.quantized:
                values = np.round(values / source.scales[0] + source.zero_points[0]).astype(np.int8)
            reader.run({source.index: values})
            stored = reader.read(tensor.index).astype(np.float64)
            found.append((stored - tensor.zero_points[0]) * tensor.scales[0] if tensor.quantized else stored)
    error = np.array(rounded) - exact
    assert layer.sqnr == pytest.approx(10 * math.log10(np.square(exact).sum() / np.square(error).sum()), abs=1e-3)
    assert layer.mean_error == pytest.approx(np.abs(error).mean(), rel=1e-4)
    assert layer.max_error == pytest.approx(np.abs(error).max(), rel=1e-4)


def test_ops_that_only_move_values_make_no_error(of_healthy):
    movers = [layer for layer in of_healthy.layers if layer.kind in ("PAD", "MAX_POOL_2D", "RESHAPE")]
    assert len(movers) == 3
    assert all(layer.own_sqnr == math.inf for layer in movers)
    assert not set(movers) & set(of_healthy.suspects)


def test_branches_of_every_add_are_told_apart(of_healthy):
    sides = {junction.add: (junction.shortcut, junction.residual) for junction in of_healthy.junctions}
    assert sides == {
        "stage2_block1_add + stage2_block1_out": ("stage2_block1_shortcut_conv", "stage2_block1_3_conv"),
        "stage3_block1_add + stage3_block1_out": ("stage3_block1_shortcut_conv", "stage3_block1_3_conv"),
        "stage3_block2_add + stage3_block2_out": ("stage3_block1_add + stage3_block1_out", "stage3_block2_3_conv"),
    }
    layers = by_name(of_healthy)
    for junction in of_healthy.junctions:
        assert junction.residual_sqnr == layers[junction.residual].sqnr
        assert junction.shortcut_sqnr == layers[junction.shortcut].sqnr


def test_what_is_no_add_has_no_branches(healthy):
    graph = read_graph(healthy.float32)
    assert all((branches(graph, op) is not None) == (op.name == "ADD") for op in graph.ops)


def test_readers_are_found_through_adds_and_pools(healthy):
    graph = read_graph(healthy.float32)
    energies = {
        op.name: reader_energy(graph, graph.output(op)) for op in graph.ops if graph.output(op).dtype == "float32"
    }
    assert energies["SOFTMAX"] is None
    last = next(op for op in reversed(graph.ops) if op.name == "ADD")
    dense = next(op for op in graph.ops if op.name == "FULLY_CONNECTED")
    weights = graph.tensors[dense.inputs[1]].values
    assert np.allclose(reader_energy(graph, graph.output(last)), np.square(weights).sum(axis=0))


def test_a_branch_is_judged_by_what_the_sum_shows_of_it(healthy):
    """A residual so small that int8 keeps little of it harms nobody, and is no suspect."""
    graph = read_graph(healthy.float32)
    add = next(op for op in reversed(graph.ops) if op.name == "ADD")
    _, residual = branches(graph, add)
    convolution = graph.output(next(op for op in graph.ops if op.name == "CONV_2D"))
    whole = {graph.output(add).name: Noise(np.full(residual.shape[-1], 1000.0), np.zeros(residual.shape[-1]), 0, 0)}

    def judged(tensor):
        faint = Noise(np.full(tensor.shape[-1], 2.0), np.ones(tensor.shape[-1]), 0, 0)
        return own_ratio(graph, tensor, faint, whole)

    assert judged(residual) == pytest.approx(30)
    assert judged(convolution) == pytest.approx(10 * math.log10(2))  # nothing larger is added to it


def test_the_planted_channel_is_ranked_first(of_planted, of_healthy):
    first, second = of_planted.suspects[:2]
    assert first.name == PLANTED
    assert second.name == READER  # its weights for that channel have become too small
    assert first.own_sqnr < 3
    healthy_ratio = by_name(of_healthy)[PLANTED].own_sqnr
    assert healthy_ratio > 30
    # The plain ratio is blind to it: the large channel drowns the noise in the others.
    assert by_name(of_planted)[PLANTED].sqnr > 30
    # The damage shows from the reader on, not before it.
    names = [layer.name for layer in of_planted.layers]
    assert all(layer.sqnr > 30 for layer in of_planted.layers[: names.index(PLANTED)])
    assert by_name(of_planted)["stage3_block1_3_conv"].sqnr < 10


def test_values_beyond_the_calibrated_range_are_counted(healthy, bars):
    """Calibrated on dark pictures, bright ones are clipped."""
    from signs_edge.export.diagnosis.selective import SelectiveQuantizer

    dark = SelectiveQuantizer(healthy.float32, bars.images[:6] // 8, Contract()).quantize()
    found = compare_layers(healthy.float32, dark, bars.images[:6], Contract(), healthy.layers)
    usual = compare_layers(healthy.float32, healthy.int8, bars.images[:6], Contract(), healthy.layers)
    stem, usual_stem = by_name(found)["stem_conv + stem_relu"], by_name(usual)["stem_conv + stem_relu"]
    assert usual_stem.saturated < 0.01
    assert stem.saturated > 0.05
    assert stem.own_sqnr < usual_stem.own_sqnr - 10


def test_weights_are_judged_by_channel(healthy, bars):
    diagnosis = examine(healthy, bars)
    layer = by_name(diagnosis)["stem_conv + stem_relu"]
    assert len(layer.weight_sqnr) == 4
    assert layer.weight_sqnr[layer.worst_channel] == min(layer.weight_sqnr) > 30
    assert dataclasses.replace(layer, weight_sqnr=()).worst_channel is None


def test_figures_that_are_no_numbers_are_null(of_healthy):
    stored = of_healthy.to_json()
    assert stored["layers"][0]["own_sqnr_db"] is None
    assert stored["pictures"] == 12
    assert stored["junctions"][0]["residual"] == "stage2_block1_3_conv"


def test_no_pictures_are_refused(healthy, bars):
    with pytest.raises(ModelError, match="0 pictures"):
        compare_layers(healthy.float32, healthy.int8, bars.images[:0], Contract())
