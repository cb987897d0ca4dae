"""The SQLite file of a journal: its tables, and how it is opened and written safely.

A write-ahead log (https://www.sqlite.org/wal.html), so that readers and the writer do not wait for each other, and a
killed writer leaves a whole file. `synchronous` is FULL: with NORMAL a power cut takes back all that was committed
since the last checkpoint, which may be half an hour here (https://www.sqlite.org/pragma.html#pragma_synchronous).
"""

from __future__ import annotations

import json
import os
import sqlite3
import struct
import sys
from collections.abc import Iterable, Mapping
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from signs_edge.edge.errors import DataError, UsageError

APPLICATION = 0x5347454A  # "SGEJ", at byte 68 of the file
VERSION = 2
_READ = (1, 2)  # versions that are understood; of 1, that has no drift and no end of runs, one is made that has
SPARE = 2 << 20  # bytes for what stands beside the file: its log, and the reader's index of that

# `seq` counts through all tables and only ever up: it is the order of things whatever the clock says.
_TABLES = """
CREATE TABLE runs (seq INTEGER PRIMARY KEY, wall REAL NOT NULL, same TEXT NOT NULL, facts TEXT NOT NULL,
    ended REAL);
CREATE TABLE minutes (
    seq INTEGER PRIMARY KEY, run INTEGER NOT NULL, number INTEGER NOT NULL, wall REAL NOT NULL, mono REAL NOT NULL,
    seconds REAL NOT NULL, frames INTEGER NOT NULL, undecodable INTEGER NOT NULL, dropped INTEGER NOT NULL,
    unseen TEXT NOT NULL, counts TEXT NOT NULL, looks INTEGER NOT NULL, same INTEGER NOT NULL, classes TEXT NOT NULL,
    confidence REAL, latency_p50_ms REAL, latency_p99_ms REAL, brightness REAL
);
CREATE TABLE hardest (
    seq INTEGER NOT NULL, place INTEGER NOT NULL, frame INTEGER NOT NULL, margin REAL NOT NULL, scores TEXT NOT NULL,
    twin TEXT, PRIMARY KEY (seq, place)
) WITHOUT ROWID;
CREATE TABLE events (
    seq INTEGER PRIMARY KEY, run INTEGER NOT NULL, wall REAL NOT NULL, mono REAL NOT NULL, kind TEXT NOT NULL,
    text TEXT NOT NULL, value TEXT
);
CREATE TABLE states (name TEXT NOT NULL, same TEXT NOT NULL, seq INTEGER NOT NULL, value TEXT NOT NULL,
    PRIMARY KEY (name, same));
"""
# What was known when a minute ended, under the minute's number; the columns are `drift_snapshot.to_row`'s.
_DRIFT = """
CREATE TABLE drift (
    seq INTEGER PRIMARY KEY, run INTEGER NOT NULL, status TEXT NOT NULL, fault TEXT, input TEXT NOT NULL,
    frames INTEGER NOT NULL, frames_needed INTEGER, looks INTEGER NOT NULL,
    agreement REAL, agreement_low REAL, agreement_high REAL, recent REAL, recent_low REAL, recent_high REAL,
    evidence TEXT NOT NULL, moved TEXT NOT NULL,
    int8_accuracy REAL, int8_low REAL, int8_high REAL, float_accuracy REAL, float_low REAL, float_high REAL, silent TEXT,
    labelled INTEGER NOT NULL, both_right INTEGER NOT NULL, int8_alone_right INTEGER NOT NULL,
    float_alone_right INTEGER NOT NULL, difference_low REAL, difference_high REAL
);
"""
SCHEMA = _TABLES + _DRIFT
"""What makes the tables of an empty journal."""

AGED = ("minutes", "hardest", "drift", "events")
"""Tables whose oldest rows go first."""

REPORT = "drift report"
"""Name of the state that holds, in full, what was last known of drift."""


