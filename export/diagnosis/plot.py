"""A picture of a diagnosis: signal-to-noise ratio along the depth, and the two branches of every Add."""

from __future__ import annotations

import math
from pathlib import Path

from matplotlib.figure import Figure  # not pyplot: no window system, nothing global

from signs_edge.export.diagnosis.result import Diagnosis
from signs_edge.train.report.curves import save_figure

_MOST_NAMES = 30  # more names than that cannot be read beside each other
_LONGEST = 32


def draw_diagnosis(diagnosis: Diagnosis, path: Path) -> None:
    """Signal-to-noise by depth as PNG: accumulated as a line, each layer's own as bars, branches as triangles, suspects shaded."""
    layers = diagnosis.layers
    figure = Figure(figsize=(max(8.0, min(24.0, 0.32 * len(layers) + 3)), 6), layout="constrained")
    axes = figure.subplots()
    finite = [layer.own_sqnr for layer in layers if math.isfinite(layer.own_sqnr)]
    finite += [layer.sqnr for layer in layers if math.isfinite(layer.sqnr)]
    top = min(70.0, max(finite, default=0.0)) + 3  # beyond that, as before the first rounding, there is nothing to see

    def shown(value: float) -> float:
        return min(value, top) if not math.isnan(value) else math.nan

    places = range(len(layers))
    axes.bar(places, [shown(x.own_sqnr) if math.isfinite(x.own_sqnr) else 0 for x in layers], color="#d8d8d8",
             label="of the layer's own error")  # fmt: skip
    axes.plot(places, [shown(layer.sqnr) for layer in layers], "o-", color="#1f5a99", label="of all errors up to here")
    suspects = {layer.tensor for layer in diagnosis.suspects[:3]}
    worst = [place for place, layer in enumerate(layers) if layer.tensor in suspects]
    for number, place in enumerate(worst):  # behind the bars, for the worst one's has no height
        axes.axvspan(
            place - 0.5, place + 0.5, color="#f4d0b8", zorder=0, label="the three worst" if number == 0 else None
        )
    named = {layer.name: place for place, layer in enumerate(layers)}
    for number, junction in enumerate(diagnosis.junctions):
        place = named[junction.add]
        for ratio, marker, colour, label in (
            (junction.shortcut_sqnr, "^", "#2a8a4a", "shortcut into an Add"),
            (junction.residual_sqnr, "v", "#b03030", "residual into an Add"),
        ):
            axes.plot([place], [shown(ratio)], marker, color=colour, label=label if number == 0 else None)
        axes.axvline(place, color="#2a8a4a", alpha=0.15, zorder=0)
    few = len(layers) <= _MOST_NAMES
    marked = list(places) if few else sorted({*worst, *(named[junction.add] for junction in diagnosis.junctions)})
    axes.set_xticks(marked, [_short(layers[place].name) for place in marked], rotation=90, fontsize=7)
    axes.set_ylabel("signal-to-quantization-noise ratio (dB)")
    axes.set_xlabel("layers by depth")
    axes.set_title(f"int8 against float32, layer by layer, on {diagnosis.pictures} pictures")
    axes.grid(axis="y", alpha=0.3)
    axes.legend(loc="best", fontsize=8)
    save_figure(figure, path)


def _short(name: str) -> str:
    """The first layer of several, cut where it is too long to leave room for the curve."""
    first = name.partition(" + ")[0]
    return first if len(first) <= _LONGEST else f"{first[: _LONGEST - 1]}…"
