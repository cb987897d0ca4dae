"""What an export wrote and how good it is, as one record."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from signs_edge.edge.arrays import Image
from signs_edge.export.convert.calibration import Calibration
from signs_edge.export.convert.coverage import Coverage
from signs_edge.export.gate.verify import Verification
from signs_edge.export.report.extra_sections import ExtraSections
from signs_edge.train.report.report import source_name


def file_name(form: str, passed: bool = True) -> str:
    """int8.tflite, or int8.failed.tflite for a file that is not to be deployed."""
    return f"{form}.tflite" if passed else f"{form}.failed.tflite"


@dataclass(frozen=True)
class ExportReport:
    """What an export wrote and how good it is.

    Attributes:
        run: name of the run.
        folder: where the files lie.
        sizes: bytes of each file and of the Keras model, by name.
        verification: accuracies, comparisons and what the gate said.
        calibration: the pictures that set the int8 ranges; None without int8.
        coverage: whether they show what the test pictures do; None without int8.
        io_type: what the int8 file takes and gives; None without int8.
        runtime: what ran the .tflite files.
        data: where the pictures came from.
        seconds: wall time of each conversion, by format, and of the checks.
        abstain_below: the least confidence, 0..1, that the files give a count at; None where training chose none.
        kept: files of an earlier export, left beside one of this export that failed.
        flipped: the pictures that two models answer differently, (64, 64, 3) uint8 RGB, by index in the gate's set.
        extra: further sections of the report.
    """

    run: str
    folder: Path
    sizes: dict[str, int]
    verification: Verification
    calibration: Calibration | None
    coverage: Coverage | None
    io_type: str | None
    runtime: str
    data: str
    seconds: dict[str, float]
    abstain_below: float | None = None
    kept: tuple[str, ...] = ()
    flipped: Mapping[int, Image] = field(default_factory=dict)
    extra: ExtraSections = field(default_factory=ExtraSections)

    @property
    def passed(self) -> bool:
        """Whether every file may be deployed."""
        return self.verification.passed

    @property
    def data_name(self) -> str:
        """What a page that is passed on calls the data."""
        return source_name(self.data)

    @property
    def files(self) -> dict[str, str]:
        """Names of the files written, by format."""
        return {form: file_name(form, gate.passed) for form, gate in self.verification.gates.items()}

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is no reason to refuse a file, but to look twice; one line each."""
        found = [
            self.calibration.scarcity if self.calibration else None,
            self.calibration.imbalance if self.calibration else None,
            self.coverage.warning if self.coverage else None,
        ]
        return tuple(line for line in found if line)

    def to_json(self) -> dict[str, Any]:
        """Plain values for export.json."""
        return {
            "signs_edge": importlib.metadata.version("signs-edge"),
            "tensorflow": importlib.metadata.version("tensorflow"),
            "runtime": self.runtime,
            "data": self.data,
            "passed": self.passed,
            "files": self.files,
            "kept": list(self.kept),
            "sizes": self.sizes,
            "seconds": self.seconds,
            "io": self.io_type,
            "abstain_below": self.abstain_below,
            "warnings": list(self.warnings),
            "calibration": self.calibration.to_json() if self.calibration else None,
            "coverage": self.coverage.to_json() if self.coverage else None,
            "judged_on": self.verification.judged_on,
            "gates": {form: gate.to_json() for form, gate in self.verification.gates.items()},
            "test": self.verification.to_json(),
            **self.extra.to_json(),
        }
