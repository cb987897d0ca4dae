"""What a layer-by-layer comparison of int8 with float32 says: layers by depth, the branches of every Add, suspects."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Layer:
    """One op of the int8 file beside its partner in the float32 file. Ratios are in dB; NaN where there is no signal.

    Attributes:
        tensor: name of what it writes, the same in both files.
        name: the Keras layers that were fused into it, joined by " + "; the tensor's name where none is known.
        kind: such as "CONV_2D".
        integer: whether what it writes is quantized.
        sqnr: signal-to-noise ratio of what it writes, all errors before it included.
        own_sqnr: of the error that it makes itself when fed exactly: its weights and the rounding of its output,
            channels weighed by their readers, a branch of an Add measured against the sum; ∞ for an op that only
            moves values.
        mean_error, max_error: of the absolute error of what it writes, all errors before it included.
        saturated: share of the float values, 0..1, that lie beyond what the quantized tensor can hold.
        weight_sqnr: of the weights, for each output channel; empty where it has none.
    """

    tensor: str
    name: str
    kind: str
    integer: bool
    sqnr: float
    own_sqnr: float
    mean_error: float
    max_error: float
    saturated: float
    weight_sqnr: tuple[float, ...] = ()

    @property
    def worst_channel(self) -> int | None:
        """The output channel whose weights lost most; None without weights."""
        finite = [ratio if math.isfinite(ratio) else math.inf for ratio in self.weight_sqnr]
        return int(np.argmin(finite)) if finite else None

    def to_json(self) -> dict[str, Any]:
        """Plain values for a JSON object; ratios that are ∞ or NaN are null."""
        return {
            "name": self.name, "tensor": self.tensor, "kind": self.kind, "integer": self.integer,
            "sqnr_db": _plain(self.sqnr), "own_sqnr_db": _plain(self.own_sqnr),
            "mean_error": _plain(self.mean_error), "max_error": _plain(self.max_error), "saturated": self.saturated,
            "weight_sqnr_db": [_plain(ratio, 1) for ratio in self.weight_sqnr], "worst_channel": self.worst_channel,
        }  # fmt: skip


@dataclass(frozen=True)
class Junction:
    """An Add and its two branches, each with the signal-to-noise ratio in dB of what it brings."""

    add: str
    shortcut: str
    shortcut_sqnr: float
    residual: str
    residual_sqnr: float
    sqnr: float

    def to_json(self) -> dict[str, Any]:
        """Plain values for a JSON object."""
        return {key: _plain(value) if isinstance(value, float) else value for key, value in vars(self).items()}


@dataclass(frozen=True)
class Diagnosis:
    """All layers by depth, the junctions of branches, and tensors of either file that have no partner in the other."""

    layers: tuple[Layer, ...]
    junctions: tuple[Junction, ...]
    unmatched: tuple[str, ...]
    pictures: int

    @property
    def suspects(self) -> tuple[Layer, ...]:
        """The quantized layers that make an error of their own, the worst first."""
        guilty = [layer for layer in self.layers if layer.integer and layer.own_sqnr < math.inf]
        return tuple(sorted(guilty, key=lambda layer: layer.own_sqnr))

    def to_json(self) -> dict[str, Any]:
        """Plain values for diagnosis.json."""
        return {
            "pictures": self.pictures,
            "suspects": [layer.name for layer in self.suspects[:10]],
            "layers": [layer.to_json() for layer in self.layers],
            "junctions": [junction.to_json() for junction in self.junctions],
            "unmatched": list(self.unmatched),
        }


def _plain(value: float, digits: int = 6) -> float | None:
    return round(value, digits) if math.isfinite(value) else None
