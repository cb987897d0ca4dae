"""The picture that stands while counting is stopped: the last frame that was counted, so that it can be labelled at leisure."""

from __future__ import annotations

import dataclasses

from signs_edge.edge.frame import FrameState
from signs_edge.edge.run.result import FrameResult


class FreezeFrame:
    """Chooses what people are shown of a run, for one thread."""

    def __init__(self) -> None:
        self._counted: FrameResult | None = None

    def shown(self, result: FrameResult) -> FrameResult:
        """Of the newest result, itself; while paused the last one with an answer, as far as there is one, marked as paused.

        A camera goes on meanwhile, and a recording waits at a frame that has no answer yet: a label is for what is seen.
        """
        if result.frame.state is FrameState.PAUSED and self._counted is not None:
            return dataclasses.replace(
                self._counted, frame=dataclasses.replace(self._counted.frame, state=FrameState.PAUSED)
            )
        if result.prediction is not None:
            self._counted = result
        return result