def connect(path: Path) -> sqlite3.Connection:
    """Open a journal to write in, after making it if there is none.

    Raises:
        UsageError: no file can be there.
        DataError: what is there is no journal, damaged, or of another version; it is left as it is.
    """
    try:
        if not path.exists() or path.stat().st_size == 0:
            _create(path)
        _check_head(path)
    except (OSError, sqlite3.Error) as error:
        why = error.strerror if isinstance(error, OSError) else str(error)
        raise UsageError(f"journal {path} cannot be written ({why}): give a file in a folder that exists") from None
    connection = sqlite3.connect(path, timeout=1.0, isolation_level=None, check_same_thread=False)
    try:
        found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
        if found != "ok":
            raise sqlite3.DatabaseError(" ".join(str(found).split()))
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA wal_autocheckpoint = 128")  # pages of 4096 bytes
        connection.execute(f"PRAGMA journal_size_limit = {SPARE // 2}")
        connection.execute("SELECT seq, run, mono, value FROM events LIMIT 1")
    except sqlite3.Error as error:
        connection.close()
        raise _damaged(path, error) from None
    try:
        _upgrade(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def read_only(path: Path) -> sqlite3.Connection:
    """Open a journal to read, also while it is written in.

    Raises:
        DataError: there is none, or it is damaged.
    """
    try:
        _check_head(path)
    except OSError as error:
        raise DataError(f"journal {path} cannot be read ({error.strerror}): give one that a run wrote") from None
    try:
        connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=5.0)
    except sqlite3.Error as error:
        raise _damaged(path, error) from None
    try:
        connection.execute("SELECT seq FROM runs LIMIT 1")
    except sqlite3.Error as error:
        connection.close()
        raise _damaged(path, error) from None
    connection.row_factory = sqlite3.Row
    return connection


def _upgrade(connection: sqlite3.Connection) -> None:
    """Give a journal of version 1 what is new, all at once or not at all; nothing in it is changed."""
    # Asked of SQLite, not of the first bytes: the version may still stand in the log.
    if connection.execute("PRAGMA user_version").fetchone()[0] < VERSION:
        connection.executescript(
            f"BEGIN IMMEDIATE; ALTER TABLE runs ADD COLUMN ended REAL; {_DRIFT} PRAGMA user_version = {VERSION}; COMMIT;"
        )


def _create(path: Path) -> None:
    """Write under another name first: a file that is not finished is never taken for another program's."""
    made = path.with_name(f"{path.name}.{os.getpid()}.new")
    try:
        with closing(sqlite3.connect(made, isolation_level=None)) as connection:
            connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
            # Already here: a cut while it is turned on later would leave what only a writer can open.
            connection.execute("PRAGMA journal_mode = WAL")
            connection.executescript(
                f"BEGIN; {SCHEMA} PRAGMA application_id = {APPLICATION}; PRAGMA user_version = {VERSION}; COMMIT;"
            )
        made.replace(path)
        if sys.platform != "win32":  # the name too is to be there after a power cut
            folder = os.open(path.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
    finally:
        made.unlink(missing_ok=True)


def _check_head(path: Path) -> None:
    """Refuse what is no journal by its first bytes, before SQLite may touch it."""
    with path.open("rb") as file:
        head = file.read(100)
    if len(head) < 100 or head[:16] != b"SQLite format 3\0":
        raise DataError(
            f"journal {path} is another file, or damaged at its start: give another path; it was not changed"
        )
    version, application = (struct.unpack_from(">I", head, place)[0] for place in (60, 68))
    if application != APPLICATION:
        raise DataError(f"journal {path} is a database of another program: give another path; it was not changed")
    if version not in _READ:
        raise DataError(f"journal {path} is of version {version}, this one writes {VERSION}: give another path")


def _damaged(path: Path, error: Exception) -> DataError:
    return DataError(f"journal {path} is damaged ({error}): move it away, or give another path; it was not changed")


def last_seq(connection: sqlite3.Connection) -> int:
    """The highest number given out; 0 in a new journal."""
    tables = ("runs", "states", *AGED)
    return max(int(connection.execute(f"SELECT coalesce(max(seq), 0) FROM {name}").fetchone()[0]) for name in tables)


def states(connection: sqlite3.Connection, same: str) -> dict[str, Any]:
    """What was kept by name; a value that is no JSON is left out."""
    kept = {}
    for name, value in connection.execute("SELECT name, value FROM states WHERE same = ?", (same,)):
        with suppress(ValueError):
            kept[str(name)] = json.loads(value)
    return kept


def write(connection: sqlite3.Connection, rows: Iterable[tuple[str, Mapping[str, Any]]]) -> None:
    """Put rows (table, columns) in, in one transaction; one of the same key is replaced. Mappings and lists become JSON."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        for table, columns in rows:
            names, marks = ", ".join(columns), ", ".join("?" * len(columns))
            values = [json.dumps(one) if isinstance(one, dict | list | tuple) else one for one in columns.values()]
            connection.execute(f"INSERT OR REPLACE INTO {table} ({names}) VALUES ({marks})", values)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:  # a full disk has rolled it back already
            connection.execute("ROLLBACK")
        raise
