"""A frame through memory that two sides share."""

from __future__ import annotations

import os

import numpy as np
import pytest

from signs_edge.edge.cameras import shared_frame
from signs_edge.edge.cameras.shared_frame import FrameReader, FrameWriter


def picture(height: int, width: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


@pytest.mark.parametrize("anonymous", ["memfd", "file"])
def test_frames_of_changing_size_arrive_as_they_were(anonymous: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if anonymous == "file":
        monkeypatch.delattr(shared_frame.os, "memfd_create", raising=False)
    writer, reader = FrameWriter(), FrameReader()
    kept = []
    new = []
    for seed, size in enumerate([(48, 64), (48, 64), (24, 32), (96, 128), (48, 64)]):
        descriptor = writer.put(picture(*size, seed))
        new.append(descriptor is not None)
        if descriptor is not None:
            reader.attach(os.dup(descriptor))  # as the kernel does on the way to the other process
            os.close(descriptor)
        kept.append(reader.take((*size, 3)))

    assert new == [True, False, False, True, False]
    for seed, image in enumerate(kept):  # and none was changed by those after it
        assert (image == picture(*image.shape[:2], seed)).all()
        assert image.flags.owndata or image.base is not None
        assert image.flags.writeable


def test_nothing_can_be_taken_before_there_is_memory() -> None:
    with pytest.raises(ValueError, match="no memory"):
        FrameReader().take((4, 4, 3))
