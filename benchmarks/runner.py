"""What the runner itself costs: python benchmarks/runner.py [--seconds 20] [--frames 20000]

A camera of 640×480 at 30 frames a second is played by `signs_edge.edge.chaos`, read in the process and through the
memory that a real one is. Costs are processor time of the runner's process, so that other work on the machine does not
count; ages, the reconnection and its wait do count it.
"""

from __future__ import annotations

import argparse
import http.server
import itertools
import os
import statistics
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import cv2
import numpy as np

from signs_edge.edge.camera import open_source
from signs_edge.edge.chaos import VGA, picture
from signs_edge.edge.classifier import TFLiteClassifier
from signs_edge.edge.model_store import find_model, find_twin
from signs_edge.edge.run_log import RunLog
from signs_edge.edge.runner import RunConfig, RunSummary, run

PACKAGED = Path("packaged")


class Timed:
    """A classifier, and the processor time that it has taken."""

    def __init__(self, inner: TFLiteClassifier) -> None:
        self._inner, self.labels, self.seconds = inner, inner.labels, 0.0

    def probabilities(self, image: np.ndarray) -> np.ndarray:
        """See `signs_edge.edge.classifier.Classifier`."""
        began = time.process_time()
        answer = self._inner.probabilities(image)
        self.seconds += time.process_time() - began
        return answer


def resident_mb() -> float:
    """Of this process, in MB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def count(source: str, frames: int, every: int, at: Callable[[int], None] = lambda _: None) -> tuple[RunSummary, float]:
    """The summary, and milliseconds of processor time a frame beside inference."""
    classifier, twin = (Timed(TFLiteClassifier.open(find(PACKAGED))) for find in (find_model, find_twin))
    contract = TFLiteClassifier.open(find_model(PACKAGED)).contract
    log = RunLog(os.devnull, lambda: None)
    with open_source(source) as live:
        began: list[float] = []

        def start(result, summary) -> None:
            log(result, summary)
            at(summary.frames)
            if summary.frames == 10:  # the first ones load and lay out what later ones find
                began.append(time.process_time() - classifier.seconds - twin.seconds)

        summary = run(live, classifier, RunConfig(contract, float_every=every, max_frames=frames), [start], twin)
    own = time.process_time() - classifier.seconds - twin.seconds - began[0]
    return summary, 1000 * own / (frames - 10)


class MjpegServer:
    """An HTTP camera of 640×480 at 30 a second, until it is closed."""

    def __init__(self, port: int = 0) -> None:
        over = self._over = threading.Event()
        parts = [cv2.imencode(".jpg", picture(number, VGA))[1].tobytes() for number in range(10)]

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200)
                self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
                self.end_headers()
                for part in itertools.cycle(parts):
                    if over.wait(1 / 30):
                        return
                    head = f"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {len(part)}\r\n\r\n"
                    with suppress(ConnectionError):  # its viewer has gone
                        self.wfile.write(head.encode() + part + b"\r\n")

            def log_message(self, *_: object) -> None: ...

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def close(self) -> None:
        """Stop, and cut the connections."""
        self._over.set()
        self._server.shutdown()
        self._server.server_close()


def reconnect(absence: float) -> float:
    """Seconds from an HTTP camera's return, after so many seconds of absence, to its first frame."""
    server = MjpegServer()
    with open_source(f"http://127.0.0.1:{server.port}/") as live:
        next(live)
        server.close()
        next(frame for frame in live if frame.event == "lost")
        back_at = time.monotonic() + absence
        while time.monotonic() < back_at:
            next(live)  # a sign of life of a camera that is lost, twice a second
        server = MjpegServer(server.port)
        returned = time.monotonic()
        next(frame for frame in live if frame.event == "back")
        took = time.monotonic() - returned
    server.close()
    return took


def main() -> None:
    """Measure, and print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seconds", type=float, default=20.0, help="of 30 frames each, for cost and age")
    options.add_argument("--frames", type=int, default=20_000, help="for memory")
    options.add_argument("--trials", type=int, default=5, help="reconnections")
    asked = options.parse_args()

    summary, own_ms = count("chaos:vga,ok*999999", round(30 * asked.seconds), 10)
    print(f"own cost        {own_ms:.2f} ms a frame of 640x480 beside inference, JSONL included")
    print(f"inference       {summary.latency(50):.2f} ms p50 with crop and resize, {summary.latency(99):.2f} ms p99")
    print(f"age at answer   {summary.watch.age(50):.1f} ms p50, {summary.watch.age(99):.1f} ms p99 at 30 a second")
    print(f"dropped         {summary.watch.dropped} of {summary.frames + summary.watch.dropped}")

    sizes: list[float] = []
    tenth = max(1, asked.frames // 10)
    count(
        "chaos:rate*2000,ok*999999999",
        asked.frames,
        10,
        lambda n: sizes.append(resident_mb()) if n % tenth == 0 else None,
    )
    print(f"memory          {' '.join(f'{size:.0f}' for size in sizes)} MB resident, over {asked.frames} frames")

    trials = [reconnect(absence) for absence in np.linspace(1.0, 4.0, asked.trials)]
    print(f"reconnection    {statistics.median(trials):.2f} s median, {max(trials):.2f} s at most of {len(trials)}")


if __name__ == "__main__":
    main()
