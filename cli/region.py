"""`--roi` and `--finder`: where `signs-edge run` looks."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from signs_edge.edge.errors import ModelError, UsageError

if TYPE_CHECKING:
    from signs_edge.edge.hand import Region


def open_region(roi: str, finder: Path | None, threads: int = 1, runtime: str | None = None) -> Region:
    """What the options ask for; without a finder, `auto` is the centre, and a notice says so."""
    from signs_edge.edge.finder import HandFinder
    from signs_edge.edge.hand import CentreRegion, FixedRegion, TrackedRegion, parse_roi
    from signs_edge.edge.model_store import find_finder

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
