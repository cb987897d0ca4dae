"""How fast hands and people are drawn: `python benchmarks/drawing.py [--pictures 60] [--people]`.

Processor time of one thread, of each kind of picture in turn, several rounds in one run: the machine's load then weighs
on all alike. `--people` needs MakeHuman's files, which are fetched if they are not there.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before numpy is loaded

import cv2
import numpy as np

from signs_edge.edge.synthetic.hands import draw_hand as draw_flat_hand
from signs_edge.train.draw.config import DrawConfig
from signs_edge.train.draw.draw import make_drawer
from signs_edge.train.draw.room import draw_room

ROUNDS = 4


def rates(draw: Callable[[int], object], pictures: int, start: int) -> float:
    """Pictures a second of processor time."""
    before = time.process_time()
    for number in range(start, start + pictures):
        draw(number)
    return pictures / (time.process_time() - before)


def main() -> None:
    """Print a line for each kind of picture."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pictures", type=int, default=60, help="of each kind in each round")
    parser.add_argument("--people", action="store_true", help="draw people too")
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    mesh, capsules = (make_drawer(DrawConfig(hand=hand)) for hand in ("mesh", "capsules"))
    kinds: dict[str, Callable[[int], object]] = {
        "flat drawer, 160x160": lambda number: draw_flat_hand(number % 6, np.random.default_rng(number), 160),
        "rigged hand before a room, 160x160": mesh.draw,
        "our own hand before a room, 160x160": capsules.draw,
        "a room alone, 320x240": lambda number: draw_room(np.random.default_rng(number)),
    }
    if arguments.people:
        kinds["people in a room, 320x240"] = make_drawer(DrawConfig("people")).draw
    found: dict[str, list[float]] = {name: [] for name in kinds}
    for turn in range(ROUNDS):
        for name, draw in kinds.items():
            found[name].append(rates(draw, arguments.pictures, turn * arguments.pictures))
    for name, several in found.items():
        print(f"{name:38} {max(several):6.1f} pictures/s at best, {np.mean(several):6.1f} in the mean (one thread)")


if __name__ == "__main__":
    main()
