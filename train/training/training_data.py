"""All that a training run shows and chooses by, made from its configuration and the photos."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from signs_edge.edge.arrays import Images, Labels
from signs_edge.train.augment.backgrounds import training_backgrounds
from signs_edge.train.data.dataset import SignsDataset
from signs_edge.train.hands.store import gather_hands, load_cutouts
from signs_edge.train.runs.config import TrainConfig
from signs_edge.train.runs.work import Progress, silent
from signs_edge.train.training.batches import Batches

_BACKGROUNDS = 2000
_VARIED = 600  # composed pictures of held-out hands, and as many without a hand


@dataclass(frozen=True)
class TrainingData:
    """What `prepare` makes.

    Attributes:
        batches: of any epoch and step.
        varied: held-out hands composed at full strength; empty without strong augmentation or held-out photos.
        hand_free: (n, 64, 64, 3) uint8 RGB, of training's kinds, on backgrounds other than its own; or empty.
    """

    batches: Batches
    varied: SignsDataset
    hand_free: Images


def prepare(
    config: TrainConfig,
    photos: SignsDataset,
    kept: Labels,
    held_out: Labels,
    preview: Path,
    progress: Progress = silent,
) -> TrainingData:
    """Cut out hands, take fingers away, draw hands and backgrounds, as far as the configuration asks for it.

    Args:
        config: of the run.
        photos: all that may be learned from or held out.
        kept, held_out: (k,) int64 indices of the two parts.
        preview: where to leave a PNG of the cutouts.
        progress: called after each piece of work.
    """
    train, validation = photos.take(kept), photos.take(held_out)
    nothing = photos.take(np.empty(0, np.int64))
    if config.augment != "strong":
        return TrainingData(Batches(config, train, None, nothing.images), nothing, nothing.images)
    cutouts = load_cutouts(photos.images, progress)
    hands = gather_hands(train, [cutouts[index] for index in kept], config.drawings, config.seed, preview, progress)
    batches = Batches(config, train, hands, training_backgrounds(_BACKGROUNDS, config.seed, progress=progress))
    others = training_backgrounds(_VARIED, config.seed + 1, progress=progress)
    hand_free = Batches(config, train, hands, others).without_hands(_VARIED, config.seed)
    if not len(held_out):
        return TrainingData(batches, nothing, hand_free)
    photographed = replace(config, erased=0.0, drawn=0.0)
    unseen_hands = gather_hands(validation, [cutouts[index] for index in held_out], 0, config.seed)
    varied = Batches(photographed, validation, unseen_hands, others).varied(_VARIED, config.seed)
    return TrainingData(batches, varied, hand_free)
