"""The page in a real browser, Debian's Chromium, before a run that counts a clip of drawn hands."""

from __future__ import annotations

import json
import os
import signal
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from browser import has_browser, open_browser
from waiting import children_of, comes_true, command_of
from web_pictures import page_of_a_run

from signs_edge.edge.synthetic.clip import write_clip
from signs_edge.edge.synthetic.hands import synthetic_frames
from signs_edge.edge.web.server_process import MODULE

pytest.importorskip("selenium", reason="selenium is not installed")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not has_browser(), reason="chromium and chromium-driver are not installed"),
]
PATIENCE_S = 60.0  # beside much other work


@dataclass
class Page:
    """A browser before the page of a run."""

    browser: Any
    downloads: Path
    folder: Path
    address: str
    run: int

    def text(self, name: str) -> str:
        return str(self.script(f"return document.getElementById('{name}').textContent"))

    def script(self, code: str, *arguments: object) -> Any:
        return self.browser.execute_script(code, *arguments)

    def click(self, name: str) -> None:
        self.browser.find_element("id", name).click()

    def wait(self, holds: Callable[[], object]) -> None:
        assert comes_true(holds, PATIENCE_S), self.script("return document.body.innerText")

    def until_told(self, words: str, does: Callable[[], object]) -> None:
        """Do something until it is accepted, as a person would where the machine is too busy to answer at once."""
        for _ in range(10):
            does()
            if comes_true(lambda: self.text("reply") == words, PATIENCE_S / 10):
                return
        raise AssertionError(self.text("reply"))

    def state(self) -> dict[str, Any]:
        with urllib.request.urlopen(f"{self.address}state", timeout=PATIENCE_S) as answer:
            told: dict[str, Any] = json.load(answer)
        return told

    def complaints(self) -> list[str]:
        """What the browser has to say, but for a label that was refused: on a busy machine `until_told` gives one twice."""
        told = [one["message"] for one in self.browser.get_log("browser") if one["level"] == "SEVERE"]
        return [message for message in told if "/label - " not in message]


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    folder = tmp_path_factory.mktemp("run")
    drawn = [
        picture[..., ::-1].copy() for picture, _ in islice(synthetic_frames(seed=1, width=320, height=240, hold=15), 60)
    ]
    write_clip(folder / "hands.avi", (picture for _ in range(60) for picture in drawn), 8)  # 450 seconds
    kept = ("--keep-frames", "kept")
    # The browser first: on a busy machine it may take a minute, and the clip runs on.
    with open_browser(1000, 800) as (browser, downloads), page_of_a_run(folder / "hands.avi", *kept) as (address, run):
        yield Page(browser, downloads, folder, address, run)


@pytest.fixture
def page(shared: Page) -> Iterator[Page]:
    """Freshly loaded, counting, looking for the hand; it must end without a complaint of the browser."""
    shared.complaints()
    shared.browser.get(shared.address)
    shared.wait(lambda: shared.text("link") == "live")
    yield shared
    assert shared.complaints() == []


def test_the_number_goes_with_the_clip_and_the_box_with_the_hand(page: Page) -> None:
    numbers, boxes = set(), set()

    def seen() -> bool:
        numbers.add(page.text("count"))
        boxes.add(page.script("const b = document.getElementById('box');"
                              "return b.hasAttribute('hidden') ? null : b.getAttribute('x')"))  # fmt: skip
        return len(numbers & set("012345")) >= 2 and len(boxes - {None}) >= 2

    page.wait(seen)
    picture = page.script("const c = document.getElementById('picture'); return [c.width, c.height]")
    assert picture == [320, 240]
    assert (
        page.script("return document.getElementById('picture').getContext('2d').getImageData(160, 120, 1, 1).data[3]")
        == 255
    )
    assert page.text("age").endswith("ms")
    assert page.text("source") == "hands.avi"
    page.wait(lambda: "frames" in page.text("agreement"))
    assert page.script("return document.getElementById('bars').getAttribute('d').length") > 0


def test_stop_and_go_on_by_button_and_by_key(page: Page) -> None:
    from selenium.webdriver.common.keys import Keys

    page.click("pause")
    page.wait(lambda: page.text("count") == "paused")
    assert page.text("pause") == "Go on"
    page.script("document.activeElement.blur()")
    page.browser.find_element("tag name", "body").send_keys(Keys.SPACE)
    page.wait(lambda: page.text("count") != "paused")
    assert page.text("pause") == "Stop"


