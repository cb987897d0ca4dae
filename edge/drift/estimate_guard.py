"""Where confidences tell nothing of the accuracy, and why."""

from __future__ import annotations

from collections.abc import Iterable

from signs_edge.edge.drift.accuracy_estimate import AccuracyEstimate
from signs_edge.edge.drift.config import DriftConfig
from signs_edge.edge.drift.verdict import Moved
from signs_edge.edge.reference.statistics import PICTURE


def why_no_estimate(int8: AccuracyEstimate, moved: Iterable[Moved], config: DriftConfig) -> str | None:
    """Why the confidences tell nothing of the accuracy; None where they may.

    What a confidence is worth was counted on the reference's pictures. Other light alone changes little of that as
    long as the model stays as sure as it was there. Where it is less sure, and the frames are others too, or where
    it is far less sure, an estimate may be wrong by tens of points: `benchmarks/estimate.py`.

    Args:
        int8: what is guessed of the int8 model.
        moved: statistics that are no longer as in the reference, the farthest first.
        config: how far is too far.
    """
    estimate = int8.estimate
    below = 0.0 if estimate is None else int8.known - estimate.accuracy
    far = [one for one in moved if one.name in PICTURE and one.distance >= config.too_far]
    if below > 0 and far:
        return f"the frames are too unlike the reference ({', '.join(map(str, far[:3]))}), and int8 less sure of them"
    if below > config.too_low:
        return "int8 is far less sure than of the reference's pictures"
    return None
