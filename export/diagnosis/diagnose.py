"""Diagnose the int8 file of an export, and search a repair where it fails the check."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from signs_edge.edge.arrays import Probabilities
from signs_edge.edge.bundle.model_file import ModelFile
from signs_edge.edge.bundle.seal import claims_seal
from signs_edge.edge.bundle.store import EXPORT_FOLDER, FLOAT32_NAME, INT8_NAME
from signs_edge.edge.errors import ModelError, UsageError
from signs_edge.edge.inference.classifier import TFLiteClassifier, predict_all
from signs_edge.edge.util.atomic_file import atomic_write, write_json
from signs_edge.edge.util.folders import make_folder
from signs_edge.export.bundle.seal import seal
from signs_edge.export.convert.calibration import recorded_calibration
from signs_edge.export.convert.convert import FLOAT32, INT8
from signs_edge.export.diagnosis.cost import Cost, measure_costs
from signs_edge.export.diagnosis.layers import DIAGNOSIS_PICTURES, compare_layers, spread
from signs_edge.export.diagnosis.names import layer_names
from signs_edge.export.diagnosis.plot import draw_diagnosis
from signs_edge.export.diagnosis.repair import Repair, repair
from signs_edge.export.diagnosis.result import Diagnosis
from signs_edge.export.diagnosis.selective import SelectiveQuantizer
from signs_edge.export.gate.comparison import Comparison, compare
from signs_edge.export.gate.gate import Gate, GateLimits
from signs_edge.export.gate.pictures import gate_pictures
from signs_edge.export.run_source import RunSource
from signs_edge.train.data.dataset import SignsDataset
from signs_edge.train.runs.run_folder import RunFolder

REPAIRED_NAME = "int8-repaired.tflite"
REMEDIES = (
    "calibrate with more or more varied pictures (`signs-edge export --calibration FOLDER`), train on more data, "
    "or fine-tune with fake quantization (quantization-aware training)"
)
"""What can help where post-training quantization does not."""


class AgreementCheck:
    """The export's gate between an int8 flatbuffer and its float twin, on labelled pictures."""

    def __init__(self, float32: ModelFile, test: SignsDataset, limits: GateLimits | None = None) -> None:
        self._file, self._test, self._limits = float32, test, limits or GateLimits()
        self._scores: Probabilities = predict_all(TFLiteClassifier(float32), test.images)

    def compare(self, content: bytes) -> Comparison:
        """The float file and this flatbuffer, through the classifier that the device runs."""
        packed = repack(content, self._file)
        scores = predict_all(TFLiteClassifier(packed), self._test.images)
        return compare(self._scores, scores, self._test, self._file.abstain_below or 0.0)

    def __call__(self, content: bytes) -> bool:
        """Whether it passes the gate."""
        return self.gate(self.compare(content)).passed

    def gate(self, found: Comparison) -> Gate:
        """What the gate says of a comparison."""
        return Gate(INT8, FLOAT32, found, self._limits)


@dataclass(frozen=True)
class RunDiagnosis:
    """What `diagnose_run` found and wrote.

    Attributes:
        folder: where diagnosis.json, diagnosis.png and the repaired file lie.
        diagnosis: of the int8 file as it was exported.
        int8: the check's comparison of it with float32.
        passed: whether it passes as it is.
        repair: the search; None where it was not wanted or not needed.
        float_layers: names of the layers that the repair keeps in float.
        repaired: the check's comparison of the repaired file; None without one.
        unseen: agreement of the repaired file on held-out pictures, which the search did not look at.
        costs: bytes and time by file name; empty without a repaired file.
    """

    folder: Path
    diagnosis: Diagnosis
    int8: Comparison
    passed: bool
    repair: Repair | None = None
    float_layers: tuple[str, ...] = ()
    repaired: Comparison | None = None
    unseen: Comparison | None = None
    costs: dict[str, Cost] | None = None

    @property
    def beyond_repair(self) -> bool:
        """Whether a repair was wanted and none was found."""
        return self.repair is not None and self.repair.content is None

    def to_json(self) -> dict[str, Any]:
        """Plain values for diagnosis.json."""
        return {
            "diagnosis": self.diagnosis.to_json(),
            "int8": {"passed": self.passed, **self.int8.to_json()},
            "repair": self.repair and {**self.repair.to_json(), "float_layers": list(self.float_layers)},
            "repaired": self.repaired and self.repaired.to_json(),
            "unseen": self.unseen and self.unseen.to_json(),
            "costs": {name: vars(cost) for name, cost in (self.costs or {}).items()},
            "remedies": REMEDIES if self.beyond_repair else None,
        }


