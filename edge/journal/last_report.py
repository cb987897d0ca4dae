"""The last full drift report of a journal, typed: what the state "drift report" holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from signs_edge.edge.journal.validation import report_of
from signs_edge.edge.metrics.intervals import Interval


@dataclass(frozen=True)
class StoredShare:
    """A share with its interval, both 0..1; None: not known."""

    value: float | None = None
    interval: Interval | None = None


@dataclass(frozen=True)
class StoredAgreement:
    """Agreement of int8 and float: status, number of frames that both saw, and the share."""

    status: str
    looks: float
    share: StoredShare


@dataclass(frozen=True)
class StoredLabels:
    """Both models against labels: number of frames, accuracies 0..1, and their difference with its interval."""

    n: int = 0
    int8: float | None = None
    float32: float | None = None
    difference: float = 0.0
    interval: Interval | None = None


@dataclass(frozen=True)
class LastReport:
    """What was last known of drift.

    Attributes:
        raw: the JSON as the journal holds it, from `DriftReport.to_json`.
        status, fault: of the verdict; None: not written.
        text: the verdict in a line; None: not written.
        agreement: since the statistics started.
        recent: agreement of the last frames.
        accuracy: estimates without labels, by model, "int8" and "float"; only those that are known.
        silent: why there is no estimate; None: there is one, or not enough was seen.
        classes: agreement by int8's answer.
        labelled: accuracies on labelled frames.
    """

    raw: Mapping[str, Any]
    status: Any
    fault: Any
    text: str | None
    agreement: StoredAgreement
    recent: StoredShare
    accuracy: Mapping[str, StoredShare] = field(default_factory=dict)
    silent: str | None = None
    classes: Mapping[str, StoredAgreement] = field(default_factory=dict)
    labelled: StoredLabels = field(default_factory=StoredLabels)

    @classmethod
    def parse(cls, text: str) -> LastReport:
        """Read the state's JSON text; ValueError where it is something else."""
        return cls.of(report_of(text))

    @classmethod
    def of(cls, raw: Mapping[str, Any]) -> LastReport:
        """Read `DriftReport.to_json`, which `validation.report_of` has checked."""
        verdict, guessed, labelled = raw["verdict"], raw["estimated_accuracy"], raw["labelled"]
        estimates = {model: guessed[model] for model in ("int8", "float") if guessed[model]}
        return cls(
            raw=raw,
            status=verdict.get("status"),
            fault=verdict.get("fault"),
            text=None if verdict.get("text") is None else str(verdict["text"]),
            agreement=_agreement(verdict["agreement"]),
            recent=StoredShare(raw["recent_agreement"]["mean"], _interval(raw["recent_agreement"]["interval"])),
            accuracy={
                model: StoredShare(one["accuracy"], _interval(one["interval"])) for model, one in estimates.items()
            },
            silent=guessed["silent"],
            classes={name: _agreement(one) for name, one in raw["classes"].items()},
            labelled=StoredLabels(
                labelled["n"],
                labelled["int8"],
                labelled["float"],
                labelled["difference"] or 0.0,
                _interval(labelled["interval"]),
            ),
        )


def _agreement(value: Mapping[str, Any]) -> StoredAgreement:
    return StoredAgreement(value["status"], value["looks"], StoredShare(value["rate"], _interval(value["interval"])))


def _interval(bounds: Any) -> Interval | None:
    return None if bounds is None else Interval(*bounds)
