"""Which layer of an int8 file loses how much: every tensor beside that of the float32 file, on the same pictures."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from signs_edge.edge.arrays import Images
from signs_edge.edge.bundle.contract import Contract
from signs_edge.edge.errors import ModelError
from signs_edge.edge.inference.network import quantization_table
from signs_edge.edge.inference.preprocess import scale_table
from signs_edge.export.diagnosis.branches import MOVERS, WEIGHTED, branches, reader_energy
from signs_edge.export.diagnosis.isolation import FloatValues, TensorReader, isolate
from signs_edge.export.diagnosis.names import layers_of
from signs_edge.export.diagnosis.noise import Noise, NoiseMeter
from signs_edge.export.diagnosis.result import Diagnosis, Junction, Layer
from signs_edge.export.flatbuffer.graph import Graph, Op, Tensor
from signs_edge.export.flatbuffer.reader import read_graph

DIAGNOSIS_PICTURES = 60


def compare_layers(
    float32: bytes, int8: bytes, pictures: Images, contract: Contract, keras_layers: tuple[str, ...] = ()
) -> Diagnosis:
    """Run both files over the pictures and compare them tensor by tensor.

    Partners are tensors of the same name: one converter made both files, and it names computed tensors alike and once.

    Args:
        float32: the float file.
        int8: the quantized one, of the same model.
        pictures: (n, height, width, 3) uint8 RGB, at least one.
        contract: how they become the float file's input.
        keras_layers: names of the model's layers, in its order; the last is taken for the output's.

    Raises:
        ModelError: no common tensors, or other inputs: not files of one model.
    """
    exact, rounded = read_graph(float32), read_graph(int8)
    pairs = _pairs(exact, rounded)
    if not pairs or not len(pictures):
        raise ModelError(
            f"{len(pairs)} common tensors and {len(pictures)} pictures: give two files of one export, and pictures"
        )
    names = {one.name: _layer_name(one, exact, keras_layers) for one, _, _ in pairs}
    whole, alone, saturated = _measure(float32, int8, exact, rounded, pairs, pictures, contract)
    layers = tuple(
        Layer(
            tensor=one.name,
            name=names[one.name],
            kind=op.name,
            integer=other.quantized,
            sqnr=whole[one.name].sqnr,
            own_sqnr=math.inf if op.name in MOVERS else own_ratio(exact, one, alone[one.name], whole),
            mean_error=whole[one.name].mean_error,
            max_error=whole[one.name].max_error,
            saturated=saturated[one.name],
            weight_sqnr=_weight_ratios(op, exact, rounded),
        )
        for one, other, op in pairs
    )
    matched = {one.name for one, _, _ in pairs}
    ratio = {layer.tensor: layer.sqnr for layer in layers}
    junctions = []
    for one, _, op in pairs:
        sides = branches(exact, op)
        if sides is not None and all(side.name in matched for side in sides):
            shortcut, residual = (side.name for side in sides)
            junctions.append(
                Junction(names[one.name], names[shortcut], ratio[shortcut], names[residual], ratio[residual],
                         ratio[one.name])
            )  # fmt: skip
    unmatched = [name for graph in (exact, rounded) for name in _float_or_quantized(graph) if name not in matched]
    return Diagnosis(layers, tuple(junctions), tuple(dict.fromkeys(unmatched)), len(pictures))


def own_ratio(exact: Graph, tensor: Tensor, alone: Noise, whole: dict[str, Noise]) -> float:
    """Of the error that an op makes itself, in dB, as its readers weigh it.

    What is only read by an Add is measured against the sum: a small branch may be coarse, for the sum does not show it.
    """
    readers = exact.readers.get(tensor.index, ())
    sums = [exact.output(op) for op in readers if op.name == "ADD"]
    if len(readers) == 1 and sums and sums[0].name in whole and sums[0].shape == tensor.shape:
        alone = replace(alone, signal=whole[sums[0].name].signal)
    return alone.weighted(reader_energy(exact, tensor))


_Pairs = list[tuple[Tensor, Tensor, Op]]


def _pairs(exact: Graph, rounded: Graph) -> _Pairs:
    """(float tensor, its int8 partner, the float file's op that writes it), by depth."""
    found = []
    for op in exact.ops:
        tensor = exact.output(op)
        other = rounded.by_output.get(tensor.name)
        if other is not None and tensor.dtype == "float32" and rounded.output(other).shape == tensor.shape:
            found.append((tensor, rounded.output(other), op))
    return found


def _float_or_quantized(graph: Graph) -> list[str]:
    """Names of the computed tensors that hold values, not shapes."""
    tensors = (graph.output(op) for op in graph.ops)
    return [tensor.name for tensor in tensors if tensor.dtype == "float32" or tensor.quantized]


def _layer_name(tensor: Tensor, graph: Graph, keras_layers: tuple[str, ...]) -> str:
    found = layers_of(tensor.name, keras_layers)
    if not found and keras_layers and tensor.index in graph.outputs:  # the converter names outputs its own way
        found = keras_layers[-1:]
        return f"{found[0]} (output)"
    return " + ".join(found) or tensor.name


def _measure(
    float32: bytes, int8: bytes, exact: Graph, rounded: Graph, pairs: _Pairs, pictures: Images, contract: Contract
) -> tuple[dict[str, Noise], dict[str, Noise], dict[str, float]]:
    """By tensor: the noise of everything before it, the noise of its op alone, and the saturated share."""
    replaced = {
        (number, place): received
        for number, op in enumerate(exact.ops)
        for place, _, received, _ in _constants(op, exact, rounded)
    }
    isolated = isolate(float32, replaced)
    first, second, third = TensorReader(float32), TensorReader(int8), TensorReader(isolated.content)
    table, other_table = scale_table(contract), _input_table(rounded, contract)
    whole = {one.name: NoiseMeter(one.shape[-1]) for one, _, _ in pairs}
    alone = {one.name: NoiseMeter(one.shape[-1]) for one, _, _ in pairs}
    beyond = dict.fromkeys(whole, 0)
    sizes = dict.fromkeys(whole, 0)
    for picture in pictures:
        first.run({exact.inputs[0]: table[picture][np.newaxis]})
        second.run({rounded.inputs[0]: other_table[picture][np.newaxis]})
        fed = {place: first.read(index) for index, place in isolated.fed.items()}
        third.run({exact.inputs[0]: table[picture][np.newaxis], **fed})
        for one, other, _ in pairs:
            values: FloatValues = fed[isolated.fed[one.index]]
            whole[one.name].add(values, other.dequantized(second.read(other.index)))
            by_itself = third.read(one.index)
            alone[one.name].add(values, other.rounded(by_itself) if other.quantized else by_itself)
            if other.quantized:
                (low, high), half = other.limits, other.scales[0] / 2
                beyond[one.name] += int(((values < low - half) | (values > high + half)).sum())
            sizes[one.name] += values.size
    return (
        {name: meter.read() for name, meter in whole.items()},
        {name: meter.read() for name, meter in alone.items()},
        {name: beyond[name] / sizes[name] for name in sizes},
    )


def _input_table(graph: Graph, contract: Contract) -> npt.NDArray[Any]:
    """(256,) table from a picture's uint8 value to what the file's input takes."""
    tensor = graph.tensors[graph.inputs[0]]
    if not tensor.quantized:
        return scale_table(contract)
    return quantization_table(tensor.scales[0], tensor.zero_points[0], np.dtype(tensor.dtype), contract.divisor)


def _constants(op: Op, exact: Graph, rounded: Graph) -> list[tuple[int, FloatValues, FloatValues, int]]:
    """Weights and bias of an op that both files hold: (place among its inputs, float values, int8's, channel axis)."""
    other = rounded.by_output.get(exact.output(op).name)
    if op.name not in WEIGHTED or other is None or other.name != op.name:
        return []
    found = []
    for place, (one, two) in enumerate(zip(op.inputs, other.inputs, strict=False)):
        values, quantized = (exact.tensors[one].values, rounded.tensors[two]) if min(one, two) >= 0 else (None, None)
        if values is None or quantized is None or quantized.values is None or not quantized.quantized:
            continue
        if values.shape == quantized.shape:
            found.append((place, values, quantized.dequantized(quantized.values), quantized.axis))
    return found


def _weight_ratios(op: Op, exact: Graph, rounded: Graph) -> tuple[float, ...]:
    for place, values, received, axis in _constants(op, exact, rounded):
        if place == 1:
            meter = NoiseMeter(values.shape[axis])
            meter.add(np.moveaxis(values, axis, -1), np.moveaxis(received, axis, -1))
            return meter.read().by_channel
    return ()


def spread(pictures: Images, most: int) -> Images:
    """At most so many of them, evenly spread."""
    chosen: Images = pictures[np.linspace(0, len(pictures) - 1, min(most, len(pictures))).astype(int)]
    return chosen
