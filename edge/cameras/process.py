"""The process in which cameras are read: `python -m signs_edge.edge.cameras.process SOCKET`.

`cv2.VideoCapture.read` can block for ever, and a thread that blocks in it cannot be ended; a process can. It gets
its orders as lines of JSON on a socket, and answers there:

    {"open": SPEC, "opening": K, "timeout": S, "whole": false}      {"opened": true} or {"failed": TEXT}
    {"next": true}                                                  {"shape": [H, W, 3], "captured": S, "dropped": N,
                                                                     "damaged": N}, the frame in the shared memory, or
                                                                    {"ended": TEXT} once there is none
    end of file                                                     the process ends

It reads as fast as the camera gives, and keeps the newest frame alone; or, with `whole`, waits until each is taken.
The descriptor of the shared memory travels with the first frame, and again with a larger one.
"""

from __future__ import annotations

import json
import os
import socket
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from signs_edge.edge.arrays import Image
from signs_edge.edge.cameras.devices.device import Device, DeviceError, Opening
from signs_edge.edge.cameras.devices.open_device import open_device
from signs_edge.edge.cameras.shared_frame import FrameWriter
from signs_edge.edge.frame import as_bgr
from signs_edge.edge.util.child_process import connect_to_parent, json_line

_LET_GO_S = 0.3  # for a camera to be closed; one that blocks is not waited for


@dataclass
class Newest:
    """The frame that is next, handed from the thread that reads to the one that answers."""

    whole: bool
    image: Image | None = None
    captured: float = 0.0
    dropped: int = 0
    damaged: int = 0
    ended: str | None = None
    over: bool = False
    changed: threading.Condition = field(default_factory=threading.Condition)

    def put(self, captured: float, image: Image | None) -> None:
        """A new frame, or None for one that was damaged; waits for its taker where none may be dropped."""
        with self.changed:
            if image is None:
                self.damaged += 1
                return
            while self.whole and self.image is not None and not self.over:
                self.changed.wait()
            self.dropped += self.image is not None
            self.image, self.captured = image, captured
            self.changed.notify_all()

    def end(self, reason: str) -> None:
        """There will be no more."""
        with self.changed:
            self.ended = reason
            self.changed.notify_all()

    def take(self) -> tuple[Image | None, dict[str, Any]]:
        """Wait for the next frame and its description; no frame, and the reason, once there are no more."""
        with self.changed:
            while self.image is None and self.ended is None:
                self.changed.wait()
            image, told = self.image, {"captured": self.captured, "dropped": self.dropped, "damaged": self.damaged}
            if image is None:
                return None, {"ended": self.ended}
            self.image, self.dropped, self.damaged = None, 0, 0
            self.changed.notify_all()
            return image, {"shape": image.shape, **told}


def _read_on(device: Device, newest: Newest) -> None:
    """Read until the stream ends, in a thread."""
    reason = "the stream ended"
    try:
        while not newest.over:
            received = device.read()
            if received is None:
                break
            captured, array = received
            newest.put(captured, None if array is None else as_bgr(array))
    except Exception as error:  # of a driver, of whatever kind; left here it would keep the loop waiting
        reason = " ".join(f"reading failed, {error}".split())
    try:
        device.close()
    except Exception as error:
        reason += " ".join(f"; closing failed, {error}".split())
    newest.end(reason)


def _serve(link: socket.socket) -> None:
    """Do what the lines say until they end."""
    newest: Newest | None = None
    reader: threading.Thread | None = None
    writer = FrameWriter()
    for line in link.makefile("rb"):
        asked = json.loads(line)
        if "open" in asked:
            _finish(newest, reader)
            newest = Newest(whole=asked["whole"])
            try:
                device = open_device(asked["open"], Opening(asked["opening"], asked["timeout"], asked["whole"]))
            except DeviceError as error:
                newest.end("it was not opened")
                _send(link, {"failed": str(error)})
                continue
            reader = threading.Thread(target=_read_on, args=(device, newest), name="camera", daemon=True)
            reader.start()
            _send(link, {"opened": True})
        elif newest is not None:
            image, told = newest.take()
            descriptor = None if image is None else writer.put(image)
            _send(link, told, descriptor)
    _finish(newest, reader)


def _finish(newest: Newest | None, reader: threading.Thread | None) -> None:
    if newest is not None and reader is not None:
        with newest.changed:
            newest.over = True
            newest.changed.notify_all()
        reader.join(_LET_GO_S)


def _send(link: socket.socket, told: dict[str, Any], descriptor: int | None = None) -> None:
    line = json_line(told)
    if descriptor is None:
        link.sendall(line)
        return
    try:
        sent = socket.send_fds(link, [line], [descriptor])
        link.sendall(line[sent:])
    finally:
        os.close(descriptor)


def main() -> None:
    """Serve the socket whose number is the first argument until its other end is closed."""
    link = connect_to_parent(grace_s=2 * _LET_GO_S)
    with suppress(BrokenPipeError, ConnectionResetError):  # the parent has ended
        _serve(link)
    os._exit(0)  # without waiting for a thread that a driver blocks


if __name__ == "__main__":
    main()
