"""Golden vectors: drawn frames, the pictures cut from them, and the answers that a model gave when it was sealed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from signs_edge.edge.arrays import Images, Probabilities
from signs_edge.edge.bundle.archive import Members
from signs_edge.edge.bundle.contract import Contract
from signs_edge.edge.errors import ModelError

SCORES = "golden.json"
FRAMES = "golden_frames.png"
PICTURES = "golden_pictures.png"
MOST = 64  # vectors; a start must not take long


@dataclass(frozen=True)
class Golden:
    """What the device must come to again, given the same frames. Drawn hands: no person's photo is in it.

    Attributes:
        frames: (n, height, width, 3) uint8 BGR, as a camera gives them, wider than high.
        pictures: (n, contract height, contract width, 3) uint8 RGB, cut from the frames by the contract.
        float_scores: (n, classes) float32 of the float32 model, 0..1.
        scores: (n, classes) float32 of the model in the file, 0..1; the same as `float_scores` in a float32 file.
    """

    frames: Images
    pictures: Images
    float_scores: Probabilities
    scores: Probabilities

    def __post_init__(self) -> None:
        """Refuse what does not belong together."""
        n = len(self.frames)
        whole = all(part.ndim == 4 and part.shape[3] == 3 for part in (self.frames, self.pictures))
        same = n == len(self.pictures) == len(self.scores) and self.scores.shape == self.float_scores.shape
        finite = bool(np.isfinite(self.scores).all() and np.isfinite(self.float_scores).all())
        if not (whole and same and finite and self.scores.ndim == 2 and 1 <= n <= MOST):
            raise ModelError(
                f"golden vectors of {n} frames, {len(self.pictures)} pictures and scores {self.scores.shape} are not "
                f"allowed: 1 to {MOST} of each, with finite scores; export again"
            )

    def to_members(self) -> Members:
        """As files of an archive; the pictures one below the other, for people to look at."""
        described = {
            "n": len(self.frames),
            "float32": self.float_scores.astype(float).tolist(),
            "file": self.scores.astype(float).tolist(),
        }
        return [
            (SCORES, json.dumps(described).encode()),
            (FRAMES, _sheet(self.frames)),
            (PICTURES, _sheet(self.pictures[..., ::-1])),
        ]

    @classmethod
    def from_members(cls, members: Mapping[str, bytes], contract: Contract, classes: int) -> Golden | None:
        """What `to_members` wrote; None where no member is there, ModelError where they are not what they should be."""
        if not members.keys() & {SCORES, FRAMES, PICTURES}:
            return None
        try:
            described = json.loads(members[SCORES])
            n = int(described["n"])
            exact, own = (np.array(described[key], np.float32).reshape(n, classes) for key in ("float32", "file"))
            frames, pictures = _pages(members[FRAMES], n), _pages(members[PICTURES], n)
        except (KeyError, TypeError, ValueError) as error:
            raise ModelError(f"golden vectors cannot be read ({error}): export again") from None
        if pictures.shape[1:3] != (contract.height, contract.width):
            raise ModelError(f"golden pictures {pictures.shape[1:3]} are not of the contract's size: export again")
        return cls(frames, np.ascontiguousarray(pictures[..., ::-1]), exact, own)


def _sheet(pictures: Images) -> bytes:
    """(n, height, width, 3) uint8 BGR, one below the other, as a PNG file."""
    n, height, width, _ = pictures.shape
    stacked = np.ascontiguousarray(pictures.reshape(n * height, width, 3))
    return bytes(cv2.imencode(".png", stacked, [cv2.IMWRITE_PNG_COMPRESSION, 9])[1])


def _pages(sheet: bytes, n: int) -> Images:
    """The other way round."""
    picture: Any = None
    with suppress(cv2.error):  # whose messages take several lines
        picture = cv2.imdecode(np.frombuffer(sheet, np.uint8), cv2.IMREAD_COLOR)
    if picture is None or not 1 <= n <= MOST or len(picture) % n:
        raise ValueError("not a sheet of pictures")
    pages: Images = picture.reshape(n, -1, *picture.shape[1:])
    return pages
