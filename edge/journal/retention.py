"""How much a journal may hold, and how the oldest makes room."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from signs_edge.edge.errors import UsageError
from signs_edge.edge.journal.database import AGED, SPARE

_SHARE = 0.9  # of the allowed size that is left after the oldest was removed, so that it need not be at every commit
_STATES = 8  # of so many models and cameras the state is kept


@dataclass(frozen=True)
class Retention:
    """How much a journal may hold; the oldest goes first.

    Attributes:
        days: of running time, so that a clock set wrong for a moment removes nothing.
        megabytes: of 1,000,000 bytes, the file and what stands beside it.
    """

    days: float = 90.0
    megabytes: float = 96.0

    def __post_init__(self) -> None:
        """Refuse what holds nothing."""
        if not self.days > 0:
            raise UsageError(f"journal days {self.days} is not allowed: give more than 0, such as 90")
        if not self.megabytes >= 4:
            raise UsageError(f"journal megabytes {self.megabytes} is not allowed: give 4 or more")

    @property
    def bytes(self) -> int:
        """Of the file alone."""
        return int(self.megabytes * 1_000_000) - SPARE


def forget_old(connection: sqlite3.Connection, days: float) -> None:
    """Remove what lies more than so many days of running time back, and states of models and cameras long gone."""
    row = connection.execute(
        "SELECT seq FROM (SELECT seq, sum(seconds) OVER (ORDER BY seq DESC) AS back FROM minutes) "
        "WHERE back > ? ORDER BY seq DESC LIMIT 1",
        (days * 86_400,),
    ).fetchone()
    if row is not None:
        _remove(connection, row[0])
    connection.execute(
        "DELETE FROM states WHERE same NOT IN (SELECT same FROM states GROUP BY same ORDER BY max(seq) DESC LIMIT ?)",
        (_STATES,),
    )


def shrink(connection: sqlite3.Connection, most: int) -> None:
    """Remove the oldest until the file is below so many bytes."""
    while _size(connection) > most:
        low, high = connection.execute(
            "SELECT min(seq), max(seq) FROM (SELECT seq FROM minutes UNION ALL SELECT seq FROM events)"
        ).fetchone()
        if low is None or low == high:
            return
        _remove(connection, min(high - 1, int(low + (high - low) * (1 - _SHARE))))


def _remove(connection: sqlite3.Connection, last: int) -> None:
    """Everything up to and with a number; of the runs, those of which nothing is left."""
    connection.execute("BEGIN IMMEDIATE")
    for table in AGED:
        connection.execute(f"DELETE FROM {table} WHERE seq <= ?", (last,))
    connection.execute(
        "DELETE FROM runs WHERE seq < (SELECT max(seq) FROM runs) AND NOT EXISTS (SELECT 1 FROM minutes WHERE run = "
        "runs.seq) AND NOT EXISTS (SELECT 1 FROM events WHERE run = runs.seq)"
    )
    connection.execute("COMMIT")
    connection.executescript("PRAGMA incremental_vacuum")  # `execute` would give back one page and stop


def _size(connection: sqlite3.Connection) -> int:
    """Bytes of the file that are in use."""
    pages, free, size = (
        connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "freelist_count", "page_size")
    )
    return int((pages - free) * size)
