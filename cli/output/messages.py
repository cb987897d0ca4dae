"""Lines for the user on the standard error, and how many of them `--quiet` and `--verbose` ask for."""

from __future__ import annotations

import sys
from dataclasses import dataclass


@dataclass
class _Level:
    quiet: bool = False
    verbose: bool = False


_level = _Level()


def choose(*, quiet: bool, verbose: bool) -> None:
    """Set what is printed from now on: with `quiet` no notices, with `verbose` tracebacks of errors."""
    _level.quiet, _level.verbose = quiet, verbose


def verbose() -> bool:
    """Whether tracebacks are asked for."""
    return _level.verbose


def notice(text: str) -> None:
    """Print a notice on the standard error, unless `--quiet` was given."""
    print_unless_quiet(f"notice: {text}")


def print_unless_quiet(line: str) -> None:
    """Print a line on the standard error, unless `--quiet` was given."""
    if not _level.quiet:
        print(line, file=sys.stderr, flush=True)
