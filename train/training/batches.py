"""What each training step sees: photos a little varied, and hands on other backgrounds, more of these as training goes on."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from signs_edge.edge.arrays import Image, Images, Labels
from signs_edge.edge.bundle.contract import Contract
from signs_edge.edge.inference.preprocess import scale_pictures
from signs_edge.train.augment.camera_effects import in_pieces, occlude, photograph
from signs_edge.train.augment.compose import lay_over, place, tone
from signs_edge.train.augment.light import augment_batch
from signs_edge.train.data.dataset import SignsDataset
from signs_edge.train.hands.cutout import is_bare
from signs_edge.train.hands.hands import DRAWN, ERASED, PHOTO, Hands
from signs_edge.train.runs.config import TrainConfig
from signs_edge.train.training.feed import Batch

NO_CLASS = -1  # label of a picture without a hand
_OCCLUDED = 0.15  # of the composed pictures at full strength
_PLAIN_SHARE = 0.15  # photos that stay on their own background when augmentation is at its strongest
_MILDEST = 0.3  # of the epoch's strength, for a single picture
_ARM_SHARE, _PIECES_SHARE = 0.12, 0.25  # of the pictures without a hand show an arm, a hand in pieces


def arrays(dataset: SignsDataset) -> Batch:
    """Network inputs (n, 64, 64, 3) float32 in 0..1 and one-hot targets (n, classes) float32."""
    return scale_pictures(dataset.images, Contract()), np.eye(len(dataset.names), dtype=np.float32)[dataset.labels]


class Batches:
    """Makes the batch of any epoch and step, always the same one."""

    def __init__(self, config: TrainConfig, photos: SignsDataset, hands: Hands | None, backgrounds: Images) -> None:
        """Gather what pictures are made of.

        Args:
            config: shares, strength, smoothing, seed.
            photos: the training part; an epoch has as many pictures.
            hands: for augmentation "strong"; None otherwise.
            backgrounds: (n, 64, 64, 3) uint8 RGB without hands.
        """
        self._config, self._photos, self._hands, self._backgrounds = config, photos, hands, backgrounds
        self.steps = -(-len(photos) // config.batch_size)
        self._labels = photos.labels
        if hands:  # one of SIGNS' photos shows the bare wall; to learn it as a count would undo what negatives teach
            self._labels = np.where([is_bare(photo) for photo in photos.images], NO_CLASS, photos.labels)
        classes = range(len(photos.names))
        self._found = [[hands.indices(o, c) for c in classes] for o in (PHOTO, ERASED, DRAWN)] if hands else []
        self._order = lru_cache(maxsize=4)(self._shuffled)

    def __call__(self, epoch: int, step: int) -> Batch:
        """Network inputs (n, 64, 64, 3) float32 in 0..1 and soft targets (n, classes) float32."""
        config = self._config
        first = step * config.batch_size
        chosen = self._order(epoch)[first : first + config.batch_size]
        rng = np.random.default_rng([config.seed, epoch, step])
        images, labels = self._photos.images[chosen], self._labels[chosen]
        if config.augment != "none":
            images = augment_batch(images, rng)
        if config.augment == "strong":
            images, labels = self._compose(images, labels, config.strength(epoch), rng)
        inputs, targets = scale_pictures(images, Contract()), self._targets(labels)
        if config.mixup:
            share = np.float32(rng.beta(config.mixup, config.mixup))
            inputs = share * inputs + (1 - share) * inputs[::-1]
            targets = share * targets + (1 - share) * targets[::-1]
        return inputs, targets

    def varied(self, n: int, seed: int) -> SignsDataset:
        """n composed pictures at full strength, class by class in turn: held-out hands as a camera might see them."""
        rng = np.random.default_rng([seed, 0xA41])
        present = np.unique(self._photos.labels)
        labels = present[np.arange(n) % len(present)]
        images = np.stack([self._picture(int(label), 1.0, rng) for label in labels])
        return SignsDataset(images, labels, self._photos.names)

    def without_hands(self, n: int, seed: int) -> Images:
        """(n, 64, 64, 3) uint8 RGB: backgrounds, some with an arm, and hands in pieces, at full strength."""
        rng = np.random.default_rng([seed, 0x0FF])
        return np.stack([self._empty(1.0, rng) for _ in range(n)])

    def _shuffled(self, epoch: int) -> Labels:
        return np.random.default_rng([self._config.seed, epoch]).permutation(len(self._photos)).astype(np.int64)

    def _compose(
        self, images: Images, labels: Labels, strength: float, rng: np.random.Generator
    ) -> tuple[Images, Labels]:
        """Replace most photos by a composed picture of their class, and some by one without a hand."""
        images, labels = images.copy(), labels.copy()
        plain = _PLAIN_SHARE + (0.8 - _PLAIN_SHARE) * (1 - strength)
        for index, label in enumerate(labels):
            if label == NO_CLASS:
                continue
            own = strength * rng.uniform(_MILDEST, 1)
            if rng.random() < self._config.negatives:
                images[index], labels[index] = self._empty(own, rng), NO_CLASS
            elif rng.random() >= plain:
                images[index] = self._picture(int(label), own, rng)
        return images, labels

    def _picture(self, label: int, strength: float, rng: np.random.Generator) -> Image:
        """A hand of one class on some background."""
        assert self._hands
        origin = rng.choice(3, p=self._config.origins)
        candidates = self._found[origin][label]
        if len(candidates) == 0:
            candidates = next((found[label] for found in self._found if len(found[label])), candidates)
        if len(candidates) == 0:  # no hand of this class could be cut out
            photos = np.flatnonzero(self._photos.labels == label)
            return np.asarray(augment_batch(self._photos.images[rng.choice(photos, 1)], rng)[0], np.uint8)
        hand = self._hands.hands[rng.choice(candidates)]
        placed = tone(place(hand, rng, strength), rng, strength)
        canvas = lay_over(placed, self._background(rng), rng, strength)
        if rng.random() < _OCCLUDED * strength:
            canvas = occlude(canvas, placed.alpha, rng)
        return photograph(canvas, rng, strength)

    def _empty(self, strength: float, rng: np.random.Generator) -> Image:
        """A background, bare or with an arm; or, as hard to tell from a hand as it gets, a hand in pieces."""
        background = self._background(rng)
        chance = rng.random()
        if self._hands and chance < _ARM_SHARE + _PIECES_SHARE:
            hand = self._hands.hands[rng.integers(len(self._hands.hands))]
            if chance >= _ARM_SHARE:
                return in_pieces(self._picture(hand.label, strength, rng), rng)
            if hand.shape.arm.any():
                placed = tone(place(hand, rng, strength, arm_only=True), rng, strength)
                return photograph(lay_over(placed, background, rng, strength), rng, strength)
        return photograph(background.astype(np.float32), rng, strength)

    def _background(self, rng: np.random.Generator) -> Image:
        return np.asarray(self._backgrounds[rng.integers(len(self._backgrounds))], np.uint8)

    def _targets(self, labels: Labels) -> npt.NDArray[np.float32]:
        """One-hot, smoothed; the same for every class where there is no hand (Hendrycks et al. 2019, outlier exposure)."""
        classes = len(self._photos.names)
        smoothing = self._config.label_smoothing
        targets = np.full((len(labels), classes), smoothing / classes, np.float32)
        hands = labels != NO_CLASS
        targets[np.flatnonzero(hands), labels[hands]] += np.float32(1 - smoothing)
        targets[~hands] = np.float32(1 / classes)
        return targets
