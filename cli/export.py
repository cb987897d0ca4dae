"""`signs-edge export`: a run folder in, verified .tflite files out."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from signs_edge.edge.errors import RuntimeMissingError

if TYPE_CHECKING:
    from signs_edge.edge.evaluation import Evaluation
    from signs_edge.export.exporter import ExportReport
    from signs_edge.export.verify import Comparison


def export(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="Run folder of `signs-edge train`.")],
    int8: Annotated[
        bool, typer.Option("--int8/--no-int8", help="Write the full-integer file beside the float32 one.")
    ] = True,
    data: Annotated[str | None, typer.Option(help="Pictures to calibrate and test with. [default: the run's]")] = None,
    out: Annotated[Path | None, typer.Option(help="Folder of the files. [default: RUN/export]")] = None,
    calibration: Annotated[int, typer.Option(help="Training pictures that set the int8 ranges.")] = 120,
    seed: Annotated[int, typer.Option(help="Of the draw of those pictures.")] = 0,
) -> None:
    """Convert a trained model to TFLite and check the files against it."""
    from signs_edge.train.quiet import import_keras

    try:
        import_keras()
        from signs_edge.export.exporter import export_run
    except ImportError as error:
        raise RuntimeMissingError(
            f"export needs more than the device install ({error}): pip install 'signs-edge[train]'"
        ) from None
    report = export_run(
        run, int8=int8, data=data, out=out, calibration_pictures=calibration, seed=seed,
        report_step=lambda step: print(f"{step} …", file=sys.stderr),
    )  # fmt: skip
    print_report(report)


def print_report(report: ExportReport) -> None:
    """The table that decides whether the files may be deployed."""
    found = report.verification
    rows: list[tuple[str, Evaluation | None, str]] = [
        ("Keras", found.keras, "model.keras"),
        ("float32", found.float32, "float32.tflite"),
        ("int8", found.int8, "int8.tflite"),
    ]
    for name, evaluation, file in rows:
        if evaluation:
            print(f"{name:<8} {report.sizes[file] / 1e6:6.2f} MB  {evaluation}")
    _print_comparison("Keras and float32", found.keras_float32)
    if found.float32_int8:
        _print_comparison("float32 and int8", found.float32_int8)
    if report.abstain_below:
        print(f"no count below a confidence of {report.abstain_below:.4g}, as chosen in training")
    print(f"checked with {report.runtime} on {report.data}; files and export.json are in {report.folder}")
    print(
        f"next: signs-edge run --model {report.folder / ('int8.tflite' if found.int8 else 'float32.tflite')} --source 0"
    )


def _print_comparison(name: str, comparison: Comparison) -> None:
    interval = comparison.agreement.interval
    if interval is None:
        return
    print(
        f"{name} agree on {comparison.agreement.rate:.1%} (95 % interval {interval.percent()}), "
        f"{len(comparison.flips)} flips"
        + "".join(f"; picture {f.index}: {f.truth} as {f.first}, then {f.second}" for f in comparison.flips[:5])
    )
