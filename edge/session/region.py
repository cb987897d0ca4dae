"""`--roi` and `--finder`: where `signs-edge run` looks."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from signs_edge.edge.errors import ModelError, UsageError

if TYPE_CHECKING:
    from signs_edge.edge.region.region import Region


def open_region(roi: str, finder: Path | None, threads: int = 1, runtime: str | None = None) -> Region:
    """What the options ask for; without a finder, `auto` is the centre, and a notice says so."""
    from signs_edge.edge.bundle.store import find_finder
    from signs_edge.edge.region.finder import HandFinder
    from signs_edge.edge.region.region import CentreRegion, FixedRegion, parse_roi
    from signs_edge.edge.region.tracked import TrackedRegion

    chosen = parse_roi(roi)
    if finder is not None and chosen != "auto":
        raise UsageError(f"--finder and --roi {roi} want different things: give --roi auto, or leave out --finder")
    if isinstance(chosen, FixedRegion):
        return chosen
    if chosen == "center":
        return CentreRegion()
    path = find_finder(finder)
    if path is None:
        print("notice: this version ships no finder, looking at the centre of the frame", file=sys.stderr)
        return CentreRegion()
    try:
        return TrackedRegion(HandFinder.open(path, threads=threads, runtime=runtime))
    except ModelError as error:
        raise ModelError(f"finder {path}: {error}") from None


def regions(finder: Path | None, threads: int = 1, runtime: str | None = None) -> Callable[[str], Region]:
    """Makes a region of what a person asks for while frames run; `auto` is by the finder that the options gave."""
    return lambda asked: open_region(asked, finder if asked == "auto" else None, threads, runtime)
