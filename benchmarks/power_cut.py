"""What a power cut leaves of a journal: `python benchmarks/power_cut.py [--cuts 5000] [--seconds 20]`, and a test of fewer cuts.

A child process keeps a real journal; every write, truncation, sync, creation and renaming that SQLite and the journal ask of
the system is written down (`sqlite_listener`). From that, what a disk may
hold after a cut at any moment is made up: all that was synced; of the writes to a file since its last sync any or none, whole
or torn into sectors of 512 bytes; of the names changed since the folder's last sync the first few or none; and an index
beside the log (-shm), which is never synced, full of garbage. Each such disk is opened with the project's own reader and writer.
"""

from __future__ import annotations

import argparse
import pickle
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from signs_edge.edge.journal import database as journal_file
from signs_edge.edge.journal.retention import Retention
from signs_edge.edge.journal.writer import Journal, JournalConfig

sys.path.insert(0, str(Path(__file__).parent))

from sqlite_listener import Operation, listen

SAME = {"model": "abc", "camera": "0"}
NAME = "journal.db"
SECTOR = 512


def work(path: Path, seconds: float, flush_s: float, synchronous: str) -> list[Operation]:
    """Two runs that write in one journal until it forgets its oldest, with all that was done and when."""
    import os

    done: list[Operation] = []
    kept = listen(done)
    write, sync, connect = journal_file.write, os.fsync, journal_file.connect

    def written(connection: sqlite3.Connection, rows: Any) -> None:
        rows = list(rows)
        write(connection, rows)
        events = [int(columns["text"].split()[0]) for table, columns in rows if table == "events"]
        states = [columns["value"]["n"] for table, columns in rows if table == "states"]
        done.append(("committed", time.monotonic(), "", (max(events, default=-1), max(states, default=-1))))

    def synced(number: int) -> None:
        sync(number)
        done.append(("folder", time.monotonic(), str(path), None))

    def connected(where: Path) -> sqlite3.Connection:
        connection = connect(where)
        connection.execute(f"PRAGMA synchronous = {synchronous}")
        return connection

    def named(event: str, values: tuple[Any, ...]) -> None:
        if event == "os.rename":
            done.append(("rename", time.monotonic(), str(values[0]), str(values[1])))

    journal_file.write, os.fsync, journal_file.connect = written, synced, connected
    sys.addaudithook(named)
    number = 0
    for _ in range(2):
        journal = Journal(path, SAME, config=JournalConfig(Retention(megabytes=4), flush_s))
        end = time.monotonic() + seconds / 2
        while time.monotonic() < end:
            done.append(("handed", time.monotonic(), "", number))
            journal.record_event("test", f"{number} {'x' * 6000}")
            if number % 10 == 0:
                journal.record_state("monitor", {"n": number, "rest": "y" * 5000})
            number += 1
            time.sleep(0.004)
        journal.close()
    del kept
    return done


def record(folder: Path, seconds: float, flush_s: float, synchronous: str = "FULL") -> list[Operation]:
    """`work` in a process of its own; OSError where its SQLite cannot be listened to."""
    out = folder / "done.pickle"
    order = [
        sys.executable,
        __file__,
        "--record",
        str(folder / NAME),
        str(out),
        str(seconds),
        str(flush_s),
        synchronous,
    ]
    child = subprocess.run(order, capture_output=True, text=True, timeout=60 + 2 * seconds)
    if child.returncode:
        raise OSError(child.stderr.strip().splitlines()[-1])
    done: list[Operation] = pickle.loads(out.read_bytes())
    return done


@dataclass
class File:
    """What is surely on the disk of a file, and what was asked for since."""

    log: bool = False
    safe: bytearray = field(default_factory=bytearray)
    asked: list[tuple[str, Any]] = field(default_factory=list)

    def apply(self, content: bytearray, kind: str, value: Any) -> None:
        """One write or truncation."""
        if kind == "truncate":
            del content[value:]
            content.extend(bytes(max(0, value - len(content))))
        else:
            place, data = value
            content.extend(bytes(max(0, place + len(data) - len(content))))
            content[place : place + len(data)] = data

    def sync(self) -> None:
        """All of it is safe."""
        for kind, value in self.asked:
            self.apply(self.safe, kind, value)
        self.asked.clear()

    def left(self, rng: np.random.Generator, share: float) -> bytes:
        """What may be there after a cut: of what was asked for, about a share."""
        content = bytearray(self.safe)
        for kind, value in self.asked:
            if rng.random() >= share:
                continue
            if kind == "write" and rng.random() < 0.3:
                place, data = value
                for start in range(0, len(data), SECTOR):
                    if rng.random() < 0.5:
                        self.apply(content, kind, (place + start, data[start : start + SECTOR]))
            else:
                self.apply(content, kind, value)
        return bytes(content)


