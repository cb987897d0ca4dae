"""What a journal says now: little, read quickly, also while a run writes in it."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from signs_edge.edge.errors import DataError
from signs_edge.edge.journal.database import read_only
from signs_edge.edge.journal.lock import is_written
from signs_edge.edge.metrics.intervals import Interval


@dataclass(frozen=True)
class StoredVerdict:
    """A verdict as it was written down: its number in the journal, status and fault ("" without), and the line."""

    seq: int
    status: str
    fault: str
    text: str


@dataclass(frozen=True)
class JournalState:
    """What a journal says now.

    Attributes:
        verdicts: the newest one, or those that came after the one asked for, in their order.
        recent: agreement lately, with bounds that hold at all times; None: not known.
        accuracy: of int8, guessed without labels; None: not known, or nothing can be said.
        celsius: of the board, as last told in the newest run.
        newest: `seq` of the newest minute in which frames were counted, and their number: it changes with each frame.
        last_frame: when that minute's newest frame came, by the device's clock, seconds since 1970.
        written: whether a run has it open; None: cannot be told.
        ended: whether the newest run wrote down that it ended.
    """

    verdicts: tuple[StoredVerdict, ...]
    recent: Interval | None
    accuracy: Interval | None
    celsius: float | None
    newest: tuple[int, int]
    last_frame: float | None
    written: bool | None
    ended: bool

    @classmethod
    def read(cls, path: Path, after: int | None = None) -> JournalState:
        """Read it.

        Args:
            path: the journal.
            after: `seq` of the verdict that is known already; None: only the newest is wanted.

        Raises:
            DataError: there is none, or it is damaged.
        """
        written = is_written(path)  # first: a run that ends meanwhile has then written all that is read below
        with closing(read_only(path)) as reader:
            try:
                reader.execute("BEGIN")
                minute = _first(reader, "SELECT seq, frames, wall + seconds AS at FROM minutes WHERE frames > 0")
                run = _first(reader, "SELECT * FROM runs")
                known = _first(reader, "SELECT * FROM drift") if _has_drift(reader) else {}
                return cls(
                    verdicts=_verdicts(reader, after),
                    recent=_bounds(known, "recent_low", "recent_high"),
                    accuracy=_bounds(known, "int8_low", "int8_high"),
                    celsius=_celsius(reader, run.get("seq", 0)),
                    newest=(minute.get("seq", 0), minute.get("frames", 0)),
                    last_frame=minute.get("at"),
                    written=written,
                    ended=run.get("ended") is not None,
                )
            except (sqlite3.Error, ValueError, TypeError, AttributeError) as error:
                raise DataError(f"journal {path} cannot be read ({error}): give one that a run wrote") from None


def _first(reader: sqlite3.Connection, query: str) -> dict[str, Any]:
    row = reader.execute(f"{query} ORDER BY seq DESC LIMIT 1").fetchone()
    return {} if row is None else dict(row)


def _has_drift(reader: sqlite3.Connection) -> bool:
    query = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'drift'"
    return reader.execute(query).fetchone() is not None


def _verdicts(reader: sqlite3.Connection, after: int | None) -> tuple[StoredVerdict, ...]:
    query = "SELECT seq, text, value FROM events WHERE kind = 'verdict'"
    if after is None:
        rows = reader.execute(f"{query} ORDER BY seq DESC LIMIT 1").fetchall()
    else:
        rows = reader.execute(f"{query} AND seq > ? ORDER BY seq", (after,)).fetchall()
    told = []
    for seq, text, value in rows:
        verdict = json.loads(value)
        told.append(StoredVerdict(seq, str(verdict.get("status")), str(verdict.get("fault") or ""), str(text)))
    return tuple(told)


def _celsius(reader: sqlite3.Connection, run: int) -> float | None:
    query = (
        "SELECT value FROM events WHERE run = ? AND kind = 'fact' AND text LIKE 'celsius:%' ORDER BY seq DESC LIMIT 1"
    )
    row = reader.execute(query, (run,)).fetchone()
    value = None if row is None else json.loads(row[0]).get("celsius")
    return float(value) if isinstance(value, int | float) else None


def _bounds(row: dict[str, Any], low: str, high: str) -> Interval | None:
    if row.get(low) is None or row.get(high) is None:
        return None
    return Interval(float(row[low]), float(row[high]))
