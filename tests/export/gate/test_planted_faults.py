"""Each way in which an int8 file goes wrong in practice, planted: the sound file passes the gate, these do not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from signs_edge.edge.bundle.contract import Contract
from signs_edge.export.convert.coverage import measure_coverage
from signs_edge.export.gate.gate import Gate


def convolutions(tree: Any) -> list[tuple[Any, Any, Any, Any]]:
    """Input, weights, bias and output of each convolution, as tensors of the object tree."""
    graph = tree.subgraphs[0]
    found = []
    for op in graph.operators:
        tensors = [graph.tensors[index] for index in (*op.inputs, *op.outputs)]
        if len(tensors) == 4 and len(tensors[1].shape) == 4:
            found.append(tuple(tensors))
    assert found
    return found


def wrong_scale(tree: Any) -> None:
    """The first convolution's weights are read as three times what they are."""
    _, weights, bias, _ = convolutions(tree)[0]
    for tensor in (weights, bias):
        tensor.quantization.scale = np.asarray(tensor.quantization.scale, np.float32) * 3


def clipped_layer(tree: Any) -> None:
    """What the first convolution gives is cut off at a quarter of its range, and all after it know that scale."""
    _, _, _, output = convolutions(tree)[0]
    whole = np.asarray(output.quantization.scale, np.float32)
    for tensor in tree.subgraphs[0].tensors:  # a pooling has one scale before and behind it
        if tensor.quantization is not None and np.array_equal(tensor.quantization.scale, whole):
            tensor.quantization.scale = whole / 4


def refused(gate: Gate) -> str:
    """Why, where it is."""
    assert not gate.passed
    assert gate.comparison.counted_flips > 0
    return "; ".join(gate.reasons)


def test_the_sound_file_passes(glow, sound_int8) -> None:
    gate = glow.gate(sound_int8)

    assert gate.comparison.accuracy.first == 1  # or agreement would say nothing
    assert gate.passed, gate.reasons


@pytest.mark.parametrize("fault", [wrong_scale, clipped_layer])
def test_a_spoiled_file_fails(glow, sound_int8, edited, fault: Callable[[Any], None]) -> None:
    assert "loses accuracy" in refused(glow.gate(edited(sound_int8, fault)))


def test_editing_nothing_changes_no_answer(glow, sound_int8, edited) -> None:
    gate = glow.gate(edited(sound_int8, lambda tree: None))

    assert gate.comparison.distance == glow.gate(sound_int8).comparison.distance


def test_calibration_on_one_class_fails(glow) -> None:
    dark = glow.train.images[glow.train.labels == 0]

    assert "agrees with float32 on" in refused(glow.gate(glow.int8(dark)))
    assert "does not cover the test pictures" in str(
        measure_coverage(glow.float32, dark, glow.test.images, Contract()).warning
    )


def test_calibration_with_swapped_colours_fails(glow) -> None:
    """Where red tells the classes apart and blue is not looked at. A network that reads grey values would not mind."""
    swapped = np.ascontiguousarray(glow.train.images[:60, ..., ::-1])

    assert "agrees with float32 on" in refused(glow.gate(glow.int8(swapped)))
    assert measure_coverage(glow.float32, swapped, glow.test.images, Contract()).warning


def test_sound_calibration_covers(glow) -> None:
    found = measure_coverage(glow.float32, glow.train.images, glow.test.images, Contract())

    assert found.warning is None
    assert found.tensors > 5
