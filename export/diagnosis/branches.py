"""How the ops of a graph hang together: the two branches of an Add, and who reads which channel."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from signs_edge.export.flatbuffer.graph import Graph, Op, Tensor

WEIGHTED = ("CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED")
"""Kinds of ops with weights; the last dimension of the weights is that of the input's channels."""

MOVERS = ("MAX_POOL_2D", "PAD", "PADV2", "RESHAPE", "SHAPE", "STRIDED_SLICE", "PACK")
"""Kinds of ops that only move values, or count them: they make no error of their own."""

_BY_CHANNEL = ("ADD", "MAX_POOL_2D", "AVERAGE_POOL_2D", "MEAN", "PAD", "RESHAPE", "RELU")  # channels stay what they are


def branches(graph: Graph, add: Op) -> tuple[Tensor, Tensor] | None:
    """The shortcut and the residual input of an Add; None where it does not join two branches of one tensor.

    Both are followed back to the tensor that they have in common. The shortcut is the one with fewer ops on the way.
    """
    inputs = graph.computed_inputs(add)
    if add.name != "ADD" or len(inputs) != 2:
        return None
    first, second = (_way_back(graph, tensor) for tensor in inputs)
    meeting = next((index for index in first if index in second), None)
    if meeting is None or first.index(meeting) == second.index(meeting):
        return None
    shortcut_first = first.index(meeting) < second.index(meeting)
    return (inputs[0], inputs[1]) if shortcut_first else (inputs[1], inputs[0])


def reader_energy(graph: Graph, tensor: Tensor) -> npt.NDArray[np.float64] | None:
    """(channels,) energy of the weights that read each channel of a tensor, the sum over all that do.

    Readers that keep the channels apart, such as an Add, are looked through. None where nobody reads with weights.

    Args:
        graph: with float weights.
        tensor: one of it.
    """
    total, seen, waiting = np.zeros(tensor.shape[-1]), {tensor.index}, [tensor]
    while waiting:
        for op in graph.readers.get(waiting.pop().index, ()):
            output = graph.output(op)
            if op.name in WEIGHTED:
                weights = graph.tensors[op.inputs[1]].values
                if weights is not None and weights.shape[-1] == len(total):
                    total += np.square(weights.astype(np.float64)).reshape(-1, len(total)).sum(axis=0)
            elif op.name in _BY_CHANNEL and output.index not in seen and output.shape[-1:] == tensor.shape[-1:]:
                seen.add(output.index)
                waiting.append(output)
    return total if total.any() else None


def _way_back(graph: Graph, tensor: Tensor) -> list[int]:
    """The tensors from here to the input; at an Add, its first."""
    writers = {index: op for op in graph.ops for index in op.outputs}
    way = [tensor.index]
    while (op := writers.get(way[-1])) is not None and (before := graph.computed_inputs(op)):
        way.append(before[0].index)
    return way
