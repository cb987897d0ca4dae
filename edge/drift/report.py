"""What the drift monitor says: one verdict after each frame, and a report when asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from signs_edge.edge.drift.accuracy_estimate import Estimate
from signs_edge.edge.drift.agreement import AgreementVerdict, Status
from signs_edge.edge.drift.cause import FAULTS, Fault
from signs_edge.edge.drift.sequential.confidence_sequence import MeanSequence
from signs_edge.edge.metrics.intervals import Interval, PairedAccuracy

HANDS = "hands found"
"""What moved where a finder saw no hand for long."""


@dataclass(frozen=True)
class Moved:
    """A statistic that is no longer as in the reference.

    Attributes:
        name: one of `frame_statistics.STATISTICS`, or `HANDS`.
        direction: whether more frames than allowed have low or high values.
        distance: total variation of recent frames from the reference, 0..1.
    """

    name: str
    direction: Literal["lower", "higher"]
    distance: float

    def __str__(self) -> str:
        """For people: its name and where it went."""
        return f"{self.name} {self.direction}"


@dataclass(frozen=True)
class Verdict:
    """What is known after a frame.

    Attributes:
        status: drift where agreement fell or the input moved; ok where neither can have; else unknown.
        fault: what kind of drift; None without drift.
        agreement: of int8 and float over all frames.
        input_status: of the frames against the reference.
        moved: statistics that moved, the farthest first.
        frames_needed: about so many frames more until ok; 0 where it is said, None where it will not be, as things are.
    """

    status: Status
    fault: Fault | None
    agreement: AgreementVerdict
    input_status: Status
    moved: tuple[Moved, ...]
    frames_needed: int | None

    @property
    def kind(self) -> tuple[Status, Fault | None]:
        """What a journal writes down when it changes."""
        return self.status, self.fault

    def to_json(self) -> dict[str, Any]:
        """Plain values for a JSON object."""
        return {
            "status": self.status,
            "fault": self.fault,
            "agreement": self.agreement.to_json(),
            "input": self.input_status,
            "moved": [
                {"statistic": moved.name, "direction": moved.direction, "distance": moved.distance}
                for moved in self.moved
            ],
            "frames_needed": self.frames_needed,
            "text": str(self),
        }

    def __str__(self) -> str:
        """For people, one line."""
        agreement = self.agreement
        seen = (
            ""
            if agreement.rate is None
            else f"; agreement {agreement.rate:.2%} on {agreement.looks} frame{'s' if agreement.looks != 1 else ''}"
        )
        if agreement.interval is not None and agreement.interval.high - agreement.interval.low < 1:
            seen += f" (95 % at all times: {agreement.interval.percent()})"
        if self.fault is not None:
            names = f" ({', '.join(map(str, self.moved[:4]))})" if self.moved else ""
            return f"drift: {FAULTS[self.fault]}{names}{seen}"
        if self.status == "ok":
            return f"ok{seen}"
        more = "it may stay so" if self.frames_needed is None else f"about {self.frames_needed} frames more are needed"
        return f"unknown: not enough seen, {more}{seen}"


@dataclass(frozen=True)
class Mean:
    """A mean with its interval, valid at all times; both None before there is a block."""

    value: float | None
    interval: Interval | None

    @classmethod
    def of(cls, sequence: MeanSequence) -> Mean:
        """What a sequence says."""
        return cls(sequence.mean, sequence.interval())

    def to_json(self) -> dict[str, Any]:
        """Plain values for a JSON object."""
        return {"mean": self.value, "interval": self.interval.to_json() if self.interval else None}


@dataclass(frozen=True)
class StatisticReport:
    """One statistic against the reference: evidence as a share of what makes an alarm (1: alarm), and distance 0..1."""

    name: str
    evidence: float
    distance: float
    blocks: int

    def to_json(self) -> dict[str, Any]:
        """Plain values for a JSON object."""
        return {
            "statistic": self.name,
            "evidence": self.evidence,
            "distance": self.distance,
            "blocks": self.blocks,
        }


@dataclass(frozen=True)
class DriftReport:
    """Everything that is known.

    Attributes:
        verdict: after the last frame.
        frames: number of frames.
        recent: agreement over the last blocks, valid at all times of that window.
        ordinary: agreement on frames like the reference of which float is sure.
        classes: agreement by int8's answer.
        score_distance: total variation of int8's and float's probabilities, 0..1.
        confidence_shift: int8's highest probability less float's, −1..1.
        statistics: each against the reference.
        int8_accuracy, float_accuracy: guessed without labels; None where too little was seen, or `silent` says why.
        silent: why no accuracy is guessed; None where one is, or would be.
        paired: both against labels.
        paired_interval: of int8's accuracy less float's, valid at all times.
        paired_p: McNemar's exact p, for one look at the end of separate pictures; None without labels.
    """

    verdict: Verdict
    frames: int
    recent: Mean
    ordinary: AgreementVerdict
    classes: dict[str, AgreementVerdict]
    score_distance: Mean
    confidence_shift: Mean
    statistics: tuple[StatisticReport, ...]
    int8_accuracy: Estimate | None
    float_accuracy: Estimate | None
    silent: str | None
    paired: PairedAccuracy
    paired_interval: Interval | None
    paired_p: float | None

    def to_json(self) -> dict[str, Any]:
        """Plain values for a JSON object."""
        paired = self.paired
        return {
            "verdict": self.verdict.to_json(),
            "frames": self.frames,
            "recent_agreement": self.recent.to_json(),
            "ordinary_agreement": self.ordinary.to_json(),
            "classes": {name: verdict.to_json() for name, verdict in self.classes.items()},
            "score_distance": self.score_distance.to_json(),
            "confidence_shift": self.confidence_shift.to_json(),
            "statistics": [statistic.to_json() for statistic in self.statistics],
            "estimated_accuracy": {
                "int8": self.int8_accuracy.to_json() if self.int8_accuracy else None,
                "float": self.float_accuracy.to_json() if self.float_accuracy else None,
                "silent": self.silent,
            },
            "labelled": {
                "n": paired.n,
                "int8": paired.first,
                "float": paired.second,
                "difference": paired.difference,
                "interval": self.paired_interval.to_json() if self.paired_interval else None,
                "p_equal": self.paired_p,
            },
        }

    def __str__(self) -> str:
        """For people: the verdict, and a line for everything else that is known."""
        lines = [str(self.verdict)]
        for name, estimate in (("int8", self.int8_accuracy), ("float", self.float_accuracy)):
            if estimate is not None:
                lines.append(
                    f"{name} accuracy, guessed without labels: {estimate.accuracy:.1%} ({estimate.interval.percent()})"
                )
        if self.silent is not None:
            lines.append(f"no guess of the accuracy: {self.silent}")
        if self.paired.n and self.paired_interval is not None:
            lines.append(
                f"int8 less float on {self.paired.n} labelled frames: {self.paired.difference:+.2%} "
                f"({self.paired_interval.percent()})"
            )
        lines += [
            f"class {name}: {verdict.status}, {verdict.rate:.1%} of {verdict.looks}"
            for name, verdict in self.classes.items()
            if verdict.rate is not None
        ]
        return "\n".join(lines)
