"""Release the slim model: train, export, check, and only then replace the packaged files, their card and docs/runs.

    python tools/release_models.py [--run RUN] [--data PATH]      # what `make release-models` calls
    python tools/release_models.py --document RUN [RUN …]         # only docs/runs, for finished runs of any preset

A refusal is one line and exit code 1, and nothing was replaced.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from pages import document_run, render_card, write_text
from run_facts import RunFacts
from verdict import Limits, Verdict

from signs_edge.edge.bundle.store import FLOAT32_NAME, INT8_NAME, runs_folder
from signs_edge.edge.errors import DataError, ModelError, SignsEdgeError
from signs_edge.edge.util.atomic_file import atomic_write
from signs_edge.train.data.dataset import SYNTHETIC, default_source, load_splits
from signs_edge.train.report.stored import read_json
from signs_edge.train.runs.config import PRESETS, TrainConfig
from signs_edge.train.runs.run_folder import RunFolder

HOUSE = Path(__file__).parent.parent
PRESET = "slim"
RECORD = "everywhere.json"


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code 0 when released, 1 when refused, 130 on Ctrl-C."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--run", type=Path, help="a finished run, instead of training")
    parser.add_argument("--data", help="the photos; default: the run's, or $SIGNS_EDGE_DATA, or the cache")
    parser.add_argument("--document", type=Path, nargs="+", metavar="RUN", help="only write docs/runs")
    given = parser.parse_args(arguments)
    try:
        if given.document:
            for run in given.document:
                print(f"written: {document(run, given.data)}")
        else:
            release(given.run or train(given.data), given.data)
    except SignsEdgeError as error:
        print(f"release-models: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("interrupted: nothing was replaced; the same command goes on where training stopped", file=sys.stderr)
        return 130
    return 0


def train(data: str | None) -> Path:
    """The run folder of the preset trained with its defaults; goes on with an interrupted one of the same settings."""
    source = data or default_source()
    if source == SYNTHETIC:
        raise DataError(
            "no SIGNS photos: get them with `signs-edge data fetch`, or set SIGNS_EDGE_DATA, or give --data"
        )
    preset = PRESETS[PRESET]
    config = TrainConfig(str(Path(source).absolute()), preset.model, **preset.recipe)
    folder = RunFolder(runs_folder() / f"release-{PRESET}")
    begun = folder.config_file.exists()
    if begun and folder.read_config()[0] != config:
        raise ModelError(f"{folder.path} holds a run of other settings: move it away, or release it with --run")
    if folder.metrics_file.exists():
        raise ModelError(f"{folder.path} is finished: release it with --run {folder.path}, or move it away")
    from signs_edge.train.network.keras_import import import_keras

    import_keras()
    from signs_edge.cli.progress.training import TrainingProgress
    from signs_edge.train.training.fit import fit

    with TrainingProgress() as progress:
        fit(config, folder, progress, resume=begun, robustness=True)
    return folder.path


def release(run: Path, data: str | None = None, house: Path = HOUSE, limits: Limits | None = None) -> None:
    """Export a finished run, check the files, and put them, their card and the run's pages into the checkout.

    Args:
        run: folder of the finished run.
        data: photos to calibrate and check with; None: the run's own.
        house: root of the checkout.
        limits: what the files must keep; None: the defaults.

    Raises:
        ModelError: the run is not finished, the export did not pass its own check, or the files are not good enough.
        DataError: the photos cannot be had.
    """
    facts = RunFacts.read(run)
    config, _ = RunFolder(run).read_config()
    with TemporaryDirectory() as folder:
        made = Path(folder)
        _export(run, data, made, house / "docs" / "runs" / PRESET / RECORD)
        export = read_json(made / "export.json")
        if not export["passed"]:
            reasons = [
                f"{form}: {'; '.join(gate['reasons'])}" for form, gate in export["gates"].items() if gate["reasons"]
            ]
            raise ModelError(f"{run} is not released, the gate refuses {' and '.join(reasons)}; nothing was replaced")
        verdict = Verdict.of(made, load_splits(data or config.data, config.seed))
        refusals = verdict.refusals(limits or Limits())
        if refusals:
            raise ModelError(f"{run} is not released: {'; '.join(refusals)}; nothing was replaced")
        card = render_card(facts, export, verdict, made)
        models = house / "edge" / "models"
        models.mkdir(exist_ok=True)
        page = document_run(facts, export, house / "docs" / "runs")
        write_text(page.with_name("export.html"), (made / "export.html").read_text("utf-8"))
        for name in (FLOAT32_NAME, INT8_NAME):
            with atomic_write(models / name) as temporary:
                shutil.copyfile(made / name, temporary)
        write_text(house / "docs" / "model-card.md", card)
    print(f"int8: {verdict.int8}\n{verdict.flips} flips between int8 and float32; {verdict.size:,} bytes")
    print(f"released from {run}: edge/models, docs/model-card.md, docs/runs/{facts.preset}; look at `git diff --stat`")


def document(run: Path, data: str | None = None, house: Path = HOUSE) -> Path:
    """Write the pages of a finished run, and of its export where it passes, into docs/runs; the path of the first."""
    facts = RunFacts.read(run)
    docs = house / "docs" / "runs"
    with TemporaryDirectory() as folder:
        made = Path(folder)
        if facts.preset is None:
            return document_run(facts, None, docs)  # says what is wrong
        _export(run, data, made, docs / facts.preset / RECORD)
        page = document_run(facts, read_json(made / "export.json"), docs)
        write_text(page.with_name("export.html"), (made / "export.html").read_text("utf-8"))
    return page


def _export(run: Path, data: str | None, out: Path, record: Path | None = None) -> None:
    """Export again: files that lie in the run may be of another version, and the export checks itself.

    `record` is what benchmarks/everywhere.py wrote of these files on other machines.
    """
    from signs_edge.train.network.keras_import import import_keras

    import_keras()
    from signs_edge.export.exporter import export_run
    from signs_edge.export.settings import ExportSettings, ReportSettings

    # Its page goes into the checkout, where no people are.
    settings = ExportSettings(data=data, out=out, report=ReportSettings(photos=False, record=record))
    export_run(run, settings, report_step=lambda step: print(f"{step} …", file=sys.stderr))


if __name__ == "__main__":
    sys.exit(main())