def test_a_drawn_rectangle_is_where_it_looks(page: Page) -> None:
    from selenium.webdriver import ActionChains

    marks = page.browser.find_element("id", "marks")
    size = marks.size
    actions = ActionChains(page.browser, duration=50)
    actions.move_to_element_with_offset(marks, -size["width"] // 4, -size["height"] // 4).click_and_hold()
    actions.move_by_offset(size["width"] // 2, size["height"] // 2).release().perform()
    page.wait(lambda: page.text("reply") == "looking there")

    left, top, width, height = (int(value) for value in page.state()["roi"].split(","))
    assert abs(left - 80) < 4
    assert abs(top - 60) < 4
    assert abs(width - 160) < 4
    assert abs(height - 120) < 4
    page.click("auto")
    page.wait(lambda: page.text("reply") == "looking for the hand")
    page.wait(lambda: page.script("return document.getElementById('auto').getAttribute('aria-pressed')") == "true")
    assert page.state()["roi"] == "auto"


def test_labels_by_button_and_key_are_accepted_and_reach_the_kept_frames(page: Page) -> None:
    page.wait(lambda: page.script("return document.querySelectorAll('#labels button').length") == 7)
    page.until_told("labelled 4", lambda: page.script("document.querySelector('#labels [data-label=\"4\"]').click()"))
    # Another label for the same frame would take the place of one that the loop has not handed on yet.
    page.wait(lambda: list((page.folder / "kept" / "4").glob("*.png")))
    page.until_told("labelled none", lambda: page.browser.find_element("tag name", "body").send_keys("n"))
    page.wait(lambda: list((page.folder / "kept" / "none").glob("*.png")))


def test_a_snapshot_goes_to_the_viewers_device_alone(page: Page) -> None:
    before = set(page.folder.iterdir())
    page.click("snapshot")
    page.wait(lambda: list(page.downloads.glob("signs-edge-*.png")))

    page.wait(lambda: next(page.downloads.glob("signs-edge-*.png")).read_bytes()[:4] == b"\x89PNG")
    assert {file for file in page.folder.iterdir() if file.name != "kept"} == {
        file for file in before if file.name != "kept"
    }


def test_a_phone_shows_all_of_it_and_a_finger_draws(page: Page) -> None:
    metrics = {"width": 360, "height": 640, "deviceScaleFactor": 1, "mobile": True}
    page.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    page.browser.execute_cdp_cmd("Emulation.setTouchEmulationEnabled", {"enabled": True})
    try:
        page.wait(lambda: page.script("return innerWidth") == 360)
        page.wait(lambda: page.script("return document.querySelectorAll('#labels button').length") == 7)
        assert page.script("return document.documentElement.scrollWidth") == 360
        smallest = page.script("return Math.min(...[...document.querySelectorAll('button')].flatMap("
                               "b => [b.offsetWidth, b.offsetHeight]))")  # fmt: skip
        assert smallest >= 40

        page.script("scrollTo(0, 0)")
        page.click("draw")
        page.script("scrollTo(0, 0)")
        left, top, width, height = page.script(
            "const r = document.getElementById('marks').getBoundingClientRect(); return [r.x, r.y, r.width, r.height]"
        )
        for kind, share in (("touchStart", 0.25), ("touchMove", 0.5), ("touchMove", 0.75), ("touchEnd", None)):
            points = [] if share is None else [{"x": left + share * width, "y": top + share * height}]
            page.browser.execute_cdp_cmd("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
        page.wait(lambda: page.text("reply") == "looking there")
    finally:
        page.browser.execute_cdp_cmd("Emulation.setTouchEmulationEnabled", {"enabled": False})
        page.browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    page.click("auto")
    page.wait(lambda: page.text("reply") == "looking for the hand")


def test_it_comes_back_by_itself_after_its_server_died(shared: Page) -> None:
    shared.browser.get(shared.address)
    shared.wait(lambda: shared.text("link") == "live")
    served = next(child for child in children_of(shared.run) if MODULE in command_of(child))

    os.kill(served, signal.SIGSTOP)
    shared.wait(lambda: shared.text("link") == "no new picture")
    assert not shared.script("return document.getElementById('veil').hidden")
    os.kill(served, signal.SIGKILL)
    shared.wait(lambda: shared.text("link") == "live")
    before = shared.state()["number"]
    shared.wait(lambda: shared.state()["number"] > before)
    assert shared.script("return document.getElementById('veil').hidden")
    assert all("ERR_" in complaint for complaint in shared.complaints())  # that it could not be reached meanwhile
