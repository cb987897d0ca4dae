"""Where a run looks: `--roi` and `--finder`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from signs_edge.edge.errors import ModelError, UsageError

if TYPE_CHECKING:
    from signs_edge.edge.region.region import Region
    from signs_edge.edge.session.settings import RunSettings


def open_region(settings: RunSettings, notice: Callable[[str], None]) -> Region:
    """The region that some settings ask for; without a finder, `auto` is the centre, and a notice says so.

    Raises:
        ModelError: the finder's file cannot be used.
        UsageError: `roi` names no region, or a finder is given for a region that needs none.
    """
    if settings.finder is not None and settings.roi != "auto":
        _parsed(settings.roi)
        raise UsageError(
            f"--finder and --roi {settings.roi} want different things: give --roi auto, or leave out --finder"
        )
    return make_region(settings, settings.roi, notice)


def region_maker(settings: RunSettings, notice: Callable[[str], None]) -> Callable[[str], Region]:
    """A function that makes a region of what a person asks for while frames run: auto, center or x,y,w,h."""
    return lambda asked: make_region(settings, asked, notice)


def make_region(settings: RunSettings, roi: str, notice: Callable[[str], None]) -> Region:
    """A region of its text; `auto` uses the finder of the settings."""
    from signs_edge.edge.bundle.store import find_finder
    from signs_edge.edge.region.finder import HandFinder
    from signs_edge.edge.region.region import CentreRegion, FixedRegion
    from signs_edge.edge.region.tracked import TrackedRegion

    chosen = _parsed(roi)
    if isinstance(chosen, FixedRegion):
        return chosen
    if chosen == "center":
        return CentreRegion()
    path: Path | None = find_finder(settings.finder)
    if path is None:
        notice("this version ships no finder, looking at the centre of the frame")
        return CentreRegion()
    try:
        return TrackedRegion(HandFinder.open(path, threads=settings.threads, runtime=settings.runtime))
    except ModelError as error:
        raise ModelError(f"finder {path}: {error}") from None


def _parsed(roi: str) -> object:
    from signs_edge.edge.region.region import parse_roi

    return parse_roi(roi)
