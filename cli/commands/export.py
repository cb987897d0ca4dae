"""`signs-edge export`: a run folder in, verified .tflite files out."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from signs_edge.cli.options.extras import needing_training

if TYPE_CHECKING:
    from signs_edge.export.finder import FinderExport
    from signs_edge.export.gate.comparison import Comparison, Flip
    from signs_edge.export.gate.gate import Gate
    from signs_edge.export.report.record import ExportReport

REFUSED = 3  # exit code where a file failed the gate


def export(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="Run folder of `signs-edge train`.")],
    float32: Annotated[
        bool, typer.Option("--float32", help="Write float32, always done: the others are compared with it.")
    ] = False,
    float16: Annotated[bool, typer.Option("--float16", help="Write float16 weights.")] = False,
    dynamic: Annotated[
        bool, typer.Option("--dynamic", help="Write int8 weights, activations quantized as it runs.")
    ] = False,
    int8: Annotated[
        bool, typer.Option("--int8", help="Write full-integer int8. [default: float32 and int8, if none is named]")
    ] = False,
    io: Annotated[str, typer.Option(help="What int8 takes and gives: int8, uint8 or float32.")] = "int8",
    data: Annotated[str | None, typer.Option(help="Pictures to calibrate and test with. [default: the run's]")] = None,
    out: Annotated[Path | None, typer.Option(help="Folder of the files. [default: RUN/export]")] = None,
    calibration: Annotated[
        Path | None, typer.Option(help="Folder of your own frames to calibrate with. [default: training pictures]")
    ] = None,
    calibration_pictures: Annotated[int, typer.Option(help="How many of them set the int8 ranges.")] = 120,
    seed: Annotated[int, typer.Option(help="Of the choice of those pictures.")] = 0,
    min_agreement: Annotated[
        float, typer.Option(help="Gate: share of counts that must be those of float32, 0 to 1.")
    ] = 0.99,
    max_loss_p: Annotated[
        float, typer.Option(help="Gate: a loss of accuracy with a p-value below this fails; 0 asks for none.")
    ] = 0.05,
    max_distance: Annotated[
        float, typer.Option(help="Gate: mean distance of the probabilities from float32's, 0 to 1.")
    ] = 1.0,
    bench: Annotated[float, typer.Option(help="Seconds that each file is timed, for the report; 0: none.")] = 2.0,
    photos: Annotated[
        bool, typer.Option("--photos/--no-photos", help="Show flipped pictures in the report, or leave people out.")
    ] = True,
) -> None:
    """Convert a trained model to TFLite and check the files against it; exit code 3 where one is not to be deployed."""
    from signs_edge.train.network.keras_import import import_keras

    with needing_training("export"):
        import_keras()
        from signs_edge.export.exporter import export_run
        from signs_edge.export.finder import export_finder
        from signs_edge.export.gate.gate import GateLimits
        from signs_edge.export.settings import DEFAULT_FORMATS, CalibrationSettings, ExportSettings, ReportSettings
        from signs_edge.train.runs.run_folder import RunFolder
    if RunFolder(run).config_file.is_file() and RunFolder(run).task() == "find":
        print_finder(export_finder(run, data=data, out=out, report_step=_say))
        return
    wanted = {"float32": float32, "float16": float16, "dynamic": dynamic, "int8": int8}
    settings = ExportSettings(
        formats=tuple(name for name, given in wanted.items() if given) or DEFAULT_FORMATS,
        io_type=io,
        data=data,
        out=out,
        calibration=CalibrationSettings(calibration, calibration_pictures, seed),
        limits=GateLimits(min_agreement, max_loss_p, max_distance),
        report=ReportSettings(photos=photos, bench_seconds=bench),
    )
    report = export_run(run, settings, report_step=_say)
    print_report(report)
    if not report.passed:
        raise typer.Exit(REFUSED)


def _say(step: str) -> None:
    print(f"{step} …", file=sys.stderr)


def print_finder(export: FinderExport) -> None:
    """What int8 finds beside Keras."""
    for name, score in (("Keras", export.keras), ("int8", export.int8)):
        print(
            f"{name:<8} {score.placed} of {score.hands} held-out hands in their place, {score.kept} from a score of "
            f"{score.threshold:.2f} on, which 5 % of {score.empty} scenes without a hand reach"
        )
    print(f"{export.size / 1e6:.2f} MB, checked with {export.runtime}: {export.file}")
    print(f"next: signs-edge run --finder {export.file} --source 0")


def print_report(report: ExportReport) -> None:
    """The table that decides whether the files may be deployed."""
    found = report.verification
    for form, evaluation in found.evaluations.items():
        size = report.sizes[report.files.get(form, "model.keras")]
        print(f"{form:<8} {size / 1e6:6.2f} MB  {evaluation}")
    for gate in found.gates.values():
        _print_gate(gate)
    if report.abstain_below:
        print(f"no count below a confidence of {report.abstain_below:.4g}, as chosen in training")
    for warning in report.warnings:
        print(f"warning: {warning}")
    print(
        f"checked with {report.runtime} on {found.judged_on} of {report.data}; files, export.json and export.html are in "
        f"{report.folder}"
    )
    for form, gate in found.gates.items():
        if not gate.passed:
            print(f"NOT TO BE DEPLOYED: {report.files[form]}: {'; '.join(gate.reasons)}")
    deployable = [
        form for form in ("int8", "float32", *found.gates) if form in found.gates and found.gates[form].passed
    ]
    if deployable:
        print(f"next: signs-edge run --model {report.folder / report.files[deployable[0]]} --source 0")


def _print_gate(gate: Gate) -> None:
    found = gate.comparison
    print(
        f"{gate.reference} and {gate.form} {_agreement(found)}; accuracy {_change(found)}"
        + "".join(f"; {flip.picture}: {flip.truth} as {flip.first}, then {flip.second}" for flip in _seen(found)[:5])
    )


def _agreement(found: Comparison) -> str:
    interval = found.counted.interval
    if interval is None:
        return f"give no count on any of {found.agreement.n} pictures"
    told = f"agree on {found.counted.rate:.1%} of {found.counted.n} pictures (95 % interval {interval.percent()})"
    unseen = found.agreement.n - found.counted.n
    more = f", {len(found.flips) - found.counted_flips} more among {unseen} that get no count" if unseen else ""
    return f"{told}, {found.counted_flips} flips{more}"


def _change(found: Comparison) -> str:
    loss = found.loss
    if loss.interval is None or loss.difference is None:
        return "unknown"
    return f"{loss.difference:+.1%} ({loss.interval.low:+.1%} to {loss.interval.high:+.1%})"


def _seen(found: Comparison) -> list[Flip]:
    return [flip for flip in found.flips if flip.counted]
