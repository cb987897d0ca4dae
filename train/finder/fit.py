"""A training run of the finder: scenes made as they are needed, a network that learns where the hand is."""

from __future__ import annotations

from typing import Any

import cv2
import keras
import numpy as np

from signs_edge.edge.arrays import Image
from signs_edge.edge.bundle.contract import Contract
from signs_edge.edge.errors import ModelError
from signs_edge.edge.inference.preprocess import scale_pictures
from signs_edge.edge.region.finder import Found, decode
from signs_edge.edge.util.atomic_file import atomic_write, write_json
from signs_edge.train.data.dataset import SignsDataset, load_splits, split
from signs_edge.train.finder.network import build_finder, loss, targets
from signs_edge.train.finder.scenes import Scene, Scenes
from signs_edge.train.finder.score import FinderScore
from signs_edge.train.hands.cutout import Cutout
from signs_edge.train.hands.store import gather_hands, load_cutouts
from signs_edge.train.runs.finder_config import FinderConfig
from signs_edge.train.runs.run_folder import RunFolder
from signs_edge.train.runs.work import silent
from signs_edge.train.training.feed import Batch, Feed
from signs_edge.train.training.fit import compiles_ahead, make_deterministic, run_epochs, save_model
from signs_edge.train.training.recorder import Observer, Recorder, restore

_HELD_OUT = 600  # scenes of held-out hands, to judge by
_UNSEEN_BACKGROUNDS = 200


def fit_finder(
    config: FinderConfig, folder: RunFolder, observer: Observer | None = None, *, resume: bool = False
) -> dict[str, Any]:
    """Train, and leave model, history, metrics and found.png, frames to look at, in the run folder.

    Resumes like `signs_edge.train.training.fit.fit`: scenes depend on seed, epoch and step alone.

    Returns:
        The metrics, as in metrics.json.

    Raises:
        DataError: the photos cannot be had.
        ModelError: the folder holds another run, or with `resume` none or a finished one; or the loss is not finite.
    """
    make_deterministic(config.seed)
    splits = load_splits(config.data, config.seed)
    kept, held_out = split(splits.train, config.validation, config.seed)
    model = _compiled(config)
    history, finished = restore(model, folder) if resume else ([], 0)
    if not resume:
        folder.start(config, splits.train.names)
    if observer:
        sizes = {"hands": len(kept), "held out": len(held_out), "scenes an epoch": config.scenes}
        observer.started(config, int(model.count_params()), sizes, finished, config.steps)
    progress = observer.worked if observer else silent
    cutouts = load_cutouts(splits.train.images, progress)
    hands = gather_hands(
        splits.train.take(kept), [cutouts[i] for i in kept], config.drawings, config.seed, progress=progress
    )
    scenes = Scenes(hands, config.backgrounds, config.seed)
    judged = held_out_scenes(config, splits.train.take(held_out), [cutouts[i] for i in held_out])

    def batch(epoch: int, step: int) -> Batch:
        rng = np.random.default_rng([config.seed, epoch, step])
        return _arrays([scenes.make(rng, config.strength(epoch)) for _ in range(config.batch_size)])

    recorder = Recorder(folder, history, observer, config.seed)
    validation = _arrays(judged) if judged else None
    run_epochs(model, Feed(batch, config.steps, first_epoch=finished), config.epochs, validation, recorder)
    model = save_model(model, folder)
    metrics: dict[str, Any] = {
        "parameters": int(model.count_params()),
        "epochs": config.epochs,
        "seconds": round(sum(record["seconds"] for record in history), 1),
        "data": splits.source,
    }
    if judged:
        metrics["held_out"] = _evaluate(model, judged, folder).to_json()
    write_json(folder.metrics_file, metrics, error=ModelError)
    folder.close()
    return metrics


def _compiled(config: FinderConfig) -> Any:
    model = build_finder(config.width)
    rate = keras.optimizers.schedules.CosineDecay(config.learning_rate, config.epochs * config.steps)
    model.compile(keras.optimizers.Adam(rate), loss, jit_compile=compiles_ahead())
    model.optimizer.build(model.trainable_variables)
    return model


def _evaluate(model: Any, judged: list[Scene], folder: RunFolder) -> FinderScore:
    """Score the model on held-out scenes, and draw some of them into found.png."""
    found = [decode(answer) for answer in model.predict(_arrays(judged)[0], batch_size=60, verbose=0)]
    with atomic_write(folder.path / "found.png", error=ModelError) as temporary:
        cv2.imwrite(str(temporary), found_sheet(judged, found)[..., ::-1])
    return FinderScore.of(found, [scene.box for scene in judged])


def held_out_scenes(config: FinderConfig, photos: SignsDataset, cutouts: list[Cutout]) -> list[Scene]:
    """Scenes at their hardest, of hands and backgrounds that training does not show; none without held-out photos."""
    if not len(photos):
        return []
    unseen = Scenes(gather_hands(photos, cutouts, 0, config.seed), _UNSEEN_BACKGROUNDS, config.seed + 1, unseen=True)
    rng = np.random.default_rng([config.seed, 0xF1D])
    return [unseen.make(rng, 1.0) for _ in range(_HELD_OUT)]


def found_sheet(scenes: list[Scene], found: list[Found], columns: int = 8, rows: int = 6) -> Image:
    """Some scenes with the true box in green and the found square in red: uint8 RGB."""
    cells = []
    for scene, hand in list(zip(scenes, found, strict=True))[: columns * rows]:
        cell = cv2.resize(scene.picture, None, fx=1.5, fy=1.5)
        left, top, right, bottom = (round(1.5 * v) for v in scene.box)
        cv2.rectangle(cell, (left, top), (right, bottom), (0, 255, 0))
        low = (round(1.5 * (hand.x - hand.side / 2)), round(1.5 * (hand.y - hand.side / 2)))
        cv2.rectangle(cell, low, (low[0] + round(1.5 * hand.side), low[1] + round(1.5 * hand.side)), (255, 0, 0))
        cv2.putText(cell, f"{hand.score:.2f}", (4, 14), cv2.FONT_HERSHEY_SIMPLEX, 0.4, (255, 255, 0))
        cells.append(cell)
    cells += [np.zeros_like(cells[0])] * (columns * rows - len(cells))
    return np.vstack([np.hstack(cells[row * columns : (row + 1) * columns]) for row in range(rows)])


def _arrays(scenes: list[Scene]) -> Batch:
    """Network inputs (n, 120, 160, 3) float32 in 0..1 and what it should answer."""
    pictures = scale_pictures(np.stack([scene.picture for scene in scenes]), Contract())
    return pictures, targets(np.array([scene.box for scene in scenes]))
