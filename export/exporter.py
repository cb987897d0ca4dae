"""Export a finished run: verified .tflite files and their report."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from signs_edge.edge.bundle.contract import Contract
from signs_edge.edge.bundle.model_file import ModelFile
from signs_edge.edge.bundle.store import EXPORT_FOLDER
from signs_edge.edge.errors import ModelError
from signs_edge.edge.inference.classifier import TFLiteClassifier
from signs_edge.edge.util.atomic_file import atomic_write, write_json
from signs_edge.edge.util.folders import make_folder
from signs_edge.export.bundle.expectation import expectation_of
from signs_edge.export.bundle.provenance import fitted_temperature, provenance
from signs_edge.export.bundle.seal import seal
from signs_edge.export.convert.calibration import Calibration, choose_calibration, read_calibration
from signs_edge.export.convert.convert import FLOAT32, FORMATS, INT8, convert
from signs_edge.export.convert.coverage import Coverage, measure_coverage
from signs_edge.export.gate.pictures import GatePictures, gate_pictures
from signs_edge.export.gate.verify import Verification, verify
from signs_edge.export.report.extra_sections import ExtraSections
from signs_edge.export.report.page import render
from signs_edge.export.report.record import ExportReport, file_name
from signs_edge.export.report.sections import make_sections, refusals
from signs_edge.export.run_source import RunSource
from signs_edge.export.settings import ExportSettings
from signs_edge.train.network.keras_classifier import KerasClassifier

ReportStep = Callable[[str], None]


def export_run(
    run: Path | str,
    settings: ExportSettings | None = None,
    *,
    report_step: ReportStep = lambda step: None,
) -> ExportReport:
    """Export a finished run: the files, export.json and export.html, each written whole or not at all.

    Everything is converted and compared before anything is written. A file that fails the gate is written as
    int8.failed.tflite; a sound int8.tflite of an earlier export is then left as it is.

    Args:
        run: the run folder.
        settings: formats, pictures, limits; None: the defaults.
        report_step: called with a line for each step.

    Returns:
        The report; `passed` says whether every file may be deployed.

    Raises:
        ModelError: no finished run, or a model that cannot be converted.
        DataError: the pictures cannot be read.
        UsageError: a number that is not allowed.

    >>> from signs_edge.export import GateLimits, ExportSettings, export_run
    >>> report = export_run("runs/mine", ExportSettings(limits=GateLimits(min_agreement=0.98)))  # doctest: +SKIP
    >>> report.passed, report.files["int8"]  # doctest: +SKIP
    (True, 'int8.tflite')
    """
    settings = settings or ExportSettings()
    source = RunSource.read(Path(run), settings.data)
    model_file = source.folder.finished_model()
    abstain_below = source.folder.abstain_below()
    calibration = _calibration(source, settings) if INT8 in settings.formats else None
    folder = make_folder(settings.out or source.folder.path / EXPORT_FOLDER, "export folder")
    keras_model = KerasClassifier.open(model_file)
    made = _Conversion(source, settings, abstain_below, calibration)
    made.convert(keras_model, report_step)
    asked = gate_pictures(source.test, other_rooms=source.has_other_rooms(abstain_below), seed=source.config.seed)
    report_step(f"checking on {asked.about}")
    verification, coverage = made.check(keras_model, asked)
    files = made.seal(verification, asked)
    report = made.report(folder, files, verification, coverage, asked)
    _write(report, files, settings.report.photos)
    return report


@dataclass
class _Conversion:
    """The flatbuffers of one export, from the conversion to the report on them."""

    source: RunSource
    settings: ExportSettings
    abstain_below: float | None
    calibration: Calibration | None
    flatbuffers: dict[str, bytes] = field(default_factory=dict)
    classifiers: dict[str, TFLiteClassifier] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    contract: Contract = field(default_factory=Contract)

    def convert(self, keras_model: KerasClassifier, report_step: ReportStep) -> None:
        """Convert to every format; float32 comes first."""
        images = self.calibration.images if self.calibration else None
        for form in self.settings.formats:
            report_step(f"converting to {file_name(form)}")
            with self._timed(form):
                self.flatbuffers[form] = convert(keras_model.model, form, images, self.contract, self.settings.io_type)

    def check(self, keras_model: KerasClassifier, asked: GatePictures) -> tuple[Verification, Coverage | None]:
        """Compare all files with their reference, and the calibration pictures with the test pictures."""
        with self._timed("checks"):
            for form, content in self.flatbuffers.items():
                packed = ModelFile.pack(content, self.source.names, self.contract, self.abstain_below)
                self.classifiers[form] = TFLiteClassifier(packed, threads=2)
            against = {form: refusals(form, content) for form, content in self.flatbuffers.items()}
            verification = verify(
                keras_model, self.classifiers, asked, self.settings.limits, self.abstain_below or 0.0, against
            )
            if not self.calibration:
                return verification, None
            float32, test = self.flatbuffers[FLOAT32], self.source.test
            return verification, measure_coverage(float32, self.calibration.images, test.images, self.contract)

    def seal(self, verification: Verification, asked: GatePictures) -> dict[str, ModelFile]:
        """The sealed files, by name."""
        expectation = expectation_of(self.classifiers, asked)
        temperature = fitted_temperature(self.source.folder)
        files = {}
        for form, content in self.flatbuffers.items():
            gate = verification.gates[form]
            digest = self.calibration.digest if self.calibration and form == INT8 else None
            origin = provenance(self.source.folder, self.source.splits, calibration=digest, gate=gate.provenance())
            files[file_name(form, gate.passed)] = seal(
                content, labels=self.source.names, contract=self.contract, abstain_below=self.abstain_below,
                temperature=temperature, float_flatbuffer=self.flatbuffers[FLOAT32], provenance=origin,
                expectation=expectation if form == INT8 else None,
            )  # fmt: skip
        return files

    def report(
        self,
        folder: Path,
        files: Mapping[str, ModelFile],
        verification: Verification,
        coverage: Coverage | None,
        asked: GatePictures,
    ) -> ExportReport:
        """The record of what was made."""
        run = self.source.folder
        sizes = {run.model_file.name: run.model_file.stat().st_size}
        sizes |= {name: len(file.content) for name, file in files.items()}
        failed = [file_name(form) for form, gate in verification.gates.items() if not gate.passed]
        flips = sorted({flip.index for gate in verification.gates.values() for flip in gate.comparison.flips})
        return ExportReport(
            run=run.path.resolve().name,
            folder=folder,
            sizes=sizes,
            verification=verification,
            calibration=self.calibration,
            coverage=coverage,
            io_type=self.settings.io_type if self.calibration else None,
            runtime=self.classifiers[FLOAT32].runtime,
            data=self.source.splits.source,
            seconds=self.seconds,
            abstain_below=self.abstain_below,
            kept=tuple(name for name in failed if (folder / name).is_file()),
            flipped={index: asked.pictures.images[index] for index in flips},
            extra=self._details(asked),
        )

    def _details(self, asked: GatePictures) -> ExtraSections:
        settings = self.settings.report
        if not settings.details:
            return ExtraSections()
        return make_sections(self.source.folder, self.flatbuffers, asked, settings)

    @contextmanager
    def _timed(self, name: str) -> Iterator[None]:
        """Note the wall time of a block, in seconds."""
        started = time.perf_counter()
        yield
        self.seconds[name] = round(time.perf_counter() - started, 2)


def _calibration(source: RunSource, settings: ExportSettings) -> Calibration:
    """Choose from training pictures that the model learned from, as it saw them; the held-out ones stay unseen."""
    chosen = settings.calibration
    if chosen.folder is None:
        return choose_calibration(source.learned, chosen.pictures, chosen.seed)
    return read_calibration(chosen.folder, source.names, chosen.pictures, chosen.seed)


def _write(report: ExportReport, files: Mapping[str, ModelFile], photos: bool) -> None:
    """Write all files under temporary names, rename them, and remove what an earlier export left."""
    with ExitStack() as stack:
        for name, file in files.items():
            temporary = stack.enter_context(atomic_write(report.folder / name, error=ModelError))
            temporary.write_bytes(file.content)
        page = stack.enter_context(atomic_write(report.folder / "export.html", error=ModelError))
        page.write_text(render(report, photos=photos), encoding="utf-8")
    write_json(report.folder / "export.json", report.to_json(), error=ModelError)
    for form in FORMATS:
        for name in (file_name(form), file_name(form, passed=False)):
            if name not in files and name not in report.kept:
                (report.folder / name).unlink(missing_ok=True)  # this export's report does not describe it
