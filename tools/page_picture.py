"""A picture of a page, as docs/results/drift-report.png is of docs/results/drift-replay.html: `python tools/page_picture.py PAGE PNG`."""

from __future__ import annotations

import sys
from pathlib import Path

from browser import open_browser


def main(page: str, picture: str) -> None:
    """Store the upper part of the page, as a PNG."""
    with open_browser(1100, 1500) as (browser, _):
        browser.get(Path(page).resolve().as_uri())
        browser.execute_script("document.documentElement.style.overflow = 'hidden'")  # no bar beside it
        browser.save_screenshot(picture)


if __name__ == "__main__":
    main(*sys.argv[1:])
