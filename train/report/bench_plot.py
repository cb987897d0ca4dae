"""Picture of a bench: latencies of each case, the first calls apart, and memory."""

from __future__ import annotations

from pathlib import Path

from matplotlib.figure import Figure  # not pyplot: no window system, nothing global

from signs_edge.edge.bench.result import BenchResult
from signs_edge.train.report.curves import save_figure


def draw_bench(result: BenchResult, path: Path) -> None:
    """A row for each case: medians, 90th and 99th percentile, the first call, memory; as PNG."""
    cases = result.cases[::-1]
    names = [f"{case.file}\n{case.runtime}, threads: {case.threads}" for case in cases]
    figure = Figure(figsize=(11, 1.6 + 0.55 * len(cases)), layout="constrained")
    left, right = figure.subplots(1, 2, sharey=True, width_ratios=(3, 1))
    rows = range(len(cases))
    shown = [case.predict or case.invoke for case in cases]
    for row, latency in zip(rows, shown, strict=True):
        left.plot([latency.p50, latency.p90, latency.p99], [row] * 3, "|-", color="black", linewidth=0.8)
    left.plot([case.invoke.p50 for case in cases], rows, "d", color="tab:cyan", label="median, interpreter alone")
    left.plot([latency.p50 for latency in shown], rows, "o", color="tab:blue", label="median, picture to count")
    left.plot([case.first[0] for case in cases], rows, "x", color="tab:red", label="first call")
    left.set_xscale("log")  # else a busy machine's worst calls hide all others
    left.set_yticks(rows, names, fontsize=8)
    left.set_xlabel("ms; marks: 90th and 99th percentile")
    left.legend(fontsize=8)
    right.barh(rows, [case.peak_mb or 0.0 for case in cases], color="tab:orange", alpha=0.5)
    right.barh(rows, [case.before_mb or 0.0 for case in cases], color="tab:orange")
    right.set_xlabel("MB (dark: before the model)")
    for axes in (left, right):
        axes.grid(alpha=0.3)
    figure.suptitle(str(result.board), fontsize=10)
    save_figure(figure, path)
