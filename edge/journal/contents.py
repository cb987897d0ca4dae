"""What a journal holds, for people and programs."""

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
from signs_edge.edge.journal.validation import check_columns, is_json, parsed, report_of
from signs_edge.edge.metrics.intervals import Interval
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
        runs, minutes, events: the rows as they are in the file, in the order in which they happened, JSON read.
        drift: what was known at the end of minutes, each under its minute's `seq`.
        hardest: the hardest frames of the minutes that had the hardest ones, hardest first.
        known: all that was last known of drift, as `DriftReport.to_json` gives it; None: nothing was, or of version 1.
    """

    path: str
    runs: tuple[dict[str, Any], ...]
    minutes: tuple[dict[str, Any], ...]
    events: tuple[dict[str, Any], ...]
    drift: tuple[dict[str, Any], ...] = ()
    hardest: tuple[dict[str, Any], ...] = ()
    known: dict[str, Any] | None = None

    @classmethod
    def read(cls, path: Path) -> JournalContents:
        """Read a journal, also while a run writes in it; DataError where there is none, or it is damaged."""
        with closing(read_only(path)) as reader:
            try:
                reader.execute("BEGIN")  # one moment of it, though a run writes in it meanwhile
                there = {row[0] for row in reader.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
                check_columns(reader, [name for name in _QUERIES if name in there])
                tables = {
                    name: tuple(_plain(row) for row in reader.execute(query))
                    for name, query in _QUERIES.items()
                    if name in there
                }
                known = reader.execute("SELECT value FROM states WHERE name = ? ORDER BY seq DESC LIMIT 1", (REPORT,))
                newest = known.fetchone()
                return cls(str(path), **tables, known=None if newest is None else report_of(newest[0]))
            except (sqlite3.Error, ValueError, TypeError) as error:
                raise DataError(f"journal {path} is damaged ({error}): what can be read, sqlite3 may recover") from None

    @property
    def frames(self) -> int:
        """Number of frames looked at."""
        return sum(minute["frames"] for minute in self.minutes)

    @property
    def classes(self) -> dict[str, tuple[int, int]]:
        """By int8's answer, "" where it abstained: frames on which float said the same, and frames that it saw."""
        same: Counter[str] = Counter()
        looks: Counter[str] = Counter()
        for minute in self.minutes:
            for name, (agreed, seen) in minute["classes"].items():
                same[name] += agreed
                looks[name] += seen
        return {name: (same[name], looks[name]) for name in sorted(looks)}

    @property
    def verdict(self) -> dict[str, Any] | None:
        """The newest change of the verdict; None where there never was a verdict."""
        return next((event for event in reversed(self.events) if event["kind"] == "verdict"), None)

    @property
    def why_none(self) -> str:
        """Why there is no verdict, where there is none."""
        asked = any(
            "float" in (one if isinstance(one := run["facts"].get("models"), dict) else {}) for run in self.runs
        )
        return "no frame with a hand was looked at" if asked else "no float twin ran beside"

    @property
    def now(self) -> str | None:
        """The verdict in a line, with what was last known of it: its change may lie far back; None without one."""
        told, known = self.verdict, (self.known or {}).get("verdict", {})
        if told is None:
            return None
        value = told["value"] or {}
        same = (known.get("status"), known.get("fault")) == (value.get("status"), value.get("fault"))
        return str(known.get("text", told["text"]) if same else told["text"])

    def to_json(self) -> dict[str, Any]:
        """Plain values for a JSON object."""
        return {**self._summary(), **{name: list(rows) for name, rows in self._tables().items()}}

    def json_parts(self) -> Iterator[str]:
        """The same as JSON text, a line a row: a journal of months is too large to be made at once."""
        yield json.dumps(self._summary(), indent=2)[: -len("\n}")]
        for name, rows in self._tables().items():
            yield f",\n  {json.dumps(name)}: ["
            for number, row in enumerate(rows):
                yield f"{',' if number else ''}\n    {json.dumps(row)}"
            yield "\n  ]"
        yield "\n}"

    def _summary(self) -> dict[str, Any]:
        return {
            "journal": self.path,
            "frames": self.frames,
            "classes": {name: {"same": same, "looks": looks} for name, (same, looks) in self.classes.items()},
            "verdict": self.verdict,
            "known": self.known,
        }

    def _tables(self) -> dict[str, tuple[dict[str, Any], ...]]:
        return {
            "runs": self.runs,
            "minutes": self.minutes,
            "events": self.events,
            "drift": self.drift,
            "hardest": self.hardest,
        }

    def __str__(self) -> str:
        """For people: what was seen, the verdict, agreement by class, and what happened when."""
        seconds = sum(minute["seconds"] for minute in self.minutes)
        lines = [
            f"{self.path}: {self.frames} frames in {duration(seconds)}, {len(self.runs)} run{'s' if len(self.runs) != 1 else ''}",
            f"verdict  {self.now or f'none: {self.why_none}'}",
        ]
        lines += _known_lines(self.known or {})
        for name, (same, looks) in self.classes.items():
            lines.append(f"class {name or 'abstained'}: int8 and float say the same on {same} of {looks} frames")
        for event in self.events:
            lines.append(f"{utc(event['wall'])} UTC  {event['kind']}: {event['text']}")
        return "\n".join(map(printable, lines))


def _known_lines(known: dict[str, Any]) -> Iterator[str]:
    """Of what was last known, what the verdict does not say."""
    recent, guessed = known.get("recent_agreement", {}), known.get("estimated_accuracy", {})
    if recent.get("interval"):
        yield f"lately   agreement {recent['mean']:.2%} (95 % at all times: {Interval(*recent['interval']).percent()})"
    for model in ("int8", "float"):
        if guessed.get(model):
            guess, bounds = guessed[model]["accuracy"], Interval(*guessed[model]["interval"])
            yield f"{model} accuracy, guessed without labels: {guess:.1%} ({bounds.percent()})"
    if guessed.get("silent"):
        yield f"no guess of the accuracy: {guessed['silent']}"


def _plain(row: sqlite3.Row) -> dict[str, Any]:
    return {
        name: parsed(name, row[name]) if is_json(name) and row[name] is not None else row[name]
        for name in row.keys()  # noqa: SIM118 (a Row's own iteration gives values)
    }
