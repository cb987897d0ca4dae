"""The moving picture of the README: the packaged model counts on a drawn clip, with the overlay of the window.

    python tools/moving_picture.py [--out docs/images/counting.webp] [--seed 0]

Every frame shows what the model said of it; none is left out. The clip is of drawn hands, so no person is shown.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import cv2
import numpy as np

import signs_edge
from signs_edge.edge.arrays import Image
from signs_edge.edge.display.history import History
from signs_edge.edge.display.overlay import draw_overlay
from signs_edge.edge.run.summary import RunSummary
from signs_edge.edge.synthetic.clip import write_clip
from signs_edge.edge.synthetic.hands import synthetic_frames

OUT = Path(__file__).parents[1] / "docs" / "images" / "counting.webp"
HOLD = 20  # frames for which each hand is shown
FRAMES = 8 * HOLD
EVERY_MS = 80  # from frame to frame
SIZE = (480, 360)
QUALITY = 55  # of WebP, 0 to 100


def views(seed: int) -> Iterator[tuple[Image, int | None, int]]:
    """What the window would show of each frame, (360, 480, 3) uint8 BGR; the count; the true count."""
    drawn = list(islice(synthetic_frames(seed=seed, hold=HOLD), FRAMES))
    counter = signs_edge.load(float_model="packaged")
    summary, history = RunSummary(), History()
    with tempfile.TemporaryDirectory() as folder:
        clip = Path(folder) / "clip.avi"
        write_clip(clip, (picture[..., ::-1].copy() for picture, _ in drawn))
        for result, (_, truth) in zip(counter.stream(str(clip)), drawn, strict=True):
            summary.add(result, counter.labels)
            history.add(result)
            view = draw_overlay(result, summary, history.counts)
            if view is not None:
                small = cv2.resize(view, SIZE, interpolation=cv2.INTER_AREA)
                yield np.asarray(small, np.uint8), result.count, truth


def main() -> None:
    """Draw the clip, count, write the picture."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=OUT)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    shown = list(views(options.seed))
    animation = cv2.Animation()
    animation.frames = [view for view, _, _ in shown]
    animation.durations = [EVERY_MS] * len(shown)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    if not cv2.imwriteanimation(str(options.out), animation, [cv2.IMWRITE_WEBP_QUALITY, QUALITY]):
        raise SystemExit(f"{options.out} cannot be written: give a path that ends in .webp")
    right = sum(count == truth for _, count, truth in shown)
    print(f"{options.out}: {options.out.stat().st_size:,} bytes; {right} of {len(shown)} frames right")


if __name__ == "__main__":
    main()
