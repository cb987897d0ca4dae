"""A camera that misbehaves to order: `chaos:ok*30,stall|ok*5,black*9,disconnect|…`.

It is read as any camera is, in the process of its own, so that a stall is a read that blocks for ever. Each part
between bars is played at one opening, the last part at all later ones too. Nothing depends on chance.

    ok*N        N pictures, each unlike the one before            freeze*N     N times the picture before
    black*N     black, with noise                                 white*N      overexposed
    grey*N      one channel    bgra*N   four    deep*N   16 bits  size*N       at half the size
    garbage*N   bytes that are no picture                         truncate*N   the first half of a JPEG
    pause*S     nothing for S seconds                             drip*N       pictures, a second apart
    stall       nothing ever again                                disconnect   the stream ends
    unplug      reading fails with an error of OpenCV             crash        the process dies
    refuse      cannot be opened                                  hang         opening never ends

Pictures of 160×120 come at 30 a second, or at the rate named before, as in `chaos:rate*200,ok*9`; after `vga` they are
of 640×480.
"""

from __future__ import annotations

import functools
import os
import re
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from signs_edge.edge.arrays import Image
from signs_edge.edge.cameras.devices.device import DeviceError, Kind
from signs_edge.edge.errors import SourceError

PICTURES = ("ok", "freeze", "black", "white", "grey", "bgra", "deep", "size", "garbage", "truncate", "drip")
SETTINGS = ("pause", "rate", "vga")
ENDS = ("stall", "disconnect", "unplug", "crash", "refuse", "hang")
_STEP = re.compile(rf"({'|'.join((*PICTURES, *SETTINGS))})(?:\*(\d+(?:\.\d+)?))?|({'|'.join(ENDS)})")
SIZE, VGA = (120, 160), (480, 640)  # height, width


@dataclass(frozen=True)
class Step:
    """One word of the script and how often, or how long in seconds."""

    word: str
    amount: float = 1.0


def parse(script: str) -> list[list[Step]]:
    """The steps of each opening, of what stands after `chaos:`.

    Raises:
        SourceError: a word is unknown.
    """
    parts = []
    for part in script.split("|"):
        steps = []
        for word in filter(None, (word.strip() for word in part.split(","))):
            match = _STEP.fullmatch(word)
            if not match:
                raise SourceError(
                    f"chaos step {word!r} is unknown: give {', '.join((*PICTURES, *SETTINGS))}, each with *N, "
                    f"or {', '.join(ENDS)}"
                )
            steps.append(Step(match[1] or match[3], float(match[2] or 1)))
        parts.append(steps)
    return parts


def picture(number: int, size: tuple[int, int] = SIZE) -> Image:
    """Picture `number`, (height, width, 3) uint8 BGR: noise that differs from one number to the next."""
    noise = _noise(size)
    return np.roll(noise.reshape(-1), 3 * number).reshape(noise.shape)


@functools.lru_cache(maxsize=4)
def _noise(size: tuple[int, int]) -> Image:
    """What all pictures of a size are moved from: to draw each again would take longer than reading a camera."""
    noise = np.random.default_rng(0).integers(60, 180, (*size, 3), dtype=np.uint8)
    noise.setflags(write=False)
    return noise


class ScriptedDevice:
    """What is opened as a camera is; see `signs_edge.edge.cameras.devices.device.Device`."""

    def __init__(self, script: str, opening: int) -> None:
        parts = parse(script)
        self._steps = parts[min(opening, len(parts) - 1)]
        self._first = 1000 * opening  # no two openings show the same pictures
        words = [step.word for step in self._steps]
        if "hang" in words:
            _for_ever()
        if "refuse" in words:
            raise DeviceError("chaos refuses")
        self._arrays = self._play()

    def read(self) -> tuple[float, npt.NDArray[np.generic] | None] | None:
        """The next array with its time; None in the array's place where it is damaged; None at the end."""
        return next(self._arrays, None)

    def close(self) -> None:
        """There is nothing to close."""

    def _play(self) -> Iterator[tuple[float, npt.NDArray[np.generic] | None]]:
        number, interval, size, due = self._first, 1 / 30, SIZE, time.monotonic()
        for step in self._steps:
            if step.word == "rate":
                interval = 1 / step.amount
            elif step.word == "vga":
                size = VGA
            elif step.word == "pause":
                time.sleep(step.amount)
                due = time.monotonic()
            elif step.word in ENDS:
                _end(step.word)
                return
            else:
                for _ in range(int(step.amount)):
                    number += step.word != "freeze"
                    array = _develop(step.word, number, size)
                    due = max(due + (1.0 if step.word == "drip" else interval), time.monotonic() - interval)
                    time.sleep(max(0.0, due - time.monotonic()))
                    yield time.monotonic(), array


def _develop(word: str, number: int, size: tuple[int, int]) -> npt.NDArray[np.generic] | None:
    """What the camera gives for a word; None where it cannot be decoded."""
    if word == "size":
        return picture(number, (size[0] // 2, size[1] // 2))
    image = picture(number, size)
    if word == "black":
        return image // 30
    if word == "white":
        return np.maximum(image, 251) + image % 4
    if word == "grey":
        return image[..., 0]
    if word == "bgra":
        return np.dstack([image, image[..., 0]])
    if word == "deep":
        return image.astype(np.uint16) << 8
    if word == "garbage":
        return cv2.imdecode(image.reshape(-1)[:999].copy(), cv2.IMREAD_COLOR)
    if word == "truncate":
        encoded = cv2.imencode(".jpg", image)[1]
        return cv2.imdecode(encoded[: len(encoded) // 2], cv2.IMREAD_COLOR)
    return image


def _end(word: str) -> None:
    """How the script leaves; comes back only from a disconnection."""
    if word == "stall":
        _for_ever()
    if word == "unplug":
        raise cv2.error("VIDIOC_DQBUF: No such device")
    if word == "crash":
        os.kill(os.getpid(), signal.SIGKILL)


def _for_ever() -> None:
    while True:
        time.sleep(3600)


def checked_name(script: str) -> str:
    """Name the camera of a script for people; SourceError where a word of the script is unknown."""
    parse(script)
    return "chaos"


KIND = Kind(lambda script, opening: ScriptedDevice(script, opening.number), checked_name)
