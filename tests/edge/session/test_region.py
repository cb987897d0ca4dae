"""Where a person asks to look while frames run."""

from __future__ import annotations

from pathlib import Path

import pytest

from signs_edge.edge.errors import ModelError
from signs_edge.edge.region.region import CentreRegion, FixedRegion
from signs_edge.edge.session.region import region_maker
from signs_edge.edge.session.settings import RunSettings


def test_auto_is_by_the_finder_that_was_given_and_other_places_need_none(tmp_path: Path) -> None:
    make = region_maker(RunSettings(finder=tmp_path / "own.tflite"), pytest.fail)

    with pytest.raises(ModelError, match=r"own\.tflite"):
        make("auto")
    assert make("center") == CentreRegion()
    assert make("1,2,30,40") == FixedRegion(1, 2, 30, 40)
