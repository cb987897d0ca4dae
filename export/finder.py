"""A finder's run in, one int8 file out, judged beside the network it was made from."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from signs_edge.edge.bundle.model_file import ModelFile
from signs_edge.edge.bundle.store import EXPORT_FOLDER, FINDER_NAME
from signs_edge.edge.errors import ModelError
from signs_edge.edge.inference.preprocess import scale_pictures
from signs_edge.edge.inference.runtime import find_runtime
from signs_edge.edge.region.finder import CONTRACT, OUTPUTS, HandFinder, decode
from signs_edge.edge.util.atomic_file import atomic_write, write_json
from signs_edge.edge.util.folders import make_folder
from signs_edge.export.convert.convert import to_int8
from signs_edge.export.convert.folding import fold_dilated
from signs_edge.train.data.dataset import load_splits, split
from signs_edge.train.finder.fit import held_out_scenes
from signs_edge.train.finder.scenes import Scene, Scenes
from signs_edge.train.finder.score import FinderScore
from signs_edge.train.hands.store import gather_hands, load_cutouts
from signs_edge.train.network.keras_classifier import load_keras
from signs_edge.train.runs.finder_config import FinderConfig
from signs_edge.train.runs.run_folder import RunFolder

_CALIBRATION = 150  # scenes that set the int8 ranges
_BACKGROUNDS = 100
MAX_LOSS = 0.02
"""Share of the hands that int8 may put in the wrong place and Keras does not."""


@dataclass(frozen=True)
class FinderExport:
    """What an export of a finder wrote, and how good it is.

    Attributes:
        file: the .tflite file.
        size: its bytes.
        keras, int8: on the same held-out scenes; the file's least score is int8's threshold.
        runtime: what ran the file.
    """

    file: Path
    size: int
    keras: FinderScore
    int8: FinderScore
    runtime: str

    def to_json(self) -> dict[str, Any]:
        """Plain values for export.json."""
        return {
            "signs_edge": importlib.metadata.version("signs-edge"),
            "runtime": self.runtime,
            "sizes": {self.file.name: self.size},
            "keras": self.keras.to_json(),
            "int8": self.int8.to_json(),
        }


def export_finder(
    run: Path, *, data: str | None = None, out: Path | None = None, report_step: Callable[[str], None] = lambda _: None
) -> FinderExport:
    """Convert to int8, judge on scenes of held-out hands, and write finder.tflite and export.json whole or not at all.

    Raises:
        ModelError: no finished run, nothing was held out to judge by, or int8 misplaces more hands than `MAX_LOSS`.
        DataError: the photos cannot be had.
    """
    folder = RunFolder(run)
    config = folder.read_finder_config()
    model = load_keras(folder.finished_model())
    calibration, judged = finder_scenes(config, data or config.data)
    if not judged:
        raise ModelError(f"{run} held out no hands to judge by: train again with a --validation above 0")
    report_step(f"converting to {FINDER_NAME}")
    flatbuffer = fold_dilated(to_int8(model, np.stack([scene.picture for scene in calibration]), CONTRACT))
    report_step(f"checking on {len(judged)} scenes")
    pictures = np.stack([scene.picture for scene in judged])
    answers = model.predict(scale_pictures(pictures, CONTRACT), batch_size=60, verbose=0)
    exact = FinderScore.of([decode(answer) for answer in answers], [scene.box for scene in judged])
    int8 = score_flatbuffer(flatbuffer, judged)
    if int8.placed < exact.placed - MAX_LOSS * exact.hands:
        raise ModelError(
            f"int8 puts {int8.placed} of {int8.hands} hands in their place, Keras {exact.placed}: not written; train longer"
        )
    file = ModelFile.pack(flatbuffer, OUTPUTS, CONTRACT, int8.threshold, provenance=_provenance(config, int8))
    target = make_folder(out or run / EXPORT_FOLDER, "export folder")
    with atomic_write(target / FINDER_NAME, error=ModelError) as temporary:
        temporary.write_bytes(file.content)
    export = FinderExport(target / FINDER_NAME, len(file.content), exact, int8, str(find_runtime()))
    write_json(target / "export.json", export.to_json(), error=ModelError)
    return export


def score_flatbuffer(flatbuffer: bytes, judged: Sequence[Scene]) -> FinderScore:
    """A finder's network on this device, on scenes of which the hands are known."""
    network = HandFinder(ModelFile.pack(flatbuffer, OUTPUTS, CONTRACT)).network
    return FinderScore.of([decode(network.answer(scene.picture)) for scene in judged], [scene.box for scene in judged])


def finder_scenes(config: FinderConfig, data: str) -> tuple[list[Scene], list[Scene]]:
    """Scenes of training's hands to calibrate with, and of held-out hands to judge by."""
    photos = load_splits(data, config.seed).train
    kept, held_out = split(photos, config.validation, config.seed)
    cutouts = load_cutouts(photos.images)
    learned = gather_hands(photos.take(kept), [cutouts[i] for i in kept], 0, config.seed)
    scenes, rng = Scenes(learned, _BACKGROUNDS, config.seed), np.random.default_rng([config.seed, 0xCA1])
    calibration = [scenes.make(rng, rng.uniform(0.3, 1)) for _ in range(_CALIBRATION)]
    return calibration, held_out_scenes(config, photos.take(held_out), [cutouts[i] for i in held_out])


def _provenance(config: FinderConfig, int8: FinderScore) -> dict[str, Any]:
    versions = {name: importlib.metadata.version(name) for name in ("signs-edge", "tensorflow", "keras")}
    return {"task": config.task, "seed": config.seed, "versions": versions, "held_out": int8.to_json()}
