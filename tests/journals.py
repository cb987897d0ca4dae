"""Fixtures: drift reports with chosen values, and journals as a device would write them in hours."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from signs_edge.edge.drift.accuracy_estimate import Estimate
from signs_edge.edge.drift.agreement import AgreementVerdict
from signs_edge.edge.drift.report import DriftReport, Mean, StatisticReport
from signs_edge.edge.drift.verdict import Moved, Verdict
from signs_edge.edge.frame import Frame, FrameState
from signs_edge.edge.journal.writer import Clocks, Journal, JournalConfig
from signs_edge.edge.metrics.agreement import PairedAccuracy
from signs_edge.edge.metrics.intervals import Interval
from signs_edge.edge.prediction import Prediction
from signs_edge.edge.run.result import FrameResult
from signs_edge.edge.run.summary import RunSummary


@dataclass
class MadeDevice:
    """Writes a journal as a device would in hours, at once: a clock that is set, frames, and what was known of drift."""

    path: Path
    wall: float = 1_795_500_000.0
    mono: float = 0.0
    known: DriftReport | None = None
    journal: Journal | None = None

    def begin(self, **facts: Any) -> Journal:
        """Begin a run."""
        self.close()
        self.mono, self.known = 0.0, None
        told = {"version": "0.1.0", "models": {"model": "ab" * 32}, "camera": "0", "labels": ["0", "1"], **facts}
        clocks = Clocks(lambda: self.wall, lambda: self.mono)
        self.journal = Journal(self.path, {"camera": "0"}, told, JournalConfig(flush_s=0.02), clocks=clocks)
        self.journal.ask(lambda: self.known or made_drift_report())
        return self.journal

    def minute(self, known: DriftReport | None = None, frames: int = 6, state: FrameState = FrameState.OK) -> None:
        """Frames over a minute, and what is known at its end."""
        assert self.journal is not None
        scores = np.array([0.45, 0.55], np.float32)
        for index in range(frames):
            frame = Frame(index, np.full((8, 8, 3), 100, np.uint8), "cam", state=state)
            seen = FrameResult(frame, Prediction(1, "1", 0.55), 1, 5.0, Prediction(1, "1", 0.9), scores=scores)
            self.journal.frame(seen if state is FrameState.OK else FrameResult(frame, None, None, None), RunSummary())
            if index == 0:  # which has ended the minute before
                self.known = known or made_drift_report()
            self.go(60 / frames)

    def go(self, seconds: float) -> None:
        self.wall, self.mono = self.wall + seconds, self.mono + seconds

    def close(self) -> None:
        if self.journal is not None:
            self.journal.close()
            self.journal = None


def made_drift_report(
    status: Any = "ok",
    fault: Any = None,
    recent: float = 0.995,
    moved: tuple[str, ...] = (),
    evidence: dict[str, float] | None = None,
    guess: float | None = 0.95,
    labelled: int = 0,
) -> DriftReport:
    """What a monitor might know; bounds are a hundredth beside."""

    def about(value: float) -> Interval:
        return Interval(value - 0.01, min(1.0, value + 0.01))

    agreement = AgreementVerdict(status, recent, about(recent), 100, 0)
    verdict = Verdict(status, fault, agreement, "ok", tuple(Moved(name, "lower", 0.7) for name in moved), None)
    guessed = None if guess is None else Estimate(guess, about(guess))
    mean = Mean(recent, about(recent))
    return DriftReport(
        verdict, 1000, mean, agreement, {"0": agreement, "1": agreement}, mean, mean,
        tuple(StatisticReport(name, share, 0.5, 9) for name, share in (evidence or {}).items()), guessed, guessed,
        "too unlike" if guess is None else None,
        PairedAccuracy(labelled // 2, 1 if labelled else 0, 0, labelled), Interval(-0.1, 0.1) if labelled else None,
        1.0 if labelled else None,
    )  # fmt: skip


@pytest.fixture
def drift_report() -> Callable[..., DriftReport]:
    """A function of what is to be known to the report that says so."""
    return made_drift_report


@pytest.fixture
def device(tmp_path: Path) -> Iterator[MadeDevice]:
    """A device whose journal is `device.path`."""
    made = MadeDevice(tmp_path / "kitchen.db")
    yield made
    made.close()
