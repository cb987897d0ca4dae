"""Charts of a timeline as HTML with inline SVG: no script, no font, no library.

The plot stretches with the page while its labels, which are HTML, keep their size: so a phone shows the same chart. What
is drawn has its colours from the page's style, which knows light and dark.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from html import escape

from signs_edge.edge.report.timeline import Column, Span, Timeline
from signs_edge.edge.util.text import duration, utc

WIDE, HIGH = 1000, 100  # units of a plot
_STEPS = (1, 5, 10, 30, 60, 300, 600, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400)
_TICKS = 7
_WIDEST = 1e6  # of an axis; wider than any unit here rounds to
_MARKED = 60  # runs; more uprights than that would hide the chart


@dataclass(frozen=True)
class Series:
    """A line: its name, its class in the style, a value for each column or None, and the band about it where there is one."""

    name: str
    style: str
    values: Sequence[float | None]
    low: Sequence[float | None] = ()
    high: Sequence[float | None] = ()


@dataclass(frozen=True)
class Scale:
    """The vertical axis.

    Attributes:
        low, high: its ends.
        form: what a value is called.
        rule: a limit that is drawn across; None: none.
    """

    low: float
    high: float
    form: Callable[[float], str]
    rule: float | None = None

    @classmethod
    def about(cls, values: Iterable[float | None], form: Callable[[float], str], zero: bool = True) -> Scale:
        """One that holds all values; from 0 on, or from a round number below them."""
        known = [value for value in values if value is not None and math.isfinite(value)]
        low, high = (min(known), max(known)) if known else (0.0, 1.0)
        low = min(0.0, low) if zero else low
        step = 10.0 ** math.floor(math.log10(max(high - low, abs(high) * 0.02, 1e-9)))
        while True:
            bottom = math.floor(low / step) * step
            top = max(math.ceil(high / step) * step, bottom + step)
            if step >= _WIDEST or form(bottom) != form(top):  # ends of one name would say nothing
                return cls(bottom, top, form)
            step *= 2

    def y(self, value: float) -> float:
        """From the top, 0..HIGH; what lies beyond is at the edge."""
        share = (value - self.low) / (self.high - self.low)
        return HIGH * (1 - min(1.0, max(0.0, share)))


def lines(timeline: Timeline, title: str, text: str, scale: Scale, series: Sequence[Series]) -> str:
    """Lines over time, each broken where nothing is known, with bands for intervals."""
    drawn = []
    for one in series:
        for stretch in _stretches(timeline.columns, one.values):
            band = _points(timeline, scale, stretch, one.low)[::-1] if one.low else []
            if band:
                outline = [*_points(timeline, scale, stretch, one.high), *band]
                drawn.append(f'<polygon class="band {one.style}" points="{" ".join(outline)}"/>')
            points = " ".join(_points(timeline, scale, stretch, one.values))
            drawn.append(f'<polyline class="line {one.style}" points="{points}"/>')
    if scale.rule is not None:
        y = f"{scale.y(scale.rule):.1f}"
        drawn.append(f'<line class="rule" x1="0" x2="{WIDE}" y1="{y}" y2="{y}"/>')
    names = [(one.style, one.name) for one in series] if len(series) > 1 or series[0].low else []
    if scale.rule is not None:
        names.append(("rule", f"floor {scale.form(scale.rule)}"))
    ends, middle = [scale.form(scale.high), scale.form(scale.low)], scale.form((scale.low + scale.high) / 2)
    ys = [(ends[0], 0.0), *([(middle, 50.0)] if middle not in ends else []), (ends[1], 100.0)]
    labels = "".join(f'<span style="top:{top:g}%">{escape(name)}</span>' for name, top in ys)
    return _figure(timeline, title, text, names, labels, "".join(drawn), "tall")


def strip(
    timeline: Timeline, title: str, text: str, spans: Sequence[Span], values: Sequence[tuple[str, str, str]]
) -> str:
    """One row of coloured stretches.

    Args:
        timeline: what it is drawn against.
        title, text: of the figure.
        spans: what was so, and when; where several fall on one place, the gravest is shown.
        values: each value with its class in the style and its name, the gravest last; a graver one is drawn higher.
    """
    order = [value for value, _, _ in values]
    worst = [-1] * WIDE
    for span in spans:
        rank = order.index(span.value) if span.value in order else len(order) - 1
        first = min(WIDE - 1, round(span.start / timeline.length * WIDE))
        for place in range(first, max(first + 1, round(span.end / timeline.length * WIDE))):
            if place < WIDE:
                worst[place] = max(worst[place], rank)
    drawn = []
    for start, end, rank in _runs_of(worst):
        if rank >= 0:
            _, style, name = values[rank]
            high = HIGH * (0.4 + 0.6 * (rank + 1) / len(values))
            drawn.append(_block(timeline, start, end, HIGH - high, high, style, name))
    legend = [(style, name) for rank, (_, style, name) in enumerate(values) if rank in worst]
    return _figure(timeline, title, text, legend, "", "".join(drawn), "strip")


def heat(timeline: Timeline, title: str, text: str, names: Sequence[str]) -> str:
    """A row for each statistic: the darker, the more evidence that it moved; in another colour where it has."""
    high = HIGH / max(1, len(names))
    drawn, labels = [], []
    for row, name in enumerate(names):
        labels.append(f'<span style="top:{(row + 0.5) * high:.2f}%">{escape(name)}</span>')
        levels = [-1] * WIDE
        told: dict[int, str] = {}
        for column in timeline.columns:
            if not column.drift:
                continue
            level = 5 if name in column.moved else min(4, int(5 * column.evidence.get(name, 0.0)))
            first = min(WIDE - 1, round(column.start / timeline.length * WIDE))
            for place in range(first, max(first + 1, min(WIDE, round(column.end / timeline.length * WIDE)))):
                levels[place] = max(levels[place], level)
            if level == 5:
                told[first] = column.moved[name]
        for start, end, level in _runs_of(levels):
            if level > 0:
                words = told.get(start, f"{name}: evidence {20 * level} % and more of an alarm's")
                drawn.append(_block(timeline, start, end, row * high, high * 0.86, f"heat{level}", words))
    legend = [("heat1", "from a fifth of an alarm's evidence"), ("heat4", "four fifths"), ("heat5", "moved")]
    return _figure(timeline, title, text, legend, "".join(labels), "".join(drawn), "rows", f"--rows:{len(names)}")


def _figure(
    timeline: Timeline, title: str, text: str, legend: Sequence[tuple[str, str]], labels: str, drawn: str,
    shape: str, style: str = "",
) -> str:  # fmt: skip
    keys = "".join(f'<span class="key"><i class="{mark}"></i>{escape(name)}</span>' for mark, name in legend)
    begun = timeline.runs[1:] if len(timeline.runs) <= _MARKED else ()
    places = ((run.number, _x(timeline, run.start)) for run in begun)
    borders = "".join(
        f'<line class="run" x1="{x}" x2="{x}" y1="0" y2="{HIGH}"><title>run {number}</title></line>'
        for number, x in places
    )
    return (
        f'<figure class="chart"><figcaption><b>{escape(title)}</b> {escape(text)} <span class="keys">{keys}</span>'
        f'</figcaption><div class="plot {shape}" style="{style}"><div class="ys" aria-hidden="true">{labels}</div>'
        f'<svg viewBox="0 0 {WIDE} {HIGH}" preserveAspectRatio="none" role="img" aria-label="{escape(title)} '
        f'{escape(text)}">{drawn}{borders}</svg><div class="xs" aria-hidden="true">{_ticks(timeline)}</div></div></figure>\n'
    )


def _ticks(timeline: Timeline) -> str:
    """Running time, and below it what the device's clock said."""
    step = next((step for step in _STEPS if timeline.length / step <= _TICKS), 0)
    step = step or 86_400 * math.ceil(timeline.length / 86_400 / _TICKS)
    long = timeline.length > 86_400
    spans, at = [], 0.0
    while at <= timeline.length:
        wall = timeline.wall(at)
        clock = (
            ""
            if wall is None
            else utc(wall, "%d %b" if long and not step % 86_400 else "%d %b %H:%M" if long else "%H:%M")
        )
        share = at / timeline.length
        side = " class=first" if share < 0.03 else " class=last" if share > 0.95 else ""
        spans.append(f'<span{side} style="left:{100 * share:.2f}%">{duration(at)}<small>{clock}</small></span>')
        at += step
    return "".join(spans)


