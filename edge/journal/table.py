"""A journal as one table for other programs: a row a minute, with what was known of drift at its end."""

from __future__ import annotations

import csv
import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Any, Literal, TextIO

from signs_edge.edge.errors import DataError
from signs_edge.edge.journal.database import read_only
from signs_edge.edge.journal.rows import DriftRow, MinuteRow
from signs_edge.edge.journal.validation import check_columns

Kind = Literal["int", "float", "text", "time", "counts", "shares", "classes", "moved"]

_OF_MINUTE: dict[str, Kind] = {
    "run": "int", "seq": "int", "number": "int", "wall": "time", "mono": "float", "seconds": "float", "frames": "int",
    "undecodable": "int", "dropped": "int", "unseen": "counts", "counts": "counts", "looks": "int", "same": "int",
    "classes": "classes", "confidence": "float", "latency_p50_ms": "float", "latency_p99_ms": "float",
    "brightness": "float",
}  # fmt: skip
_OF_DRIFT: dict[str, Kind] = {
    "status": "text", "fault": "text", "input": "text", "frames": "int", "frames_needed": "int", "looks": "int",
    "agreement": "float", "agreement_low": "float", "agreement_high": "float",
    "recent": "float", "recent_low": "float", "recent_high": "float", "evidence": "shares", "moved": "moved",
    "int8_accuracy": "float", "int8_low": "float", "int8_high": "float",
    "float_accuracy": "float", "float_low": "float", "float_high": "float", "silent": "text",
    "labelled": "int", "both_right": "int", "int8_alone_right": "int", "float_alone_right": "int",
    "difference_low": "float", "difference_high": "float",
}  # fmt: skip
COLUMNS: dict[str, Kind] = {
    "journal": "text", **_OF_MINUTE, **{f"drift_{name}": kind for name, kind in _OF_DRIFT.items()}
}  # fmt: skip
"""Names and kinds of the table. Times are seconds since 1970; `counts` {what: frames}, `shares` {what: 0..1}, `classes`
{int8's answer: [float said the same, looks]}, `moved` [[statistic, "lower" or "higher", distance]]. What begins with
`drift_` is not known, None, of minutes at whose end nothing was."""
_NESTED = {name for name, kind in COLUMNS.items() if kind in ("counts", "shares", "classes", "moved")}


@dataclass(frozen=True)
class TableRow:
    """A minute of a journal, and the drift statistics at its end; None: there were none."""

    journal: str
    minute: MinuteRow
    drift: DriftRow | None

    def cells(self) -> dict[str, Any]:
        """Plain values by the names in `COLUMNS`."""
        minute = self.minute.to_json()
        drift = {} if self.drift is None else self.drift.to_json()
        return {
            "journal": self.journal,
            **{name: minute[name] for name in _OF_MINUTE},
            **{f"drift_{name}": drift.get(name) for name in _OF_DRIFT},
        }


def rows(paths: Iterable[Path]) -> Iterator[TableRow]:
    """The rows of journals, one after the other, each in the order in which it happened; as many as there are in memory: one.

    Raises:
        DataError: one is none, or is damaged.
    """
    for path in paths:
        with closing(read_only(path)) as reader:
            try:
                check_columns(reader, ("minutes", "drift") if _has_drift(reader) else ("minutes",))
                for row in reader.execute(_query(reader)):
                    drift = None if row["drift_seq"] is None else DriftRow.parse(row, "drift_")
                    yield TableRow(str(path), MinuteRow.parse(row), drift)
            except (sqlite3.Error, ValueError) as error:
                raise DataError(f"journal {path} is damaged ({error}): what can be read, sqlite3 may recover") from None


def write_csv(paths: Iterable[Path], out: TextIO) -> None:
    """A line a minute; what is nested is JSON."""
    writer = csv.DictWriter(out, list(COLUMNS), lineterminator="\n")
    found = rows(paths)
    first = list(islice(found, 1))  # before anything is written, for there may be no journal
    writer.writeheader()
    for row in chain(first, found):
        writer.writerow({
            name: json.dumps(value) if name in _NESTED and value is not None else value for name, value in row.cells().items()
        })  # fmt: skip


def _query(reader: sqlite3.Connection) -> str:
    there = _has_drift(reader)
    known = [f"{f'drift.{name}' if there else 'NULL'} AS drift_{name}" for name in ("seq", "run", *_OF_DRIFT)]
    columns = ", ".join([*(f"minutes.{name} AS {name}" for name in _OF_MINUTE), *known])
    return f"SELECT {columns} FROM minutes {'LEFT JOIN drift USING (seq) ' if there else ''}ORDER BY minutes.seq"


def _has_drift(reader: sqlite3.Connection) -> bool:
    query = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'drift'"
    return reader.execute(query).fetchone() is not None
