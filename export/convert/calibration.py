"""The representative dataset: which pictures set the int8 ranges, and a record of them."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from signs_edge.edge.arrays import Images, Labels
from signs_edge.edge.errors import DataError, ModelError, UsageError
from signs_edge.edge.sources.pictures import list_pictures
from signs_edge.train.data.dataset import SignsDataset
from signs_edge.train.data.duplicates import groups
from signs_edge.train.data.picture_folder import read_as_device

DEFAULT_PICTURES = 120
FEW = 30  # different photos, below which a range is left to chance
TRAINING_PICTURES = "training pictures"
UNLABELLED = "unlabelled"
_THUMBNAIL = 8  # pixels a side, by which pictures are told apart: light, colours and pose at once


@dataclass(frozen=True)
class Calibration:
    """The pictures that calibrate an export.

    Attributes:
        images: (n, 64, 64, 3) uint8 RGB.
        indices: (n,) int64, their places among those that could be chosen.
        per_class: how many of each class.
        seed: of the draw.
        distinct: how many different photos they show; fewer than pictures where some are copies or burst shots.
        source: where they come from: "training pictures", or the name of the user's folder.
        files: names of the user's files, in the order of the indices; empty for training pictures.
    """

    images: Images
    indices: Labels
    per_class: dict[str, int]
    seed: int
    distinct: int
    source: str = TRAINING_PICTURES
    files: tuple[str, ...] = ()

    @property
    def digest(self) -> str:
        """SHA-256, in hexadecimal, of the pictures' bytes in their order."""
        return hashlib.sha256(np.ascontiguousarray(self.images).tobytes()).hexdigest()

    @property
    def scarcity(self) -> str | None:
        """What is wrong with their number, in one line; None where there are enough."""
        if self.distinct >= FEW:
            return None
        return (
            f"calibration saw {self.distinct} different photos: at least {FEW} are wanted, or the ranges are left to chance; "
            "give more, or more varied, pictures"
        )

    @property
    def imbalance(self) -> str | None:
        """What is wrong with the classes, in one line; None where they are even, or not known."""
        counts = {name: count for name, count in self.per_class.items() if name != UNLABELLED}
        if len(counts) < 2 or min(counts.values()) * 2 >= max(counts.values()):
            return None
        rarest = min(counts, key=lambda name: counts[name])
        return (
            f"calibration has {counts[rarest]} pictures of class {rarest} and up to {max(counts.values())} of another: "
            "give more of it, or the ranges are those of the others"
        )

    def to_json(self) -> dict[str, Any]:
        """The record that goes into the report."""
        return {
            "n": len(self.indices),
            "source": self.source,
            "distinct": self.distinct,
            "per_class": self.per_class,
            "seed": self.seed,
            "indices": self.indices.tolist(),
            "files": list(self.files),
            "sha256": self.digest,
            "imbalance": self.imbalance,
            "scarcity": self.scarcity,
        }


def choose_calibration(train: SignsDataset, pictures: int = DEFAULT_PICTURES, seed: int = 0) -> Calibration:
    """Choose a stratified, diverse sample: of each class as many, as near as can be, and of no photo a copy before all others are in.

    Args:
        train: training pictures; never those that the export is judged on.
        pictures: how many in all; fewer where the data has fewer.
        seed: same seed, same pictures.

    Raises:
        UsageError: fewer pictures than classes, or a seed below 0.
    """
    if pictures < len(train.names):
        raise UsageError(
            f"calibration with {pictures} pictures is not allowed: give at least {len(train.names)}, one of each class"
        )
    indices, distinct = _choose(train.images, train.labels, pictures, seed)
    counts = np.bincount(train.labels[indices], minlength=len(train.names)).tolist()
    return Calibration(train.images[indices], indices, dict(zip(train.names, counts, strict=True)), seed, distinct)


