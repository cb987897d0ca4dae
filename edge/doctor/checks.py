"""Whether this device is fit to count, and what mends it where it is not: judgements of facts, each in one line.

Reads nothing itself (see `signs_edge.edge.doctor.facts`) and needs neither numpy nor OpenCV, one of which may be what is
missing.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from signs_edge.edge.cameras.devices.picamera_python import INSTALL
from signs_edge.edge.device.board import Heat

_HOT = 80.0  # °C, from where a Pi slows down: https://www.raspberrypi.com/documentation/computers/raspberry-pi.html
_LIBRARY = re.compile(r"(lib[\w+.-]+?\.so(?:\.\d+)*)")
# Debian's package of a library, by how the library's name begins.
_PACKAGES = {
    "libGL.so": "libgl1",
    "libEGL.so": "libegl1",
    "libglib-2.0": "libglib2.0-0",
    "libgthread-2.0": "libglib2.0-0",
    "libopenblas": "libopenblas0",
    "libatlas": "libatlas3-base",
    "libcblas": "libatlas3-base",
    "libatomic": "libatomic1",
    "libgomp": "libgomp1",
    "libstdc++": "libstdc++6",
    "libgfortran": "libgfortran5",
    "libopenjp2": "libopenjp2-7",
    "libSM": "libsm6",
    "libXext": "libxext6",
    "libXrender": "libxrender1",
    "libxcb": "libxcb1",
    "libusb-1.0": "libusb-1.0-0",
}


class Level(enum.Enum):
    """How well; the values are the words of the output."""

    OK = "ok"
    NOTE = "note"  # an optional part is not installed
    WARN = "warn"  # something is missing or slow, and `run` works all the same
    FAIL = "fail"  # `run` will not do what it is asked


@dataclass(frozen=True)
class Check:
    """One thing looked at.

    Attributes:
        name: what, in a word or two.
        level: how well.
        found: what was seen.
        fix: what to do; empty where all is well.
    """

    name: str
    level: Level
    found: str
    fix: str = ""

    def __post_init__(self) -> None:
        """Refuse a complaint without a remedy."""
        if (self.level is Level.OK) == bool(self.fix):
            raise ValueError(f"check {self.name}: {self.level.value} with fix {self.fix!r}")

    def __str__(self) -> str:
        """For people, in one line."""
        return f"{self.level.value:<5} {self.name:<12} {self.found}" + (f": {self.fix}" if self.fix else "")

    def to_json(self) -> dict[str, Any]:
        """Plain values for a JSON object; `fix` is null where nothing is to mend."""
        return {"name": self.name, "level": self.level.value, "found": self.found, "fix": self.fix or None}


@dataclass(frozen=True)
class Import:
    """How the import of a library went, in a process of its own.

    Attributes:
        version: of the library; None where it cannot be imported.
        error: the last line of the complaint; empty where there is none.
        signal: what the process died of, such as 4 for an illegal instruction; 0: it ended by itself.
    """

    version: str | None
    error: str = ""
    signal: int = 0


@dataclass(frozen=True)
class VideoNode:
    """A device file of a camera: its path, the group it belongs to, whether this process may read and write it."""

    path: str
    group: str
    allowed: bool


def judge_import(name: str, package: str, found: Import) -> Check:
    """A library that `run` needs; `package` is what pip calls it."""
    if found.version is not None:
        return Check(name, Level.OK, found.version)
    if found.signal == 4:
        return Check(name, Level.FAIL, f"{package} stops at an instruction that this processor does not have",
                     "take a 64-bit Raspberry Pi (3 or later) or an x86 processor with AVX")  # fmt: skip
    if found.signal:
        return Check(name, Level.FAIL, f"importing {package} dies of signal {found.signal}",
                     f"pip install --force-reinstall --no-cache-dir {package}")  # fmt: skip
    if "GLIBC" in found.error:
        return Check(name, Level.FAIL, found.error, "this system is too old for it; Debian 12 or later is needed")
    library = _LIBRARY.search(found.error)
    if library and "No module named" not in found.error:
        return Check(name, Level.FAIL, f"the system library {library[1]} is missing", _library_fix(library[1]))
    return Check(name, Level.FAIL, found.error or f"{package} cannot be imported", f"pip install {package}")


def judge_runtime(litert: Import, tflite_runtime: Import, tensorflow_installed: bool) -> Check:
    """One TFLite runtime of three is needed. TensorFlow, the last choice, is not imported to find out."""
    if litert.version is not None:
        return Check("runtime", Level.OK, litert.version)
    broken = judge_import("runtime", "ai-edge-litert", litert)
    if litert.signal:  # `run` tries it first, and dies with it, whatever else is installed
        return Check("runtime", Level.FAIL, broken.found, "pip uninstall ai-edge-litert, and install another runtime: "
                     "pip install 'signs-edge[tflite-runtime]'")  # fmt: skip
    if tflite_runtime.version is not None:
        return Check("runtime", Level.OK, tflite_runtime.version)
    if tensorflow_installed:
        return Check("runtime", Level.WARN, f"only TensorFlow's, slow to start ({broken.found})", broken.fix)
    fix = broken.fix
    if "No module named" in broken.found:
        fix += ", or where it has no wheel (32 bit), pip install 'signs-edge[tflite-runtime]'"
    return Check("runtime", Level.FAIL, broken.found, fix)


def judge_nodes(nodes: Sequence[VideoNode], user: str, groups: Collection[str], entitled: Collection[str]) -> Check:
    """Whether cameras may be opened.

    Args:
        nodes: of the cameras here.
        user: who this process runs as.
        groups: of this process.
        entitled: groups that the user database gives the user, which hold from the next login on.
    """
    refused = [node for node in nodes if not node.allowed]
    if not nodes:
        return Check("permissions", Level.OK, "no camera that they could keep away")
    if not refused:
        return Check("permissions", Level.OK, f"{', '.join(node.path for node in nodes)} may be opened")
    group = refused[0].group
    found = f"{', '.join(node.path for node in refused)} may not be opened by {user}"
    if group in groups:
        return Check("permissions", Level.FAIL, found, f"sudo chmod g+rw {refused[0].path}, of group {group}")
    if group in entitled:
        fix = f"{user} is in group {group} since after this login; log out and in again, or reboot"
        return Check("permissions", Level.FAIL, found, fix)
    if group == "root":
        fix = f"sudo chgrp video {refused[0].path} && sudo usermod -aG video {user}, and log in again"
        return Check("permissions", Level.FAIL, found, fix)
    return Check("permissions", Level.FAIL, found, f"sudo usermod -aG {group} {user}, and log in again")


def judge_cameras(names: Sequence[str], nodes: Sequence[VideoNode], is_pi: bool, has_picamera: bool) -> Check:
    """Which cameras are here; none is a warning, for files and streams need none."""
    if names:
        return Check("cameras", Level.OK, ", ".join(names))
    if any(not node.allowed for node in nodes):
        return Check("cameras", Level.WARN, "none that may be opened", "see permissions")
    if is_pi and not has_picamera:
        return Check("cameras", Level.WARN, "none found",
                     f"plug in a USB camera; or for the Pi's own, {INSTALL}")  # fmt: skip
    if is_pi:
        return Check("cameras", Level.WARN, "none found", "plug in a USB camera, or check the ribbon cable with "
                     "rpicam-hello --list-cameras; until then --source FILE or URL")  # fmt: skip
    return Check("cameras", Level.WARN, "none found", "plug one in; until then --source FILE, URL or synthetic")


def judge_display(display: bool, tk: bool) -> Check:
    """Whether a window can be shown; without one `run` counts all the same."""
    if not display:
        found = "none ($DISPLAY is not set)" + ("" if tk else ", and Python has no Tk here")
        fix = "run --headless, or for a window start it on the desktop or with ssh -X"
        return Check("display", Level.WARN, found, fix + ("" if tk else ", after sudo apt install python3-tk"))
    if not tk:
        fix = "sudo apt install python3-tk, or run --headless"
        return Check("display", Level.FAIL, "Python has no Tk here, which draws the window", fix)
    return Check("display", Level.OK, "a window can be shown")


def judge_processor(machine: str, features: Collection[str]) -> Check:
    """What the int8 kernels can use. `features` as /proc/cpuinfo has them; empty: it does not say."""
    arm = machine.startswith(("arm", "aarch"))
    if not features or not (arm or machine in ("x86_64", "AMD64", "i686")):
        return Check("processor", Level.OK, f"{machine}, which does not say what it can do")
    needed, better, named = ("asimd", "asimddp", "dotprod") if arm else ("avx2", "avx512_vnni", "avx512_vnni")
    if arm and "asimd" not in features and "neon" in features:
        needed = "neon"  # what 32-bit systems call it
    if needed not in features:
        return Check("processor", Level.WARN, f"{machine} without {needed}, so the model runs on slow kernels",
                     "measure it with signs-edge bench, and raise run --threads")  # fmt: skip
    if better in features or (not arm and "avx_vnni" in features):
        return Check(
            "processor", Level.OK, f"{machine} with {needed} and {named if better in features else 'avx_vnni'}"
        )
    return Check("processor", Level.OK, f"{machine} with {needed}, without {named} (int8 would be faster with it)")


def judge_heat(heat: Heat) -> Check:
    """Whether the board slows itself down."""
    degrees = "" if heat.celsius is None else f"{heat.celsius:.0f} °C"
    now, before = heat.throttling or (), heat.since_boot or ()
    complaints = now or before
    if complaints:
        when = "now" if now else "since it started"
        said = f"{', '.join(complaints)} {when}" + (f", {degrees}" if degrees else "")
        fix = ["a better power supply and cable (5 V, 3 A; 5 A for a Pi 5)"] if "under-voltage" in complaints else []
        if set(complaints) - {"under-voltage"} and (not fix or (heat.celsius or 0) >= _HOT):
            fix.append("a heat sink or fan")
        return Check("heat", Level.WARN, said, f"give it {' and '.join(fix)}")
    if heat.celsius is not None and heat.celsius >= _HOT:
        return Check("heat", Level.WARN, f"{degrees}, hot", "give it a heat sink or fan")
    told = "" if heat.throttling is None else "not slowed down"
    return Check("heat", Level.OK, ", ".join(filter(None, (degrees, told))) or "this machine does not say")


def _library_fix(library: str) -> str:
    package = next((name for start, name in _PACKAGES.items() if library.startswith(start)), None)
    if package is None:
        return (
            f"sudo apt install apt-file && sudo apt-file update && apt-file search {library}, and install what it names"
        )
    if package == "libgl1":
        return "pip uninstall opencv-python && pip install --force-reinstall opencv-python-headless, or sudo apt install libgl1"
    return f"sudo apt install {package}"
