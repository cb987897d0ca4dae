"""The journal: what is in it, and what it outlives."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from signs_edge.edge.errors import DataError, UsageError
from signs_edge.edge.frame import Frame, FrameState
from signs_edge.edge.journal import database as journal_file
from signs_edge.edge.journal import retention
from signs_edge.edge.journal.retention import Retention
from signs_edge.edge.journal.writer import Clocks, Journal, JournalConfig
from signs_edge.edge.prediction import Prediction
from signs_edge.edge.run.result import FrameResult
from signs_edge.edge.run.summary import RunSummary

SAME = {"model": "abc", "camera": "0"}
QUICK = JournalConfig(flush_s=0.02)
SUMMARY = RunSummary()
IMAGE = np.full((8, 8, 3), 100, np.uint8)


def seen(index: int = 0, state: FrameState = FrameState.OK, event: str | None = None) -> FrameResult:
    frame = Frame(index, IMAGE, "cam", state=state, event=event)
    if state is not FrameState.OK:
        return FrameResult(frame, None, None, None)
    scores = np.array([0.2, 0.8], np.float32)
    return FrameResult(frame, Prediction(1, "1", 0.8), 1, 5.0, Prediction(1, "1", 0.9), scores=scores)


def rows(path: Path, query: str) -> list[dict[str, Any]]:
    with closing(journal_file.read_only(path)) as reader:
        return [dict(row) for row in reader.execute(query)]


class Time:
    """Clocks that a test sets."""

    def __init__(self) -> None:
        self.wall, self.mono = 1_000_000.0, 50.0

    def clocks(self) -> Clocks:
        return Clocks(lambda: self.wall, lambda: self.mono)

    def go(self, seconds: float) -> None:
        self.wall, self.mono = self.wall + seconds, self.mono + seconds


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.db"


@pytest.fixture
def begin(path: Path) -> Iterator[Callable[..., Journal]]:
    """Begins a run in the journal; what a test leaves open is closed."""
    journals: list[Journal] = []

    def begin(**options: Any) -> Journal:
        journals.append(Journal(path, options.pop("same", SAME), config=options.pop("config", QUICK), **options))
        return journals[-1]

    yield begin
    for journal in journals:
        journal.close()


def test_minutes_events_facts_and_the_hardest_frames(path: Path, begin: Callable[..., Journal]) -> None:
    clock = Time()
    journal = begin(facts={"version": "1.2"}, clocks=clock.clocks())
    for index in range(130):
        journal.frame(seen(index), SUMMARY)
        clock.go(1.0)
    journal.frame(seen(130, FrameState.BLACK, "black"), SUMMARY)
    for celsius in (50, 50, 51):
        journal.record_fact("celsius", celsius)
    journal.close()

    minutes = rows(path, "SELECT * FROM minutes ORDER BY seq")
    assert [minute["number"] for minute in minutes] == [0, 1, 2]
    assert [minute["frames"] for minute in minutes] == [60, 60, 10]
    assert [minute["wall"] for minute in minutes] == [1_000_000.0, 1_000_060.0, 1_000_120.0]
    assert json.loads(minutes[0]["counts"]) == {"1": 60}
    assert json.loads(minutes[2]["unseen"]) == {"black": 1}
    assert (minutes[1]["looks"], minutes[1]["same"]) == (60, 60)
    hardest = rows(path, "SELECT * FROM hardest ORDER BY seq, place")
    assert len(hardest) == 9
    assert json.loads(hardest[0]["scores"]) == [0.2, 0.8]
    events = rows(path, "SELECT kind, text, value FROM events ORDER BY seq")
    assert [(event["kind"], event["text"]) for event in events] == [
        ("camera", "black"), ("fact", "celsius: 50"), ("fact", "celsius: 51"),
    ]  # fmt: skip
    assert json.loads(events[2]["value"]) == {"celsius": 51}
    (run,) = rows(path, "SELECT * FROM runs")
    assert (run["same"], json.loads(run["facts"])) == ("camera=0 model=abc", {"version": "1.2"})


def test_a_clock_set_back_and_a_restart_lose_and_overwrite_no_minute(path: Path, begin: Callable[..., Journal]) -> None:
    clock = Time()
    journal = begin(clocks=clock.clocks())
    for step in range(4):
        if step == 2:
            clock.wall -= 7200
        journal.frame(seen(step), SUMMARY)
        clock.go(60.0)
    journal.close()
    clock.wall = 0.0  # a Pi without a battery, started again
    journal = begin(clocks=clock.clocks())
    journal.frame(seen(9), SUMMARY)
    journal.close()

    minutes = rows(path, "SELECT seq, number, wall, mono, frames, run FROM minutes ORDER BY seq")
    assert [minute["number"] for minute in minutes] == [0, 1, 2, 3, 0]
    assert [minute["frames"] for minute in minutes] == [1] * 5
    assert [minute["mono"] for minute in minutes] == [0.0, 60.0, 120.0, 180.0, 0.0]
    assert minutes[2]["wall"] < minutes[0]["wall"]
    assert minutes[4]["wall"] == 0.0
    assert minutes[4]["run"] > minutes[3]["seq"]


def test_a_state_goes_on_where_model_and_camera_are_the_same(begin: Callable[..., Journal]) -> None:
    journal = begin()
    assert journal.last_state("monitor") is None
    journal.record_state("monitor", {"frames": 1})
    journal.record_state("monitor", {"frames": 2})
    journal.close()

    other = begin(same={**SAME, "camera": "1"})
    assert other.last_state("monitor") is None
    other.close()
    again = begin()
    assert again.last_state("monitor") == {"frames": 2}
    assert again.last_state("sampler") is None


def test_no_call_waits_for_the_disk(path: Path, begin: Callable[..., Journal], monkeypatch: pytest.MonkeyPatch) -> None:
    """Another program keeps the file locked until all calls have returned: a call that waited would never return."""
    notices: list[str] = []
    refused = threading.Event()
    write = journal_file.write

    def watched(*values: Any) -> None:
        try:
            write(*values)
        except sqlite3.OperationalError:
            refused.set()
            raise

    monkeypatch.setattr(journal_file, "write", watched)
    journal = begin(notice=notices.append)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        journal.frame(seen(0), SUMMARY)
        assert refused.wait(60)  # the writer has tried, and was refused
        for n in range(1, 200):
            journal.frame(seen(n), SUMMARY)
        other.execute("ROLLBACK")
    journal.close()

    assert notices == []
    assert rows(path, "SELECT sum(frames) AS n FROM minutes")[0]["n"] == 200


def frames_in(path: Path) -> int:
    return int(rows(path, "SELECT coalesce(sum(frames), 0) AS n FROM minutes")[0]["n"])


KILLED = """
import sys, time
from pathlib import Path
import numpy as np
from signs_edge.edge.prediction import Prediction
from signs_edge.edge.frame import Frame
from signs_edge.edge.run.result import FrameResult
from signs_edge.edge.journal.writer import Journal
image, scores = np.zeros((8, 8, 3), np.uint8), np.array([0.2, 0.8], np.float32)
journal = Journal(Path(sys.argv[1]), {"model": "m"})
print("began", flush=True)
for index in range(1_000_000):
    result = FrameResult(Frame(index, image, "cam"), Prediction(1, "1", 0.8), 1, 5.0, scores=scores)
    journal.frame(result, None)
    if index % 100 == 0:
        journal.record_event("test", str(index))
    print(index, flush=True)  # a full pipe holds it back
