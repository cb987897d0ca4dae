"""Drawn hands, labelled with their counts: the source `synthetic`."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np

from signs_edge.edge.frame import Frame
from signs_edge.edge.sources.request import Frames, SourceRequest


def open_synthetic(request: SourceRequest) -> Frames | None:
    """Draw hands without end, for the source `synthetic`."""
    return request.played(_frames(request)) if request.source == "synthetic" else None


def _frames(request: SourceRequest) -> Iterator[Frame]:
    from signs_edge.edge.synthetic.hands import synthetic_frames  # a run with a camera does not need to load it

    for index, (picture, count) in enumerate(synthetic_frames()):
        if request.stopped():
            return
        image = cv2.cvtColor(picture, cv2.COLOR_RGB2BGR).astype(np.uint8, copy=False)
        yield Frame(index, image, "synthetic", str(count))
