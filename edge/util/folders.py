"""Make the folder that an option names."""

from __future__ import annotations

from pathlib import Path

from signs_edge.edge.errors import ModelError, SignsEdgeError


def make_folder(folder: Path, what: str, *, option: str = "--out", error: type[SignsEdgeError] = ModelError) -> Path:
    """Make a folder and those above it, if they are missing; the same path.

    Args:
        folder: the path.
        what: its purpose, for the message, such as "export folder".
        option: the command-line option that names it.
        error: the class of what is raised.

    Raises:
        SignsEdgeError: of class `error`, where the folder cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as reason:
        raise error(f"{what} {folder} cannot be made ({reason.strerror}): give another {option}") from None
    return folder
