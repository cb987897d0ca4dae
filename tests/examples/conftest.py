"""Drawn hands in place of a camera, for the examples."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from signs_edge.edge.synthetic.clip import write_clip
from signs_edge.edge.synthetic.hands import draw_hand


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clip of a hand that shows 5, then a fist, then 2, each for 30 frames."""
    path = tmp_path_factory.mktemp("clip") / "hands.avi"
    frames = []
    for count in (5, 0, 2):
        hand = draw_hand(count, np.random.default_rng(8), 256)
        frames += [cv2.cvtColor(hand, cv2.COLOR_RGB2BGR).astype(np.uint8)] * 30
    write_clip(path, iter(frames))
    return path
