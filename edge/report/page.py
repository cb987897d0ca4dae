"""Drift reports of one device or several as one self-contained HTML page, readable on a phone too.

The page is assembled from strings, each value from a journal passed through `html.escape`, because it is made on the
device. A template library is part of the training extra only: Jinja2 3.1 with MarkupSafe 3.0 would add 1.2 MiB to the
device, byte code included (measured with `du`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape
from pathlib import Path

from signs_edge.edge.journal.contents import JournalContents
from signs_edge.edge.journal.last_report import StoredShare
from signs_edge.edge.report import tables as drift_tables
from signs_edge.edge.report.figures import figures
from signs_edge.edge.report.style import STYLE
from signs_edge.edge.report.tables import interval, percent, table
from signs_edge.edge.report.timeline import COLUMNS, Timeline
from signs_edge.edge.util.atomic_file import atomic_write
from signs_edge.edge.util.text import duration, utc

_SHARED = 4 * COLUMNS  # columns of all devices' charts together, and at least a few of each
_LEAST = 60
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def write_page(path: Path, reports: Sequence[JournalContents]) -> None:
    """Write the page, whole or not at all; what was there before is replaced.

    Raises:
        UsageError: no file can be there, or a database is.
    """
    with atomic_write(path) as file:
        file.write_text(render(reports), encoding="utf-8")


def render(reports: Sequence[JournalContents]) -> str:
    """The page as text. Whatever a journal holds is escaped, and what no page may hold is shown as a question mark."""
    columns = max(_LEAST, min(COLUMNS, _SHARED // max(1, len(reports))))
    timelines = [Timeline.of(report, columns) for report in reports]
    parts = [
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n<title>Drift report</title>\n'
        f"<style>{STYLE}</style>\n</head>\n<body>\n<h1>Drift report</h1>\n"
        '<p class="soft">Whether the int8 model on a device is still as good as the float model, from what the device wrote '
        "down. The horizontal axes are running time; below it stands what the device's own clock said, in UTC. Dashed "
        "uprights are starts of new runs.</p>\n"
    ]
    if len(reports) > 1:
        parts.append(_overview(reports, timelines))
    most = max(10, drift_tables.EVENTS * 4 // max(4, len(reports)))
    for number, (report, timeline) in enumerate(zip(reports, timelines, strict=True), 1):
        parts.append(_device(number, report, timeline, most))
    parts.append("</body>\n</html>\n")
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", "".join(parts))


def _overview(reports: Sequence[JournalContents], timelines: Sequence[Timeline]) -> str:
    rows = []
    for number, (report, timeline) in enumerate(zip(reports, timelines, strict=True), 1):
        status, _ = _now(report)
        known = report.known
        recent = known.recent if known else StoredShare()
        guess = known.accuracy.get("int8", StoredShare()) if known else StoredShare()
        rows.append([
            f'<a href="#device-{number}">{escape(_name(report))}</a>',
            f'<span class="{_STYLES.get(status, "soft")}">{escape(status)}</span>',
            f"{percent(recent.value, 2)}<small>{interval(recent.interval)}</small>",
            f"{percent(guess.value)}<small>{interval(guess.interval)}</small>",
            f"{report.frames:,}", duration(timeline.length), _last(report),
        ])  # fmt: skip
    head = ("journal", "verdict", "agreement lately", "accuracy, guessed", "frames", "running", "last minute (UTC)")
    return f"<h2>{len(reports)} journals</h2>\n" + table(head, rows)


_STYLES = {"ok": "good", "drift": "bad"}


def _device(number: int, report: JournalContents, timeline: Timeline, most: int) -> str:
    status, text = _now(report)
    return "".join([
        f'<section id="device-{number}">\n<h2>{escape(_name(report))}</h2>\n',
        f'<p class="now {_STYLES.get(status, "")}">{escape(text)}</p>\n',
        _header(report), _key_figures(report, timeline),
        "<h3>Over time</h3>\n", figures(report, timeline),
        drift_tables.classes(report), drift_tables.labelled(report), drift_tables.given_labels(report),
        drift_tables.events(report, timeline, most), drift_tables.hardest(report, timeline),
        drift_tables.runs(report, timeline),
        "</section>\n",
    ])  # fmt: skip


def _header(report: JournalContents) -> str:
    """What the newest run was made with."""
    if not report.runs:
        return ""
    told = drift_tables.facts(report.runs[-1]).items()
    items = (f'<span class="fact">{escape(name)} <b>{escape(value)}</b></span>' for name, value in told)
    return f'<p class="header">{" ".join(items)}</p>\n'


def _key_figures(report: JournalContents, timeline: Timeline) -> str:
    known = report.known
    cards = []
    if known is not None:
        recent, overall = known.recent, known.agreement
        cards.append(("agreement lately", percent(recent.value, 2), interval(recent.interval)))
        looks = f"{overall.looks:,} frames; {interval(overall.share.interval)}"
        cards.append(("agreement in all", percent(overall.share.value, 2), looks))
        guess = known.accuracy.get("int8")
        if guess is not None:
            cards.append(("int8 accuracy, guessed", percent(guess.value), interval(guess.interval)))
        else:
            cards.append(("accuracy, guessed", "–", known.silent or "not enough seen"))
    cards += [
        ("frames", f"{report.frames:,}", f"in {duration(timeline.length)}, {len(report.runs)} runs"),
        ("last minute (UTC)", _last(report), "by the device's clock"),
    ]
    items = "".join(
        f"<div><dt>{escape(name)}</dt><dd>{escape(value)}<small>{escape(more)}</small></dd></div>\n"
        for name, value, more in cards
    )
    return f'<dl class="figures">\n{items}</dl>\n'


def _now(report: JournalContents) -> tuple[str, str]:
    """The newest verdict, as a word and as a line."""
    event = report.verdict
    if event is None:
        return "none", f"No verdict: {report.why_none}."
    return event.status, str(report.now)


def _name(report: JournalContents) -> str:
    return Path(report.path).stem or report.path


def _last(report: JournalContents) -> str:
    return utc(report.minutes[-1].wall + report.minutes[-1].seconds, "%Y-%m-%d %H:%M") if report.minutes else "–"
