"""The contents of a journal, typed, as text for people and as JSON for programs."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from signs_edge.edge.errors import DataError
from signs_edge.edge.journal.database import REPORT, read_only
from signs_edge.edge.journal.last_report import LastReport
from signs_edge.edge.journal.rows import ClassAgreement, DriftRow, EventRow, HardestRow, MinuteRow, RunRow
from signs_edge.edge.journal.validation import check_columns
from signs_edge.edge.util.text import duration, printable, utc

_HARDEST = 100  # minutes whose hardest frame is read
_QUERIES = {
    "runs": "SELECT * FROM runs ORDER BY seq",
    "minutes": "SELECT * FROM minutes ORDER BY seq",
    "events": "SELECT * FROM events ORDER BY seq",
    "drift": "SELECT * FROM drift ORDER BY seq",
    "hardest": f"SELECT * FROM hardest WHERE place = 0 ORDER BY margin, seq LIMIT {_HARDEST}",
}


@dataclass(frozen=True)
class JournalContents:
    """One device's journal.

    Attributes:
        path: the file.
        runs, minutes, events: the rows of the file, in the order in which they happened.
        drift: the drift statistics at the end of minutes, each under its minute's `seq`.
        hardest: the hardest frames of the minutes that had the hardest ones, hardest first.
        known: the last full drift report; None: there was none, or the journal is of version 1.
    """

    path: str
    runs: tuple[RunRow, ...]
    minutes: tuple[MinuteRow, ...]
    events: tuple[EventRow, ...]
    drift: tuple[DriftRow, ...] = ()
    hardest: tuple[HardestRow, ...] = ()
    known: LastReport | None = None

    @classmethod
    def read(cls, path: Path) -> JournalContents:
        """Read a journal, also while a run writes in it; DataError where there is none, or it is damaged."""
        with closing(read_only(path)) as reader:
            try:
                reader.execute("BEGIN")  # one moment of it, though a run writes in it meanwhile
                there = {row[0] for row in reader.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
                check_columns(reader, [name for name in _QUERIES if name in there])
                rows = {name: reader.execute(query) for name, query in _QUERIES.items() if name in there}
                known = reader.execute("SELECT value FROM states WHERE name = ? ORDER BY seq DESC LIMIT 1", (REPORT,))
                newest = known.fetchone()
                return cls(
                    str(path),
                    runs=tuple(map(RunRow.parse, rows["runs"])),
                    minutes=tuple(map(MinuteRow.parse, rows["minutes"])),
                    events=tuple(map(EventRow.parse, rows["events"])),
                    drift=tuple(map(DriftRow.parse, rows.get("drift", ()))),
                    hardest=tuple(map(HardestRow.parse, rows.get("hardest", ()))),
                    known=None if newest is None else LastReport.parse(newest[0]),
                )
            except (sqlite3.Error, ValueError, TypeError) as error:
                raise DataError(f"journal {path} is damaged ({error}): what can be read, sqlite3 may recover") from None

    @property
    def frames(self) -> int:
        """Number of frames looked at."""
        return sum(minute.frames for minute in self.minutes)

    @property
    def classes(self) -> dict[str, ClassAgreement]:
        """Agreement by int8's answer, "" where it abstained."""
        same: Counter[str] = Counter()
        looks: Counter[str] = Counter()
        for minute in self.minutes:
            for name, (agreed, seen) in minute.classes.items():
                same[name] += agreed
                looks[name] += seen
        return {name: ClassAgreement(same[name], looks[name]) for name in sorted(looks)}

    @property
    def verdict(self) -> EventRow | None:
        """The newest change of the verdict; None where there never was a verdict."""
        return next((event for event in reversed(self.events) if event.kind == "verdict"), None)

    @property
    def why_none(self) -> str:
        """Why there is no verdict, where there is none."""
        asked = any("float" in run.known.models for run in self.runs)
        return "no frame with a hand was looked at" if asked else "no float twin ran beside"

    @property
    def now(self) -> str | None:
        """The verdict in a line, with the last known statistics: its change may lie far back; None without a verdict."""
        newest, known = self.verdict, self.known
        if newest is None:
            return None
        now = (newest.values.get("status"), newest.values.get("fault"))
        if known is None or known.text is None or (known.status, known.fault) != now:
            return newest.text
        return known.text

    def to_json(self) -> dict[str, Any]:
        """Plain values for a JSON object."""
        return {**self._summary(), **{name: [row.to_json() for row in rows] for name, rows in self._tables().items()}}

    def json_parts(self) -> Iterator[str]:
        """The same as JSON text, a line a row: a journal of months is too large to be made at once."""
        yield json.dumps(self._summary(), indent=2)[: -len("\n}")]
        for name, rows in self._tables().items():
            yield f",\n  {json.dumps(name)}: ["
            for number, row in enumerate(rows):
                yield f"{',' if number else ''}\n    {json.dumps(row.to_json())}"
            yield "\n  ]"
        yield "\n}"

    def _summary(self) -> dict[str, Any]:
        return {
            "journal": self.path,
            "frames": self.frames,
            "classes": {name: {"same": same, "looks": looks} for name, (same, looks) in self.classes.items()},
            "verdict": None if self.verdict is None else self.verdict.to_json(),
            "known": None if self.known is None else self.known.raw,
        }

    def _tables(self) -> dict[str, tuple[RunRow | MinuteRow | EventRow | DriftRow | HardestRow, ...]]:
        return {
            "runs": self.runs,
            "minutes": self.minutes,
            "events": self.events,
            "drift": self.drift,
            "hardest": self.hardest,
        }

    def __str__(self) -> str:
        """For people: what was seen, the verdict, agreement by class, and what happened when."""
        seconds = sum(minute.seconds for minute in self.minutes)
        lines = [
            f"{self.path}: {self.frames} frames in {duration(seconds)}, {len(self.runs)} run{'s' if len(self.runs) != 1 else ''}",
            f"verdict  {self.now or f'none: {self.why_none}'}",
        ]
        if self.known is not None:
            lines += _known_lines(self.known)
        for name, (same, looks) in self.classes.items():
            lines.append(f"class {name or 'abstained'}: int8 and float say the same on {same} of {looks} frames")
        for event in self.events:
            lines.append(f"{utc(event.wall)} UTC  {event.kind}: {event.text}")
        return "\n".join(map(printable, lines))


def _known_lines(known: LastReport) -> Iterator[str]:
    """Lines on what was last known, beside the verdict."""
    recent = known.recent
    if recent.value is not None and recent.interval:
        yield f"lately   agreement {recent.value:.2%} (95 % at all times: {recent.interval.percent()})"
    for model, guess in known.accuracy.items():
        if guess.value is not None and guess.interval:
            yield f"{model} accuracy, guessed without labels: {guess.value:.1%} ({guess.interval.percent()})"
    if known.silent:
        yield f"no guess of the accuracy: {known.silent}"
