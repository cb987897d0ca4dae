"""What a run is asked to do: the options of `signs-edge run`, checked."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from signs_edge.edge.errors import UsageError

SHADOW = "10%"
FLOOR, OK_FLOOR = 0.99, 0.98  # of AgreementConfig, which is not imported to show help
EVERY = 10  # of a folder's pictures, the float twin sees each tenth


@dataclass(frozen=True)
class RunSettings:
    """One run. Each attribute is the option of the same name of `signs-edge run`; None: not given.

    Attributes:
        source: what gives frames; may hold a password.
        model: the .tflite file or export folder of the model on duty.
        float_model: the same of its float32 twin; None: drift is not measured.
        shadow: share of one core's time for the twin, such as "10%".
        float_every: in its place, the twin sees every k-th frame.
        journal: the SQLite file that remembers the run.
        journal_days, journal_mb: what the journal may hold.
        drift_floor, drift_ok_floor: agreement below the first is drift, surely above the second is ok; 0..1.
        headless: no window.
        mirror: frames are shown as in a mirror.
        web: [HOST:]PORT of the page.
        web_token: what viewers of the page must give.
        jsonl: a file for JSON lines, or "-" for the standard output.
        on_count: a shell command that runs when the count changes.
        summary: a file for the summary, or "-".
        roi: where in the frame to look: auto, center or x,y,w,h in pixels.
        finder: the .tflite file that finds hands.
        smooth: half-life of a score in frames; 0: no smoothing.
        min_confidence: the least probability of an answer, 0..1.
        realtime: only the newest frame; False: every frame. None: as suits the source.
        frozen_after: seconds after which a live picture that has not changed is frozen; 0: never.
        give_up: seconds without a picture after which the run ends; 0: never.
        max_frames: the run ends after so many frames.
        threads: of the runtime and of OpenCV.
        runtime: litert, tflite-runtime or tensorflow.
        trust: take a model of other origin, or one that answers wrongly here.
        keep_frames: folder for labelled and doubtful pictures.
        config: the file that options were read from; it is never written over.
    """

    source: str = field(default="0", repr=False)
    model: Path | None = None
    float_model: Path | None = None
    shadow: str | None = None
    float_every: int | None = None
    journal: Path | None = None
    journal_days: float = 90.0
    journal_mb: float = 96.0
    drift_floor: float | None = None
    drift_ok_floor: float | None = None
    headless: bool = False
    mirror: bool = False
    web: str | None = None
    web_token: str | None = field(default=None, repr=False)
    jsonl: str | None = None
    on_count: str | None = None
    summary: Path | None = None
    roi: str = "auto"
    finder: Path | None = None
    smooth: float = 2.0
    min_confidence: float | None = None
    realtime: bool | None = None
    frozen_after: float = 5.0
    give_up: float | None = None
    max_frames: int | None = None
    threads: int = 1
    runtime: str | None = None
    trust: bool = False
    keep_frames: Path | None = None
    config: Path | None = None

    def __post_init__(self) -> None:
        """Refuse options that contradict each other, or are about a float twin that is not there."""
        if not 0 < self.ok_floor <= self.floor < 1:
            raise UsageError(
                f"--drift-floor {self.floor:g} and --drift-ok-floor {self.ok_floor:g} are not allowed: give shares above "
                f"0 and below 1, and an ok-floor of at most the floor, such as {FLOOR} and {OK_FLOOR}"
            )
        if self.shadow is not None and self.float_every is not None:
            raise UsageError("--shadow and --float-every both say which frames the twin sees: give one of them")
        if self.float_every is not None and self.float_every < 1:
            raise UsageError(
                f"float-every {self.float_every} is not allowed: give 1 for every frame, 10 for every tenth"
            )
        share_of(self.shadow or SHADOW)
        of_twin = {
            "--shadow": self.shadow, "--float-every": self.float_every,
            "--drift-floor": self.drift_floor, "--drift-ok-floor": self.drift_ok_floor,
        }  # fmt: skip
        idle = [option for option, value in of_twin.items() if value is not None]
        if idle and self.float_model is None:
            named = " and ".join(idle)
            raise UsageError(
                f"{named} {'is' if len(idle) == 1 else 'are'} about the float twin, and none is given: give "
                f"--float-model too, such as --float-model packaged, or leave out {named}"
            )

    @property
    def floor(self) -> float:
        """Agreement below this is drift, 0..1."""
        return FLOOR if self.drift_floor is None else self.drift_floor

    @property
    def ok_floor(self) -> float:
        """Agreement surely above this is ok, 0..1."""
        return OK_FLOOR if self.drift_ok_floor is None else self.drift_ok_floor


def share_of(text: str, of: str = "one core's time") -> float:
    """A share, 0..1, from "10%" or "0.1"; `of` says what it is a share of.

    Raises:
        UsageError: the text is neither.

    >>> share_of("10%")
    0.1
    """
    try:
        share = float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    except ValueError:
        share = float("nan")
    if not 0 < share <= 1:
        raise UsageError(f"shadow {text!r} is not allowed: give a share of {of} above 0, such as 10%")
    return share
