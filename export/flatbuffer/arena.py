"""How much memory a graph's computed tensors need at once, planned as TFLite's own arena plans it."""

from __future__ import annotations

from signs_edge.export.flatbuffer.graph import Graph

ALIGNMENT = 64
"""Bytes: where every tensor starts, as in TFLite's arena (tensorflow/lite/util.h, kDefaultTensorAlignment)."""


def plan_arena(graph: Graph) -> int:
    """Bytes of an arena for all computed tensors of a graph, without scratch space of kernels.

    Tensors that live at the same time get places apart from each other: the largest chooses first, and each takes the
    smallest gap that fits. Source: "greedy by size" of Pisarchyk and Lee, arXiv:2001.03288, which LiteRT uses
    (tensorflow/lite/arena_planner.cc). The graph's inputs live throughout, its outputs from when they are computed.
    """
    births: dict[int, int] = dict.fromkeys(graph.inputs, -1)
    deaths: dict[int, int] = dict.fromkeys((*graph.inputs, *graph.outputs), len(graph.ops))
    for step, op in enumerate(graph.ops):
        for index in op.outputs:
            births.setdefault(index, step)
        for index in (*op.inputs, *op.outputs):
            deaths[index] = max(deaths.get(index, -1), step)
    computed = [
        index for index in births if index >= 0 and graph.tensors[index].bytes and not graph.tensors[index].constant
    ]
    placed: list[tuple[int, int, int]] = []  # offset, end, index
    for index in sorted(computed, key=lambda index: (-graph.tensors[index].bytes, births[index])):
        size = -(-graph.tensors[index].bytes // ALIGNMENT) * ALIGNMENT
        rivals = sorted(
            (start, end)
            for start, end, other in placed
            if births[other] <= deaths[index] and births[index] <= deaths[other]
        )
        best, gap, cursor = -1, float("inf"), 0
        for start, end in rivals:
            if size <= start - cursor < gap:
                best, gap = cursor, start - cursor
            cursor = max(cursor, end)
        offset = best if best >= 0 else cursor
        placed.append((offset, offset + size, index))
    return max((end for _, end, _ in placed), default=0)
