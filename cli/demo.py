"""`signs-edge demo`: placeholder until the clip exists."""

from __future__ import annotations


def demo() -> None:
    """Demo."""
