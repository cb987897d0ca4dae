"""A journal as one table for other programs: a row a minute, with what was known of drift at its end."""

from __future__ import annotations

import csv
import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from itertools import chain, islice
from pathlib import Path
from typing import Any, Literal, TextIO

from signs_edge.edge.errors import DataError
from signs_edge.edge.journal.database import read_only
from signs_edge.edge.journal.validation import check_columns, parsed

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


def rows(paths: Iterable[Path]) -> Iterator[dict[str, Any]]:
    """The rows of journals, one after the other, each in the order in which it happened; as many as there are in memory: one.

    Raises:
        DataError: one is none, or is damaged.
    """
    for path in paths:
        with closing(read_only(path)) as reader:
            try:
                check_columns(reader, ("minutes", "drift") if _has_drift(reader) else ("minutes",))
                for row in reader.execute(_query(reader)):
                    yield {
                        "journal": str(path),
                        **{name: parsed(name.removeprefix("drift_"), row[name]) if name in _NESTED and row[name] is not None else row[name]
                           for name in row.keys()},  # noqa: SIM118 (a Row's own iteration gives values)
                    }  # fmt: skip
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
            name: json.dumps(value) if name in _NESTED and value is not None else value for name, value in row.items()
        })  # fmt: skip


def _query(reader: sqlite3.Connection) -> str:
    there = _has_drift(reader)
    known = [f"{f'drift.{name}' if there else 'NULL'} AS drift_{name}" for name in _OF_DRIFT]
    columns = ", ".join([*(f"minutes.{name} AS {name}" for name in _OF_MINUTE), *known])
    return f"SELECT {columns} FROM minutes {'LEFT JOIN drift USING (seq) ' if there else ''}ORDER BY minutes.seq"


def _has_drift(reader: sqlite3.Connection) -> bool:
    query = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'drift'"
    return reader.execute(query).fetchone() is not None
