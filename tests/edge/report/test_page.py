"""The report as a page: whole, without a network, and safe whatever a journal holds."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from signs_edge.edge.drift.verdict import Moved
from signs_edge.edge.errors import UsageError
from signs_edge.edge.frame import FrameState
from signs_edge.edge.journal.contents import JournalContents
from signs_edge.edge.report.page import render, write_page

_VOID = {"meta", "br", "rect", "line", "polyline", "polygon"}


class Page(HTMLParser):
    """Reads a page; what is not closed, closed twice or wrongly nested is in `faults`."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.faults: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()
        self.faults += self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in _VOID or (tag in ("rect", "line") and not self.get_starttag_text().endswith("/>")):  # type: ignore[union-attr]
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"/{tag}")

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


@pytest.fixture
def eventful(device: Any, drift_report: Callable[..., Any]) -> JournalContents:
    """Two runs in which all happens that a page tells of."""
    journal = device.begin(
        drift={"floor": 0.99, "ok_floor": 0.98}, board={"model": "Raspberry Pi 5", "machine": "aarch64"}
    )
    bad = drift_report("drift", "input", 0.95, ("brightness",), {"brightness": 1.0, "green": 0.5}, None)
    for step in range(12):
        known = bad if 4 <= step < 8 else drift_report(labelled=8)
        device.minute(known, state=FrameState.BLACK if step == 9 else FrameState.OK)
        journal.record_verdict(known.verdict)
        journal.record_fact("celsius", 50 + 5 * (step > 6))
        journal.record_fact("throttling", ["throttled"] if step == 7 else [])
        if step in (2, 3, 9, 10):
            journal.record_event("camera", {2: "paused", 3: "resumed", 9: "black", 10: "back"}[step])
    journal.record_event("label", "label 3 of frame 7", {"frame": 7, "label": "3", "answer": "2", "float": "3"})
    journal.record_event("label", "label 3 of frame 9", {"frame": 9, "label": "3", "answer": None, "float": None})
    device.wall -= 3600
    device.minute()
    device.begin(version="0.2.0")
    device.minute(drift_report(labelled=8))
    device.close()
    return JournalContents.read(device.path)


def test_a_page_is_whole_and_needs_nothing_else(eventful: JournalContents) -> None:
    text = render([eventful])
    page = Page(text)

    assert page.faults == []
    assert not {tag for tag, _ in page.elements} & {
        "script",
        "link",
        "img",
        "iframe",
        "object",
        "embed",
        "base",
        "form",
    }
    assert not re.search(r"https?:|//\w|url\(|@import|javascript:", text)
    assert all(attributes["href"].startswith("#") for attributes in page.all("a"))  # type: ignore[union-attr]
    assert not [
        name
        for _, attributes in page.elements
        for name in attributes
        if name in ("src", "srcset") or name.startswith("on")
    ]
    identifiers = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(identifiers) == len(set(identifiers))
    assert "prefers-color-scheme: dark" in text
    assert {"name": "viewport", "content": "width=device-width, initial-scale=1"} in page.all("meta")


def test_charts_have_words_for_who_does_not_see_them(eventful: JournalContents) -> None:
    page = Page(render([eventful]))

    drawings = page.all("svg")
    assert all(one["role"] == "img" and len(one["aria-label"] or "") > 20 for one in drawings)
    assert [str(one["aria-label"]).partition(".")[0] for one in drawings] == [
        "Verdict", "Agreement", "Accuracy without labels", "What moved", "Camera", "Frame rate", "Confidence",
        "Brightness", "Latency", "Frames left out", "Temperature", "Throttling",
    ]  # fmt: skip


def test_what_the_page_tells(eventful: JournalContents) -> None:
    text = Page(render([eventful])).text

    for words in (
        "Raspberry Pi 5, aarch64", "abababab", "floor 99 %", "input drift: the frames are not like the reference",
        "brightness lower, 4 min to 8 min", "black picture, 10 min to 11 min", "paused by a person, 3 min to 4 min", "throttled", "55 °C",
        "the device's clock was set by −1 h", "run 2 begins", "signs-edge 0.2.0", "in order",
        "int8 : right on 0 of 2", "float : right on 1 of 2", "frames with a label 8", "int8 less float +12.50 points",
        "99.50 %", "98.5 to 100.0 %",
    ):  # fmt: skip
        assert words in text, words


