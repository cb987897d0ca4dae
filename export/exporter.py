"""A run folder in, verified .tflite files and their report out."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path

from signs_edge.edge.bundle.contract import Contract
from signs_edge.edge.bundle.model_file import ModelFile
from signs_edge.edge.bundle.store import EXPORT_FOLDER
from signs_edge.edge.errors import ModelError
from signs_edge.edge.inference.classifier import TFLiteClassifier
from signs_edge.edge.util.atomic_file import atomic_write, write_json
from signs_edge.export.bundle.expectation import expectation_of
from signs_edge.export.bundle.provenance import fitted_temperature, provenance
from signs_edge.export.bundle.seal import seal
from signs_edge.export.convert.calibration import DEFAULT_PICTURES, Calibration, choose_calibration, read_calibration
from signs_edge.export.convert.convert import FLOAT32, FORMATS, INT8, checked_formats, checked_io, convert
from signs_edge.export.convert.coverage import measure_coverage
from signs_edge.export.gate.gate import GateLimits
from signs_edge.export.gate.pictures import GatePictures, gate_pictures
from signs_edge.export.gate.verify import verify
from signs_edge.export.report.extra_sections import ExtraSections
from signs_edge.export.report.page import render
from signs_edge.export.report.record import ExportReport, file_name
from signs_edge.train.data.dataset import SignsDataset, load_splits, split
from signs_edge.train.network.keras_classifier import KerasClassifier
from signs_edge.train.runs.run_folder import RunFolder

DEFAULT_FORMATS = (FLOAT32, INT8)
Examine = Callable[[Mapping[str, bytes], GatePictures], ExtraSections]
"""From the plain flatbuffers by format, float32 first, and the gate's pictures, to further sections of the report."""

Refuse = Callable[[str, bytes], tuple[str, ...]]
"""From a format and its plain flatbuffer to reasons against it whatever it answers; empty where there are none."""


