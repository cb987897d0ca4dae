"""A journal as it is drawn: against the time that its runs took, in at most so many columns.

The order of things is that of the journal's `seq`, and the axis is running time, so that a clock that was set, or is
wrong, moves nothing; what the device's clock said is a label of the axis.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise

from signs_edge.edge.journal.contents import JournalContents
from signs_edge.edge.journal.rows import DriftRow, EventRow, MinuteRow, RunRow

COLUMNS = 480
_PAUSE = 90.0  # seconds from minute to minute; after more, a line is interrupted
_JUMP = 30.0  # seconds by which two clocks must differ for one to have been set


@dataclass(frozen=True)
class Span:
    """A stretch of running time, in seconds from the journal's beginning, in which something was so."""

    start: float
    end: float
    value: str


@dataclass(frozen=True)
class RunSpan:
    """A run's stretch.

    Attributes:
        seq: its number in the journal.
        number: its place, from 1.
        start, end: in seconds of running time.
        shift: what to add to a time of this run to get running time.
        row: as the journal has it.
    """

    seq: int
    number: int
    start: float
    end: float
    shift: float
    row: RunRow


@dataclass(frozen=True)
class Column:
    """Some minutes in a row.

    Attributes:
        run: `seq` of the run of its first minute.
        start, end: in seconds of running time.
        wall: what the device's clock said at the start, seconds since 1970.
        first: whether there was a pause before.
        values: means over its frames of "confidence", "brightness" and "latency_p50_ms", the largest "latency_p99_ms",
            and "rate": frames a second; None where there is nothing.
        dropped, unseen: frames a minute that were given up for newer ones, and that showed nothing.
        drift: what was known at its end; None where nothing was. Of agreement lately, it is the lowest.
        evidence: by statistic, the most, as a share of what makes an alarm.
        moved: statistics that made one, each as "brightness lower".
    """

    run: int
    start: float
    end: float
    wall: float
    first: bool
    values: dict[str, float | None]
    dropped: float
    unseen: float
    drift: DriftRow | None = None
    evidence: dict[str, float] = field(default_factory=dict)
    moved: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Timeline:
    """One journal, made small enough to be drawn.

    Attributes:
        runs: one after the other.
        columns: in their order.
        length: running time in all, seconds; at least 1.
    """

    runs: tuple[RunSpan, ...]
    columns: tuple[Column, ...]
    length: float

    @classmethod
    def of(cls, report: JournalContents, columns: int = COLUMNS) -> Timeline:
        """Of a journal, in about so many columns at most."""
        runs = tuple(_runs(report))
        shifts = {run.seq: run.shift for run in runs}
        minutes = [minute for minute in report.minutes if minute.run in shifts]
        known = {row.seq: row for row in report.drift}
        step = max(1, -(-len(minutes) // columns))
        made: list[Column] = []
        group: list[MinuteRow] = []
        for minute in minutes:
            # A new column with each run, unless there are very many runs.
            full = len(group) >= step or (group and group[-1].run != minute.run and len(runs) <= columns // 4)
            if full:
                made.append(_column(group, known, shifts, made))
                group = []
            group.append(minute)
        if group:
            made.append(_column(group, known, shifts, made))
        # A minute ends with its last frame: up to the next one, what was known still is.
        for place, (one, after) in enumerate(pairwise(tuple(made))):
            if one.run == after.run and not after.first:
                made[place] = replace(one, end=after.start)
        return cls(runs, tuple(made), max([1.0, *(run.end for run in runs)]))

    @cached_property
    def _shifts(self) -> dict[int, float]:
        return {run.seq: run.shift for run in self.runs}

    def place(self, event: EventRow | MinuteRow) -> float:
        """Running time of an event."""
        shift = self._shifts.get(event.run, 0.0)
        return min(self.length, max(0.0, float(event.mono) + shift))

    def spans(self, told: Iterable[tuple[EventRow, str]]) -> list[Span]:
        """From events that begin something, each with its value, until the next one or the end of the run; "" is nothing."""
        ends = {run.seq: run.end for run in self.runs}
        spans: list[Span] = []
        begun: tuple[float, str, int] | None = None
        for event, value in told:
            at = self.place(event)
            if begun is not None:
                start, before, run = begun
                spans.append(Span(start, at if run == event.run else ends.get(run, at), before))
            begun = (at, value, event.run)
        if begun is not None:
            start, before, run = begun
            spans.append(Span(start, ends.get(run, self.length), before))
        return [span for span in spans if span.value]

    def wall(self, at: float) -> float | None:
        """What the device's clock said at a moment of running time, seconds since 1970; None before the first minute."""
        before = [column for column in self.columns if column.start <= at + _JUMP]
        return before[-1].wall + at - before[-1].start if before else None

    def jumps(self) -> list[tuple[float, float, float]]:
        """Where the clock was set while a run went on: running time, seconds by which, and what it said then."""
        found = []
        for before, after in pairwise(self.columns):
            by = (after.wall - before.wall) - (after.start - before.start)
            if before.run == after.run and abs(by) >= _JUMP:
                found.append((after.start, by, after.wall))
        return found


def _runs(report: JournalContents) -> Iterable[RunSpan]:
    """Where each run lies; of a run whose beginning was removed, from what is left on."""
    first: dict[int, float] = {}
    last: dict[int, float] = {}
    rows: tuple[MinuteRow | EventRow, ...] = (*report.minutes, *report.events)
    for row in rows:
        begin = float(row.mono)
        end = begin + (row.seconds if isinstance(row, MinuteRow) else 0.0)
        first[row.run] = min(begin, first.get(row.run, begin))
        last[row.run] = max(end, last.get(row.run, end))
    at = 0.0
    for number, run in enumerate(report.runs, 1):
        seq = run.seq
        begin = first.get(seq, 0.0)
        begin = 0.0 if begin < _PAUSE else begin
        end = max(last.get(seq, begin), run.ended or 0.0)
        yield RunSpan(seq, number, at, at + end - begin, at - begin, run)
        at += end - begin


def _column(
    group: Sequence[MinuteRow],
    known: dict[int, DriftRow],
    shifts: dict[int, float],
    before: Sequence[Column],
) -> Column:
    start = float(group[0].mono) + shifts[group[0].run]
    end = max(start, float(group[-1].mono) + float(group[-1].seconds) + shifts[group[-1].run])
    frames = [minute.frames for minute in group]
    seconds = sum(float(minute.seconds) for minute in group)
    values: dict[str, float | None] = {
        "confidence": _mean((minute.frames, minute.confidence) for minute in group),
        "brightness": _mean((minute.frames, minute.brightness) for minute in group),
        "latency_p50_ms": _mean((minute.frames, minute.latency_p50_ms) for minute in group),
    }
    values["latency_p99_ms"] = max(
        (minute.latency_p99_ms for minute in group if minute.latency_p99_ms is not None), default=None
    )
    # From the first frame to the last there is one interval less than frames.
    values["rate"] = max(0, sum(frames) - len(group)) / seconds if seconds > 0 else None
    dropped = sum(minute.dropped for minute in group) / len(group)
    unseen = sum(sum(minute.unseen.values()) for minute in group) / len(group)
    rows = [known[minute.seq] for minute in group if minute.seq in known]
    drift = rows[-1] if rows else None
    lowest = min(((row.recent, row) for row in rows if row.recent is not None), key=lambda one: one[0], default=None)
    if drift is not None and lowest is not None:
        value, row = lowest
        drift = replace(drift, recent=value, recent_low=row.recent_low, recent_high=row.recent_high)
    evidence: dict[str, float] = {}
    moved: dict[str, str] = {}
    for row in rows:
        for name, share in row.evidence.items():
            evidence[name] = max(float(share), evidence.get(name, 0.0))
        moved.update({one.name: f"{one.name} {one.direction}" for one in row.moved})
    return Column(
        group[0].run, start, end, float(group[0].wall), not before or start - before[-1].end > _PAUSE, values,
        dropped, unseen, drift, evidence, moved,
    )  # fmt: skip


def _mean(measured: Iterable[tuple[int, float | None]]) -> float | None:
    """Mean of values, each of so many frames; None where no value is known."""
    weights = [(frames, value) for frames, value in measured if value is not None]
    total = sum(frames for frames, _ in weights)
    return sum(frames * value for frames, value in weights) / total if total else None
