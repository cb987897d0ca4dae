"""Hands for training, with the masks of the photos kept in the cache: cutting out a thousand takes a minute."""

from __future__ import annotations

import hashlib
import zlib
from contextlib import suppress
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import cv2
import numpy as np
import numpy.typing as npt

from signs_edge.edge.arrays import Images
from signs_edge.edge.errors import ModelError
from signs_edge.edge.util.atomic_file import atomic_write
from signs_edge.train.data.cache import cache_folder
from signs_edge.train.data.dataset import SignsDataset
from signs_edge.train.hands.cutout import SIDE, Cutout, enlarge, own_colours, soften
from signs_edge.train.hands.hands import Hand, Hands, cut_all, cutout_sheet, drawn_hands, hands_of
from signs_edge.train.runs.work import Progress, map_in_threads, silent

_VERSION = 1  # of `cut_out`: what it does differently gets another number
_KEPT = 8  # sets of masks


def gather_hands(
    photos: SignsDataset,
    cutouts: list[Cutout],
    drawn: int,
    seed: int,
    preview: Path | None = None,
    progress: Progress = silent,
) -> Hands:
    """All hands to train on: cut out of the photos, with fingers taken away, drawn.

    Args:
        photos: the training part, or the validation part.
        cutouts: of these photos, from `load_cutouts`.
        drawn: how many to draw.
        seed: of the fingers taken away and of the drawings.
        preview: a PNG of some of the cutouts.
        progress: called after every hundredth of the drawings.
    """
    cut = hands_of(cutouts, photos.labels, photos.names, seed)
    if preview and cut:
        with atomic_write(preview, error=ModelError) as temporary:
            cv2.imwrite(str(temporary), cutout_sheet(cut)[..., ::-1])
    return Hands((*cut, *_drawn(drawn, photos.names, seed, progress)))


def _drawn(n: int, names: tuple[str, ...], seed: int, progress: Progress) -> list[Hand]:
    """Draw in a hundred parts, each from its own seed, so that threads can share them."""
    if not n:
        return []
    parts = 100

    def draw(part: int) -> list[Hand]:
        return list(drawn_hands(-(-n // parts), names, seed * parts + part))

    drawn = map_in_threads(draw, range(parts), "drawing hands", progress)
    return [hand for part in drawn for hand in part][:n]


def load_cutouts(images: Images, progress: Progress = silent) -> list[Cutout]:
    """Cutouts of (n, 64, 64, 3) uint8 RGB photos: from the cache, or made now, which takes a tenth of a second each."""
    digest = hashlib.sha256(images.tobytes() + bytes([_VERSION])).hexdigest()[:16]
    path = cache_folder() / "cutouts" / f"{digest}.npz"
    stored = _read(path, images)
    if stored is not None:
        return stored
    cutouts = cut_all(images, progress)
    hard = np.stack([cutout.mask > 127 for cutout in cutouts])
    with suppress(OSError, ModelError):  # a cache that cannot be written costs a minute next time, no more
        path.parent.mkdir(parents=True, exist_ok=True)
        for old in sorted(path.parent.glob("*.npz"), key=lambda file: file.stat().st_mtime)[: -_KEPT + 1]:
            old.unlink(missing_ok=True)
        with atomic_write(path, error=ModelError) as temporary, temporary.open("wb") as file:
            np.savez_compressed(file, masks=np.packbits(hard), quality=[cutout.quality for cutout in cutouts])
    return _rebuilt(images, hard, np.array([cutout.quality for cutout in cutouts]))


def _read(path: Path, images: Images) -> list[Cutout] | None:
    try:
        with path.open("rb") as file, np.load(file) as stored:
            hard = np.unpackbits(stored["masks"])[: len(images) * SIDE * SIDE].reshape(-1, SIDE, SIDE)
            quality = stored["quality"]
    except (OSError, EOFError, ValueError, KeyError, BadZipFile, zlib.error):
        return None
    return _rebuilt(images, hard.astype(bool), quality) if len(hard) == len(images) == len(quality) else None


def _rebuilt(images: Images, hard: npt.NDArray[Any], quality: npt.NDArray[Any]) -> list[Cutout]:
    cutouts = []
    for picture, mask, score in zip(images, hard.astype(np.uint8), quality, strict=True):
        cutouts.append(Cutout(own_colours(enlarge(picture), mask), soften(mask), float(score)))
    return cutouts
