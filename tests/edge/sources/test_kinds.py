"""The table of kinds of sources: one entry makes a kind of source known."""

from __future__ import annotations

import numpy as np
import pytest

from signs_edge.edge.errors import SourceError
from signs_edge.edge.frame import Frame
from signs_edge.edge.sources import open as room
from signs_edge.edge.sources.open import open_source
from signs_edge.edge.sources.request import Frames, SourceKind, SourceRequest


def open_ramp(request: SourceRequest) -> Frames | None:
    """A kind as someone else would write it."""
    if not request.source.startswith("ramp:"):
        return None
    length = int(request.source.removeprefix("ramp:"))
    return request.played(Frame(index, np.full((4, 4, 3), index, np.uint8), "ramp") for index in range(length))


def test_an_entry_makes_a_kind_of_source_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "KINDS", (*room.KINDS, SourceKind("ramp:LENGTH", open_ramp)))

    with open_source("ramp:3") as frames:
        assert [int(frame.image[0, 0, 0]) for frame in frames] == [0, 1, 2]


def test_every_kind_is_named_where_a_source_is_refused() -> None:
    with pytest.raises(SourceError) as caught:
        open_source("ramp:3")

    assert "source 'ramp:3' cannot be read (No such file or directory): give a camera number such as 0, " in str(
        caught.value
    )
    assert all(kind.hint in str(caught.value) for kind in room.KINDS)
    assert "picamera" in str(caught.value)


def test_a_path_that_no_file_can_have() -> None:
    with pytest.raises(SourceError, match=r"cannot be read \(embedded null byte\)"):
        open_source("clip\0.mp4")