"""


def test_a_kill_loses_what_was_not_committed_and_never_the_file(path: Path) -> None:
    """How much that is follows from the interval of commits, less than a second; benchmarks/power_cut.py measures it."""
    assert JournalConfig().flush_s < 1
    before = 0
    for commits in (0, 1, 3):
        with subprocess.Popen([sys.executable, "-c", KILLED, str(path)], stdout=subprocess.PIPE, text=True) as child:
            assert child.stdout is not None
            assert child.stdout.readline() == "began\n"
            seen_counts = {before}
            while len(seen_counts) <= commits:
                child.stdout.readline()
                seen_counts.add(frames_in(path))
            child.send_signal(signal.SIGKILL)
            child.stdout.read()

        with closing(sqlite3.connect(path)) as reader:
            assert reader.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        after = frames_in(path)
        assert after >= max(seen_counts)  # what was committed stays
        before = after
    assert before > 0


FULL = """
import resource, sqlite3, sys
from waiting import wait_until
from pathlib import Path
from signs_edge.edge.frame import Frame
from signs_edge.edge.bundle.contract import Contract
from signs_edge.edge.journal.writer import Journal, JournalConfig
from signs_edge.edge.run.loop import run
from signs_edge.edge.run.config import RunConfig
from signs_edge.edge.run.pipeline import Pipeline
from signs_edge.edge.run.sink import Sink
import numpy as np
class Fake:
    labels = ("0", "1")
    def probabilities(self, picture):
        return np.array([0.2, 0.8], np.float32)
journal = Journal(Path(sys.argv[1]), {}, config=JournalConfig(flush_s=0.02), notice=print)
journal.record_event("test", "the first")
wait_until(lambda: sqlite3.connect(sys.argv[1]).execute("SELECT count(*) FROM events").fetchone()[0])
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
class Flood(Sink):
    def frame(self, result, summary):
        journal.record_event("test", "x" * 5000)
