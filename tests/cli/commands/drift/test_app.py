"""`signs-edge drift`: reports and exports of journals."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

from signs_edge.cli.commands import run as command
from signs_edge.cli.commands.drift import app as drift
from signs_edge.edge.errors import DataError, UsageError
from signs_edge.edge.journal.contents import JournalContents

PACKAGED = Path("packaged")


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of two runs of the packaged model over 60 drawn frames, the float twin beside on each third."""
    path = tmp_path_factory.mktemp("journal") / "journal.db"
    for _ in range(2):
        command.run(
            source="synthetic", model=PACKAGED, float_model=PACKAGED, headless=True, max_frames=60, float_every=3,
            journal=path,
        )  # fmt: skip
    return path


@pytest.fixture
def journal(written: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(written, tmp_path))


def test_a_report_of_two_devices(journal: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out, page = journal.with_name("out.json"), journal.with_name("out.html")

    drift.report([journal, journal], html=page, json=out)

    text = capsys.readouterr().out
    assert len(re.findall(rf"{re.escape(str(journal))}: 120 frames in \d+ s, 2 runs", text)) == 2
    assert "verdict  unknown: not enough seen" in text
    assert "UTC  verdict: unknown" in text
    assert "\nlately   agreement 100.00% (95 % at all times: " in text
    first, second = json.loads(out.read_text())
    assert first == second == JournalContents.read(journal).to_json()
    assert first["frames"] == 120
    assert sum(row["looks"] for row in first["classes"].values()) == 40
    assert sum(first["minutes"][0]["counts"].values()) == 60
    assert [row["labelled"] for row in first["drift"]] == [20, 40]  # the second run goes on with the first's statistics
    assert first["known"]["verdict"]["status"] == "unknown"
    shown = page.read_text(encoding="utf-8")
    assert (shown.count("<section"), shown.count("<svg")) == (2, 14)
    assert "run 2 begins" in shown

    class Words(HTMLParser):
        said = ""

        def handle_data(self, data: str) -> None:
            self.said += data

    words = Words()
    words.feed(shown)
    assert "2 journals" in words.said
    assert "camera synthetic" in words.said


def test_a_page_or_json_in_place_of_the_text(journal: Path, capsys: pytest.CaptureFixture[str]) -> None:
    drift.report([journal], json=Path("-"))
    assert json.loads(capsys.readouterr().out) == [JournalContents.read(journal).to_json()]

    drift.report([journal], html=Path("-"))
    assert capsys.readouterr().out.startswith("<!doctype html>")
    assert not Path("-").exists()
    with pytest.raises(UsageError, match="--html - and --json - both want the standard output"):
        drift.report([journal], html=Path("-"), json=Path("-"))


def test_minutes_as_csv(journal: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = journal.with_name("minutes.csv")

    drift.export([journal], csv="-")
    drift.export([journal], csv=str(file))

    printed = capsys.readouterr().out
    assert printed == file.read_text(encoding="utf-8")
    row, _ = csv.DictReader(io.StringIO(printed))
    assert (row["frames"], row["looks"], row["drift_status"], row["drift_labelled"]) == ("60", "20", "unknown", "20")
    assert sum(json.loads(row["counts"]).values()) == 60


def test_minutes_as_parquet(journal: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    file = journal.with_name("minutes.parquet")

    drift.export([journal, journal], parquet=str(file))
    piped = subprocess.run(
        [str(Path(sys.executable).parent / "signs-edge"), "drift", "export", str(journal), "--parquet", "-"],
        capture_output=True,
        check=True,
    ).stdout

    table = parquet.read_table(file)
    assert table.column("frames").to_pylist() == [60] * 4
    assert table.column("drift_labelled").to_pylist() == [20, 40] * 2
    assert parquet.read_table(io.BytesIO(piped)).num_rows == 2


def test_reports_and_exports_load_no_heavy_library(journal: Path) -> None:
    """They are for the device too, which has no jinja2, no matplotlib, and pyarrow only where it was asked for."""
    code = (
        "import sys\nfrom signs_edge.cli.main import app\n"
        f"app(['drift', 'report', {str(journal)!r}, '--html', {str(journal.with_name('x.html'))!r}], standalone_mode=False)\n"
        f"app(['drift', 'export', {str(journal)!r}, '--csv', {str(journal.with_name('x.csv'))!r}], standalone_mode=False)\n"
        "print(*sorted({name.split('.')[0] for name in sys.modules}))"
    )

    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout

    loaded = set(said.splitlines()[-1].split())
    assert "sqlite3" in loaded
    assert not loaded & {"tensorflow", "keras", "jinja2", "matplotlib", "pyarrow", "pandas", "ai_edge_litert"}


def test_mistakes_are_one_line(tmp_path: Path, journal: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = journal.read_bytes()
    with pytest.raises(DataError, match="cannot be read"):
        drift.report([tmp_path / "none.db"])
    with pytest.raises(UsageError, match="give --csv"):
        drift.export([journal])
    with pytest.raises(DataError, match="cannot be read"):
        drift.export([tmp_path / "none.db"], csv="-")
    assert capsys.readouterr().out == ""  # nor a head without a table
    with pytest.raises(UsageError, match="both want the standard output"):
        drift.export([journal], csv="-", parquet="-")
    for target in (tmp_path / "no" / "out.json", Path(), journal / "out.json", tmp_path / ("x" * 256)):
        for option in ("html", "json"):  # before a journal is read
            with pytest.raises(UsageError, match=f"--{option} .*cannot be written"):
                drift.report([tmp_path / "none.db"], **{option: target})
        for option in ("csv", "parquet"):
            with pytest.raises(UsageError, match=f"--{option} .*cannot be written"):
                drift.export([tmp_path / "none.db"], **{option: str(target)})
    for option in ("csv", "parquet"):
        with pytest.raises(UsageError, match=f"--{option} .* is a database, perhaps the journal"):
            drift.export([journal], **{option: str(journal)})
    for option in ("html", "json"):
        with pytest.raises(UsageError, match="is a database, perhaps the journal"):
            drift.report([journal], **{option: journal})
    assert journal.read_bytes() == before


def test_the_verdict_is_told_as_it_was_known_last(journal: Path) -> None:
    """The verdict changed to unknown at the first frame, when all was still to be seen; what was known at the end counts."""
    report = JournalContents.read(journal)
    told, known = report.verdict, report.known
    assert told is not None
    assert known is not None

    assert report.now == known.text != told.text
    assert "agreement 100.00% on" in str(report.now)
    other = dataclasses.replace(known, status="ok")  # of before the change
    assert dataclasses.replace(report, known=other).now == told.text
