"""Say which extra a command needs, before it does anything."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec

from signs_edge.edge.errors import RuntimeMissingError

TRAINING = ("keras", "h5py", "jinja2", "matplotlib", "platformdirs", "filelock", "rich", "skimage")
"""The packages of the extra `train` as they are imported; keras stands for the backends too."""


def require_training(what: str) -> None:
    """Refuse to start where the extra `train` is not installed; nothing is imported.

    Args:
        what: what needs it, such as "training".

    Raises:
        RuntimeMissingError: one of its packages is missing.
    """
    missing = next((name for name in TRAINING if find_spec(name) is None), None)
    if missing:
        raise RuntimeMissingError(_message(what, f"{missing} is not installed"))


@contextmanager
def needing_training(what: str) -> Iterator[None]:
    """Turn an ImportError within the block into one line that names the extra `train`.

    Raises:
        RuntimeMissingError: in place of ImportError.
    """
    try:
        yield
    except ImportError as error:
        raise RuntimeMissingError(_message(what, str(error))) from None


def _message(what: str, reason: str) -> str:
    return f"{what} needs more than the device install ({reason}): pip install 'signs-edge[train]'"
