"""A journal that signs-edge wrote before the rows were typed (commit 601b67c): read, reported, exported, continued."""

from __future__ import annotations

import io
import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from signs_edge.edge.journal.contents import JournalContents
from signs_edge.edge.journal.table import rows, write_csv
from signs_edge.edge.journal.writer import Journal
from signs_edge.edge.report.page import render

# Made by the code of that commit: a run of three minutes with a lost camera and input drift, and a run of one minute.
_DUMP = Path(__file__).with_name("data") / "version_2_journal.sql"


@pytest.fixture
def old(tmp_path: Path) -> Path:
    path = tmp_path / "old.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.executescript(_DUMP.read_text(encoding="utf-8"))
    return path


def test_it_is_read(old: Path) -> None:
    report = JournalContents.read(old)

    assert (len(report.runs), len(report.minutes), len(report.drift)) == (2, 4, 4)
    assert report.frames == 24
    assert report.classes == {"1": (24, 24)}
    assert report.verdict is not None
    assert report.verdict.status == "drift"
    assert [row.status for row in report.drift] == ["ok", "drift", "ok", "ok"]
    assert report.drift[1].moved[0].name == "brightness"
    assert report.known is not None
    assert report.known.recent.value == 0.995
    assert report.runs[0].known.board == "Raspberry Pi 5"
    assert report.runs[0].known.floor == 0.99


def test_its_json_has_the_columns_of_the_file(old: Path) -> None:
    with closing(sqlite3.connect(old)) as connection:
        connection.row_factory = sqlite3.Row
        tables = {
            name: [dict(row) for row in connection.execute(f"SELECT * FROM {name} ORDER BY seq")]
            for name in ("runs", "minutes", "events", "drift")
        }
    for table in tables.values():
        for row in table:
            for name in {"facts", "unseen", "counts", "classes", "value", "evidence", "moved"} & set(row):
                row[name] = None if row[name] is None else json.loads(row[name])

    report = JournalContents.read(old)
    written = json.loads("".join(report.json_parts()))

    assert written == report.to_json()
    assert {name: written[name] for name in tables} == tables
    assert [list(row) for row in written["minutes"]] == [list(row) for row in tables["minutes"]]


def test_it_is_reported_and_exported(old: Path) -> None:
    page, out = render([JournalContents.read(old)]), io.StringIO()
    write_csv([old], out)

    assert "Raspberry Pi 5, aarch64" in page
    assert "brightness lower" in page
    assert "throttled" in page
    assert len(out.getvalue().splitlines()) == 5
    assert [row.cells()["drift_fault"] for row in rows([old])] == [None, "input", None, None]


def test_it_is_continued(old: Path) -> None:
    with Journal(old, {"camera": "0"}) as journal:
        assert journal.last_state("drift monitor") == {"version": 2}
        journal.record_event("note", "the lamp was changed")

    report = JournalContents.read(old)
    assert len(report.runs) == 3
    assert report.events[-1].text == "the lamp was changed"
    assert report.events[-1].seq > report.minutes[-1].seq
