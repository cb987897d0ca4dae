"""What the drift monitor says: one verdict after each frame, and a report when asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from signs_edge.edge.drift.accuracy_estimate import Estimate
from signs_edge.edge.drift.agreement import AgreementVerdict
from signs_edge.edge.drift.sequential.confidence_sequence import MeanSequence
from signs_edge.edge.drift.verdict import Verdict
from signs_edge.edge.metrics.agreement import PairedAccuracy
from signs_edge.edge.metrics.intervals import Interval


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
