"""The fewest ops in float that make an int8 file pass: a search that measures every step, and guesses none."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from signs_edge.export.diagnosis.result import Diagnosis
from signs_edge.export.flatbuffer.graph import Graph
from signs_edge.export.flatbuffer.reader import read_graph

ALTERNATIVES = 16
"""So many suspects are tried by themselves, and with each of their readers, before more ops than that are kept."""


@dataclass(frozen=True)
class Repair:
    """What the search found.

    Attributes:
        content: the first flatbuffer that passes with the fewest ops in float; None where none passes.
        float_tensors: what those ops write, by depth, as read back from the file; empty where nothing needed repair, or nothing passes.
        trials: how many files were made and measured.
        limit: the most ops that might have stayed in float.
        ops: how many quantized ops the int8 file has.
    """

    content: bytes | None
    float_tensors: tuple[str, ...]
    trials: int
    limit: int
    ops: int

    def to_json(self) -> dict[str, Any]:
        """Plain values for a JSON object, without the file."""
        return {
            "passed": self.content is not None, "float_tensors": list(self.float_tensors), "trials": self.trials,
            "limit": self.limit, "ops": self.ops,
        }  # fmt: skip


class Trials:
    """Files with ops left in float, each made and measured once."""

    def __init__(self, quantize: Callable[[Iterable[str]], bytes], passes: Callable[[bytes], bool]) -> None:
        self._quantize, self._passes = quantize, passes
        self._known: dict[frozenset[str], bytes | None] = {}

    def __len__(self) -> int:
        return len(self._known)

    def passing(self, float_tensors: Iterable[str]) -> bytes | None:
        """The file with these ops in float if it passes, else None."""
        chosen = frozenset(float_tensors)
        if chosen not in self._known:
            content = self._quantize(chosen)
            self._known[chosen] = content if self._passes(content) else None
        return self._known[chosen]


def repair(
    diagnosis: Diagnosis,
    float32: bytes,
    quantize: Callable[[Iterable[str]], bytes],
    passes: Callable[[bytes], bool],
    limit: int | None = None,
) -> Repair:
    """Search the fewest ops to keep in float.

    The suspects come in the order of their own error, each followed by the ops that read it: what a float op writes
    is rounded again before an integer reader, so one of the two alone may help little. More and more of them are kept
    in float until the file passes; then each is taken away again if it passes without; then smaller sets are tried.
    So no op of the result can be spared, and for one or two ops none of the smaller sets of the worst suspects passes.

    Args:
        diagnosis: of the int8 file.
        float32: its float twin, for who reads whom.
        quantize: makes a flatbuffer in which the ops that write the named tensors are in float.
        passes: the check that is wanted of a flatbuffer.
        limit: the most ops in float; None: half of the quantized ones, for with more it is no int8 file.
    """
    ops = len(diagnosis.suspects)
    limit = ops // 2 if limit is None else limit
    trials = Trials(quantize, passes)
    ranked = [layer.tensor for layer in diagnosis.suspects]
    readers = _readers(read_graph(float32), ranked)
    chosen = find_fewest(ranked, readers, lambda tensors: trials.passing(tensors) is not None, limit)
    if chosen is None:
        return Repair(None, (), len(trials), limit, ops)
    content = trials.passing(chosen)
    kept = {*chosen, *_float_outputs(content)} if content else set()
    by_depth = tuple(layer.tensor for layer in diagnosis.layers if layer.tensor in kept)
    return Repair(content, by_depth, len(trials), limit, ops)


def find_fewest(
    ranked: Sequence[str],
    readers: Mapping[str, Sequence[str]],
    passes: Callable[[Iterable[str]], bool],
    limit: int,
) -> tuple[str, ...] | None:
    """A small set of names that passes, none of which can be spared; None where none of at most `limit` does.

    Args:
        ranked: the worst first.
        readers: names that may be needed with one.
        passes: of a set of names; it need not grow steadily with the set.
        limit: the most names.
    """
    order = list(dict.fromkeys(name for first in ranked for name in (first, *readers.get(first, ()))))
    sizes = [size for size in _growing(len(order)) if size <= limit]
    if limit <= len(order) and limit not in sizes:
        sizes.append(limit)
    chosen = next((order[:size] for size in sizes if passes(order[:size])), None)
    if chosen is None:
        return None
    chosen = _without_the_needless(chosen, passes)
    head = ranked[:ALTERNATIVES]
    smaller = [(name,) for name in head] + [(name, other) for name in head for other in readers.get(name, ())]
    better = next((others for others in smaller if len(others) < len(chosen) and passes(others)), None)
    return tuple(better) if better is not None else tuple(chosen)


def _growing(most: int) -> list[int]:
    """0, 1, 2, 3, 4, then half as much again each time, up to `most`."""
    sizes = [0]
    while sizes[-1] < most:
        sizes.append(min(most, max(sizes[-1] + 1, sizes[-1] * 3 // 2)))
    return sizes


def _without_the_needless(chosen: Sequence[str], passes: Callable[[Iterable[str]], bool]) -> list[str]:
    kept = list(chosen)
    spared = True
    while spared:  # once more after each success: what was needed before may not be now
        spared = False
        for name in reversed(kept):  # the least suspect first
            rest = [other for other in kept if other != name]
            if passes(rest):
                kept, spared = rest, True
    return kept


def _float_outputs(content: bytes) -> set[str]:
    """What the file, read back, computes in float: the quantizer has the last word on which ops those are."""
    graph = read_graph(content)
    computed = (graph.output(op) for op in graph.ops if op.name != "DEQUANTIZE")
    return {tensor.name for tensor in computed if tensor.floating}


def _readers(graph: Graph, ranked: Sequence[str]) -> dict[str, list[str]]:
    """For each tensor the ranked ones that ops make of it, the worst first; what only moves it is looked through."""
    found: dict[str, list[str]] = {}
    for name in ranked:
        waiting, reached = [graph.output(graph.by_output[name]).index], set()
        while waiting:
            for op in graph.readers.get(waiting.pop(), ()):
                output = graph.output(op)
                if output.name in ranked:
                    reached.add(output.name)
                elif output.floating:
                    waiting.append(output.index)
        found[name] = sorted(reached, key=ranked.index)
    return found
