"""examples/webcam.py on a clip of drawn hands."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

EXAMPLE = Path(__file__).parents[2] / "examples/webcam.py"


def test_it_prints_a_count_for_each_frame_in_ten_lines(clip: Path) -> None:
    done = subprocess.run([sys.executable, EXAMPLE, clip], check=True, capture_output=True, text=True)

    counts = done.stdout.splitlines()
    assert len(counts) == 90
    assert counts.count("5") > 20
    assert counts.count("2") > 20
    assert len(EXAMPLE.read_text().splitlines()) <= 10
