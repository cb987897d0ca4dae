"""Lines for the user on the standard error."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    pass


def notice(text: str) -> None:
    """Tell something on the standard error."""
    print(f"notice: {text}", file=sys.stderr, flush=True)
