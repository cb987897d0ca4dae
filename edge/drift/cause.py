"""Which fault it is: the device's, or the input's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Cause = Literal["device", "input", "both", "unclear"]

CAUSES: dict[Cause, str] = {
    "device": "quantization or device fault: int8 and float disagree on ordinary frames",
    "input": "input drift: the frames are not like the reference",
    "both": "device fault and input drift: the frames are not like the reference, and int8 is wrong on ordinary ones too",
    "unclear": "cause not clear yet",
}


@dataclass(frozen=True)
class Symptoms:
    """What was found, each with its own level.

    Attributes:
        input_moved: a statistic of the pictures, or of the float twin's confidence.
        input_suspected: there is evidence of that, but not enough.
        disagrees: int8 and float disagree too often, over all frames or in a class.
        ordinary_disagrees: they do so on frames that are like the reference and of which float is sure.
        scores_moved: the distance of their scores, though perhaps not their answers.
        int8_moved: int8's confidence.
        float_seen: float saw enough blocks to say that its own confidence did not move.
    """

    input_moved: bool
    input_suspected: bool
    disagrees: bool
    ordinary_disagrees: bool
    scores_moved: bool
    int8_moved: bool
    float_seen: bool


def find_cause(found: Symptoms) -> Cause | None:
    """Tell the faults apart; None where there is no drift.

    Frames unlike the reference are input drift, and disagreement then is what hard frames bring, unless it is found on
    ordinary ones too. Disagreement, or scores apart, on frames like the reference are the device's fault; so is an int8
    confidence that moved while float's did not. Where an input shift is suspected but not sure, or float has not been
    seen enough, the cause is not clear.
    """
    if found.input_moved:
        return "both" if found.disagrees and found.ordinary_disagrees else "input"
    if not (found.disagrees or found.scores_moved or found.int8_moved):
        return None
    compared = found.disagrees or found.scores_moved or found.float_seen
    return "device" if compared and (found.ordinary_disagrees or not found.input_suspected) else "unclear"
