"""What a journal keeps of drift, a row a minute, and how older journals go on."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from signs_edge.edge.drift.verdict import Moved
from signs_edge.edge.errors import DataError
from signs_edge.edge.journal import database as journal_file
from signs_edge.edge.journal.contents import JournalContents
from signs_edge.edge.journal.drift_row import to_row
from signs_edge.edge.journal.last_report import LastReport
from signs_edge.edge.journal.lock import is_written
from signs_edge.edge.journal.retention import Retention
from signs_edge.edge.journal.table import rows as table_rows
from signs_edge.edge.journal.writer import Journal, JournalConfig
from signs_edge.edge.reference.statistics import STATISTICS
from signs_edge.edge.report.page import render


def rows(path: Path, query: str) -> list[dict[str, Any]]:
    with closing(journal_file.read_only(path)) as reader:
        return [dict(row) for row in reader.execute(query)]


def make_older(path: Path) -> None:
    """As version 1 left it: no table of drift, no end of runs."""
    with closing(sqlite3.connect(path)) as older:
        older.executescript(
            "PRAGMA journal_mode = DELETE; DROP TABLE drift; ALTER TABLE runs DROP COLUMN ended; PRAGMA user_version = 1;"
        )


def test_a_minute_ends_with_what_is_known_of_drift(device: Any, drift_report: Callable[..., Any]) -> None:
    device.begin()
    device.minute(drift_report(recent=0.99))
    device.minute(drift_report("drift", "input", 0.95, ("brightness",), {"brightness": 1.0, "green": 0.001}, None))
    device.minute(frames=1)
    device.close()

    report = JournalContents.read(device.path)
    assert [row.seq for row in report.drift] == [minute.seq for minute in report.minutes]
    assert [row.recent for row in report.drift] == [0.99, 0.95, 0.995]
    second = report.drift[1]
    assert (second.status, second.fault, second.silent) == ("drift", "input", "too unlike")
    assert (second.evidence, second.moved) == ({"brightness": 1.0}, (Moved("brightness", "lower", 0.7),))
    assert (second.recent_low, second.recent_high) == pytest.approx((0.94, 0.96))
    assert second.int8_accuracy is second.int8_low is None
    assert report.known == LastReport.of(drift_report().to_json())  # in full, of the last minute alone
    assert len(rows(device.path, "SELECT * FROM states WHERE name = 'drift report'")) == 1


def test_a_minute_is_a_few_hundred_bytes(drift_report: Callable[..., Any]) -> None:
    row = to_row(drift_report("drift", "both", moved=STATISTICS, evidence=dict.fromkeys(STATISTICS, 1.0), labelled=9))

    assert len(json.dumps(row)) < 2000  # all of 16 moved at once
    quiet = to_row(drift_report(evidence=dict.fromkeys(STATISTICS, 0.001)))
    assert len(json.dumps(quiet)) < 800
    assert (row["labelled"], row["both_right"], row["int8_alone_right"], row["float_alone_right"]) == (9, 4, 1, 0)
    assert (row["difference_low"], row["difference_high"]) == (-0.1, 0.1)


def test_nothing_is_asked_between_the_ends_of_minutes(device: Any, drift_report: Callable[..., Any]) -> None:
    asked = []
    journal = device.begin()

    def ask() -> Any:
        asked.append(device.mono)
        return drift_report()

    journal.ask(ask)
    for _ in range(3):
        device.minute(frames=30)
    device.close()

    assert asked == pytest.approx([60.0, 120.0, 180.0])


def test_a_run_writes_down_that_it_ended(device: Any) -> None:
    device.begin()
    device.minute()
    assert is_written(device.path) is True
    device.close()
    assert is_written(device.path) is False
    assert [run["ended"] for run in rows(device.path, "SELECT ended FROM runs")] == [pytest.approx(60.0)]
    device.begin()

    device.path.with_name(device.path.name + "-lock").unlink()
    assert is_written(device.path) is None


def test_who_asks_whether_a_run_writes_keeps_none_from_beginning(tmp_path: Path) -> None:
    fcntl = pytest.importorskip("fcntl")
    path = tmp_path / "journal.db"
    Journal(path, {}).close()
    with path.with_name("journal.db-lock").open("rb") as asker:
        fcntl.flock(asker.fileno(), fcntl.LOCK_SH)
        threading.Timer(0.02, lambda: fcntl.flock(asker.fileno(), fcntl.LOCK_UN)).start()
        Journal(path, {}).close()


def test_a_journal_of_version_1_is_read_as_it_is(device: Any) -> None:
    device.begin()
    device.minute()
    device.close()
    make_older(device.path)
    before = device.path.read_bytes()

    report = JournalContents.read(device.path)

    assert (len(report.minutes), report.drift) == (1, ())
    assert device.path.read_bytes() == before


def test_a_journal_of_version_1_is_gone_on_with(device: Any) -> None:
    device.begin()
    device.minute()
    device.close()
    make_older(device.path)

    device.begin()
    device.minute()
    device.close()

    report = JournalContents.read(device.path)
    assert [run.ended for run in report.runs] == [None, pytest.approx(60.0)]
    assert [row.seq for row in report.drift] == [report.minutes[1].seq]
    assert rows(device.path, "PRAGMA user_version") == [{"user_version": 2}]


def test_what_is_too_old_goes_with_its_minute(device: Any) -> None:
    device.begin()
    for _ in range(20):
        device.minute()
    device.close()
    Journal(device.path, {}, config=JournalConfig(Retention(days=10 / 1440), 0.02)).close()

    report = JournalContents.read(device.path)
    assert 9 <= len(report.minutes) <= 13
    assert [row.seq for row in report.drift] == [minute.seq for minute in report.minutes]


@pytest.mark.parametrize(
    ("table", "column", "value"),
    [
        ("runs", "facts", "[]"),
        ("runs", "facts", '{"labels": 3}'),
        ("runs", "ended", "yesterday"),
        ("drift", "moved", "{}"),
        ("drift", "moved", '[["brightness", "lower"]]'),
        ("drift", "evidence", '{"brightness": "much"}'),
        ("drift", "recent", "x"),
        ("minutes", "counts", "3"),
        ("minutes", "counts", '{"3": "many"}'),
        ("minutes", "classes", '{"3": 5}'),
        ("minutes", "wall", "x"),
        ("minutes", "seconds", 9e99),
        ("minutes", "frames", 0.5),
        ("events", "value", "{"),
        ("events", "wall", b"x"),
        ("events", "mono", float("inf")),
        ("states", "value", "[1]"),
        ("states", "value", '{"a": 1}'),
        ("states", "value", "no JSON"),
    ],
)
def test_what_is_not_of_its_shape_is_damaged(device: Any, table: str, column: str, value: object) -> None:
    journal = device.begin()
    device.minute()
    journal.record_event("test", "one")
    device.close()
    with closing(sqlite3.connect(device.path)) as other:
        other.execute(f"UPDATE {table} SET {column} = ?", (value,))
        other.commit()

    with pytest.raises(DataError, match="is damaged"):
        JournalContents.read(device.path)
    if table in ("minutes", "drift"):
        with pytest.raises(DataError, match="is damaged"):
            list(table_rows([device.path]))


def test_a_clock_beyond_the_calendar_and_a_text_that_steers_a_terminal(device: Any) -> None:
    journal = device.begin()
    device.minute()
    journal.record_event("test", "one\x1b[2J\ntwo")
    device.close()
    with closing(sqlite3.connect(device.path)) as other:
        other.execute("UPDATE events SET wall = 1e15")
        other.execute("UPDATE minutes SET wall = 1e15")
        other.commit()

    report = JournalContents.read(device.path)

    assert str(report).splitlines()[-1] == "1000000000000000 s UTC  test: one [2J two"
    assert "1000000000000000 s" in render([report])
