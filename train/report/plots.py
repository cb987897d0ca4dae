"""Pictures of a report: robustness, worst answers, reliability, classes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from signs_edge.edge.metrics.evaluation import Evaluation
from signs_edge.edge.metrics.intervals import wilson_interval
from signs_edge.train.evaluation.corruptions import STRENGTHS
from signs_edge.train.evaluation.reliability import Calibration, Reliability
from signs_edge.train.evaluation.robustness import Robustness
from signs_edge.train.report.curves import save_figure

_COLUMNS = 6  # of the sheet of worst answers


def draw_heat_map(robustness: Robustness, path: Path) -> None:
    """Accuracy by corruption and strength, and by kind of background, as PNG."""
    rows = robustness.table()
    accuracies = np.array([[score.accuracy for score in scores] for scores in rows.values()])
    kinds = robustness.backgrounds
    height = 1.2 + 0.32 * (len(rows) + len(kinds)) + (0.6 if kinds else 0)
    figure = Figure(figsize=(6.5, height), layout="constrained")
    panels = figure.subplots(
        2 if kinds else 1, 1, squeeze=False, height_ratios=[len(rows), *([len(kinds)] * bool(kinds))]
    )
    axes = panels[0, 0]
    _heat(axes, accuracies, list(rows))
    axes.set_xticks(range(len(STRENGTHS)), [str(strength) for strength in STRENGTHS])
    axes.set_xlabel("strength")
    axes.set_title(f"accuracy under corruption: mean {robustness.mean}", fontsize=10)
    if kinds:
        below = panels[1, 0]
        _heat(below, np.array([[score.accuracy] for score in kinds]), [score.condition for score in kinds])
        below.set_xticks([])
        below.set_title(f"on unseen backgrounds: mean {robustness.background_mean}", fontsize=10)
    save_figure(figure, path)


def draw_worst(robustness: Robustness, path: Path) -> None:
    """The surest wrong answers, surest first, as PNG."""
    worst = robustness.worst
    rows = max(1, -(-len(worst) // _COLUMNS))
    figure = Figure(figsize=(1.75 * _COLUMNS, 0.5 + 2.1 * rows), layout="constrained")
    panels = figure.subplots(rows, _COLUMNS, squeeze=False).ravel()
    for axes in panels:
        axes.axis("off")
    for axes, mistake in zip(panels, worst, strict=False):
        axes.imshow(mistake.picture, interpolation="nearest")
        title = f"{mistake.truth} taken for {mistake.answer}, {mistake.confidence:.0%}\n{mistake.name}"
        axes.set_title(title, fontsize=8, parse_math=False)
    figure.suptitle("the surest wrong answers" if worst else "no wrong answer", fontsize=10)
    save_figure(figure, path)


def draw_reliability(calibration: Calibration, path: Path) -> None:
    """Reliability diagrams before and after temperature scaling, as PNG."""
    figure = Figure(figsize=(10, 4.6), layout="constrained")
    titles = ("before", f"after, temperature {calibration.temperature:.2f}")
    sides = (calibration.before, calibration.after)
    for axes, title, reliability in zip(figure.subplots(1, 2), titles, sides, strict=True):
        error = "" if reliability.error is None else f": expected calibration error {reliability.error:.1%}"
        axes.set_title(f"{title}{error}", fontsize=10)
        _reliability(axes, reliability)
    save_figure(figure, path)


def draw_classes(evaluation: Evaluation, path: Path) -> None:
    """Share of each class's pictures answered rightly, with its interval, as PNG."""
    figure = Figure(figsize=(6.5, 3.2), layout="constrained")
    axes = figure.subplots()
    right, totals = np.diag(evaluation.confusion), evaluation.confusion.sum(axis=1)
    for place, (correct, n) in enumerate(zip(right.tolist(), totals.tolist(), strict=True)):
        interval = wilson_interval(correct, n)
        if interval is not None:
            share = correct / n
            axes.bar(place, share, color="tab:blue", alpha=0.75, width=0.7)
            axes.errorbar(place, share, [[share - interval.low], [interval.high - share]], color="black", capsize=4)
    axes.set_xticks(range(len(evaluation.labels)), evaluation.labels, parse_math=False)
    axes.set_ylim(0, 1.02)
    axes.set_xlabel("class")
    axes.set_ylabel("share answered rightly")
    axes.grid(axis="y", alpha=0.3)
    axes.set_axisbelow(True)
    save_figure(figure, path)


def _heat(axes: Axes, accuracies: np.ndarray[tuple[int, ...], np.dtype[np.float64]], names: list[str]) -> None:
    axes.imshow(accuracies, cmap="Blues", vmin=0, vmax=1, aspect="auto")
    axes.set_yticks(range(len(names)), names)
    for (row, column), accuracy in np.ndenumerate(accuracies):
        color = "white" if accuracy > 0.5 else "black"
        axes.text(column, row, f"{accuracy:.0%}", ha="center", va="center", color=color, fontsize=9)


def _reliability(axes: Axes, reliability: Reliability) -> None:
    width = 1 / len(reliability.bins)
    axes.plot([0, 1], [0, 1], color="grey", linewidth=1, linestyle="--")
    for found in reliability.bins:
        if found.accuracy is None or found.interval is None:
            continue
        middle = (found.low + found.high) / 2
        axes.bar(middle, found.accuracy, width=0.92 * width, color="tab:blue", alpha=0.6)
        reach = [[found.accuracy - found.interval.low], [found.interval.high - found.accuracy]]
        axes.errorbar(middle, found.accuracy, reach, color="black", capsize=3, linewidth=1)
        axes.text(middle, 0.01, str(found.n), ha="center", va="bottom", fontsize=7)
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1.02)
    axes.set_xlabel("confidence (number of pictures at the foot)")
    axes.set_ylabel("accuracy")
    axes.grid(alpha=0.3)
    axes.set_axisbelow(True)