def diagnose_run(
    run: Path,
    *,
    data: str | None = None,
    out: Path | None = None,
    repaired: bool = False,
    limit: int | None = None,
    check: Callable[[ModelFile, SignsDataset], AgreementCheck] = AgreementCheck,
    report_step: Callable[[str], None] = lambda step: None,
) -> RunDiagnosis:
    """Diagnose RUN/export/int8.tflite against float32.tflite; repair it if wanted and needed.

    The search compares files on the pictures of the export's gate. Held-out pictures of the training part show whether
    its result holds for other pictures too.

    Args:
        run: the run folder, exported.
        data: pictures; None: those that the run was trained on.
        out: folder of what is written; None: the export's.
        repaired: whether to search for a repair if the int8 file fails the check.
        limit: the most ops to keep in float; None: half.
        check: makes the check of the float file and the test pictures.
        report_step: called with a line for each step.

    Raises:
        UsageError: a negative limit.
        ModelError: no run, no export, or files that do not belong together.
        DataError: the pictures cannot be had.
    """
    if limit is not None and limit < 0:
        raise UsageError(f"limit {limit} is not allowed: give 0 or more ops")
    RunFolder(run).read_config()  # a folder that is no run is named first, then files that it lacks, then its pictures
    exported = run / EXPORT_FOLDER
    files = {name: ModelFile.read(exported / name) for name in (FLOAT32_NAME, INT8_NAME)}
    source = RunSource.read(run, data)
    float32, int8 = files[FLOAT32_NAME], files[INT8_NAME]
    folder = make_folder(out or exported, "folder")
    pictures = spread(source.test.images, DIAGNOSIS_PICTURES)
    report_step(f"comparing all layers on {len(pictures)} pictures")
    names = layer_names(source.folder)
    diagnosis = compare_layers(float32.content, int8.content, pictures, float32.contract, names)
    other_rooms = source.has_other_rooms(float32.abstain_below)
    judge = check(float32, gate_pictures(source.test, other_rooms=other_rooms, seed=source.config.seed).pictures)
    before = judge.compare(int8.content)
    found = RunDiagnosis(folder, diagnosis, before, judge.gate(before).passed)
    (folder / REPAIRED_NAME).unlink(missing_ok=True)  # of an earlier repair, which this report does not describe
    if repaired and not found.passed:
        report_step("searching the fewest layers to keep in float")
        calibration = recorded_calibration(exported / "export.json", source.learned)
        quantizer = SelectiveQuantizer(float32.content, calibration, float32.contract)
        search = repair(diagnosis, float32.content, quantizer.quantize, judge, limit)
        unseen = check(float32, source.held_out) if len(source.held_out) else None
        found = _with_repair(found, search, files, judge, unseen, source.test)
    draw_diagnosis(diagnosis, folder / "diagnosis.png")
    write_json(folder / "diagnosis.json", found.to_json(), error=ModelError)
    return found


def _with_repair(
    found: RunDiagnosis, search: Repair, files: dict[str, ModelFile], judge: AgreementCheck,
    unseen: AgreementCheck | None, test: SignsDataset,
) -> RunDiagnosis:  # fmt: skip
    """The diagnosis with the result of the search; the repaired file is written."""
    found = replace(found, repair=search)
    if search.content is None:
        return found
    after, like = judge.compare(search.content), files[INT8_NAME]
    names = {layer.tensor: layer.name for layer in found.diagnosis.layers}
    kept = tuple(names[tensor] for tensor in search.float_tensors)
    packed = seal(
        search.content, labels=like.labels, contract=like.contract, abstain_below=like.abstain_below,
        temperature=like.temperature, float_flatbuffer=files[FLOAT32_NAME].flatbuffer,
        provenance={**like.provenance, "gate": judge.gate(after).provenance(), "kept_in_float": list(kept)},
    )  # fmt: skip
    with atomic_write(found.folder / REPAIRED_NAME, error=ModelError) as temporary:
        temporary.write_bytes(packed.content)
    return replace(
        found,
        float_layers=kept,
        repaired=after,
        unseen=unseen.compare(search.content) if unseen else None,
        costs=measure_costs({**files, REPAIRED_NAME: packed}, test.images),
    )


def repack(content: bytes, like: ModelFile) -> ModelFile:
    """A flatbuffer with labels, contract and threshold of another file of the same run; a sealed one stays as it is."""
    if claims_seal(content):
        return ModelFile.parse(content, "the file")
    return ModelFile.pack(content, like.labels, like.contract, like.abstain_below)
