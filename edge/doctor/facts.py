"""What `signs_edge.edge.doctor.checks` judges, read from this machine.

Libraries are imported in processes of their own: one that dies of an illegal instruction takes no doctor with it.
"""

from __future__ import annotations

import getpass
import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

from signs_edge.edge.doctor.checks import Check, Import, Level, VideoNode

_PATIENCE_S = 60.0  # a first import from a slow card
_VERSION_OF = "import importlib, sys; print(importlib.import_module(sys.argv[1]).__version__)"
_RUNTIME = "import sys; from signs_edge.edge.inference.runtime import find_runtime; print(find_runtime(sys.argv[1]))"


def try_import(module: str) -> Import:
    """The import of a library that tells its version."""
    return _tried(_VERSION_OF, module)


def try_runtime(name: str) -> Import:
    """The import of a TFLite runtime by its name; see `signs_edge.edge.inference.runtime`."""
    return _tried(_RUNTIME, name)


def _tried(code: str, argument: str) -> Import:
    try:
        child = subprocess.run(
            [sys.executable, "-P", "-c", code, argument], capture_output=True, text=True, timeout=_PATIENCE_S
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return Import(None, f"{argument} cannot be imported ({' '.join(str(error).split())})")
    if child.returncode == 0:
        return Import(child.stdout.strip().splitlines()[-1])
    said = [line for line in child.stderr.splitlines() if line.strip()]
    complaint = (
        re.sub(r"^[\w.]*(?:Error|Exception): (?:no TFLite runtime can be imported \([\w-]+: )?", "", said[-1])
        if said
        else ""
    )
    return Import(None, complaint.partition("): pip install")[0], max(0, -child.returncode))


def is_installed(module: str) -> bool:
    """Whether a package is there, without importing it."""
    return importlib.util.find_spec(module) is not None


def processor_features(machine: str, root: Path = Path("/")) -> frozenset[str]:
    """The flags of the first processor in /proc/cpuinfo.

    Args:
        machine: as `platform.machine` has it: under an emulator the file may tell of the processor below, in its words.
        root: stands for / in tests.

    Returns:
        The flags; empty where it has none, or none of such a machine.
    """
    try:
        text = (root / "proc/cpuinfo").read_text()
    except OSError:
        return frozenset()
    word = "Features" if machine.startswith(("arm", "aarch")) else "flags"
    match = re.search(rf"^{word}\s*:(.*)$", text, re.MULTILINE)
    return frozenset(match[1].split()) if match else frozenset()


def is_raspberry_pi(root: Path = Path("/")) -> bool:
    """By the device tree."""
    try:
        return "Raspberry Pi" in (root / "proc/device-tree/model").read_text()
    except OSError:
        return False


def video_nodes(ours: tuple[str, ...], root: Path = Path("/")) -> list[VideoNode]:
    """The device files of cameras, by number.

    Args:
        ours: how the names of devices begin that are no cameras, such as a Pi's codecs.
        root: stands for / in tests.
    """
    found = []
    for path in sorted(root.glob("dev/video*"), key=lambda path: (len(path.name), path.name)):
        try:
            name = (root / "sys/class/video4linux" / path.name / "name").read_text().strip()
        except OSError:  # in a container
            name = ""
        if not re.fullmatch(r"video\d+", path.name) or name.startswith(ours):
            continue
        try:
            group = path.group()
        except (OSError, KeyError, NotImplementedError):  # a group without a name; unplugged just now
            group = "video"
        found.append(VideoNode(str(path), group, os.access(path, os.R_OK | os.W_OK)))
    return found


def user_name() -> str:
    """Who this process runs as, for people."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a number without a name, as in containers
        return "$USER"


def groups_now() -> set[str]:
    """The groups of this process."""
    return _names(os.getgroups()) if hasattr(os, "getgroups") else set()


def groups_entitled(user: str) -> set[str]:
    """The groups that the user database gives a user, which a process has only after the next login."""
    try:
        import grp  # not on Windows
    except ImportError:
        return set()
    return {group.gr_name for group in grp.getgrall() if user in group.gr_mem}


def has_tk() -> bool:
    """Whether Python can draw windows."""
    try:
        import tkinter  # noqa: F401
    except ImportError:
        return False
    return True


def check_model(name: str, path: Path) -> Check:
    """Open a model on the runtime here and replay its golden vectors. Needs OpenCV and a runtime."""
    from signs_edge.edge.errors import SignsEdgeError
    from signs_edge.edge.inference.classifier import TFLiteClassifier
    from signs_edge.edge.inference.self_test import self_test

    try:
        classifier = TFLiteClassifier.open(path)
        found = self_test(classifier)
    except SignsEdgeError as error:
        return _refused(name, str(error))
    if found is None:
        fix = "export it again, and what it must answer comes along"
        return Check(name, Level.WARN, f"{path} opens, and has no golden vectors to replay", fix)
    if not found.ok:
        fix = "pip install --upgrade signs-edge ai-edge-litert opencv-python-headless, or export it again"
        return Check(name, Level.FAIL, f"{path} on {classifier.runtime}: {found}", fix)
    return Check(name, Level.OK, f"{path} ({classifier.input_dtype}): {found}")


def check_finder(path: Path | None) -> Check:
    """Open the network that finds the hand, and ask it about a grey frame."""
    import numpy as np

    from signs_edge.edge.errors import SignsEdgeError
    from signs_edge.edge.region.finder import HandFinder

    if path is None:
        return Check("finder", Level.WARN, "this version ships none, so run looks at the centre of the frame",
                     "hold the hand there, or give --finder FILE")  # fmt: skip
    try:
        score = HandFinder.open(path).likeliest(np.full((480, 640, 3), 128, np.uint8)).score
    except SignsEdgeError as error:
        return _refused("finder", f"{path}: {error}")
    if not np.isfinite(score):
        return Check("finder", Level.FAIL, f"{path} answers with NaN", "pip install --force-reinstall signs-edge")
    return Check("finder", Level.OK, f"{path} opens and answers")


def _refused(name: str, message: str) -> Check:
    """An error's line, in its two parts: what was found, what to do."""
    found, colon, fix = message.rpartition(": ")
    return Check(name, Level.FAIL, found if colon else message, fix if colon else "export it again")


def _names(numbers: list[int]) -> set[str]:
    import grp

    names = set()
    for number in numbers:
        try:
            names.add(grp.getgrgid(number).gr_name)
        except KeyError:
            continue
    return names