def _block(timeline: Timeline, start: int, end: int, top: float, high: float, style: str, name: str) -> str:
    """A rectangle that says when it was, when pointed at."""
    first, last = (duration(place / WIDE * timeline.length) for place in (start, end))
    return (
        f'<rect class="{style}" x="{start}" y="{top:.2f}" width="{end - start}" height="{high:.2f}">'
        f"<title>{escape(name)}, {first} to {last}</title></rect>"
    )


def _runs_of(levels: Sequence[int]) -> Iterable[tuple[int, int, int]]:
    """(start, end, value) of each run of equal values."""
    start = 0
    for place in range(1, len(levels) + 1):
        if place == len(levels) or levels[place] != levels[start]:
            yield start, place, levels[start]
            start = place


def _stretches(columns: Sequence[Column], values: Sequence[float | None]) -> Iterable[range]:
    """Places of the columns without a pause or a gap between them."""
    start = 0
    for place in range(len(columns) + 1):
        known = place < len(columns) and values[place] is not None
        if not known or columns[place].first:
            if place > start:
                yield range(start, place)
            start = place if known else place + 1


def _points(timeline: Timeline, scale: Scale, stretch: range, values: Sequence[float | None]) -> list[str]:
    """Of a line, through the middle of its columns, from the start of the first to the end of the last."""
    columns = timeline.columns
    points = []
    for place in stretch:
        value = values[place]
        if value is None or not math.isfinite(value):
            continue
        column, y = columns[place], f"{scale.y(value):.1f}"
        if place == stretch[0]:
            points.append(f"{_x(timeline, column.start)},{y}")
        points.append(f"{_x(timeline, (column.start + column.end) / 2)},{y}")
        if place == stretch[-1]:
            points.append(f"{_x(timeline, column.end)},{y}")
    return points


def _x(timeline: Timeline, at: float) -> str:
    return f"{at / timeline.length * WIDE:.1f}".removesuffix(".0")
