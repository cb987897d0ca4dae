"""Find the model to run where none is named: the newest export, else the packaged model."""

from __future__ import annotations

import os
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from signs_edge.edge.errors import ModelError

INT8_NAME = "int8.tflite"
FLOAT32_NAME = "float32.tflite"
FINDER_NAME = "finder.tflite"
EXPORT_FOLDER = "export"
DEMO_MARK = ".demo"
"""A file in the run folder of a demo."""
PACKAGED = Path("packaged")
"""In place of a path: the folder of the packaged model, also where `runs/` holds an export."""


def runs_folder() -> Path:
    """Where training puts its run folders: $SIGNS_EDGE_RUNS, else `runs` in the working folder."""
    return Path(os.environ.get("SIGNS_EDGE_RUNS") or "runs")


def is_demo(run: Path) -> bool:
    """Whether a run folder was made by `signs-edge demo`, whose two-minute model is no model to count with."""
    return (run / DEMO_MARK).exists() or run.name.startswith("demo-")


def newest_export(runs: Path) -> Path | None:
    """The int8 file written last below a folder of runs, without demos; None where there is none."""
    found = [path for path in runs.glob(f"*/{EXPORT_FOLDER}/{INT8_NAME}") if not is_demo(path.parent.parent)]
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


@dataclass(frozen=True)
class FoundModel:
    """A model file, and why it was chosen, for people."""

    path: Path
    reason: str


def choose_model(given: Path | None) -> FoundModel:
    """The model to run: the given file or export folder, else the newest export, else the packaged model.

    Raises:
        ModelError: none was given, and there is no other.
    """
    if given is not None:
        path = _inside(given, INT8_NAME)
        return FoundModel(path, "the packaged model" if path == packaged_model() else "given by --model")
    if (newest := newest_export(runs_folder())) is not None:
        return FoundModel(newest, f"the newest export in {runs_folder()}; --model packaged takes the packaged model")
    if (packaged := packaged_model()) is not None:
        return FoundModel(packaged, "the packaged model")
    raise ModelError(
        f"no model: none was given, {runs_folder()} holds no export and this version ships none; "
        "give --model FILE, or make one with `signs-edge train` and `signs-edge export RUN --int8`"
    )


def find_model(given: Path | None) -> Path:
    """The path of the model to run; see `choose_model`."""
    return choose_model(given).path


def _inside(given: Path, name: str) -> Path:
    """A file of that name in a folder; anything else as it is, for the reader to say what is wrong with it."""
    packaged = packaged_model() if given == PACKAGED and not given.exists() else None
    folder = packaged.parent if packaged else given
    candidates = (folder / name, folder / EXPORT_FOLDER / name)
    return next((path for path in candidates if path.is_file()), given) if folder.is_dir() else given
