"""One frame in memory that two processes share: written by the one, copied out by the other, never pickled.

The memory has no name, so nothing is left of it once both have ended, however they ended.
"""

from __future__ import annotations

import mmap
import os
import tempfile

import numpy as np

from signs_edge.edge.arrays import Image


def _anonymous(size: int) -> int:
    """A file descriptor of `size` bytes that no folder knows."""
    if hasattr(os, "memfd_create"):
        descriptor = os.memfd_create("signs-edge-frame")
    else:
        with tempfile.TemporaryFile() as file:
            descriptor = os.dup(file.fileno())
    os.ftruncate(descriptor, size)
    return descriptor


class FrameWriter:
    """The writing side. It makes new memory where a frame is larger than any before."""

    def __init__(self) -> None:
        self._memory: mmap.mmap | None = None

    def put(self, image: Image) -> int | None:
        """Write a frame; the descriptor of new memory, to be sent and closed, or None where the old one will do."""
        descriptor = None
        if self._memory is None or len(self._memory) < image.nbytes:
            descriptor = _anonymous(image.nbytes)
            self._memory = mmap.mmap(descriptor, image.nbytes)
        shared = np.frombuffer(self._memory, np.uint8, image.nbytes).reshape(image.shape)
        np.copyto(shared, image)
        return descriptor


class FrameReader:
    """The reading side."""

    def __init__(self) -> None:
        self._memory: mmap.mmap | None = None

    def attach(self, descriptor: int) -> None:
        """Take the memory that the writer sent; the descriptor is closed."""
        try:
            self._memory = mmap.mmap(descriptor, 0, access=mmap.ACCESS_READ)
        finally:
            os.close(descriptor)

    def take(self, shape: tuple[int, ...]) -> Image:
        """A copy of the frame, of a shape that the writer told: what is written later does not change it."""
        if self._memory is None:
            raise ValueError("no memory was attached")
        size = int(np.prod(shape))
        return np.frombuffer(self._memory, np.uint8, size).reshape(shape).copy()
