"""What happened on a device, kept across restarts and power cuts."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from signs_edge.edge.drift.report import DriftReport
from signs_edge.edge.drift.verdict import Verdict
from signs_edge.edge.errors import DataError
from signs_edge.edge.journal import database as journal_file
from signs_edge.edge.journal import drift_row as drift_snapshot
from signs_edge.edge.journal import retention
from signs_edge.edge.journal.lock import locked
from signs_edge.edge.journal.minute import SECONDS, Minute
from signs_edge.edge.journal.retention import Retention
from signs_edge.edge.run.result import FrameResult
from signs_edge.edge.run.sink import Sink
from signs_edge.edge.run.summary import RunSummary

_HELD = 10_000  # rows that wait for a disk which does not answer; beyond, the oldest are given up


@dataclass(frozen=True)
class JournalConfig:
    """How a journal is kept.

    Attributes:
        retention: how much it may hold.
        flush_s: seconds from commit to commit: less than one, so that with the commit itself the last second is the
            most that is lost.
    """

    retention: Retention = field(default_factory=Retention)
    flush_s: float = 0.75


@dataclass(frozen=True)
class Clocks:
    """The two clocks: one that may be set, seconds since 1970, and one that only goes on, in seconds."""

    wall: Callable[[], float] = time.time
    mono: Callable[[], float] = time.monotonic


class Journal(Sink):
    """A sink of the runner, and what else is to be remembered.

    No call waits for the disk: a thread commits what has come together. Where the disk is full or fails, one notice
    says so, nothing more is written, and the run goes on.

    >>> import signs_edge
    >>> from pathlib import Path
    >>> with signs_edge.Journal(Path("journal.db"), {"camera": "0"}) as journal:
    ...     journal.record_event("note", "the lamp was changed")
    """

    def __init__(
        self,
        path: Path,
        same: Mapping[str, str],
        facts: Mapping[str, Any] | None = None,
        config: JournalConfig | None = None,
        notice: Callable[[str], None] = lambda _text: None,
        clocks: Clocks | None = None,
    ) -> None:
        """Open it, or make it, and begin a run.

        Args:
            path: the file; one that exists is continued.
            same: what makes runs comparable, such as the model's digest and the camera: their states are shared.
            facts: of this run: versions, runtime, board; plain JSON values.
            config: how much is kept.
            notice: gets a line where the journal ends before the run does.

        Raises:
            UsageError: no file can be there.
            DataError: it is another file, damaged, or another run writes in it.
        """
        self._path, self._notice = path, notice
        self._config, self._clocks = config or JournalConfig(), clocks or Clocks()
        self._lock_file = locked(path)
        opened = None
        try:
            self._file = opened = journal_file.connect(path)
            self._seq = journal_file.last_seq(self._file)
            self._same = " ".join(f"{name}={value}" for name, value in sorted(same.items()))
            self._kept = journal_file.states(self._file, self._same)
            retention.forget_old(self._file, self._config.retention.days)
        except BaseException as error:
            if opened is not None:
                opened.close()
            self._lock_file.close()
            if isinstance(error, sqlite3.Error):
                raise DataError(
                    f"journal {path} cannot be used ({error}): free the disk, or give another path"
                ) from None
            raise
        self._guard = threading.Lock()  # of what the loop and the writer share: all below
        self._rows: deque[tuple[str, Mapping[str, Any]]] = deque(maxlen=_HELD)
        self._states: dict[str, Mapping[str, Any]] = {}
        self._minute: Minute | None = None
        self._minute_seq = 0
        self._changed = False  # the minute, since it was last written
        self._asked: Callable[[], DriftReport] | None = None
        self._kind: object = None
        self._facts: dict[str, object] = {}
        self._started = self._clocks.mono()
        self._run = self._next()
        self._stop, self.stopped = threading.Event(), False
        wall = self._clocks.wall()
        self._about = {"seq": self._run, "wall": wall, "same": self._same, "facts": dict(facts or {})}
        self._rows.append(("runs", self._about))
        self._writer = threading.Thread(target=self._write_on, name="journal", daemon=True)
        self._writer.start()

    def frame(self, result: FrameResult, summary: RunSummary) -> None:
        """Count a frame; one that the watchdog does not believe only as unseen, its event as an event."""
        with self._guard:
            mono = self._mono()
            if self._minute is None or mono - self._minute.number * SECONDS >= SECONDS:
                self._close_minute()
                self._minute = Minute(int(mono // SECONDS), self._clocks.wall(), mono)
                self._minute_seq = self._next()
            self._minute.add(result, mono)
            self._changed = True
        if result.frame.event is not None:
            self.record_event("camera", result.frame.event, {"frame": result.frame.index})

    def record_event(self, kind: str, text: str, value: Mapping[str, Any] | None = None) -> None:
        """Something happened: what kind of thing, a line for people, and plain JSON values."""
        with self._guard:
            row = {
                "seq": self._next(),
                "run": self._run,
                "wall": self._clocks.wall(),
                "mono": self._mono(),
                "kind": kind,
            }
            self._rows.append(("events", {**row, "text": text, "value": None if value is None else dict(value)}))

    def record_verdict(self, verdict: Verdict) -> bool:
        """Write a verdict down where it is another than the last of this run; returns whether it is."""
        if verdict.kind == self._kind:
            return False
        self._kind = verdict.kind
        self.record_event("verdict", str(verdict), verdict.to_json())
        return True

    def ask(self, report: Callable[[], DriftReport]) -> None:
        """Whenever a minute ends, and at the end of the run, ask this for all that is known of drift, and keep it."""
        self._asked = report

    def label(self, result: FrameResult, summary: RunSummary) -> None:
        """Write down what a person says that a frame shows, and what the models said."""
        answer = None if result.prediction is None else result.prediction.answer
        twin = None if result.twin is None else result.twin.answer
        text = f"frame {result.frame.index} shows {result.frame.label}; int8 {answer or 'nothing'}, float {twin or 'nothing'}"
        value = {"frame": result.frame.index, "label": result.frame.label, "answer": answer, "float": twin}
        self.record_event("label", text, value)

    def record_fact(self, name: str, value: object) -> None:
        """Write down what is so, such as throttling, where it was not so before in this run; plain JSON values."""
        if name not in self._facts or self._facts[name] != value:
            self._facts[name] = value
            text = (", ".join(map(str, value)) or "none") if isinstance(value, list) else value
            self.record_event("fact", f"{name}: {text}", {name: value})

    def record_state(self, name: str, state: Mapping[str, Any]) -> None:
        """Keep plain JSON values for the next run with the same model and camera, in place of those kept before."""
        with self._guard:
            self._keep(name, state)

    def last_state(self, name: str) -> Any:
        """The state that the last run with the same model and camera kept; None where there is none."""
        return self._kept.get(name)

    def close(self) -> None:
        """Write the rest, and that the run has ended, and close the file."""
        with self._guard:
            if self._minute is not None:
                self._close_minute()
                self._minute = None
            self._rows.append(("runs", {**self._about, "ended": self._mono()}))
        self._stop.set()
        self._writer.join()
        try:
            self._file.close()  # folds the log into the file
        except sqlite3.Error as error:
            self._end(error)
        self._lock_file.close()

    def _keep(self, name: str, state: Mapping[str, Any]) -> None:
        self._states[name] = {"name": name, "same": self._same, "seq": self._next(), "value": dict(state)}

    def _next(self) -> int:
        self._seq += 1
        return self._seq

    def _mono(self) -> float:
        return self._clocks.mono() - self._started

    def _close_minute(self) -> None:
        """Its last word into the queue, and what is known of drift at its end."""
        if self._minute is None:
            return
        if self._changed:
            self._rows.extend(self._minute_rows())
            self._changed = False
        if self._asked is not None:
            known = self._asked()
            row = {"seq": self._minute_seq, "run": self._run, **drift_snapshot.to_row(known)}
            self._rows.append(("drift", row))
            self._keep(journal_file.REPORT, known.to_json())

    def _minute_rows(self) -> list[tuple[str, Mapping[str, Any]]]:
        if self._minute is None:
            return []
        seq = self._minute_seq
        rows: list[tuple[str, Mapping[str, Any]]] = [
            ("minutes", {"seq": seq, "run": self._run, **self._minute.to_row()})
        ]
        for place, one in enumerate(self._minute.hardest):
            frame = {"seq": seq, "place": place, "frame": one.index, "margin": one.margin, "scores": one.scores}
            rows.append(("hardest", {**frame, "twin": one.twin}))
        return rows

    def _write_on(self) -> None:
        """The writer's life: commit, now and then make room, until closed or the disk fails."""
        last, pruned = False, self._clocks.mono()
        while not last and not self.stopped:
            last = self._stop.wait(self._config.flush_s)
            try:
                self._flush()
                retention.shrink(self._file, self._config.retention.bytes)
                if self._clocks.mono() - pruned >= 3600:
                    retention.forget_old(self._file, self._config.retention.days)
                    pruned = self._clocks.mono()
            except sqlite3.Error as error:
                # Another program holds the file for a moment: nothing was taken from the queue, so later will do.
                if getattr(error, "sqlite_errorcode", None) != sqlite3.SQLITE_BUSY or last:
                    self._end(error)

    def _flush(self) -> None:
        """Commit what has come together; where that fails it comes first the next time."""
        with self._guard:
            if self._changed:
                self._rows.extend(self._minute_rows())
                self._changed = False
            rows, self._rows = self._rows, deque(maxlen=_HELD)
            states, self._states = self._states, {}
        if not rows and not states:
            return
        try:
            journal_file.write(self._file, [*rows, *(("states", state) for state in states.values())])
        except sqlite3.Error:
            with self._guard:
                self._rows = deque([*rows, *self._rows], maxlen=_HELD)
                self._states = {**states, **self._states}
            raise

    def _end(self, error: sqlite3.Error) -> None:
        if not self.stopped:
            self.stopped = True
            self._notice(f"journal {self._path} ends here ({error}); counting goes on without it")
