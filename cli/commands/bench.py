"""`signs-edge bench`: how fast model files run on this machine."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from signs_edge.edge.errors import RuntimeMissingError, UsageError
from signs_edge.edge.util.atomic_file import atomic_write

if TYPE_CHECKING:
    from signs_edge.edge.bench.result import BenchResult, CaseResult


def bench(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE…", help=".tflite files with inputs of fixed shapes, of any origin.")
    ],
    threads: Annotated[str | None, typer.Option(help="As 1,2,4. [default: 1, 2, 4 … and all cores]")] = None,
    runtime: Annotated[
        list[str] | None,
        typer.Option(help="litert, tflite-runtime or tensorflow; may be repeated. [default: all installed]"),
    ] = None,
    seconds: Annotated[float, typer.Option(help="Of measuring, for each file, runtime and number of threads.")] = 3.0,
    rounds: Annotated[int, typer.Option(help="In how many turns, so that a drifting machine meets all alike.")] = 6,
    out: Annotated[
        Path | None, typer.Option("--json", help="Write all figures there; - is the standard output.")
    ] = None,
    picture: Annotated[Path | None, typer.Option(help="Draw them; needs signs-edge[train].")] = None,
) -> None:
    """Latency, throughput and memory of model files, on every runtime that is installed."""
    if picture is not None:
        try:
            from signs_edge.train.report.bench_plot import draw_bench
        except ImportError:
            raise RuntimeMissingError(
                "a picture needs matplotlib: pip install 'signs-edge[train]', or take --json to where it is"
            ) from None
    from signs_edge.edge.bench.measure import default_threads, installed_runtimes, run_bench
    from signs_edge.edge.bench.result import BenchConfig

    config = BenchConfig(
        tuple(files), parse_threads(threads) if threads is not None else default_threads(),
        tuple(runtime) if runtime else installed_runtimes(), seconds, rounds,
    )  # fmt: skip
    result = run_bench(config, report_step=lambda step: print(f"{step} …", file=sys.stderr))
    if out is not None:
        write(out, json.dumps(result.to_json(), indent=2) + "\n")
    if str(out) != "-":
        show(result)
    if picture is not None:
        draw_bench(result, picture)


def parse_threads(text: str) -> tuple[int, ...]:
    """Numbers with commas between them."""
    try:
        return tuple(dict.fromkeys(int(part) for part in text.split(",")))
    except ValueError:
        raise UsageError(f"threads {text!r} is not allowed: give numbers such as 1,2,4") from None


def write(out: Path, text: str) -> None:
    """Write a file whole or not at all; - is the standard output."""
    if str(out) == "-":
        sys.stdout.write(text)
        return
    with atomic_write(out, "--json") as temporary:
        temporary.write_text(text, encoding="utf-8")


def show(result: BenchResult) -> None:
    """The result as text, a line a case."""
    print(result.board)
    print(
        f"{'file':<24} {'runtime':<22} {'threads':>7} {'MB':>6} {'p50':>8} {'p90':>8} {'p99':>8} {'a second':>8} "
        f"{'invoke':>8} {'ratio':>5} {'first':>8} {'load':>8} {'memory':>13}"
    )
    for case in result.cases:
        print(_line(case))
    print(
        "milliseconds; p50, p90, p99 and a second: from picture to count (files that count no fingers: invoke); invoke: the "
        "median of the interpreter alone; first: the first call after loading; memory: MB at the peak (before the model)"
    )
    degrees = [heat.celsius for heat in result.heat if heat.celsius is not None]
    if degrees:
        print(f"temperature {degrees[0]:.1f} °C before, {max(degrees):.1f} °C at most, {degrees[-1]:.1f} °C after")
    if result.throttled:
        print(
            f"slowed down while measuring: {', '.join(result.throttled)}; cool it, or give it power, and measure again"
        )
    for failure in result.failures:
        print(f"not measured: {failure}")


def _line(case: CaseResult) -> str:
    whole = case.predict or case.invoke
    ratio = f"{case.overhead:5.2f}" if case.overhead else "    -"
    before = f" ({case.before_mb:.0f})" if case.before_mb is not None else ""
    memory = f"{case.peak_mb:.0f}{before}" if case.peak_mb is not None else "-"
    return (
        f"{case.file:<24} {case.runtime:<22} {case.threads:>7} {case.size / 1e6:6.2f} {whole.p50:8.3f} {whole.p90:8.3f} "
        f"{whole.p99:8.3f} {whole.per_second:8.0f} {case.invoke.p50:8.3f} {ratio} {case.first[0]:8.3f} {case.load:8.1f} "
        f"{memory:>13}"
    )
