"""Journals as a table: CSV, and Parquet read back."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from signs_edge.edge.errors import DataError, RuntimeMissingError
from signs_edge.edge.journal.parquet import write_parquet
from signs_edge.edge.journal.table import COLUMNS, rows, write_csv


@pytest.fixture
def journal(device: Any, drift_report: Callable[..., Any]) -> Path:
    """Three minutes; input drift after the second."""
    device.begin()
    device.minute()
    device.minute(drift_report("drift", "input", 0.95, ("brightness",), {"brightness": 1.0}, None))
    device.minute()
    device.close()
    path: Path = device.path
    return path


def older(path: Path) -> Path:
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript("DROP TABLE drift; PRAGMA user_version = 1")
    return path


def test_a_row_a_minute_with_what_was_known_of_drift(journal: Path) -> None:
    found = [row.cells() for row in rows([journal, journal])]

    assert len(found) == 6
    assert list(found[0]) == list(COLUMNS)
    assert [row["drift_status"] for row in found] == ["ok", "drift", "ok"] * 2
    assert (found[1]["drift_evidence"], found[1]["drift_moved"]) == (
        {"brightness": 1.0},
        [["brightness", "lower", 0.7]],
    )
    assert (found[1]["counts"], found[1]["classes"]) == ({"1": 6}, {"1": [6, 6]})


def test_the_columns_are_those_of_the_tables(journal: Path) -> None:
    with closing(sqlite3.connect(journal)) as reader:
        tables = {
            name: [row[1] for row in reader.execute(f"PRAGMA table_info({name})")] for name in ("minutes", "drift")
        }

    assert {*tables["minutes"], *(f"drift_{name}" for name in tables["drift"]), "journal"} == {
        *COLUMNS, "drift_seq", "drift_run",
    }  # fmt: skip


def test_of_an_older_journal_drift_is_not_known(journal: Path) -> None:
    found = [row.cells() for row in rows([older(journal)])]

    assert len(found) == 3
    assert {value for row in found for name, value in row.items() if name.startswith("drift_")} == {None}


def test_csv(journal: Path) -> None:
    out = io.StringIO()

    write_csv([journal], out)

    found = list(csv.DictReader(io.StringIO(out.getvalue())))
    assert [row["drift_fault"] for row in found] == ["", "input", ""]
    assert json.loads(found[1]["drift_moved"]) == [["brightness", "lower", 0.7]]
    assert float(found[0]["drift_recent"]) == 0.995


def test_parquet(journal: Path, tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    out = tmp_path / "minutes.parquet"

    write_parquet([journal], out)

    table = parquet.read_table(out)
    assert table.column_names == list(COLUMNS)
    assert str(table.schema.field("wall").type) == "timestamp[ms, tz=UTC]"
    first, second, _ = table.to_pylist()
    assert first["wall"] == datetime.fromtimestamp(1_795_500_000, UTC)
    assert (first["frames"], first["counts"]) == (6, [("1", 6)])
    assert second["classes"] == [("1", {"same": 6, "looks": 6})]
    assert second["drift_evidence"] == [("brightness", 1.0)]
    assert second["drift_moved"] == [{"statistic": "brightness", "direction": "lower", "distance": 0.7}]
    assert (second["drift_silent"], second["drift_int8_accuracy"]) == ("too unlike", None)
    assert second["drift_recent_low"] == pytest.approx(0.94)


def test_parquet_of_an_older_journal_and_of_none(journal: Path, tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")

    write_parquet([older(journal)], tmp_path / "older.parquet")
    write_parquet([], tmp_path / "none.parquet")

    assert parquet.read_table(tmp_path / "older.parquet").column("drift_status").to_pylist() == [None] * 3
    assert parquet.read_table(tmp_path / "none.parquet").num_rows == 0


def test_without_pyarrow_one_line_says_what_to_install(
    journal: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)

    with pytest.raises(RuntimeMissingError, match="pip install pyarrow"):
        write_parquet([journal], tmp_path / "minutes.parquet")


def test_what_is_damaged_is_said(journal: Path) -> None:
    with closing(sqlite3.connect(journal)) as connection:
        connection.execute("UPDATE minutes SET counts = 'no JSON'")
        connection.commit()

    with pytest.raises(DataError, match="is damaged"):
        list(rows([journal]))
