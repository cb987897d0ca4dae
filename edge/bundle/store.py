"""Where models lie when none is named: the newest export, else the packaged model."""

from __future__ import annotations

import os
from importlib import resources
from pathlib import Path

from signs_edge.edge.errors import ModelError

INT8_NAME = "int8.tflite"
FLOAT32_NAME = "float32.tflite"
FINDER_NAME = "finder.tflite"
EXPORT_FOLDER = "export"
PACKAGED = Path("packaged")
"""In place of a path: the folder of the packaged model, also where `runs/` holds an export."""


def runs_folder() -> Path:
    """Where training puts its run folders: $SIGNS_EDGE_RUNS, else `runs` in the working folder."""
    return Path(os.environ.get("SIGNS_EDGE_RUNS") or "runs")


def newest_export(runs: Path) -> Path | None:
    """The int8 file written last below a folder of runs; None where there is none."""
    found = list(runs.glob(f"*/{EXPORT_FOLDER}/{INT8_NAME}"))
    return max(found, key=lambda path: path.stat().st_mtime, default=None)


def packaged_model() -> Path | None:
    """The model inside the installed package; None in a version that ships none."""
    path = resources.files("signs_edge.edge").joinpath("models", INT8_NAME)
    return path if isinstance(path, Path) and path.is_file() else None


def find_finder(given: Path | None) -> Path | None:
    """The finder to run: the given file or export folder, else the packaged one; None in a version that ships none."""
    if given is not None:
        return _inside(given, FINDER_NAME)
    path = resources.files("signs_edge.edge").joinpath("models", FINDER_NAME)
    return path if isinstance(path, Path) and path.is_file() else None


def find_twin(given: Path) -> Path:
    """The float32 file: the given file, or the one in the given export or run folder, or beside the packaged model."""
    return _inside(given, FLOAT32_NAME)


def find_model(given: Path | None) -> Path:
    """The model to run: the given file or export folder, else the newest export, else the packaged model."""
    if given is not None:
        return _inside(given, INT8_NAME)
    found = newest_export(runs_folder()) or packaged_model()
    if found is None:
        raise ModelError(
            f"no model: none was given, {runs_folder()} holds no export and this version ships none; "
            "give --model FILE, or make one with `signs-edge train` and `signs-edge export RUN --int8`"
        )
    return found


def _inside(given: Path, name: str) -> Path:
    """A file of that name in a folder; anything else as it is, for the reader to say what is wrong with it."""
    packaged = packaged_model() if given == PACKAGED and not given.exists() else None
    folder = packaged.parent if packaged else given
    candidates = (folder / name, folder / EXPORT_FOLDER / name)
    return next((path for path in candidates if path.is_file()), given) if folder.is_dir() else given
