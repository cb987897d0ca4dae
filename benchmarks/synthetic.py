"""How fast the synthetic hands are drawn: `python benchmarks/synthetic.py [--sheet docs/images/synthetic-hands.png]`.

Processor time of one thread, so that what else runs on the machine counts little (it still slows shared caches and
cores: the best of several chunks is printed beside the mean). With --sheet it writes the contact
sheet instead.
"""

from __future__ import annotations

import argparse
import itertools
import time
from pathlib import Path

import cv2
import numpy as np

from signs_edge.edge.synthetic.hands import contact_sheet, draw_hands, synthetic_frames

CHUNK = 60


def image_rates(n: int) -> np.ndarray:
    """Images a second (64x64) of each chunk of `CHUNK`, of n in all."""
    rates = []
    for chunk in range(n // CHUNK):
        start = time.process_time()
        draw_hands(CHUNK, seed=chunk)
        rates.append(CHUNK / (time.process_time() - start))
    return np.array(rates)


def frame_rates(n: int) -> np.ndarray:
    """Frames a second (640x480) of each chunk of `CHUNK`, of n in all."""
    clip = synthetic_frames(seed=0)
    rates = []
    for _ in range(n // CHUNK):
        start = time.process_time()
        for _frame in itertools.islice(clip, CHUNK):
            pass
        rates.append(CHUNK / (time.process_time() - start))
    return np.array(rates)


def main() -> None:
    """Print both rates, or write the sheet."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sheet", type=Path, help="write the contact sheet (6 x 12, seed 0) there and stop")
    sheet = parser.parse_args().sheet
    if sheet is not None:
        from PIL import Image  # matplotlib brings it

        # 256 colours look the same at a third of the size: the noise does not compress
        Image.fromarray(contact_sheet(seed=0, columns=12)).quantize(256).save(sheet, optimize=True)
        return
    cv2.setNumThreads(1)
    draw_hands(CHUNK, seed=0)
    for name, rates in (("64x64 images/s", image_rates(1200)), ("640x480 frames/s", frame_rates(300))):
        print(f"{name}: best {rates.max():.0f}, mean {1 / (1 / rates).mean():.0f} (one thread, processor time)")


if __name__ == "__main__":
    main()
