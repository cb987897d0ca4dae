"""Labelled pictures: from the course's HDF5 pair, from folders of images, or drawn."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from signs_edge.edge.arrays import Images, Labels
from signs_edge.edge.bundle.contract import Contract
from signs_edge.edge.errors import DataError
from signs_edge.edge.sources.pictures import part_folder
from signs_edge.edge.synthetic.hands import draw_hands
from signs_edge.train.data.cache import cache_folder
from signs_edge.train.data.hdf5 import read_hdf5
from signs_edge.train.data.holdout import hold_out
from signs_edge.train.data.picture_folder import read_folder

SYNTHETIC = "synthetic"
SYNTHETIC_TRAIN, SYNTHETIC_TEST = 1080, 120  # as many as SIGNS has
TRAIN_FILE, TEST_FILE = "train_signs.h5", "test_signs.h5"
_TEST_SHARE = 0.1  # of a folder that has no test part of its own
_ALLOWED = (
    f"a folder with {TRAIN_FILE} and {TEST_FILE}, a folder of images by class (0/ … 5/ or 3_name.jpg), or synthetic"
)


@dataclass(frozen=True)
class SignsDataset:
    """Labelled pictures.

    Attributes:
        images: (n, 64, 64, 3) uint8 RGB.
        labels: (n,) int64, indices into `names`.
        names: names of the classes; how many there are comes from the data.
    """

    images: Images
    labels: Labels
    names: tuple[str, ...]

    def __post_init__(self) -> None:
        """Refuse what is not such a set; readers name the file, this is the last guard."""
        contract = Contract()
        if self.images.shape[1:] != (contract.height, contract.width, 3) or self.images.dtype != np.uint8:
            raise DataError(
                f"pictures are {self.images.shape} {self.images.dtype}: allowed is (n, 64, 64, 3) uint8 RGB"
            )
        if self.labels.shape != self.images.shape[:1] or self.labels.dtype != np.int64:
            raise DataError(
                f"labels are {self.labels.shape} {self.labels.dtype}: allowed is ({len(self.images)},) int64"
            )
        if len(self.labels) and not 0 <= self.labels.min() <= self.labels.max() < len(self.names):
            raise DataError(
                f"labels run from {self.labels.min()} to {self.labels.max()}: allowed is 0 to {len(self.names) - 1}"
            )

    def __len__(self) -> int:
        """Number of pictures."""
        return len(self.labels)

    def take(self, indices: Labels) -> SignsDataset:
        """The pictures at (k,) int64 indices, in that order."""
        return SignsDataset(self.images[indices], self.labels[indices], self.names)

    def set_apart(self, name: str) -> tuple[SignsDataset, Images]:
        """The pictures of all other classes, without that class, and its (k, 64, 64, 3) pictures; k is 0 without it."""
        if name not in self.names:
            return self, self.images[:0]
        index = self.names.index(name)
        apart = self.labels == index
        labels = self.labels[~apart]
        others = tuple(other for other in self.names if other != name)
        return SignsDataset(self.images[~apart], labels - (labels > index), others), self.images[apart]

    def with_names(self, names: tuple[str, ...], origin: str) -> SignsDataset:
        """The same pictures labelled by position in `names`; DataError where a class is not among them."""
        if self.names == names:
            return self
        unknown = [name for name in self.names if name not in names]
        if unknown:
            raise DataError(
                f"{origin} has the class {unknown[0]!r}, which the model does not know: its classes are {', '.join(names)}"
            )
        order = np.array([names.index(name) for name in self.names], np.int64)
        return SignsDataset(self.images, order[self.labels], names)


@dataclass(frozen=True)
class Splits:
    """Pictures to learn from and pictures to be judged on; `source` says where they came from."""

    train: SignsDataset
    test: SignsDataset
    source: str

    def __post_init__(self) -> None:
        """Refuse what nothing can be learned from."""
        if len(self.train.names) < 2:
            raise DataError(
                f"{self.source} has only the class {self.train.names[0]!r}: at least two are needed; "
                "give the folder that holds the class folders themselves"
            )


def default_source() -> str:
    """Where pictures come from when nothing is said: $SIGNS_EDGE_DATA, else the user's cache, else synthetic."""
    named = os.environ.get("SIGNS_EDGE_DATA")
    if named:
        return named
    cache = cache_folder()
    return str(cache) if (cache / TRAIN_FILE).is_file() and (cache / TEST_FILE).is_file() else SYNTHETIC


