"""What every kind of camera offers: a device to read, and an entry for the table of kinds.

A spec, `KIND:ADDRESS`, says which camera to open; `signs_edge.edge.cameras.devices.open_device.KINDS` lists the kinds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:  # what only names a device's errors needs no numpy, such as the doctor's
    import numpy as np
    import numpy.typing as npt


class DeviceError(Exception):
    """A device cannot be opened; one line, possibly empty, that may hold the address: whoever shows it masks secrets."""


class Device(Protocol):
    """An open camera."""

    def read(self) -> tuple[float, npt.NDArray[np.generic] | None] | None:
        """Wait for the next frame, possibly for ever.

        Returns:
            The `time.monotonic()` at which the frame came, in seconds, and its array as the camera gave it (BGR, BGRA or
            grey, 8 or 16 bits), or None instead of the array where the frame was damaged; None at the end of the stream.
        """

    def close(self) -> None:
        """Release the camera."""


@dataclass(frozen=True)
class Opening:
    """How a device is opened.

    Attributes:
        number: how many times it was opened before.
        timeout_s: seconds for which a server may keep it waiting.
        whole: whether every frame is wanted; otherwise the newest one, as young as possible.
    """

    number: int = 0
    timeout_s: float = 10.0
    whole: bool = False


@dataclass(frozen=True)
class Kind:
    """A kind of camera, as an entry of the table `KINDS`.

    Attributes:
        open: opens the device at an address, in the capture process; DeviceError where that fails. Import a library that
            only this kind needs inside this function.
        name: for an address, the name to show to people; SourceError where the address is invalid. It makes
            `--source KIND:ADDRESS` work. None: users name these cameras in another way, see `signs_edge.edge.sources.live`.
        default: the address of `--source KIND`; None: an address is required.
        hint: how to name it, for the message that lists the allowed sources; empty: not listed.
    """

    open: Callable[[str, Opening], Device]
    name: Callable[[str], str] | None = None
    default: str | None = None
    hint: str = ""
