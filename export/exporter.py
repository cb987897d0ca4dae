"""A run folder in, verified .tflite files and their report out."""

from __future__ import annotations

import importlib.metadata
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from signs_edge.edge.classifier import TFLiteClassifier
from signs_edge.edge.contract import Contract
from signs_edge.edge.errors import ModelError
from signs_edge.edge.model_store import EXPORT_FOLDER, FLOAT32_NAME, INT8_NAME
from signs_edge.export.bundle import seal
from signs_edge.export.calibration import DEFAULT_PICTURES, Calibration, choose_calibration
from signs_edge.export.convert import to_float32, to_int8
from signs_edge.export.provenance import fitted_temperature, provenance
from signs_edge.export.verify import Verification, verify
from signs_edge.train.dataset import load_splits, split
from signs_edge.train.keras_classifier import KerasClassifier
from signs_edge.train.run_folder import RunFolder, replacing, write_json


@dataclass(frozen=True)
class ExportReport:
    """What an export wrote and how good it is.

    Attributes:
        folder: where the files lie.
        sizes: bytes of each file and of the Keras model, by name.
        verification: accuracies and comparisons on the test pictures.
        calibration: the pictures that set the int8 ranges; None without int8.
        runtime: what ran the .tflite files.
        data: where the pictures came from.
        seconds: wall time of each conversion.
        abstain_below: the least confidence, 0..1, that the files give a count at; None where training chose none.
    """

    folder: Path
    sizes: dict[str, int]
    verification: Verification
    calibration: Calibration | None
    runtime: str
    data: str
    seconds: dict[str, float]
    abstain_below: float | None = None

    def to_json(self) -> dict[str, Any]:
        """Plain values for export.json."""
        return {
            "signs_edge": importlib.metadata.version("signs-edge"),
            "tensorflow": importlib.metadata.version("tensorflow"),
            "runtime": self.runtime,
            "data": self.data,
            "sizes": self.sizes,
            "seconds": self.seconds,
            "abstain_below": self.abstain_below,
            "calibration": self.calibration.to_json() if self.calibration else None,
            "test": self.verification.to_json(),
        }


def export_run(
    run: Path,
    *,
    int8: bool = True,
    data: str | None = None,
    out: Path | None = None,
    calibration_pictures: int = DEFAULT_PICTURES,
    seed: int = 0,
    report_step: Callable[[str], None] = lambda step: None,
) -> ExportReport:
    """Export a finished run: float32.tflite, int8.tflite and export.json, each written whole or not at all.

    Args:
        run: the run folder.
        int8: whether to write the int8 file too.
        data: pictures to calibrate and test with; None: those that the run was trained on.
        out: folder of the files; None: `export` in the run folder.
        calibration_pictures: size of the representative dataset.
        seed: of its draw.
        report_step: told what is being done.

    Raises:
        ModelError: no finished run, or a model that cannot be converted.
        DataError: the pictures cannot be had.
    """
    run_folder = RunFolder(run)
    config, names = run_folder.read_config()
    if not run_folder.model_file.is_file():
        raise ModelError(f"{run} has no finished model: continue it with `signs-edge train --out {run} --resume`")
    abstain_below = run_folder.abstain_below()
    splits = load_splits(data or config.data, config.seed)
    learned = splits.train.with_names(names, splits.source)
    test = splits.test.with_names(names, splits.source)
    # Pictures that the model learned from, as it saw them; those held out stay unseen here too.
    learned = learned.take(split(learned, config.validation, config.seed)[0])
    keras_model = KerasClassifier.open(run_folder.model_file)
    folder = out or run / EXPORT_FOLDER
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ModelError(f"export folder {folder} cannot be made ({error.strerror}): give another --out") from None

    contract = Contract()
    sizes = {run_folder.model_file.name: run_folder.model_file.stat().st_size}
    seconds: dict[str, float] = {}
    flatbuffers: dict[str, bytes] = {}
    classifiers: dict[str, TFLiteClassifier] = {}
    calibration = choose_calibration(learned, calibration_pictures, seed) if int8 else None

    def write(name: str, convert: Callable[[], bytes]) -> None:
        report_step(f"converting to {name}")
        started = time.perf_counter()
        flatbuffers[name] = convert()
        file = seal(
            flatbuffers[name], labels=names, contract=contract, abstain_below=abstain_below,
            temperature=fitted_temperature(run_folder), float_flatbuffer=flatbuffers[FLOAT32_NAME],
            provenance=provenance(run_folder, splits, calibration=calibration.digest if calibration else None),
        )  # fmt: skip
        seconds[name] = round(time.perf_counter() - started, 2)
        classifiers[name] = TFLiteClassifier(file)
        with replacing(folder / name) as temporary:
            temporary.write_bytes(file.content)
        sizes[name] = len(file.content)

    write(FLOAT32_NAME, lambda: to_float32(keras_model.model))
    if calibration:
        write(INT8_NAME, lambda: to_int8(keras_model.model, calibration.images, contract))
    else:
        (folder / INT8_NAME).unlink(missing_ok=True)  # of an earlier export; this one's report would not speak of it
    report_step(f"checking on {len(test)} test pictures")
    verification = verify(keras_model, classifiers[FLOAT32_NAME], classifiers.get(INT8_NAME), test)
    runtime = classifiers[FLOAT32_NAME].runtime
    report = ExportReport(folder, sizes, verification, calibration, runtime, splits.source, seconds, abstain_below)
    write_json(folder / "export.json", report.to_json())
    return report