def load_splits(source: str, seed: int = 0) -> Splits:
    """Training and test pictures.

    Args:
        source: a folder with the HDF5 pair, or one of the pair's files; a folder of images by class, split at random
            where it has no `train` and `test` subfolders; "synthetic", or "synthetic:6000" for so many to learn from.
        seed: of that split, and of the drawn hands.

    Raises:
        DataError: one line that names what is wrong and where.
    """
    drawn = synthetic_size(source)
    if drawn:
        images, labels = draw_hands(drawn + SYNTHETIC_TEST, seed)
        whole = SignsDataset(images, labels, tuple(str(count) for count in range(labels.max() + 1)))
        return Splits(whole.take(np.arange(drawn)), whole.take(np.arange(drawn, len(whole))), f"{source} (seed {seed})")
    path = existing(source)
    if path.is_file() and path.name not in (TRAIN_FILE, TEST_FILE):
        raise DataError(f"data {source!r} is one file: give {_ALLOWED}")
    folder = path if path.is_dir() else path.parent
    if (folder / TRAIN_FILE).is_file() or (folder / TEST_FILE).is_file():
        train, test = _read_h5(folder / TRAIN_FILE), _read_h5(folder / TEST_FILE)
        return Splits(train, test.with_names(train.names, str(folder / TEST_FILE)), str(folder))
    train_folder, test_folder = part_folder(path, "train"), part_folder(path, "test")
    if train_folder and test_folder:
        train, test = _read_images(train_folder), _read_images(test_folder)
        return Splits(train, test.with_names(train.names, str(test_folder)), str(path))
    whole = _read_images(path)
    kept, held_out = split(whole, _TEST_SHARE, seed)
    return Splits(
        whole.take(kept), whole.take(held_out), f"{path} ({_TEST_SHARE:.0%} of it, seed {seed}, held out as test)"
    )


def load_labelled(source: str) -> SignsDataset:
    """All labelled pictures to judge a model on: one HDF5 file, a whole folder by class, or else the test part."""
    if synthetic_size(source) is None:
        path = existing(source)
        if path.is_file():
            return _read_h5(path)
        test_folder = part_folder(path, "test")
        if test_folder:
            return _read_images(test_folder)
        if not (path / TEST_FILE).is_file() and not (path / TRAIN_FILE).is_file():
            return _read_images(path)
        return _read_h5(path / TEST_FILE)
    return load_splits(source).test


def load_training_beside(source: str) -> SignsDataset | None:
    """The training pictures beside the test part that `load_labelled` gives; None where it gives something else.

    Drawn hands have none: each is drawn again.
    """
    if synthetic_size(source) is not None:
        return None
    path = existing(source)
    folder = path if path.is_dir() else path.parent
    if path.is_file() and path.name != TEST_FILE:
        return None
    train_folder, test_folder = part_folder(folder, "train"), part_folder(folder, "test")
    if path.is_dir() and test_folder:
        return _read_images(train_folder) if train_folder else None
    both = (folder / TRAIN_FILE).is_file() and (folder / TEST_FILE).is_file()
    return _read_h5(folder / TRAIN_FILE) if both else None


def synthetic_size(source: str) -> int | None:
    """How many hands "synthetic" or "synthetic:6000" has drawn to learn from; None where the source is another."""
    name, separator, size = source.partition(":")
    if name != SYNTHETIC:
        return None
    if not separator:
        return SYNTHETIC_TRAIN
    if not (size.isascii() and size.isdigit() and 60 <= int(size) <= 100_000):
        raise DataError(
            f"data {source!r} is not allowed: give synthetic, or a number from 60 to 100000, as in synthetic:6000"
        )
    return int(size)


def split(dataset: SignsDataset, share: float, seed: int) -> tuple[Labels, Labels]:
    """Indices to keep and to hold out: `share` of each class, at random; copies and burst shots stay on one side.

    How, and what happens where a class is all one burst, is said in `holdout.hold_out`.

    Returns:
        Two sorted (k,) int64 arrays.
    """
    held_out = hold_out(dataset.images, dataset.labels, len(dataset.names), share, seed)
    return np.flatnonzero(~held_out).astype(np.int64), np.flatnonzero(held_out).astype(np.int64)


def existing(source: str) -> Path:
    """The path that a source names; DataError where there is nothing."""
    path = Path(source).expanduser()
    if not source or not path.exists():
        raise DataError(f"data {source!r} does not exist: give {_ALLOWED}, or get SIGNS with `signs-edge data fetch`")
    return path


def _read_h5(path: Path) -> SignsDataset:
    return SignsDataset(*read_hdf5(path))


def _read_images(path: Path) -> SignsDataset:
    return SignsDataset(*read_folder(path))
