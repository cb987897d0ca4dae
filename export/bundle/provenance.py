"""Where a model file comes from, as plain values that travel inside it: no path, no name of a folder, no time, so that bytes repeat."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
from collections.abc import Mapping
from typing import Any

import numpy as np

from signs_edge.edge.errors import ModelError
from signs_edge.train.data.dataset import SignsDataset, Splits
from signs_edge.train.report.stored import read_json
from signs_edge.train.runs.run_folder import RunFolder

_PACKAGES = ("signs-edge", "tensorflow", "keras")


def provenance(
    run: RunFolder, splits: Splits, *, calibration: str | None = None, gate: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Of an export of a finished run.

    Args:
        run: the run folder.
        splits: the pictures it was exported and judged with.
        calibration: SHA-256 of the pictures that set the int8 ranges; None without.
        gate: its result, plain JSON values; None where none was passed or failed.
    """
    config, names = run.read_config()
    settings = json.dumps({**config.to_json(), "data": "", "names": names}, sort_keys=True)
    return {
        "run": {
            "seed": config.seed,
            "settings_sha256": _hash(settings.encode()),
            "model_sha256": _hash(run.model_file.read_bytes()),
        },
        "data": {
            "train": {"n": len(splits.train), "sha256": data_digest(splits.train)},
            "test": {"n": len(splits.test), "sha256": data_digest(splits.test)},
            "calibration_sha256": calibration,
        },
        "versions": {name: importlib.metadata.version(name) for name in _PACKAGES},
        "gate": dict(gate) if gate is not None else None,
    }


def data_digest(data: SignsDataset) -> str:
    """SHA-256, in hexadecimal, of the pictures' uint8 RGB bytes and their int64 labels, in their order."""
    labels = np.ascontiguousarray(data.labels, "<i8").tobytes()
    return _hash(np.ascontiguousarray(data.images).tobytes() + labels)


def fitted_temperature(run: RunFolder) -> float | None:
    """The temperature that training folded into the last layer, above 0; None where metrics.json names none."""
    if not run.metrics_file.exists():
        return None
    calibration = read_json(run.metrics_file).get("calibration")
    fitted = calibration.get("temperature") if isinstance(calibration, dict) else None
    if fitted is not None and not isinstance(fitted, float | int):
        raise ModelError(
            f"{run.metrics_file} has the temperature {fitted!r}: allowed is a positive number; train again"
        )
    return fitted


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