frames = (Frame(index, np.zeros((64, 64, 3), np.uint8), "cam") for index in range(200))
summary = run(frames, Pipeline(Fake(), RunConfig(Contract())), [journal, Flood()])
journal.close()
print(summary.frames)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no RLIMIT_FSIZE")
def test_a_full_disk_stops_the_journal_and_not_the_counting_and_says_so_once(path: Path) -> None:
    tests = str(Path(__file__).parents[2])  # of `waiting`
    child = subprocess.run(
        [sys.executable, "-c", FULL, str(path)], env={**os.environ, "PYTHONPATH": tests}, capture_output=True, text=True,
        timeout=120,
    )  # fmt: skip

    assert child.returncode == 0, child.stderr
    assert child.stderr == ""
    notice, frames = child.stdout.splitlines()
    assert notice.startswith(f"journal {path} ends here (")
    assert notice.endswith("counting goes on without it")
    assert frames == "200"
    with closing(sqlite3.connect(path)) as reader:
        assert reader.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert reader.execute("SELECT count(*) FROM events").fetchone()[0] > 0


def test_it_stays_small_and_keeps_the_newest(path: Path, begin: Callable[..., Journal]) -> None:
    retention = Retention(megabytes=4)
    journal = begin(config=JournalConfig(retention, 0.005))
    for index in range(4_000):
        journal.record_event("test", f"{index} " + "x" * 2_000)
    journal.close()

    assert retention.bytes * 0.5 < path.stat().st_size <= retention.bytes + 4096
    kept = [int(row["text"].split()[0]) for row in rows(path, "SELECT text FROM events ORDER BY seq")]
    assert kept[-1] == 3_999
    assert kept == list(range(kept[0], 4_000))


def test_days_are_of_running_time_whatever_the_clock_says(path: Path, begin: Callable[..., Journal]) -> None:
    clock = Time()
    journal = begin(clocks=clock.clocks())
    for index in range(200):
        clock.wall += 1e9 * (-1) ** index
        journal.frame(seen(index), SUMMARY)
        clock.go(59.0)
        journal.frame(seen(index), SUMMARY)
        clock.go(1.0)
    journal.close()
    begin(config=JournalConfig(Retention(days=100 / 1440), 0.02)).close()

    numbers = [row["number"] for row in rows(path, "SELECT number FROM minutes ORDER BY seq")]
    assert numbers == list(range(numbers[0], 200))
    assert 99 <= len(numbers) <= 103
    assert len(rows(path, "SELECT DISTINCT seq FROM hardest")) == len(numbers)


def damaged(path: Path) -> None:
    Journal(path, SAME, config=QUICK).close()
    content = bytearray(path.read_bytes())
    content[4096:12_288] = b"\x55" * 8192
    path.write_bytes(content)


def foreign(path: Path) -> None:
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE mine (x)")


def newer(path: Path) -> None:
    Journal(path, SAME, config=QUICK).close()
    with closing(sqlite3.connect(path)) as other:
        other.execute("PRAGMA user_version = 9")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (damaged, "is damaged"),
        (foreign, "is a database of another program"),
        (newer, "is of version 9"),
        (lambda path: path.write_text("notes of mine"), "is another file"),
        (lambda path: path.write_bytes(b"SQLite format 3\0"), "is another file"),
    ],
)
def test_what_is_no_journal_of_ours_is_refused_in_a_line_and_left(
    path: Path, make: Callable[[Path], object], message: str
) -> None:
    make(path)
    before = path.read_bytes()

    for opened in (lambda: Journal(path, SAME), lambda: Journal(path, SAME)):
        with pytest.raises(DataError, match=message) as caught:
            opened()
        assert "\n" not in str(caught.value)
    assert path.read_bytes() == before


def test_a_second_run_is_refused_while_the_first_writes(path: Path, begin: Callable[..., Journal]) -> None:
    journal = begin()
    with pytest.raises(DataError, match="is written by another run"):
        Journal(path, SAME)
    journal.close()

    begin()


def test_no_folder_and_no_journal_are_said_in_a_line(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be written"):
        Journal(tmp_path / "no" / "journal.db", SAME)
    with pytest.raises(DataError, match="cannot be read"):
        journal_file.read_only(tmp_path / "none.db")
    with pytest.raises(UsageError, match="4 or more"):
        Retention(megabytes=1)
    with pytest.raises(UsageError, match="more than 0"):
        Retention(days=0)


def test_a_file_that_cannot_be_used_is_closed_again(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Journal(path, SAME, config=QUICK).close()
    opened: list[sqlite3.Connection] = []
    connect = sqlite3.connect

    def noted(*args: Any, **options: Any) -> sqlite3.Connection:
        opened.append(connect(*args, **options))
        return opened[-1]

    def full(*_: Any) -> None:
        raise sqlite3.OperationalError("disk is full")

    monkeypatch.setattr(sqlite3, "connect", noted)
    monkeypatch.setattr(retention, "forget_old", full)
    with pytest.raises(DataError, match="cannot be used"):
        Journal(path, SAME, config=QUICK)
    damaged_at = bytearray(path.read_bytes())
    damaged_at[100:] = b"\x55" * (len(damaged_at) - 100)
    path.write_bytes(damaged_at)
    with pytest.raises(DataError, match="is damaged"):
        journal_file.read_only(path)

    assert len(opened) == 2
    for connection in opened:
        with pytest.raises(sqlite3.ProgrammingError, match="closed database"):
            connection.execute("SELECT 1")
