"""What a journal holds, for people and programs."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from signs_edge.edge.errors import DataError
from signs_edge.edge.journal_file import read_only

_JSON = ("unseen", "counts", "classes", "value", "facts")


@dataclass(frozen=True)
class JournalReport:
    """One device's journal.

    Attributes:
        path: the file.
        runs, minutes, events: the rows as they are in the file, in the order in which they happened, JSON read.
    """

    path: str
    runs: tuple[dict[str, Any], ...]
    minutes: tuple[dict[str, Any], ...]
    events: tuple[dict[str, Any], ...]

    @classmethod
    def read(cls, path: Path) -> JournalReport:
        """Read a journal, also while a run writes in it; DataError where there is none, or it is damaged."""
        with closing(read_only(path)) as reader:
            try:
                tables = [
                    tuple(_plain(row) for row in reader.execute(f"SELECT * FROM {name} ORDER BY seq"))
                    for name in ("runs", "minutes", "events")
                ]
            except (sqlite3.Error, ValueError) as error:
                raise DataError(f"journal {path} is damaged ({error}): what can be read, sqlite3 may recover") from None
        return cls(str(path), *tables)

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

    def to_json(self) -> dict[str, Any]:
        """Plain values for a JSON object."""
        return {
            "journal": self.path,
            "frames": self.frames,
            "classes": {name: {"same": same, "looks": looks} for name, (same, looks) in self.classes.items()},
            "verdict": self.verdict,
            "runs": list(self.runs),
            "minutes": list(self.minutes),
            "events": list(self.events),
        }

    def __str__(self) -> str:
        """For people: what was seen, the verdict, agreement by class, and what happened when."""
        seconds = sum(minute["seconds"] for minute in self.minutes)
        verdict = self.verdict
        lines = [
            f"{self.path}: {self.frames} frames in {seconds / 3600:.1f} hours, {len(self.runs)} runs",
            f"verdict  {'none: no float twin ran beside' if verdict is None else verdict['text']}",
        ]
        for name, (same, looks) in self.classes.items():
            lines.append(f"class {name or 'abstained'}: int8 and float say the same on {same} of {looks} frames")
        for event in self.events:
            when = datetime.fromtimestamp(event["wall"], UTC).strftime("%Y-%m-%d %H:%M:%S")
            lines.append(f"{when} UTC  {event['kind']}: {event['text']}")
        return "\n".join(lines)


def _plain(row: sqlite3.Row) -> dict[str, Any]:
    return {
        name: json.loads(row[name]) if name in _JSON and row[name] is not None else row[name]
        for name in row.keys()  # noqa: SIM118 (a Row's own iteration gives values)
    }
