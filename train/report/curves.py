"""Pictures of a training run: learning curves and confusion matrix."""

from __future__ import annotations

from pathlib import Path

from matplotlib.figure import Figure  # not pyplot: no window system, nothing global

from signs_edge.edge.errors import ModelError
from signs_edge.edge.metrics.evaluation import Evaluation
from signs_edge.edge.util.atomic_file import atomic_write


def draw_curves(history: list[dict[str, float]], path: Path) -> None:
    """Loss and accuracy by epoch, training beside validation, as PNG."""
    figure = Figure(figsize=(10, 4), layout="constrained")
    epochs = [record["epoch"] for record in history]
    for axes, name in zip(figure.subplots(1, 2), ("loss", "accuracy"), strict=True):
        for key, label in ((name, "training"), (f"val_{name}", "validation")):
            if history and key in history[0]:
                axes.plot(epochs, [record[key] for record in history], label=label)
        axes.set_xlabel("epoch")
        axes.set_ylabel(name)
        axes.grid(alpha=0.3)
        axes.legend()
    save_figure(figure, path)


def draw_confusion(evaluation: Evaluation, path: Path) -> None:
    """Confusion matrix, row: truth, column: answer, as PNG."""
    figure = Figure(figsize=(5, 4.6), layout="constrained")
    axes = figure.subplots()
    axes.imshow(evaluation.confusion, cmap="Blues")
    half = evaluation.confusion.max() / 2
    for row, counts in enumerate(evaluation.confusion):
        for column, count in enumerate(counts):
            axes.text(column, row, str(count), ha="center", va="center", color="white" if count > half else "black")
    ticks = range(len(evaluation.labels))
    axes.set_xticks(ticks, evaluation.labels)
    axes.set_yticks(ticks, evaluation.labels)
    axes.set_xlabel("answer")
    axes.set_ylabel("truth")
    axes.set_title(str(evaluation).replace(" (", "\n("), fontsize=10)
    save_figure(figure, path)


def save_figure(figure: Figure, path: Path) -> None:
    """Write a figure as a whole or not at all."""
    with atomic_write(path, error=ModelError) as temporary:
        figure.savefig(temporary, dpi=110)
