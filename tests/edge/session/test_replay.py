"""The drift watch over a recording: a fault is found at its time, and every time alike."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from signs_edge.edge.bundle.contract import Contract
from signs_edge.edge.drift.config import DriftConfig
from signs_edge.edge.drift.sequential.blocks import BlockRule
from signs_edge.edge.errors import UsageError
from signs_edge.edge.frame import Frame
from signs_edge.edge.journal.contents import JournalContents
from signs_edge.edge.journal.writer import Journal
from signs_edge.edge.reference.expectation import Expectation
from signs_edge.edge.run.config import RunConfig
from signs_edge.edge.run.pipeline import Pipeline
from signs_edge.edge.session.recording import RecordedTime
from signs_edge.edge.session.replay import RecordingReplay, ReplayConfig

LABELS = ("0", "1", "2")
RATE, BEGAN = 10.0, 1_700_000_000.0
GOOD, LENGTH = 700, 800  # frames before the fault, and in all


class Colours:
    """Answers by which colour is strongest; from the `broken`-th picture on, by which is weakest."""

    labels, contract = LABELS, Contract()

    def __init__(self, broken: int = 10**9) -> None:
        self.broken, self.asked = broken, 0

    def probabilities(self, picture: np.ndarray) -> np.ndarray:
        self.asked += 1
        means = picture.reshape(-1, 3).mean(axis=0) / 40
        powers = np.exp(means - means.max() if self.asked <= self.broken else means.min() - means)
        return (powers / powers.sum()).astype(np.float32)


def frames(pictures: np.ndarray) -> Iterator[Frame]:
    for index, picture in enumerate(pictures):
        yield Frame(index, np.ascontiguousarray(picture[..., ::-1]), "recording")


@pytest.fixture(scope="module")
def pictures(blotches) -> np.ndarray:
    return blotches(120 + LENGTH, 4)


@pytest.fixture(scope="module")
def expectation(pictures: np.ndarray) -> Expectation:
    known = pictures[:120]
    answers = np.stack([Colours().probabilities(picture) for picture in known])
    return Expectation.of(known, answers.argmax(axis=1), answers, answers)


def replayed(path: Path, pictures: np.ndarray, expectation: Expectation, config: ReplayConfig) -> JournalContents:
    """A recording of separate pictures in whose course int8 breaks."""
    time = RecordedTime(RATE, BEGAN)
    journal = Journal(path, {"model": "a"}, clocks=time.clocks)
    twin = Colours()
    pipeline = Pipeline(Colours(broken=GOOD), RunConfig(Contract()))
    replay = RecordingReplay(time, pipeline, twin, expectation, config, journal)
    summary = replay.run(frames(pictures[120:]))
    journal.close()
    assert summary.frames == LENGTH
    if config.every is None:
        assert 0.5 * LENGTH < twin.asked < LENGTH
    assert replay.report.frames == LENGTH
    return JournalContents.read(path)


CONFIG = ReplayConfig(0.5, drift=DriftConfig(blocks=BlockRule(1, 0)))


def test_a_fault_is_named_at_its_time_in_the_recording(
    tmp_path: Path, pictures: np.ndarray, expectation: Expectation
) -> None:
    report = replayed(tmp_path / "j.db", pictures, expectation, CONFIG)

    verdicts = [(event.value["status"], event.value["fault"]) for event in report.events if event.kind == "verdict"]
    assert verdicts[0] == ("unknown", None)
    assert verdicts[-1] == ("drift", "device")
    assert {status for status, _ in verdicts[:-1]} <= {"ok", "unknown"}
    found = report.events[-1]
    assert GOOD / RATE < found.mono <= GOOD / RATE + 5
    assert found.wall == BEGAN + found.mono
    assert [minute.mono for minute in report.minutes] == [0, 60]
    assert [minute.frames for minute in report.minutes] == [600, 200]
    assert "the float twin sees 0.5 of the frames, drawn with seed 0" in report.events[0].text


def test_the_same_recording_gives_the_same_verdicts_also_in_a_journal_that_knows_it(
    tmp_path: Path, pictures: np.ndarray, expectation: Expectation
) -> None:
    path = tmp_path / "j.db"
    first = replayed(path, pictures, expectation, CONFIG)
    events = [(event.mono, event.kind, event.text) for event in first.events]

    twice = replayed(path, pictures, expectation, CONFIG)

    assert [(event.mono, event.kind, event.text) for event in twice.events] == events + events
    other = replayed(tmp_path / "k.db", pictures, expectation, ReplayConfig(0.5, seed=1, drift=CONFIG.drift))
    assert [event.text for event in other.events] != [event.text for event in first.events]


def test_every_k_th_frame(tmp_path: Path, pictures: np.ndarray, expectation: Expectation) -> None:
    config = ReplayConfig(every=4, drift=CONFIG.drift)

    report = replayed(tmp_path / "j.db", pictures, expectation, config)

    assert sum(minute.looks for minute in report.minutes) == LENGTH / 4
    assert str(config) == "the float twin sees one frame of 4"


@pytest.mark.parametrize("share", [0.0, -0.1, 1.1, float("nan")])
def test_shares_that_are_none(share: float) -> None:
    with pytest.raises(UsageError, match="give a share of the frames"):
        ReplayConfig(share)
