"""The whole drift watch behind one call a frame: is int8 still as good as float, and are the frames still like those?"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from signs_edge.edge.arrays import Image
from signs_edge.edge.drift.accuracy_estimate import AccuracyEstimate
from signs_edge.edge.drift.agreement import AgreementTest, Look, Status
from signs_edge.edge.drift.answer import Answer
from signs_edge.edge.drift.cause import Cause, Symptoms, find_cause
from signs_edge.edge.drift.config import DriftConfig
from signs_edge.edge.drift.estimate_guard import why_no_estimate
from signs_edge.edge.drift.input_shift import ShiftDetector
from signs_edge.edge.drift.report import DriftReport, Mean, StatisticReport
from signs_edge.edge.drift.sampler import Draw
from signs_edge.edge.drift.score_distance import ScoreDistance
from signs_edge.edge.drift.sequential.paired_sequence import PairedSequence
from signs_edge.edge.drift.verdict import HANDS, Moved, Verdict
from signs_edge.edge.errors import ModelError
from signs_edge.edge.reference.expectation import Expectation
from signs_edge.edge.reference.quantiles import BINS
from signs_edge.edge.reference.statistics import (
    FLOAT,
    INT8,
    PAIR,
    PICTURE,
    STATISTICS,
    answer_statistics,
    picture_statistics,
)

STATE = 2  # version of the state that `to_json` writes
_PLACE = {name: place for place, name in enumerate(STATISTICS)}
_OF_INPUT = [_PLACE[name] for name in PICTURE + FLOAT]
_OF_PAIR = [_PLACE[name] for name in PAIR]
_OF_INT8 = [_PLACE[name] for name in INT8]
_PICTURE = slice(0, len(PICTURE))
_SURE = _PLACE["float confidence"]


class DriftMonitor:
    """Takes frames one by one, in constant memory. It draws nothing and reads no clock: the same calls, the same verdicts.

    >>> DriftMonitor(DriftConfig(), ("0", "1"), Expectation.unknown()).verdict.status
    'unknown'
    """

    def __init__(self, config: DriftConfig, labels: tuple[str, ...], expectation: Expectation) -> None:
        self.config = config
        self.labels = labels
        self._reference, self._known = expectation.reference, expectation.known
        self._agreement = AgreementTest(config.agreement, config.blocks, len(labels))
        self._shift = ShiftDetector(expectation.reference, config.shift)
        self._int8_accuracy = AccuracyEstimate(expectation.int8_bins)
        self._float_accuracy = AccuracyEstimate(expectation.float_bins)
        self._scores = ScoreDistance()
        self._paired = PairedSequence()
        self._in_bins: npt.NDArray[np.float64] = np.zeros((len(STATISTICS), BINS))  # frames of this block
        self._frames = 0
        self._handless = 0  # frames without a hand since the last one with
        self._input_moved = False
        self.verdict = self._judge()

    def update(
        self, picture: Image, int8: Answer, draw: Draw, float32: Answer | None = None, truth: int | None = None
    ) -> Verdict:
        """Take a frame.

        Args:
            picture: (height, width, 3) uint8 RGB, as the models should get it.
            int8: the model's answer.
            draw: how the sampler decided.
            float32: the twin's answer; None where the frame was not drawn, or the twin failed.
            truth: the class that is right, where it is known.

        Returns:
            The verdict; that of agreement and input is renewed at the end of a block, and at once when an alarm begins.

        Raises:
            ValueError: float32 is given of a frame that was not drawn: the estimates would be wrong.
        """
        if float32 is not None and not draw.taken:
            raise ValueError("the twin answered a frame that was not drawn")
        again, self._handless = self._no_hands, 0
        counts = self.config.blocks.counts(self._frames)
        twin = float32 if counts and draw.plain else None
        measured = twin is not None or self.config.blocks.measures(self._frames)
        look = None
        if measured or float32 is not None:
            values = picture_statistics(picture, self._reference.templates)
            if measured:
                self._count(values, int8, twin)
            if float32 is not None:
                look = self._look(values, int8, draw, float32)
        if float32 is not None and truth is not None:
            self._paired = self._paired.add(int8.given == truth, float32.given == truth, counts and draw.plain)
        before = None if look is None else (self._agreement.drift, self._agreement.ordinary_drift)
        self._agreement.update(look)
        closes = self.config.blocks.closes(self._frames)
        self._frames += 1
        if closes:
            self._close()
        if again or closes or (before and before != (self._agreement.drift, self._agreement.ordinary_drift)):
            self._renew()
        return self.verdict

    def no_hand(self) -> Verdict:
        """Take a frame in which no hand was found, of which nothing else is known; after `config.handless` in a row it is drift."""
        self._handless += 1
        if self._handless == self.config.handless:
            self.verdict = self._judge()
        return self.verdict

    @property
    def _no_hands(self) -> bool:
        return self._handless >= self.config.handless

    def _renew(self) -> None:
        """Judge again; what a drift has left behind goes with it.

        What the models said of frames unlike the reference tells nothing of the device. Once the frames are as they
        should be, such evidence is dropped, or its long way down would be named a device fault. One that goes on is
        found again.
        """
        moved = bool(self._shift.alarm[0, _OF_INPUT].any())
        if self._input_moved and not moved:
            self._shift.forget(_OF_PAIR + _OF_INT8)
            self._agreement.forget()
        self._input_moved = moved
        drifted = self.verdict.fault is not None
        self.verdict = self._judge()
        if drifted and self.verdict.fault is None:
            self._agreement.look_from_now()
            self.verdict = self._judge()

    def label(self, int8_right: bool, float_right: bool) -> None:
        """Take the truth of a frame from before that a person chose to label; those of one block are one observation.

        Of a label in the pause between blocks only the counts know, as of a frame there.
        """
        self._paired = self._paired.add(int8_right, float_right, self.config.blocks.counts(self._frames))

    def _look(self, values: npt.NDArray[np.float64], int8: Answer, draw: Draw, float32: Answer) -> Look:
        """What the twin showed. It is sure from the first quarter of the reference on; NaN is never sure."""
        sure = float(float32.probabilities.max()) >= self._reference.edges[_SURE, 2]
        ordinary = bool(sure and self._reference.is_like(values))
        return Look(int8.same_as(float32), ordinary, int8.given, draw.weight, draw.plain)

    def _count(self, values: npt.NDArray[np.float64], int8: Answer, float32: Answer | None) -> None:
        """Put a frame's statistics into their bins."""
        twin = None if float32 is None else float32.probabilities
        answers = answer_statistics(int8.probabilities, twin)
        whole = np.full(len(STATISTICS), np.nan)
        whole[_PICTURE] = values
        for name, value in answers.items():
            if name in _PLACE:
                whole[_PLACE[name]] = value
        known = np.flatnonzero(np.isfinite(whole))
        self._in_bins[known, self._reference.bins(whole)[known]] += 1
        self._int8_accuracy.add(answers["int8 confidence"])
        if twin is not None:
            self._float_accuracy.add(answers["float confidence"])
            self._scores.add(answers)

    def _close(self) -> None:
        """End a block: its means are one observation each."""
        frames = self._in_bins.sum(axis=1)
        self._shift.update((self._in_bins / np.maximum(frames, 1)[:, None])[None], (frames > 0)[None])
        self._in_bins[:] = 0
        self._scores.close_block()
        self._int8_accuracy.close_block()
        self._float_accuracy.close_block()
        self._paired = self._paired.close_block()

    def _judge(self) -> Verdict:
        fault = self._fault()
        agreement = self._agreement.verdict()
        blocks = int(self._shift.seen[0, 0])
        missing = max(0, self.config.least_blocks - blocks) * self.config.blocks.period
        input_status: Status = "ok" if self._known and missing == 0 else "unknown"
        if self._no_hands or self._shift.alarm[0, _OF_INPUT].any():
            input_status = "drift"
        status: Status = "ok" if agreement.status == input_status == "ok" else "unknown"
        needed = None if agreement.frames_needed is None or not self._known else max(agreement.frames_needed, missing)
        return Verdict(
            status="drift" if fault else status,
            fault=fault,
            agreement=agreement,
            input_status=input_status,
            moved=self._moved(),
            frames_needed=None if fault else needed,
        )

    def _fault(self) -> Cause | None:
        alarm, evidence = self._shift.alarm[0], self._shift.log_evidence[0]
        found = find_cause(
            Symptoms(
                input_moved=bool(alarm[_OF_INPUT].any()),
                input_suspected=not self._known or bool(evidence[_OF_INPUT].max() > self.config.suspicion),
                disagrees=self._agreement.drift,
                ordinary_disagrees=self._agreement.ordinary_drift,
                scores_moved=bool(alarm[_OF_PAIR].any()),
                int8_moved=bool(alarm[_OF_INT8].any()),
                float_seen=bool(self._shift.seen[0, _SURE] >= self.config.least_blocks),
            )
        )
        return found or ("input" if self._no_hands else None)

    def _moved(self) -> tuple[Moved, ...]:
        distance, lower = self._shift.distance[0], self._shift.lower[0]
        moved = [
            Moved(STATISTICS[place], "lower" if lower[place] else "higher", float(distance[place]))
            for place in np.flatnonzero(self._shift.alarm[0]).tolist()
        ]
        if self._no_hands:
            moved.append(Moved(HANDS, "lower", 1.0))
        return tuple(sorted(moved, key=lambda one: -one.distance))

    def report(self) -> DriftReport:
        """Everything that is known now."""
        silent = (
            why_no_estimate(self._int8_accuracy, self._moved(), self.config)
            if self._known
            else "the model came without a reference"
        )
        sequence = self._agreement.recent
        interval = sequence.interval()
        level = self._shift.alarm_level
        evidence, distance, seen = self._shift.log_evidence[0], self._shift.distance[0], self._shift.seen[0]
        return DriftReport(
            verdict=self._judge(),
            frames=self._frames,
            recent=Mean(
                None if sequence.mean is None else 1 - sequence.mean, interval.of_the_rest() if interval else None
            ),
            ordinary=self._agreement.verdict(1),
            classes={name: self._agreement.verdict(2 + place) for place, name in enumerate(self.labels)},
            score_distance=Mean.of(self._scores.distance),
            confidence_shift=Mean.of(self._scores.shift),
            statistics=tuple(
                StatisticReport(
                    name, max(0.0, float(evidence[place]) / level), float(distance[place]), int(seen[place])
                )
                for place, name in enumerate(STATISTICS if self._known else ())
            ),
            int8_accuracy=None if silent else self._int8_accuracy.estimate,
            float_accuracy=None if silent else self._float_accuracy.estimate,
            silent=silent,
            paired=self._paired.counts,
            paired_interval=self._paired.interval,
            paired_p=self._paired.p_equal if self._paired.counts.n else None,
        )

    def to_json(self) -> dict[str, Any]:
        """The whole state as plain values for a JSON object, about 20 kB, however many frames were seen."""
        return {
            "version": STATE,
            "labels": list(self.labels),
            "frames": self._frames,
            "handless": self._handless,
            "agreement": self._agreement.to_json(),
            "shift": self._shift.to_json(),
            "int8_accuracy": self._int8_accuracy.to_json(),
            "float_accuracy": self._float_accuracy.to_json(),
            "scores": self._scores.to_json(),
            "paired": self._paired.to_json(),
            "in_bins": self._in_bins.tolist(),
        }

    @classmethod
    def from_json(
        cls, values: dict[str, Any], config: DriftConfig, labels: tuple[str, ...], expectation: Expectation
    ) -> DriftMonitor:
        """The monitor that `to_json` wrote, which goes on in the same statistics.

        Raises:
            ModelError: the state is of another version or other classes, or damaged. Whether model, reference and
                camera are the same is the caller's to know.
        """
        monitor = cls(config, labels, expectation)
        try:
            if values["version"] != STATE or tuple(values["labels"]) != labels:
                raise ValueError(f"version {values['version']}, labels {values['labels']}")
            monitor._frames, monitor._handless = int(values["frames"]), int(values["handless"])
            monitor._agreement.resume(values["agreement"])
            monitor._shift.resume(values["shift"])
            monitor._int8_accuracy.resume(values["int8_accuracy"])
            monitor._float_accuracy.resume(values["float_accuracy"])
            monitor._scores.resume(values["scores"])
            monitor._paired = PairedSequence.from_json(values["paired"])
            monitor._in_bins = np.array(values["in_bins"], np.float64).reshape(monitor._in_bins.shape)
        except (KeyError, TypeError, ValueError, IndexError) as error:
            raise ModelError(f"drift state not understood ({error}): restart the statistics") from None
        monitor._input_moved = bool(monitor._shift.alarm[0, _OF_INPUT].any())
        monitor.verdict = monitor._judge()
        return monitor
