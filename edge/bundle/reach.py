"""What a model file is known to reach, in words, for the first line of a run."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

PACKAGED_SHA256 = "448fa1148a628389b63c7c96650bf54e50bbfd8dc973457b2bcc3a378d9dad87"
"""The packaged int8 file that `PACKAGED_REACH` was measured on; a test compares the two."""
PACKAGED_REACH = (
    "right on 94 % of the whole frames of a webcam recording it never saw (docs/model-card.md); in furnished rooms with "
    "people in view on about half"
)


def known_reach(path: Path, provenance: Mapping[str, Any]) -> str | None:
    """Say how often a model is right, as measured when it was released or exported; None where nothing is known.

    Args:
        path: the model file.
        provenance: as it stands in the file, so of any content.
    """
    if hashlib.sha256(path.read_bytes()).hexdigest() == PACKAGED_SHA256:
        return PACKAGED_REACH
    gate = provenance.get("gate")
    labelled, right = (gate.get(name) if isinstance(gate, dict) else None for name in ("labelled", "right"))
    if not (type(labelled) is int and type(right) is int and 0 <= right <= labelled > 0):
        return None
    return f"right on {right / labelled:.1%} of {labelled} pictures of its export's gate"
