"""What `signs-edge run` and `signs-edge drift replay` do alike: refuse what cannot be, end on a signal, tell."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from signs_edge.edge.errors import UsageError

if TYPE_CHECKING:
    pass

_DASH = "-"  # in place of a file: the standard output


def check_target(option: str, path: Path | None) -> None:
    """Refuse a path that no file can be written to, while there is nothing to lose yet."""
    try:
        if path is None or (not path.is_dir() and path.parent.is_dir()):
            return
    except OSError as error:  # a name that is too long, or a folder that may not be looked into
        raise UsageError(f"{option} {path} cannot be written ({error.strerror}): give another path") from None
    raise UsageError(f"{option} {path} cannot be written: give a file in a folder that exists")


def check_apart(outputs: Mapping[str, Path | None], inputs: Mapping[str, Path | None]) -> None:
    """Refuse to write over what is read, or twice into one file: each mapping is of options and what they name.

    Raises:
        UsageError: two options name the same file, by whatever path or link.
    """
    named = [(option, path) for option, path in (*outputs.items(), *inputs.items()) if path is not None]
    for place, (option, output) in enumerate(named[: sum(path is not None for path in outputs.values())]):
        for other, path in named[place + 1 :]:
            if _same_file(output, path):
                raise UsageError(f"{option} {output} is what {other} names too: give another path, or it would be lost")


def check_outputs(
    journal: Path | None, jsonl: str | None, summary: Path | None, inputs: Mapping[str, str | Path | None]
) -> None:
    """Refuse outputs that cannot be written, or not beside each other or over what is read.

    Args:
        journal, jsonl, summary: of the options of these names.
        inputs: by their options, such as "--source", what is read.

    Raises:
        UsageError: so it is.
    """
    if jsonl == _DASH == str(summary):
        raise UsageError("--jsonl - and --summary - both want the standard output: give one of them a file")
    lines = Path(jsonl) if jsonl not in (None, _DASH) else None
    page = summary if str(summary) != _DASH else None
    check_target("--summary", page)
    check_target("--jsonl", lines)
    check_apart(
        {"--journal": journal, "--jsonl": lines, "--summary": page},
        {option: Path(path) if path is not None else None for option, path in inputs.items()},
    )


def _same_file(one: Path, other: Path) -> bool:
    try:
        if one.is_file() and other.is_file():
            return one.samefile(other)
        return one.resolve() == other.resolve() and not one.exists()
    except (OSError, ValueError):
        return False
