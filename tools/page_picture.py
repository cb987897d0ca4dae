"""A picture of a page, as docs/drift-report.png is of docs/drift-replay.html: `python tools/page_picture.py PAGE PNG`."""

from __future__ import annotations

import sys
from pathlib import Path

import cv2
import numpy as np
from browser import open_browser

WIDTH, HEIGHT = 1100, 1500


def main(page: str, picture: str) -> None:
    """Store the upper part of the page, as a PNG."""
    with open_browser(WIDTH, HEIGHT) as (browser, _):
        browser.get(Path(page).resolve().as_uri())
        browser.execute_script("document.documentElement.style.overflow = 'hidden'")  # no bar beside it
        shot = cv2.imdecode(np.frombuffer(browser.get_screenshot_as_png(), np.uint8), cv2.IMREAD_COLOR)
    cv2.imwrite(picture, shot, [cv2.IMWRITE_PNG_COMPRESSION, 9])


if __name__ == "__main__":
    main(*sys.argv[1:])
