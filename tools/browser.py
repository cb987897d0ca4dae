"""Debian's Chromium, driven by Selenium, for the tests and pictures of the page of a run."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

CHROMIUM, DRIVER = "/usr/bin/chromium", "/usr/bin/chromedriver"
_QUIET = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
)  # fmt: skip


def has_browser() -> bool:
    """Whether both are installed."""
    return bool(shutil.which(CHROMIUM) and shutil.which(DRIVER))


@contextmanager
def open_browser(width: int, height: int, phone: bool = False) -> Iterator[tuple[Any, Path]]:
    """A browser without a window and with a profile of its own, which goes with it.

    Yields selenium's `Chrome`, and the folder of its downloads.

    Args:
        width: of what is seen of a page, in CSS pixels.
        height: likewise.
        phone: with a touch screen.
    """
    from selenium import webdriver

    with tempfile.TemporaryDirectory(prefix="signs-edge-browser-", ignore_cleanup_errors=True) as profile:
        options = webdriver.ChromeOptions()
        options.binary_location = CHROMIUM
        for argument in (*_QUIET, f"--user-data-dir={profile}", f"--window-size={width},{height}"):
            options.add_argument(argument)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        metrics = {"width": width, "height": height, "pixelRatio": 1.0, "touch": phone, "mobile": phone}
        options.add_experimental_option("mobileEmulation", {"deviceMetrics": metrics})
        # Named here, it downloads none.
        browser = webdriver.Chrome(options, webdriver.ChromeService(DRIVER))
        try:
            allowed = {"behavior": "allow", "downloadPath": profile}
            browser.execute_cdp_cmd("Browser.setDownloadBehavior", allowed)
            yield browser, Path(profile)
        finally:
            browser.quit()
