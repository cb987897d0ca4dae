"""The machine below: which one it is, how hot, and whether a Raspberry Pi slows itself down."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

# Source: https://www.raspberrypi.com/documentation/computers/os.html#get_throttled
_NOW = {0: "under-voltage", 1: "frequency capped", 2: "throttled", 3: "soft temperature limit"}
_SINCE_BOOT = 16  # the same four, this many bits higher


@dataclass(frozen=True)
class Board:
    """What a measurement was made on: model of the board or processor, architecture, cores, Python."""

    model: str
    machine: str
    cores: int
    python: str

    def __str__(self) -> str:
        """For people."""
        return f"{self.model}, {self.machine}, {self.cores} cores, Python {self.python}"

    def to_json(self) -> dict[str, Any]:
        """Plain values for a JSON object."""
        return asdict(self)


@dataclass(frozen=True)
class Heat:
    """Temperature and throttling at one moment.

    Attributes:
        celsius: of the hottest zone; None where the machine tells none.
        throttling: what a Pi complains of now; None where there is no vcgencmd to ask.
        since_boot: what it has complained of since it started.
    """

    celsius: float | None
    throttling: tuple[str, ...] | None
    since_boot: tuple[str, ...] | None

    def to_json(self) -> dict[str, Any]:
        """Plain values for a JSON object."""
        return {
            "celsius": self.celsius,
            "throttling": None if self.throttling is None else list(self.throttling),
            "throttling_since_boot": None if self.since_boot is None else list(self.since_boot),
        }


def read_board(root: Path = Path("/")) -> Board:
    """This machine; `root` stands for / in tests."""
    return Board(_model(root), platform.machine(), cores(), platform.python_version())


def cores() -> int:
    """How many this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def read_heat(root: Path = Path("/"), vcgencmd: str | None = None) -> Heat:
    """Temperature and throttling now.

    Args:
        root: stands for / in tests.
        vcgencmd: Raspberry Pi OS' command; None: whichever is on the PATH.
    """
    degrees = []
    for zone in sorted(root.glob("sys/class/thermal/thermal_zone*/temp")):
        try:
            degrees.append(int(zone.read_text()) / 1000)
        except (OSError, ValueError):  # a zone that is switched off
            continue
    command = vcgencmd or shutil.which("vcgencmd")
    bits = _throttled(command) if command else None
    if bits is None:
        return Heat(max(degrees, default=None), None, None)
    return Heat(max(degrees, default=None), decode_throttling(bits), decode_throttling(bits >> _SINCE_BOOT))


def decode_throttling(bits: int) -> tuple[str, ...]:
    """The names of the four lowest bits that are set."""
    return tuple(name for bit, name in _NOW.items() if bits >> bit & 1)


def _throttled(command: str) -> int | None:
    """The number behind `throttled=0x…`; None where the command does not work, as outside of the Pi's own system."""
    try:
        answer = subprocess.run([command, "get_throttled"], capture_output=True, text=True, timeout=5, check=True)
        return int(answer.stdout.strip().removeprefix("throttled="), 16)
    except (OSError, subprocess.SubprocessError, ValueError):
        return None


def _model(root: Path) -> str:
    """A Pi has its name in the device tree, other machines in the list of processors."""
    try:
        return (root / "proc/device-tree/model").read_text().strip("\0\n ")
    except OSError:
        pass
    try:
        lines = (root / "proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith(("model name", "Model"))]
    return names[0] if names else platform.processor() or "unknown processor"
