"""What a person at the window or the page can ask of a run."""

from __future__ import annotations

from dataclasses import dataclass

from signs_edge.edge.run.labelling import LabelQueue
from signs_edge.edge.run.pause import Pause
from signs_edge.edge.run.region_switch import RegionSwitch


@dataclass(frozen=True)
class Controls:
    """The controls of one run; any thread may use them, and the loop obeys between two frames.

    Attributes:
        pause: stop counting, and resume.
        region: look elsewhere.
        labels: label a frame that was shown.
    """

    pause: Pause
    region: RegionSwitch
    labels: LabelQueue
