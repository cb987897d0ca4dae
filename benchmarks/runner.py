"""What the runner itself costs: python benchmarks/runner.py [--seconds 20] [--frames 100000] [--command PATH]

A camera of 640×480 at 30 frames a second is played by `signs_edge.edge.cameras.devices.scripted`, read in the process and through the
memory that a real one is. Costs are processor time of the runner's process, so that other work on the machine does not
count; ages, the reconnection and its wait do count it.

Memory is of the command as it is run for weeks (`signs-edge run --headless` on an HTTP camera of drawn hands, 100 a
second: int8, float twin, finder, smoothing, drift, journal), both of its processes. PSS is what they take of the machine's
memory: pages that both use, such as OpenCV's code, count once, and in part where a third process uses them too: give the
command of an installation that nothing else runs from. RSS counts them in each.
"""

from __future__ import annotations

import argparse
import http.server
import itertools
import os
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import cv2
import numpy as np

from signs_edge.edge.bundle.store import find_model, find_twin
from signs_edge.edge.cameras.devices.scripted import VGA, picture
from signs_edge.edge.inference.classifier import TFLiteClassifier
from signs_edge.edge.run.config import RunConfig
from signs_edge.edge.run.loop import run
from signs_edge.edge.run.pipeline import Pipeline
from signs_edge.edge.run.shadow import Shadow
from signs_edge.edge.run.shadow_options import ShadowOptions
from signs_edge.edge.run.sink import Callback
from signs_edge.edge.run.summary import RunSummary
from signs_edge.edge.sinks.jsonl import JsonLines
from signs_edge.edge.sources.open import open_source
from signs_edge.edge.synthetic.hands import synthetic_frames

PACKAGED = Path("packaged")


class Timed:
    """A classifier, and the processor time that it has taken."""

    def __init__(self, inner: TFLiteClassifier) -> None:
        self._inner, self.labels, self.seconds = inner, inner.labels, 0.0

    def probabilities(self, image: np.ndarray) -> np.ndarray:
        """See `signs_edge.edge.inference.classifier.Classifier`."""
        began = time.process_time()
        answer = self._inner.probabilities(image)
        self.seconds += time.process_time() - began
        return answer


@dataclass(frozen=True)
class Memory:
    """Of one process, in MB: resident; its share of it, where shared pages are divided; what it alone has."""

    rss: float
    pss: float
    uss: float

    @classmethod
    def of(cls, pid: int) -> Memory:
        """As Linux counts it now: https://docs.kernel.org/filesystems/proc.html."""
        lines = [line.split() for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]]
        kb = {name.removesuffix(":"): int(value) for name, value, *_ in lines}
        private = kb["Private_Clean"] + kb["Private_Dirty"]
        return cls(*(1024 * part / 1e6 for part in (kb["Rss"], kb["Pss"], private)))


def remembered(frames: int, program: Path) -> list[tuple[Memory, ...]]:
    """The memory of the runner and its capture process in the middle of each tenth of the frames."""
    pictures = (cv2.cvtColor(hand, cv2.COLOR_RGB2BGR) for hand, _ in itertools.islice(synthetic_frames(), 40))
    server = MjpegServer(pictures=[cv2.resize(hand, VGA[::-1]) for hand in pictures], rate=100)
    sizes = []
    with TemporaryDirectory() as folder:
        command = [
            program, "run", "--headless", "--source", f"http://127.0.0.1:{server.port}/",
            "--model", PACKAGED, "--float-model", PACKAGED, "--journal", f"{folder}/journal.sqlite",
            "--max-frames", str(frames), "--jsonl", "-",
        ]  # fmt: skip
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
            assert process.stdout is not None
            for number, _line in enumerate(process.stdout, 1):
                if number % max(1, frames // 10) == frames // 20:  # at its end it may have ended
                    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
                    sizes.append(tuple(Memory.of(int(pid)) for pid in (process.pid, *children)))
                    print(f"frame {number}: {sum(memory.pss for memory in sizes[-1]):.1f} MB", file=sys.stderr)
    server.close()
    return sizes


def count(source: str, frames: int, every: int) -> tuple[RunSummary, float]:
    """The summary, and milliseconds of processor time a frame beside inference."""
    classifier, twin = (Timed(TFLiteClassifier.open(find(PACKAGED))) for find in (find_model, find_twin))
    contract = TFLiteClassifier.open(find_model(PACKAGED)).contract
    began: list[float] = []

    def start(_result, summary) -> None:
        if summary.frames == 10:  # the first ones load and lay out what later ones find
            began.append(time.process_time() - classifier.seconds - twin.seconds)

    shadow = Shadow(twin, classifier.labels, config=ShadowOptions(every=every))
    pipeline = Pipeline(classifier, RunConfig(contract, max_frames=frames), shadow=shadow)
    with open_source(source) as live, JsonLines(os.devnull) as log:
        summary = run(live, pipeline, [log, Callback(start)])
    own = time.process_time() - classifier.seconds - twin.seconds - began[0]
    return summary, 1000 * own / (frames - 10)


class MjpegServer:
    """An HTTP camera of 640×480 at so many pictures a second, until it is closed."""

    def __init__(self, port: int = 0, pictures: Sequence[np.ndarray] | None = None, rate: float = 30.0) -> None:
        over = self._over = threading.Event()
        shown = pictures or [picture(number, VGA) for number in range(10)]
        parts = [cv2.imencode(".jpg", each)[1].tobytes() for each in shown]

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200)
                self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
                self.end_headers()
                for part in itertools.cycle(parts):
                    if over.wait(1 / rate):
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
    options.add_argument("--frames", type=int, default=100_000, help="for memory")
    options.add_argument(
        "--command", type=Path, default=Path(sys.executable).with_name("signs-edge"), help="for memory"
    )
    options.add_argument("--trials", type=int, default=5, help="reconnections")
    asked = options.parse_args()

    cv2.setNumThreads(1)  # as `signs-edge run` does
    print(f"load            {os.getloadavg()[0]:.1f} before")
    summary, own_ms = count("chaos:vga,ok*999999", round(30 * asked.seconds), 10)
    print(f"own cost        {own_ms:.2f} ms a frame of 640x480 beside inference, JSONL included")
    print(f"inference       {summary.latency(50):.2f} ms p50 with crop and resize, {summary.latency(99):.2f} ms p99")
    print(f"age at answer   {summary.watch.age(50):.1f} ms p50, {summary.watch.age(99):.1f} ms p99 at 30 a second")
    print(f"dropped         {summary.watch.dropped} of {summary.frames + summary.watch.dropped}")

    sizes = remembered(asked.frames, asked.command)
    for name in ("pss", "rss", "uss"):
        both = [sum(getattr(memory, name) for memory in each) for each in sizes]
        parts = " + ".join(f"{getattr(memory, name):.0f}" for memory in sizes[-1])
        tenths = " ".join(f"{each:.1f}" for each in both)
        print(f"memory, {name}     {tenths} MB by tenths of {asked.frames} frames; {parts} at the end")

    trials = [reconnect(absence) for absence in np.linspace(1.0, 4.0, asked.trials)]
    print(f"reconnection    {statistics.median(trials):.2f} s median, {max(trials):.2f} s at most of {len(trials)}")


if __name__ == "__main__":
    main()
