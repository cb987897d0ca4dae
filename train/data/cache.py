"""The default folder of downloaded photos."""

from __future__ import annotations

import os
from pathlib import Path

from signs_edge.edge.errors import RuntimeMissingError


def cache_folder() -> Path:
    """The folder of the SIGNS files: `$SIGNS_EDGE_CACHE`, else `signs` in the user's cache. It may not exist yet.

    Raises:
        RuntimeMissingError: the variable is not set, and platformdirs, which knows the user's cache, is not installed.
    """
    chosen = os.environ.get("SIGNS_EDGE_CACHE")
    if chosen:
        return Path(chosen).expanduser()
    try:
        import platformdirs
    except ImportError as error:
        raise RuntimeMissingError(
            "the folder of downloaded photos is not known without platformdirs: pip install 'signs-edge[train]', or name "
            "a folder with --data, --to or $SIGNS_EDGE_CACHE"
        ) from error
    return platformdirs.user_cache_path("signs-edge") / "signs"