def read_calibration(
    folder: Path, names: tuple[str, ...], pictures: int = DEFAULT_PICTURES, seed: int = 0
) -> Calibration:
    """Choose from a user's own frames: any pictures in a folder, labelled or not, cropped and scaled as the device does.

    A picture has a label where its folder or its name has that of a class, as `edge.folder.list_pictures` says.

    Args:
        folder: of the pictures.
        names: of the model's classes.
        pictures: how many in all; fewer where the folder has fewer.
        seed: same seed, same pictures.

    Raises:
        DataError: no such folder, no pictures in it, or one that cannot be read; one line.
        UsageError: no pictures wanted, or a seed below 0.
    """
    if pictures < 1:
        raise UsageError(f"calibration with {pictures} pictures is not allowed: give at least 1")
    try:
        files = list(list_pictures(folder))
    except OSError as error:
        raise DataError(
            f"calibration folder {folder} cannot be read ({error.strerror}): give a folder of camera frames"
        ) from None
    if not files:
        raise DataError(f"calibration folder {folder} holds no pictures: give one with frames as the camera sees them")
    images = np.stack([read_as_device(file) for file in files])
    told = [str(file.label) if file.label in names else UNLABELLED for file in files]
    strata = sorted(set(told))
    labels = np.array([strata.index(label) for label in told], np.int64)
    indices, distinct = _choose(images, labels, pictures, seed)
    found = Counter(told[index] for index in indices.tolist())
    known = names if set(found) - {UNLABELLED} else ()  # a class that has none is named only where others have some
    per_class = {name: found[name] for name in (*known, UNLABELLED) if name != UNLABELLED or found[name]}
    chosen = tuple(files[index].path.relative_to(folder).as_posix() for index in indices.tolist())
    return Calibration(images[indices], indices, per_class, seed, distinct, folder.resolve().name, chosen)


def _choose(images: Images, labels: Labels, pictures: int, seed: int) -> tuple[Labels, int]:
    """Sorted indices of so many pictures, by turns from each class, and how many different photos they show.

    A second copy or burst shot of a photo is taken only where its class has no other photo left: it does no harm to a
    range, but tells it nothing.
    """
    if seed < 0:
        raise UsageError(f"calibration seed {seed} is not allowed: give 0 or more")
    rng = np.random.default_rng(seed)
    looks, group = _thumbnails(images), groups(images)
    first = np.zeros(len(labels), bool)
    first[np.unique(group, return_index=True)[1]] = True
    orders = []
    for label in np.unique(labels):
        own = labels == label
        originals = _order(looks, np.flatnonzero(own & first), pictures, rng)
        orders.append([*originals, *_order(looks, np.flatnonzero(own & ~first), pictures - len(originals), rng)])
    # Round by round one of each class, until there are enough or none are left.
    rounds = max(len(members) for members in orders)
    in_turn = [members[turn] for turn in range(rounds) for members in orders if turn < len(members)]
    indices = np.sort(np.array(in_turn[:pictures], np.int64))
    return indices, len(np.unique(group[indices]))


def _order(looks: npt.NDArray[np.float32], members: Labels, wanted: int, rng: np.random.Generator) -> list[int]:
    """At most so many of (k,) indices, in the order to take them: one at random, then the one least like any taken, …

    Farthest-first alone would choose nothing but oddities, which widen the ranges for all; random ones alone miss the
    light and poses that few pictures show.

    Source of farthest-first: Gonzalez, "Clustering to minimize the maximum intercluster distance", TCS 38 (1985).
    """
    members = rng.permutation(members)
    own = looks[members]
    apart = np.full(len(members), np.inf, np.float32)
    order: list[int] = []
    while len(order) < min(wanted, len(members)):
        turn = int((apart >= 0).argmax() if len(order) % 2 == 0 else apart.argmax())
        apart = np.minimum(apart, np.square(own - own[turn]).sum(axis=1))
        apart[turn] = -1  # taken: below all others from now on
        order.append(int(members[turn]))
    return order


def _thumbnails(images: Images) -> npt.NDArray[np.float32]:
    """(n, 192) float32: each picture as 8×8 mean colours."""
    size = (_THUMBNAIL, _THUMBNAIL)
    small = [cv2.resize(image, size, interpolation=cv2.INTER_AREA).reshape(-1) for image in images]
    return np.array(small, np.float32).reshape(len(images), 3 * _THUMBNAIL**2)


def recorded_calibration(report: Path, learned: SignsDataset) -> Images:
    """The pictures that calibrated an export, as its export.json names them: (n, height, width, 3) uint8 RGB.

    Raises:
        ModelError: no such record, or the pictures are not those any more, by their digest.
    """
    try:
        stored = json.loads(report.read_text())["calibration"]
        indices, digest = np.asarray(stored["indices"], np.int64), str(stored["sha256"])
        pictures = learned.images[indices]
    except (OSError, ValueError, KeyError, TypeError, IndexError) as error:
        raise ModelError(
            f"{report} names no calibration pictures of this data ({error}): export the run again"
        ) from None
    if hashlib.sha256(np.ascontiguousarray(pictures).tobytes()).hexdigest() != digest:
        raise ModelError(
            f"the calibration pictures that {report} names have changed: give the --data of the export, or export again"
        )
    return pictures
