"""Videos and sheets of pictures, for people to look at and for tests to run on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import cv2
import numpy as np

from signs_edge.edge.arrays import Image
from signs_edge.edge.errors import SourceError


def write_clip(path: Path, frames: Iterable[Image], fps: float = 20.0) -> int:
    """Write (height, width, 3) uint8 BGR frames, all of one size, as Motion JPEG in an AVI file, which all OpenCVs read.

    Returns:
        Number of frames written.

    Raises:
        SourceError: the file cannot be written.
    """
    writer: cv2.VideoWriter | None = None
    n = 0
    try:
        for frame in frames:
            if writer is None:
                size = (frame.shape[1], frame.shape[0])
                writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), fps, size)
                if not writer.isOpened():
                    raise SourceError(
                        f"clip {path} cannot be written: give a path ending in .avi in a folder that exists"
                    )
            writer.write(frame)
            n += 1
    finally:
        if writer is not None:
            writer.release()
    return n


def picture_sheet(pictures: Sequence[Image], columns: int, gap: int = 4) -> Image:
    """Pictures of one size, (height, width, 3) uint8, side by side in rows on white; the colour order stays."""
    height, width = pictures[0].shape[:2]
    rows = -(-len(pictures) // columns)
    sheet = np.full((rows * (height + gap) - gap, columns * (width + gap) - gap, 3), 255, np.uint8)
    for place, picture in enumerate(pictures):
        top, left = place // columns * (height + gap), place % columns * (width + gap)
        sheet[top : top + height, left : left + width] = picture
    return sheet
