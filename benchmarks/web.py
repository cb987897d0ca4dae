"""What the page of a run costs the loop: python benchmarks/web.py [--seconds 8] [--rounds 3] [--viewers 50]

A camera of 640×480 is played by `signs_edge.edge.cameras.devices.scripted` in the capture process, at 30 frames a second and as fast as the
loop goes, and counted by the models that ship: without a page, with one that nobody sees, with one viewer, with 50, and with
50 beside hostile clients (requests that never end, answers that nobody takes, floods of connections). The conditions take
turns, and what is printed is the median over the rounds and its ratio to that without a page, for other work on the machine
changes all of them. Viewers have a process of their own, behind all others for a processor, as they would on other machines.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

from runner import PACKAGED, Timed

from signs_edge.edge.bundle.store import find_model, find_twin
from signs_edge.edge.frame import Frame
from signs_edge.edge.inference.classifier import TFLiteClassifier
from signs_edge.edge.region.region import CentreRegion
from signs_edge.edge.run.config import RunConfig
from signs_edge.edge.run.controls import Controls
from signs_edge.edge.run.labelling import LabelQueue
from signs_edge.edge.run.loop import run
from signs_edge.edge.run.pause import Pause
from signs_edge.edge.run.pipeline import Pipeline
from signs_edge.edge.run.region_switch import RegionSwitch
from signs_edge.edge.run.shadow import Shadow
from signs_edge.edge.run.shadow_options import ShadowOptions
from signs_edge.edge.run.sink import Callback, Sink
from signs_edge.edge.run.summary import RunSummary
from signs_edge.edge.sources.open import open_source
from signs_edge.edge.web.access import Access
from signs_edge.edge.web.address import WebAddress
from signs_edge.edge.web.link import WebLink

SOURCES = {"30 a second": "chaos:vga,ok*999999", "full speed": "chaos:rate*2000,vga,ok*999999999"}
CONDITIONS = ("no page", "nobody", "1 viewer", "many viewers", "many and hostile")
_WARM_S = 1.5


@dataclass(frozen=True)
class Trial:
    """What one trial showed; of the server nothing where there is no page."""

    rate: float  # frames a second
    own_ms: float  # processor time of the loop's process a frame, beside inference
    sink_us: float  # time in the page's sink a frame, median
    age_ms: float  # p99
    seen: float = 0.0  # frames a second that a viewer got, median of viewers
    server: float = 0.0  # processor time of the server's process, share of one core
    server_mb: float = 0.0  # resident at most


def for_seconds(frames: Iterator[Frame], seconds: float) -> Iterator[Frame]:
    """Frames that come within so many seconds."""
    until = time.monotonic() + seconds
    for frame in frames:
        if time.monotonic() > until:
            return
        yield frame


def processor_s(process: int) -> float:
    """Processor time of a process so far."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def peak_mb(process: int) -> float:
    """The most that a process has held in memory."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1000


def trial(source: str, condition: str, seconds: float, viewers: int) -> Trial:
    """Count for so many seconds under a condition."""
    classifier, twin = (Timed(TFLiteClassifier.open(find(PACKAGED))) for find in (find_model, find_twin))
    sink_us: list[float] = []
    sinks: list[Sink] = []
    with ExitStack() as stack:
        link = clients = None
        if condition != "no page":
            switch = RegionSwitch(CentreRegion(), lambda _text: CentreRegion(), "center")
            controls = Controls(Pause(), switch, LabelQueue(classifier.labels))
            listening = WebAddress.parse("0").listen()
            port = listening.getsockname()[1]
            link = WebLink(listening, Access(("localhost",), True), controls)
            stack.callback(link.close)
            page = link

            def timed(result, summary) -> None:
                began = time.perf_counter()
                page.frame(result, summary)
                sink_us.append(1e6 * (time.perf_counter() - began))

            sinks.append(Callback(timed))
        frames = stack.enter_context(open_source(source))
        number = {"1 viewer": 1, "many viewers": viewers, "many and hostile": viewers}.get(condition, 0)
        config = RunConfig(TFLiteClassifier.open(find_model(PACKAGED)).contract)
        pipeline = Pipeline(classifier, config, shadow=Shadow(twin, classifier.labels, config=ShadowOptions(every=10)))
        if number:
            arguments = ["--view", str(number), "--port", str(port), "--seconds", str(seconds + _WARM_S)]
            hostile = ["--hostile"] if condition == "many and hostile" else []
            clients = subprocess.Popen(
                [sys.executable, __file__, *arguments, *hostile], stdout=subprocess.PIPE, text=True
            )
            stack.callback(clients.kill)
        run(for_seconds(frames, _WARM_S), pipeline, sinks)
        sink_us.clear()
        summary = RunSummary()
        pid = link.pid if link is not None else None
        server = processor_s(pid) if pid else 0.0
        own = time.process_time() - classifier.seconds - twin.seconds
        run(for_seconds(frames, seconds), pipeline, sinks, summary=summary)
        own = time.process_time() - classifier.seconds - twin.seconds - own
        used, most = (processor_s(pid) - server, peak_mb(pid)) if pid else (0.0, 0.0)
        seen = json.loads(clients.communicate(timeout=60)[0])["seen"] if clients is not None else 0.0
    cost = statistics.median(sink_us) if sink_us else 0.0
    age = summary.watch.age(99) or 0.0
    return Trial(summary.rate or 0.0, 1000 * own / summary.frames, cost, age, seen, used / seconds, most)


async def view(port: int, seconds: float, counts: list[int]) -> None:
    """One viewer, as the page is: each request waits for a newer frame."""
    until, seen, after = time.monotonic() + seconds, 0, ""
    with suppress(OSError, asyncio.IncompleteReadError, ValueError):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while time.monotonic() < until:
            writer.write(f"GET /frame?after={after} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            fields = dict(line.split(": ", 1) for line in head.splitlines()[1:] if ": " in line)
            await reader.readexactly(int(fields.get("content-length", 0)))
            if "signs-edge-state" in fields:
                seen += 1
                after = json.loads(fields["signs-edge-state"])["number"]
        writer.close()
    counts.append(seen)


def harass(port: int, seconds: float) -> None:
    """Requests that never end, answers that nobody takes, and connections, as fast as they are made."""
    until, held = time.monotonic() + seconds, []
    while time.monotonic() < until:
        for number in range(20):
            with suppress(OSError):
                one = socket.create_connection(("127.0.0.1", port), 0.2)
                one.setblocking(False)
                held.append(one)
                one.send(
                    (
                        b"GET /frame HTTP/1.1\r\nX: ",
                        b"GET /page.js HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" * 50,
                        b"\x16\x03",
                    )[number % 3]
                )
        for one in held[::7]:
            with suppress(OSError):
                one.send(b"x")
        while len(held) > 60:
            held.pop(0).close()
        time.sleep(0.05)


def main() -> None:
    """Measure, and print; with --view, be the viewers."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seconds", type=float, default=8.0, help="of each trial")
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--viewers", type=int, default=50)
    options.add_argument("--view", type=int, help=argparse.SUPPRESS)
    options.add_argument("--port", type=int, help=argparse.SUPPRESS)
    options.add_argument("--hostile", action="store_true", help=argparse.SUPPRESS)
    asked = options.parse_args()
    if asked.view:
        os.nice(19)
        if asked.hostile:
            threading.Thread(target=harass, args=(asked.port, asked.seconds), daemon=True).start()
        counts: list[int] = []

        async def all_of_them() -> None:
            await asyncio.gather(*(view(asked.port, asked.seconds, counts) for _ in range(asked.view)))

        asyncio.run(all_of_them())
        print(json.dumps({"seen": statistics.median(counts) / asked.seconds}))
        return
    for name, source in SOURCES.items():
        trials: dict[str, list[Trial]] = {condition: [] for condition in CONDITIONS}
        for number in range(asked.rounds):
            for condition in CONDITIONS if number % 2 == 0 else CONDITIONS[::-1]:
                trials[condition].append(trial(source, condition, asked.seconds, asked.viewers))
        print(
            f"\n{name}, {asked.rounds} rounds of {asked.seconds:g} s, load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
        )
        print("condition         frames/s ratio  own ms ratio  sink us  age p99 ms ratio  seen/s  server core, MB")
        first = [median(trials["no page"], field) for field in ("rate", "own_ms", "age_ms")]
        for condition, found in trials.items():
            rate, own, age, sink, seen, server, size = (
                median(found, field) for field in ("rate", "own_ms", "age_ms", "sink_us", "seen", "server", "server_mb")
            )
            print(
                f"{condition:17} {rate:8.1f} {rate / first[0]:5.2f}  {own:6.2f} {own / first[1]:5.2f}  {sink:7.1f}  "
                f"{age:10.1f} {age / first[2]:5.2f}  {seen:6.1f}  {server:6.0%} {size:7.0f}"
            )


def median(trials: list[Trial], field: str) -> float:
    """Of one figure over the trials."""
    return statistics.median(getattr(one, field) for one in trials)


if __name__ == "__main__":
    main()
