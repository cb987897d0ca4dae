"""Pictures of an ablation: residual beside plain, a row with batch normalization and a row without."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure  # not pyplot: no window system, nothing global
from matplotlib.ticker import MaxNLocator

from signs_edge.edge.errors import ModelError
from signs_edge.edge.util.atomic_file import atomic_write
from signs_edge.train.ablation.result import Ablation, TwinResult

_COLOURS = {"residual": "tab:blue", "plain": "tab:red"}
_WIDTHS = {"residual": 2.4, "plain": 1.2}  # where both run together, both are seen


def draw_gradients(ablation: Ablation, path: Path) -> None:
    """Gradient norm against the convolution's position, a panel per depth, at the start and at the end, as PNG."""
    figure, panels = _grid(ablation)
    for pair, axes in panels:
        for result in pair:
            for epoch, line in ((0, "-"), (max(result.gradients), ":")):
                _gradient_line(axes, result, epoch, line, f"{result.twin.kind}, {_when(epoch)}")
        _gradient_axes(axes)
        axes.set_title(_title(pair[0]))
    _save(figure, path)


def draw_learning(ablation: Ablation, path: Path) -> None:
    """Training and validation loss by epoch, a panel per depth, as PNG."""
    figure, panels = _grid(ablation)
    for pair, axes in panels:
        for result in pair:
            _loss_line(axes, result, "loss", "-", f"{result.twin.kind}, training")
            _loss_line(axes, result, "val_loss", ":", f"{result.twin.kind}, validation")
        _loss_axes(axes, ablation)
        axes.set_title(_title(pair[0]))
    _save(figure, path)


def draw_accuracy(ablation: Ablation, path: Path) -> None:
    """Share of test pictures answered rightly by depth, with Wilson's intervals, as PNG."""
    columns = len(ablation.config.batch_norm)
    figure = Figure(figsize=(5 * columns, 4), layout="constrained")
    for axes, batch_norm in zip(figure.subplots(1, columns, squeeze=False)[0], ablation.config.batch_norm, strict=True):
        _accuracy_panel(axes, ablation, batch_norm)
        axes.set_title(_norm(batch_norm))
    _save(figure, path)


def draw_summary(ablation: Ablation, path: Path) -> None:
    """The picture for a reader in a hurry: gradients and loss of the deepest twins, accuracy by depth, as PNG."""
    rows = len(ablation.config.batch_norm)
    figure = Figure(figsize=(13, 3.8 * rows), layout="constrained")
    for line, batch_norm in zip(figure.subplots(rows, 3, squeeze=False), ablation.config.batch_norm, strict=True):
        deepest = ablation.of(batch_norm=batch_norm)[-1]
        for result in deepest:
            _gradient_line(line[0], result, 0, "-", result.twin.kind)
            _loss_line(line[1], result, "loss", "-", result.twin.kind)
        _gradient_axes(line[0])
        _loss_axes(line[1], ablation)
        _accuracy_panel(line[2], ablation, batch_norm)
        line[0].set_title(f"{_title(deepest[0])}: gradient at the start")
        line[1].set_title(f"{_title(deepest[0])}: training")
        line[2].set_title(f"all depths, {_norm(batch_norm)}: test photos")
    _save(figure, path)


def _grid(ablation: Ablation) -> tuple[Figure, list[tuple[tuple[TwinResult, TwinResult], Any]]]:
    """A figure with a row per kind of normalization and a column per depth, and each pair of twins with its panel."""
    rows, columns = len(ablation.config.batch_norm), len(ablation.config.networks)
    figure = Figure(figsize=(1 + 3.6 * columns, 3.4 * rows), layout="constrained")
    grid = figure.subplots(rows, columns, squeeze=False, sharey="row")
    panels = []
    for line, batch_norm in zip(grid, ablation.config.batch_norm, strict=True):
        panels += list(zip(ablation.of(batch_norm=batch_norm), line, strict=True))
    return figure, panels


def _gradient_line(axes: Any, result: TwinResult, epoch: int, line: str, label: str) -> None:
    layers = result.main_path(epoch)
    norms = [layer.gradient or np.nan for layer in layers]  # 0 has no place on a logarithmic axis
    if np.isnan(norms).all():
        label += ": 0 throughout"
    axes.plot([layer.position for layer in layers], norms, line, label=label, **_style(result))


def _gradient_axes(axes: Any) -> None:
    axes.set_yscale("log")
    axes.set_xlabel("convolution, 1: nearest the picture")
    axes.set_ylabel("gradient norm")
    axes.grid(alpha=0.3)
    axes.legend(fontsize=8)


def _loss_line(axes: Any, result: TwinResult, key: str, line: str, label: str) -> None:
    records = [record for record in result.history if key in record]
    if records or result.diverged:
        note = f", diverged in epoch {result.diverged}" if result.diverged else ""
        epochs, losses = [record["epoch"] for record in records], [record[key] for record in records]
        axes.plot(epochs, losses, line, label=label + note, **_style(result))


def _loss_axes(axes: Any, ablation: Ablation) -> None:
    chance = float(np.log(len(ablation.names)))
    axes.axhline(chance, color="grey", linewidth=0.8, linestyle="--", label="a guess")
    axes.set_ylim(0, 1.6 * chance)  # a validation loss that leaps would flatten all else
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_xlabel("epoch")
    axes.set_ylabel("loss")
    axes.grid(alpha=0.3)
    axes.legend(fontsize=8)


def _accuracy_panel(axes: Any, ablation: Ablation, batch_norm: bool) -> None:
    pairs = ablation.of(batch_norm=batch_norm)
    for side, shift in ((0, -0.06), (1, 0.06)):
        kind = pairs[0][side].twin.kind
        for number, pair in enumerate(pairs):
            found = pair[side].evaluations.get("test")
            if found is None or found.accuracy is None or found.interval is None:
                continue
            low, high = found.accuracy - found.interval.low, found.interval.high - found.accuracy
            spread = np.clip([[low], [high]], 0, 1)
            axes.errorbar(number + shift, found.accuracy, spread, fmt="o", capsize=4, color=_COLOURS[kind])
        axes.plot([], [], "o", color=_COLOURS[kind], label=kind)
    axes.axhline(1 / len(ablation.names), color="grey", linewidth=0.8, linestyle="--", label="a guess")
    axes.set_xticks(range(len(pairs)), [str(pair[0].twin.depth) for pair in pairs])
    axes.set_xlim(-0.5, len(pairs) - 0.5)
    axes.set_ylim(0, 1.02)
    axes.set_xlabel("layers")
    axes.set_ylabel("share right, with 95 % interval")
    axes.grid(alpha=0.3)
    axes.legend(fontsize=8, loc="lower left")


def _style(result: TwinResult) -> dict[str, Any]:
    return {"color": _COLOURS[result.twin.kind], "linewidth": _WIDTHS[result.twin.kind]}


def _title(result: TwinResult) -> str:
    return f"{result.twin.depth} layers, {_norm(result.twin.batch_norm)}"


def _norm(batch_norm: bool) -> str:
    return "with batch norm" if batch_norm else "without batch norm"


def _when(epoch: int) -> str:
    return f"after epoch {epoch}" if epoch else "at the start"


def _save(figure: Figure, path: Path) -> None:
    with atomic_write(path, error=ModelError) as temporary:
        figure.savefig(temporary, dpi=90)