def test_hostile_text_is_only_text(eventful: JournalContents) -> None:
    attack = "</title><script>alert(1)</script>\"'><img src=x onerror=alert(2)>\x00\x1b[2J\ud800&lt;"
    known = eventful.known
    assert known is not None
    facts = {"camera": attack, "version": attack, "models": {attack: attack}, "board": {"model": attack},
             "labels": [attack, attack]}  # fmt: skip
    value = {"label": attack, "answer": attack, "float": attack, "status": attack, "throttling": [attack]}
    spoil: dict[str, Any] = {
        "path": f"/{attack.replace('/', '|')}/{attack.replace('/', '|')}.db",
        "runs": tuple(dataclasses.replace(run, facts=facts) for run in eventful.runs),
        "events": tuple(dataclasses.replace(event, text=attack, value=value) for event in eventful.events),
        "drift": tuple(
            dataclasses.replace(row, evidence={attack: 1.0}, moved=(Moved(attack, attack, 1.0),), silent=attack)
            for row in eventful.drift
        ),
        "known": dataclasses.replace(known, classes={attack: known.classes["0"]}, accuracy={}, silent=attack),
    }  # fmt: skip
    text = render([dataclasses.replace(eventful, **spoil)] * 2)
    page = Page(text)

    assert page.faults == []
    assert not {tag for tag, _ in page.elements} & {"script", "img"}
    assert not [name for _, attributes in page.elements for name in attributes if name.startswith("on")]
    assert page.text.count("<script>alert(1)</script>") > 20
    text.encode()
    assert not re.search(r"[\x00-\x08\x0b-\x1f]", text)


def test_several_devices_have_an_overview_with_ways_to_each(
    eventful: JournalContents, drift_report: Callable[..., Any]
) -> None:
    nothing = dataclasses.replace(eventful, path="cellar.db", events=(), minutes=(), drift=(), hardest=(), known=None)

    page = Page(render([eventful, nothing]))

    assert page.faults == []
    assert [one["href"] for one in page.all("a")] == ["#device-1", "#device-2"]
    assert {"device-1", "device-2"} <= {attributes.get("id") for _, attributes in page.elements}
    assert "2 journals" in page.text
    assert "No verdict: no float twin ran beside." in page.text
    twin = dataclasses.replace(
        nothing, runs=(dataclasses.replace(nothing.runs[0], facts={"models": {"model": "ab", "float": "cd"}}),)
    )
    assert "No verdict: no frame with a hand was looked at." in Page(render([twin])).text


def test_a_journal_of_months_is_a_small_page(eventful: JournalContents) -> None:
    """Each minute stands for many here: 30,000 of them, which is three weeks; the page does not grow with them."""
    many, last = [], eventful.minutes[-1]
    for number in range(30_000):
        minute = eventful.minutes[number % len(eventful.minutes)]
        many.append(dataclasses.replace(minute, run=last.run, seq=last.seq + number, mono=60.0 * number))
    events = [
        dataclasses.replace(eventful.events[number % len(eventful.events)], run=last.run, mono=600.0 * number)
        for number in range(3000)
    ]
    drift = [
        dataclasses.replace(eventful.drift[number % len(eventful.drift)], seq=last.seq + number)
        for number in range(30_000)
    ]
    long = dataclasses.replace(eventful, minutes=tuple(many), events=tuple(events), drift=tuple(drift))

    one, ten = render([long]), render([long] * 4 + [eventful] * 16)

    assert len(one) < 600_000
    assert len(ten) < 2_000_000
    assert "more are in the JSON" in one


def test_it_is_written_whole_and_over_no_journal(eventful: JournalContents, tmp_path: Path, device: Any) -> None:
    page = tmp_path / "page.html"
    page.write_text("old")

    write_page(page, [eventful])

    assert page.read_text(encoding="utf-8") == render([eventful])
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []
    before = device.path.read_bytes()
    with pytest.raises(UsageError, match="is a database"):
        write_page(device.path, [eventful])
    assert device.path.read_bytes() == before
    with pytest.raises(UsageError, match="cannot be written"):
        write_page(tmp_path / "no" / "page.html", [eventful])