class Disk:
    """Files and their names, as the operations make them."""

    def __init__(self) -> None:
        self.names: dict[str, File] = {}
        self._safe: dict[str, File] = {}
        self._asked: list[dict[str, File]] = []

    def do(self, operation: Operation) -> None:
        """One more."""
        kind, _, name, value = operation
        if kind in ("create", "rename", "remove"):
            file = File(value) if kind == "create" else self.names.pop(name)
            if kind != "remove":
                self.names[value if kind == "rename" else name] = file
            self._asked.append(dict(self.names))
        elif kind in ("write", "truncate"):
            self.names[name].asked.append((kind, value))
        elif kind == "sync":
            self.names[name].sync()
        if kind == "folder" or (kind == "sync" and self.names[name].log):
            self._safe, self._asked = dict(self.names), []

    def leave(self, folder: Path, rng: np.random.Generator) -> None:
        """Write what a cut may leave into an empty folder."""
        named = [self._safe, *self._asked][rng.integers(len(self._asked) + 1)]
        share = rng.choice([0.0, 0.5, 0.9, 1.0])
        for name, file in named.items():
            (folder / Path(name).name).write_bytes(file.left(rng, share))
        if f"{NAME}-wal" in {Path(name).name for name in named} and rng.random() < 0.5:
            (folder / f"{NAME}-shm").write_bytes(rng.bytes(32_768))


@dataclass(frozen=True)
class Cut:
    """A moment: the newest event and state that were committed, and the newest event handed over a second before."""

    committed: int
    state: int
    due: int


def cuts(done: list[Operation], n: int, seed: int) -> Iterator[tuple[Cut, Disk, np.random.Generator]]:
    """Moments at random, in their order, each with the disk then; what is under way may have reached it too."""
    rng = np.random.default_rng(seed)
    places = sorted(rng.integers(len(done), size=n).tolist())
    disk, at, event, state = Disk(), 0, -1, -1
    handed: list[tuple[float, int]] = []
    for place in places:
        for operation in done[at:place]:
            disk.do(operation)
            if operation[0] == "committed":
                event, state = max(event, operation[3][0]), max(state, operation[3][1])
            elif operation[0] == "handed":
                handed.append((operation[1], operation[3]))
        at = place
        due = max((number for when, number in handed if when < done[place][1] - 1), default=-1)
        handed = handed[-2000:]
        yield Cut(event, state, due), disk, rng


def judge(folder: Path, cut: Cut, rng: np.random.Generator) -> str | None:
    """What is wrong with what a cut left; None: nothing. The next run goes on in the journal."""
    path = folder / NAME
    if not path.exists():
        return None if cut.committed < 0 else "the file is gone"
    try:
        if rng.random() < 0.5:
            journal_file.read_only(path).close()
        journal = Journal(path, SAME, config=JournalConfig(flush_s=0.01))
        kept = (journal.last_state("monitor") or {"n": -1})["n"]
        journal.record_event("test", f"{10**9} after")
        journal.close()
        with closing(journal_file.read_only(path)) as reader:
            whole = reader.execute("PRAGMA integrity_check").fetchone()[0]
            numbers = [int(row[0].split()[0]) for row in reader.execute("SELECT text FROM events ORDER BY seq")]
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    if whole != "ok":
        return f"damaged: {whole}"
    if numbers.pop() != 10**9:
        return "the next run did not go on"
    if numbers and numbers != list(range(numbers[0], numbers[-1] + 1)):
        return "a row is missing between others"
    newest = numbers[-1] if numbers else -1
    if newest < cut.committed or kept < cut.state:
        return f"lost what was committed: {newest} for {cut.committed}, state {kept} for {cut.state}"
    return f"lost more than a second: {newest} for {cut.due}" if newest < cut.due else None


def try_cuts(done: list[Operation], n: int, seed: int = 0) -> list[str]:
    """What was wrong after each of n cuts where anything was."""
    wrong = []
    memory = "/dev/shm" if Path("/dev/shm").is_dir() else None  # no real disk need be waited for
    with TemporaryDirectory(dir=memory) as scratch:
        folder = Path(scratch) / "disk"
        for cut, disk, rng in cuts(done, n, seed):
            folder.mkdir()
            disk.leave(folder, rng)
            found = judge(folder, cut, rng)
            if found is not None:
                wrong.append(found)
            shutil.rmtree(folder)
    return wrong


def longest_wait(done: list[Operation]) -> float:
    """The most seconds from an event's handing over to its commit."""
    waits, waiting = [0.0], []
    for kind, when, _, value in done:
        if kind == "handed":
            waiting.append((when, value))
        elif kind == "committed":
            waits += [when - since for since, number in waiting if number <= value[0]]
            waiting = [one for one in waiting if one[1] > value[0]]
    return max(waits)


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cuts", type=int, default=5000)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--record", nargs=5, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.record:
        path, out, seconds, flush_s, synchronous = options.record
        Path(out).write_bytes(pickle.dumps(work(Path(path), float(seconds), float(flush_s), synchronous)))
        return
    for synchronous, flush_s in (("FULL", JournalConfig().flush_s), ("FULL", 0.05), ("NORMAL", 0.05), ("OFF", 0.05)):
        with TemporaryDirectory() as folder:
            done = record(Path(folder), options.seconds, flush_s, synchronous)
        began, kinds = time.monotonic(), [kind for kind, *_ in done]
        wrong = try_cuts(done, options.cuts)
        print(
            f"synchronous {synchronous}, a commit each {flush_s:g} s: {len(wrong)} of {options.cuts} cuts lost or broke "
            f"anything{f', such as {wrong[0]!r}' if wrong else ''}; {kinds.count('committed')} commits, "
            f"{kinds.count('write')} writes, {kinds.count('sync')} syncs, an event waits {longest_wait(done):.2f} s at most "
            f"({time.monotonic() - began:.0f} s)",
            flush=True,
        )


if __name__ == "__main__":
    main()
