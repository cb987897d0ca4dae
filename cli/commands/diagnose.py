"""`signs-edge diagnose`: which layer of the int8 file loses how much, and a repaired file where it loses too much."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from signs_edge.cli.options.extras import needing_training

if TYPE_CHECKING:
    from signs_edge.export.diagnosis.diagnose import RunDiagnosis
    from signs_edge.export.diagnosis.result import Diagnosis


def diagnose(
    run: Annotated[
        Path, typer.Argument(metavar="RUN", help="Run folder, exported with `signs-edge export RUN --int8`.")
    ],
    data: Annotated[str | None, typer.Option(help="Pictures to compare on. [default: the run's]")] = None,
    repair: Annotated[
        bool, typer.Option("--repair", help="Keep the fewest ops in float that bring agreement back to 99 %.")
    ] = False,
    limit: Annotated[int | None, typer.Option(help="Most ops to keep in float. [default: half of them]")] = None,
    out: Annotated[Path | None, typer.Option(help="Folder of the files. [default: RUN/export]")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Compare int8 with float32 layer by layer; with --repair, mend it. Exit code 3 where that cannot be done."""
    from signs_edge.train.network.keras_import import import_keras

    with needing_training("diagnose"):
        import_keras()
        from signs_edge.export.diagnosis.diagnose import REMEDIES, diagnose_run
    found = diagnose_run(
        run, data=data, out=out, repaired=repair, limit=limit,
        report_step=lambda step: print(f"{step} …", file=sys.stderr),
    )  # fmt: skip
    if as_json:
        print(json.dumps(found.to_json()))
    else:
        _print_layers(found.diagnosis)
        _print_outcome(found, repair)
    if found.repair and found.beyond_repair:
        print(
            f"signs-edge: post-training quantization does not pass with up to {found.repair.limit} of {found.repair.ops} "
            f"ops in float: {REMEDIES}",
            file=sys.stderr,
        )
        raise typer.Exit(3)


def _print_layers(diagnosis: Diagnosis) -> None:
    width = max(len(layer.name) for layer in diagnosis.layers)
    print(f"{'layer':<{width}}  {'SQNR':>6}  {'own':>6}  {'beyond':>7}  {'weights, worst channel':>22}")
    junctions = {junction.add: junction for junction in diagnosis.junctions}
    for layer in diagnosis.layers:
        worst = layer.worst_channel
        weights = "" if worst is None else f"{layer.weight_sqnr[worst]:.1f} dB in {worst}"
        print(
            f"{layer.name:<{width}}  {layer.sqnr:>6.1f}  {layer.own_sqnr:>6.1f}  {layer.saturated:>7.2%}  {weights:>22}"
        )
        if layer.name in junctions:
            one = junctions[layer.name]
            print(
                f"  shortcut {one.shortcut} {one.shortcut_sqnr:.1f} dB, residual {one.residual} {one.residual_sqnr:.1f} dB"
            )
    print(
        f"SQNR: signal to noise of int8 against float32 on {diagnosis.pictures} pictures, in dB, all errors up to there; "
        "own: of the error that the layer itself makes; beyond: share of values that int8 clips"
    )
    if diagnosis.unmatched:
        print(f"without a partner in the other file: {', '.join(diagnosis.unmatched)}")
    worst_layers = ", ".join(f"{layer.name} ({layer.own_sqnr:.1f} dB)" for layer in diagnosis.suspects[:3])
    print(f"most suspect: {worst_layers}")


def _print_outcome(found: RunDiagnosis, wanted: bool) -> None:
    before = found.int8.agreement
    print(f"float32 and int8 agree on {before.same} of {before.n} pictures: {'passes' if found.passed else 'fails'}")
    if found.passed and wanted:
        print("nothing to repair")
    if found.repair and found.repaired and found.costs:
        after = found.repaired.agreement
        kept = f"{len(found.float_layers)} of {found.repair.ops} ops in float ({'; '.join(found.float_layers)})"
        print(
            f"repaired: {kept if found.float_layers else 'quantized afresh, with no op in float'}; "
            f"agreement on {after.same} of {after.n}, after {found.repair.trials} files tried"
        )
        if found.unseen:
            unseen = found.unseen.agreement
            print(f"on held-out pictures, which the search did not look at: {unseen.same} of {unseen.n}")
        for name, cost in found.costs.items():
            print(f"  {name:<22} {cost.bytes / 1e6:7.3f} MB  {cost.milliseconds:8.3f} ms a picture")
    elif not found.passed and not wanted:
        print("next: signs-edge diagnose --repair")
    print(f"diagnosis.json and diagnosis.png are in {found.folder}")