def export_run(
    run: Path,
    *,
    formats: tuple[str, ...] = DEFAULT_FORMATS,
    io_type: str = "int8",
    data: str | None = None,
    out: Path | None = None,
    calibration: Path | None = None,
    calibration_pictures: int = DEFAULT_PICTURES,
    seed: int = 0,
    limits: GateLimits | None = None,
    photos: bool = True,
    refuse: Refuse = lambda form, content: (),
    examine: Examine = lambda flatbuffers, asked: ExtraSections(),
    report_step: Callable[[str], None] = lambda step: None,
) -> ExportReport:
    """Export a finished run: the files, export.json and export.html, each written whole or not at all.

    Everything is converted and judged before anything is written. A file that fails the gate is written as
    int8.failed.tflite, and one of its proper name that an earlier export left is not touched.

    Args:
        run: the run folder.
        formats: of the files, of `convert.FORMATS`; float32 is always made, as the others are compared with it.
        io_type: what int8 takes and gives, of `convert.IO_TYPES`.
        data: pictures to calibrate and test with; None: those that the run was trained on.
        out: folder of the files; None: `export` in the run folder.
        calibration: folder of the user's own frames; None: training pictures.
        calibration_pictures: size of the representative dataset.
        seed: of its choice.
        limits: of the gate; None: the defaults.
        photos: whether export.html shows pictures of the data; False for a page that is passed on.
        refuse: looks for reasons in the flatbuffer itself.
        examine: gives further sections of the report.
        report_step: told what is being done.

    Raises:
        ModelError: no finished run, or a model that cannot be converted.
        DataError: the pictures cannot be had.
        UsageError: a format, type or number that is not allowed.
    """
    forms, io_type, limits = checked_formats(formats), checked_io(io_type), limits or GateLimits()
    run_folder = RunFolder(run)
    config, names = run_folder.read_config()
    if not run_folder.model_file.is_file():
        raise ModelError(f"{run} has no finished model: continue it with `signs-edge train --out {run} --resume`")
    abstain_below = run_folder.abstain_below()
    splits = load_splits(data or config.data, config.seed)
    learned, test = (part.with_names(names, splits.source) for part in (splits.train, splits.test))
    # Pictures that the model learned from, as it saw them; those held out stay unseen here too.
    learned = learned.take(split(learned, config.validation, config.seed)[0])
    chosen = _calibration(learned, calibration, calibration_pictures, seed) if INT8 in forms else None
    folder = out or run / EXPORT_FOLDER
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ModelError(f"export folder {folder} cannot be made ({error.strerror}): give another --out") from None

    keras_model = KerasClassifier.open(run_folder.model_file)
    contract = Contract()
    seconds: dict[str, float] = {}
    flatbuffers: dict[str, bytes] = {}
    for form in forms:
        report_step(f"converting to {file_name(form)}")
        with _timed(seconds, form):
            images = chosen.images if chosen else None
            flatbuffers[form] = convert(keras_model.model, form, images, contract, io_type)

    other_rooms = config.augment == "strong" and abstain_below is not None
    asked = gate_pictures(test, other_rooms=other_rooms, seed=config.seed)
    report_step(f"checking on {asked.about}")
    with _timed(seconds, "checks"):
        classifiers = {
            form: TFLiteClassifier(ModelFile.pack(content, names, contract, abstain_below), threads=2)
            for form, content in flatbuffers.items()
        }
        refusals = {form: refuse(form, content) for form, content in flatbuffers.items()}
        verification = verify(keras_model, classifiers, asked, limits, abstain_below or 0.0, refusals)
        coverage = measure_coverage(flatbuffers[FLOAT32], chosen.images, test.images, contract) if chosen else None

    expectation = expectation_of(classifiers, asked)
    files = {}
    for form, content in flatbuffers.items():
        gate = verification.gates[form]
        calibrated = chosen.digest if chosen and form == INT8 else None
        files[file_name(form, gate.passed)] = seal(
            content, labels=names, contract=contract, abstain_below=abstain_below,
            temperature=fitted_temperature(run_folder), float_flatbuffer=flatbuffers[FLOAT32],
            provenance=provenance(run_folder, splits, calibration=calibrated, gate=gate.provenance()),
            expectation=expectation if form == INT8 else None,
        )  # fmt: skip
    sizes = {run_folder.model_file.name: run_folder.model_file.stat().st_size}
    sizes |= {name: len(file.content) for name, file in files.items()}
    failed = [file_name(form) for form, gate in verification.gates.items() if not gate.passed]
    flips = {flip.index for gate in verification.gates.values() for flip in gate.comparison.flips}
    report = ExportReport(
        run.resolve().name, folder, sizes, verification, chosen, coverage, io_type if chosen else None,
        classifiers[FLOAT32].runtime, splits.source, seconds, abstain_below,
        tuple(name for name in failed if (folder / name).is_file()),
        {index: asked.pictures.images[index] for index in sorted(flips)}, examine(flatbuffers, asked),
    )  # fmt: skip
    _write(report, files, photos)
    return report


def _calibration(learned: SignsDataset, own_frames: Path | None, pictures: int, seed: int) -> Calibration:
    if own_frames is None:
        return choose_calibration(learned, pictures, seed)
    return read_calibration(own_frames, learned.names, pictures, seed)


def _write(report: ExportReport, files: Mapping[str, ModelFile], photos: bool) -> None:
    """All files under temporary names, then all renamed; then away with those of an earlier export."""
    with ExitStack() as stack:
        for name, file in files.items():
            stack.enter_context(atomic_write(report.folder / name, error=ModelError)).write_bytes(file.content)
        page = stack.enter_context(atomic_write(report.folder / "export.html", error=ModelError))
        page.write_text(render(report, photos=photos), encoding="utf-8")
    write_json(report.folder / "export.json", report.to_json(), error=ModelError)
    for form in FORMATS:
        for name in (file_name(form), file_name(form, passed=False)):
            if name not in files and name not in report.kept:
                (report.folder / name).unlink(missing_ok=True)  # this export's report would not speak of it


class _timed:  # noqa: N801  # reads as a statement
    """Notes the wall time of a block, in seconds."""

    def __init__(self, seconds: dict[str, float], name: str) -> None:
        self._seconds, self._name = seconds, name

    def __enter__(self) -> None:
        self._started = time.perf_counter()

    def __exit__(self, *_: object) -> None:
        self._seconds[self._name] = round(time.perf_counter() - self._started, 2)
