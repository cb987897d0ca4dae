"""Seconds from the start of `signs-edge run` to its first line of JSONL: python benchmarks/startup.py [--command PATH]

The packaged model and its float twin, in a process of its own each time; the first start warms the disk and is not
counted. Sources: a video of drawn hands, and a live camera of 640×480, which
`signs_edge.edge.cameras.devices.scripted` plays in the process that a real one is read in. Measure an
installed wheel: `--command VENV/bin/signs-edge`. Beside the wall's time stands
the processor's, of all its processes, which other work on the machine changes less.
"""

from __future__ import annotations

import argparse
import itertools
import os
import resource
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import cv2

from signs_edge.edge.synthetic.clip import write_clip
from signs_edge.edge.synthetic.hands import synthetic_frames

LIVE = "chaos:vga,ok*9999"
OPTIONS = ("--headless", "--model", "packaged", "--float-model", "packaged", "--jsonl", "-", "--max-frames", "1")


@dataclass(frozen=True)
class Start:
    """Of one start: seconds on the wall until the first line, and of the processor until the end."""

    wall: float
    processor: float


def start(command: Path, source: str) -> Start:
    """Start it once, wait for its first line, and then for its end."""
    before = _children()
    began = time.monotonic()
    with subprocess.Popen(
        [command, "run", "--source", source, *OPTIONS], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        wall = time.monotonic() - began
        _, said = process.communicate()
    if not line.startswith(b'{"frame": 0'):
        raise SystemExit(f"startup: {command} gave no line: {said.decode(errors='replace').strip()}")
    return Start(wall, _children() - before)


def write_hands(path: Path) -> None:
    """A second of drawn hands at 640×480."""
    pictures = (picture for picture, _count in itertools.islice(synthetic_frames(), 30))
    write_clip(path, (cv2.resize(cv2.cvtColor(picture, cv2.COLOR_RGB2BGR), (640, 480)) for picture in pictures))


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> None:
    """Measure, and print."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--command", type=Path, default=Path(sys.executable).with_name("signs-edge"))
    options.add_argument("--starts", type=int, default=10)
    asked = options.parse_args()
    with TemporaryDirectory() as folder:
        clip = Path(folder) / "hands.avi"
        write_hands(clip)
        for name, source in (("video file", str(clip)), ("live camera", LIVE)):
            load = os.getloadavg()[0]
            starts = [start(asked.command, source) for _ in range(asked.starts + 1)][1:]
            walls = [each.wall for each in starts]
            processor = statistics.median(each.processor for each in starts)
            print(
                f"first count  {name:<12} {statistics.median(walls):.2f} s median, {min(walls):.2f} to {max(walls):.2f} s of "
                f"{len(walls)}; {processor:.2f} s of processor; load {load:.1f} before"
            )


if __name__ == "__main__":
    main()
