"""Lines for the user on the standard error."""

from __future__ import annotations

import sys


def notice(text: str) -> None:
    """Print a notice on the standard error."""
    print(f"notice: {text}", file=sys.stderr, flush=True)
