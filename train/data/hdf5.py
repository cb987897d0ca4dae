"""The course's HDF5 files: `train_set_x`, `train_set_y`, `list_classes`, or the same with `test_`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from signs_edge.edge.arrays import Images, Labels
from signs_edge.edge.bundle.contract import Contract
from signs_edge.edge.errors import DataError, RuntimeMissingError

_HELP = "get the right file with `signs-edge data fetch`"


def read_hdf5(path: Path) -> tuple[Images, Labels, tuple[str, ...]]:
    """Pictures (n, 64, 64, 3) uint8 RGB, labels (n,) int64 and the names of the classes of one file.

    Raises:
        DataError: a missing file or key, a wrong shape or dtype, labels out of range, an empty class; one line.
        RuntimeMissingError: h5py is not installed.
    """
    try:
        import h5py
    except ImportError:
        raise RuntimeMissingError(
            "reading HDF5 needs h5py, which is not installed: pip install 'signs-edge[train]'"
        ) from None
    if not path.is_file():
        raise DataError(f"{path} is missing: {_HELP}, or give another --data")
    try:
        with h5py.File(path, "r") as file:
            part = _part(file, path)
            names = _names(_array(file, "list_classes", path), path)
            return (
                *_checked(
                    _array(file, f"{part}_set_x", path), _array(file, f"{part}_set_y", path), part, len(names), path
                ),
                names,
            )
    except OSError as error:
        raise DataError(f"{path} cannot be read as HDF5 ({str(error).splitlines()[0]}): {_HELP}") from None


def _part(file: Any, path: Path) -> str:
    for part in ("train", "test"):
        if f"{part}_set_x" in file:
            return part
    raise DataError(f"{path} has the keys {sorted(file)}: train_set_x or test_set_x is missing; {_HELP}")


def _array(file: Any, key: str, path: Path) -> np.ndarray[Any, np.dtype[Any]]:
    if key not in file or not hasattr(file[key], "shape"):
        raise DataError(f"{path} has no data set {key}: {_HELP}")
    array: np.ndarray[Any, np.dtype[Any]] = np.asarray(file[key][()])
    return array


def _names(classes: np.ndarray[Any, np.dtype[Any]], path: Path) -> tuple[str, ...]:
    names = tuple(name.decode() if isinstance(name, bytes) else str(name) for name in classes.ravel().tolist())
    if classes.ndim != 1 or not names or len(set(names)) < len(names):
        raise DataError(f"{path}: list_classes is {classes.tolist()}: allowed is a list of different names; {_HELP}")
    return names


def _checked(
    images: np.ndarray[Any, np.dtype[Any]], labels: np.ndarray[Any, np.dtype[Any]], part: str, classes: int, path: Path
) -> tuple[Images, Labels]:
    contract = Contract()
    wanted = (contract.height, contract.width, 3)
    if images.ndim != 4 or images.shape[1:] != wanted or images.dtype != np.uint8:
        raise DataError(
            f"{path}: {part}_set_x is {images.shape} {images.dtype}: allowed is (n, {wanted[0]}, {wanted[1]}, 3) uint8; {_HELP}"
        )
    if labels.shape != (len(images),) or not np.issubdtype(labels.dtype, np.integer):
        raise DataError(
            f"{path}: {part}_set_y is {labels.shape} {labels.dtype}: allowed is ({len(images)},) of integers; {_HELP}"
        )
    labels = labels.astype(np.int64)
    outside = np.flatnonzero((labels < 0) | (labels >= classes))
    if len(outside):
        raise DataError(
            f"{path}: {part}_set_y[{outside[0]}] is {labels[outside[0]]}: allowed is 0 to {classes - 1}; {_HELP}"
        )
    empty = np.flatnonzero(np.bincount(labels, minlength=classes) == 0)
    if len(empty):
        raise DataError(
            f"{path}: class {empty[0]} has no picture: each of the {classes} in list_classes needs one; {_HELP}"
        )
    return images, labels
