"""What the drift monitor says of a run: its verdict."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from signs_edge.edge.drift.agreement import AgreementVerdict, Status
from signs_edge.edge.drift.cause import CAUSES, Cause

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
    fault: Cause | None
    agreement: AgreementVerdict
    input_status: Status
    moved: tuple[Moved, ...]
    frames_needed: int | None

    @property
    def kind(self) -> tuple[Status, Cause | None]:
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
            return f"drift: {CAUSES[self.fault]}{names}{seen}"
        if self.status == "ok":
            return f"ok{seen}"
        more = "it may stay so" if self.frames_needed is None else f"about {self.frames_needed} frames more are needed"
        return f"unknown: not enough seen, {more}{seen}"
