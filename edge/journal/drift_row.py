"""What was known of drift at the end of a minute: the line that a journal keeps of it, some hundred bytes."""

from __future__ import annotations

from typing import Any

from signs_edge.edge.drift.accuracy_estimate import Estimate
from signs_edge.edge.drift.report import DriftReport
from signs_edge.edge.metrics.intervals import Interval

_LEAST = 0.005  # share of what makes an alarm; less evidence than that is none, and not worth its name in the file


def to_row(report: DriftReport) -> dict[str, Any]:
    """Its columns in the journal; what is not known is None.

    Shares and accuracies are 0..1, each with the bounds of its interval; agreement and the difference of accuracies on
    labelled frames hold at all times, the guessed accuracies at this one time. `evidence` holds, by statistic, the share
    of what makes an alarm, `moved` the statistics that made one, as name, "lower" or "higher", and distance 0..1.
    """
    verdict, paired = report.verdict, report.paired
    agreement, recent = verdict.agreement, report.recent
    return {
        "status": verdict.status,
        "fault": verdict.fault,
        "input": verdict.input_status,
        "frames": report.frames,
        "frames_needed": verdict.frames_needed,
        "looks": agreement.looks,
        **_bounded("agreement", "agreement", agreement.rate, agreement.interval),
        **_bounded("recent", "recent", recent.value, recent.interval),
        "evidence": {one.name: round(one.evidence, 3) for one in report.statistics if one.evidence >= _LEAST},
        "moved": [[one.name, one.direction, round(one.distance, 3)] for one in verdict.moved],
        **_guessed("int8", report.int8_accuracy),
        **_guessed("float", report.float_accuracy),
        "silent": report.silent,
        "labelled": paired.n,
        "both_right": paired.both,
        "int8_alone_right": paired.only_first,
        "float_alone_right": paired.only_second,
        "difference_low": report.paired_interval.low if report.paired_interval else None,
        "difference_high": report.paired_interval.high if report.paired_interval else None,
    }


def _guessed(model: str, estimate: Estimate | None) -> dict[str, float | None]:
    value, interval = (None, None) if estimate is None else (estimate.accuracy, estimate.interval)
    return _bounded(f"{model}_accuracy", model, value, interval)


def _bounded(name: str, short: str, value: float | None, interval: Interval | None) -> dict[str, float | None]:
    low, high = (None, None) if interval is None else (interval.low, interval.high)
    return {name: value, f"{short}_low": low, f"{short}_high": high}
