"""What the options of `signs-edge run` say."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from signs_edge.edge.errors import UsageError

if TYPE_CHECKING:
    from signs_edge.edge.inference.classifier import TFLiteClassifier
if TYPE_CHECKING:
    from signs_edge.edge.inference.classifier import TFLiteClassifier
    from signs_edge.edge.run.config import RunConfig


def run_config(
    classifier: TFLiteClassifier,
    min_confidence: float | None,
    float_every: int | None,
    max_frames: int | None,
    smooth: float,
) -> RunConfig:
    """How frames are counted, of the options of these names; UsageError where a value is not allowed."""
    from signs_edge.edge.run.config import RunConfig
    from signs_edge.edge.run.smoothing import SmoothingConfig

    return RunConfig(
        classifier.contract, *least_confidences(min_confidence, classifier.abstain_below),
        float_every=EVERY if float_every is None else float_every, max_frames=max_frames, smoothing=SmoothingConfig(smooth),
    )  # fmt: skip


def least_confidences(given: float | None, from_model: float) -> tuple[float, float | None]:
    """Of a count, 0..1: at a chosen place, and where the finder saw the hand (None: no other), unless one was given for all."""
    from signs_edge.edge.metrics.abstention import effective_threshold
    from signs_edge.edge.region.tracked import BEHIND_FINDER

    return effective_threshold(given, from_model), from_model * BEHIND_FINDER if given is None else None


SHADOW = "10%"


FLOOR, OK_FLOOR = 0.99, 0.98  # of AgreementConfig, which is not imported to show help


EVERY = 10  # of a folder's pictures, the twin sees each tenth


@dataclass(frozen=True)
class WatchOptions:
    """As they were given.

    Attributes:
        shadow: share of one core's time for the twin, such as "10%"; None: not given.
        float_every: in its place, every k-th frame; None: not given.
        journal: the file; None: no journal.
        days, megabytes: what it may hold.
        drift_floor, drift_ok_floor: agreement below the one is drift, surely above the other it is ok, 0..1.
    """

    shadow: str | None
    float_every: int | None
    journal: Path | None
    days: float
    megabytes: float
    drift_floor: float = FLOOR
    drift_ok_floor: float = OK_FLOOR

    def __post_init__(self) -> None:
        """Refuse what says two things at once, or none."""
        if not 0 < self.drift_ok_floor <= self.drift_floor < 1:
            raise UsageError(
                f"--drift-floor {self.drift_floor:g} and --drift-ok-floor {self.drift_ok_floor:g} are not allowed: give "
                f"shares above 0 and below 1, and an ok-floor of at most the floor, such as {FLOOR} and {OK_FLOOR}"
            )
        if self.shadow is not None and self.float_every is not None:
            raise UsageError("--shadow and --float-every both say which frames the twin sees: give one of them")
        budget(self.shadow or SHADOW)


def watch_options(
    float_model: Path | None,
    shadow: str | None,
    float_every: int | None,
    journal: Path | None,
    journal_days: float,
    journal_mb: float,
    drift_floor: float | None,
    drift_ok_floor: float | None,
) -> WatchOptions:
    """Of the options of these names; None: not given.

    Raises:
        UsageError: a value is not allowed, or is about the float twin, and there is none.
    """
    of_twin = {
        "--shadow": shadow, "--float-every": float_every, "--drift-floor": drift_floor, "--drift-ok-floor": drift_ok_floor,
    }  # fmt: skip
    options = WatchOptions(
        shadow, float_every, journal, journal_days, journal_mb,
        FLOOR if drift_floor is None else drift_floor, OK_FLOOR if drift_ok_floor is None else drift_ok_floor,
    )  # fmt: skip
    idle = [option for option, value in of_twin.items() if value is not None]
    if idle and float_model is None:
        named = " and ".join(idle)
        raise UsageError(
            f"{named} {'is' if len(idle) == 1 else 'are'} about the float twin, and none is given: give --float-model too, "
            f"such as --float-model packaged, or leave out {named}"
        )
    return options


def budget(text: str, of: str = "one core's time") -> float:
    """A share, 0..1, from "10%" or "0.1"; `of` says what it is a share of.

    Raises:
        UsageError: it is neither.
    """
    try:
        share = float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    except ValueError:
        share = float("nan")
    if not 0 < share <= 1:
        raise UsageError(f"shadow {text!r} is not allowed: give a share of {of} above 0, such as 10%")
    return share
