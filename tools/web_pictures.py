"""Pictures of the page of a run, for docs/images: python tools/web_pictures.py [--out docs/images]

A clip of drawn hands is counted by the model that ships, and Debian's Chromium looks at the page, as a desktop and as a
phone. It needs chromium and chromium-driver.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
from browser import open_browser

from signs_edge.edge.arrays import Image
from signs_edge.edge.synthetic.clip import write_clip
from signs_edge.edge.synthetic.hands import synthetic_frames

_SECONDS = 60


@contextmanager
def page_of_a_run(clip: Path, *others: str) -> Iterator[tuple[str, int]]:
    """The address of the page of a run on a clip, counted at its own speed in the clip's folder, and the run's process."""
    command = [str(Path(sys.executable).parent / "signs-edge"), "run", "--headless", "--realtime", "--web", "0"]
    models = ["--model", "packaged", "--float-model", "packaged", "--source", clip.name, *others]
    with subprocess.Popen(
        [*command, *models], cwd=clip.parent, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
    ) as process:
        try:
            assert process.stderr is not None
            yield next(line for line in process.stderr if line.startswith("page: ")).split()[1], process.pid
        finally:
            process.terminate()


def _stepped_back(frame: Image) -> Image:
    """A (480, 640, 3) uint8 frame as from a camera that stands farther away: the arm still comes in from below."""
    height, width = frame.shape[:2]
    small = cv2.resize(frame, (round(0.7 * width), round(0.7 * height)), interpolation=cv2.INTER_AREA)
    top, beside = height - small.shape[0], width - small.shape[1]
    wide = cv2.copyMakeBorder(small, top, 0, beside // 2, beside - beside // 2, cv2.BORDER_REPLICATE)
    wide = cv2.GaussianBlur(wide, (0, 0), 9)  # of the wall beyond, which has no grain of its own
    wide[top:, beside // 2 : beside // 2 + small.shape[1]] = small
    return np.asarray(wide, np.uint8)


def main() -> None:
    """Make both."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--out", type=Path, default=Path("docs/images"))
    options.add_argument("--seed", type=int, default=1, help="of the drawn hands")
    options.add_argument("--wait", type=float, default=8.0, help="seconds to look before the picture is taken")
    asked = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        clip = Path(folder) / "hands.avi"
        drawn = islice(synthetic_frames(seed=asked.seed, hold=30), 30 * _SECONDS)
        write_clip(clip, (_stepped_back(picture[..., ::-1]) for picture, _ in drawn), 30)
        for name, width, height, phone in (("web.png", 1200, 930, False), ("web-phone.png", 390, 1180, True)):
            with page_of_a_run(clip) as (address, _), open_browser(width, height, phone) as (browser, _):
                dark = {"name": "prefers-color-scheme", "value": "dark" if phone else "light"}
                browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [dark]})
                browser.get(address)
                time.sleep(asked.wait)
                count = "return document.getElementById('count').textContent"
                until = time.monotonic() + 20
                while browser.execute_script(count) not in ("3", "4", "5") and time.monotonic() < until:
                    time.sleep(0.1)
                browser.save_screenshot(str(asked.out / name))
            print(f"{asked.out / name}: {(asked.out / name).stat().st_size // 1000} kB")


if __name__ == "__main__":
    main()
