"""Which data is meant when nothing is said, with a notice where that is a surprise."""

from __future__ import annotations

import sys


def data_source(given: str | None) -> str:
    """The given source, else the default one; paths are made absolute, so that a run can be resumed from elsewhere."""
    from signs_edge.train.data.dataset import SYNTHETIC, default_source, existing, synthetic_size

    source = default_source() if given is None else given
    if given is None and source == SYNTHETIC:
        print(
            "notice: no SIGNS data found ($SIGNS_EDGE_DATA is not set, the cache is empty): drawn hands are used; "
            "get the photos with `signs-edge data fetch`, or give --data PATH",
            file=sys.stderr,
        )
    return source if synthetic_size(source) else str(existing(source).absolute())
