"""Two hours before a camera, with faults planted at known times: what the drift watch says, and when.

    python benchmarks/two_hours.py report OUT            the two hours: OUT/journal.db, page, table
    python benchmarks/two_hours.py models OUT            the packaged models, with this scene's reference inside
    python benchmarks/two_hours.py clip OUT/clip.mkv     five minutes as a lossless video, dimmed from 3:30 to 4:30
    python benchmarks/two_hours.py frames OUT/frames     320 lossless frames, each of another hand, dimmed from frame 260 on

The frames are those of `recorded_scene`; they go through the very classes of `signs-edge drift replay`, one by one. What is
wrong with the int8 model is put in place by a classifier that switches at the time. `clip` and `frames` are for the command
itself: `signs-edge drift replay OUT/clip.mkv --model OUT --hold 30`.
"""

from __future__ import annotations

import argparse
import dataclasses
import hashlib
import json
import sys
import time
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path

import cv2
import numpy as np

sys.path.insert(0, str(Path(__file__).parent))

import planted_faults
from planted_faults import Bench
from recorded_scene import HEIGHT, HELD, RATE, SPOT, WIDTH, Scene, expect

from signs_edge.cli.progress.replay import ReplayProgress
from signs_edge.edge.bundle.model_file import ModelFile
from signs_edge.edge.bundle.store import FLOAT32_NAME, INT8_NAME, find_finder
from signs_edge.edge.drift.config import DriftConfig
from signs_edge.edge.drift.sequential.blocks import BlockRule
from signs_edge.edge.frame import Frame
from signs_edge.edge.inference.classifier import TFLiteClassifier
from signs_edge.edge.journal.contents import JournalContents
from signs_edge.edge.journal.writer import Journal
from signs_edge.edge.region.finder import HandFinder
from signs_edge.edge.region.region import FixedRegion, Region
from signs_edge.edge.region.tracked import TrackedRegion
from signs_edge.edge.report.page import write_page
from signs_edge.edge.run.config import RunConfig
from signs_edge.edge.run.pipeline import Pipeline
from signs_edge.edge.run.smoothing import SmoothingConfig
from signs_edge.edge.session.recording import RecordedTime, Recording
from signs_edge.edge.session.replay import RecordingReplay, ReplayConfig

BEGAN = 1_777_644_000.0  # 2026-05-01 14:00 UTC
_WARM = np.clip(np.outer(np.arange(256), (0.6, 0.95, 1.15)), 0, 255).astype(np.uint8)[None]  # of blue, green, red
CAMERA: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "dimmed light": lambda frame: cv2.convertScaleAbs(frame, alpha=0.35),
    "other white balance": lambda frame: cv2.LUT(frame, _WARM),
    "blur": lambda frame: cv2.GaussianBlur(frame, (0, 0), 8.0),
    "camera upside down": lambda frame: cv2.flip(frame, -1),
    "mirrored camera": lambda frame: cv2.flip(frame, 1),
}
"""What the camera gives, of the (480, 640, 3) uint8 BGR frame that it should."""
NO_HAND = "no hand"


@dataclasses.dataclass(frozen=True)
class Planted:
    """A fault from one minute of the recording to another, by its name in `planted_faults`."""

    name: str
    start: float
    end: float

    def now(self, frame: int) -> bool:
        """Whether it is there at a frame."""
        return self.start * 60 <= frame / RATE < self.end * 60

    @property
    def expected(self) -> str:
        """device or input."""
        return next(str(fault.expected) for fault in planted_faults.FAULTS if fault.name == self.name)


SCHEDULE = (
    Planted("dimmed light", 18, 22),
    Planted("swapped colours on the int8 side", 26, 30),
    Planted("blur", 49, 53),
    Planted("int8 weights of another run", 57, 61),
    Planted("other white balance", 80, 84),
    Planted("one clipped layer", 88, 92),
    Planted("camera upside down", 95, 99),
    Planted(NO_HAND, 101, 105),
    Planted("mirrored camera", 107, 110),
    Planted("wrong scale on the int8 side", 112, 120),
)


class Switched:
    """The int8 model, in whose place another answers while a device fault is planted."""

    def __init__(self, bench: Bench, time: RecordedTime, schedule: tuple[Planted, ...]) -> None:
        self.labels = bench.int8.labels
        self._time, self._int8, self._schedule = time, bench.int8, schedule
        faults = {fault.name: fault for fault in planted_faults.FAULTS if fault.expected == "device"}
        self._sees = {name: fault.int8_sees for name, fault in faults.items()}
        self._models = {
            name: TFLiteClassifier(planted_faults.with_weights(bench.model, fault.weights))
            if fault.weights
            else bench.int8
            for name, fault in faults.items()
        }

    def probabilities(self, picture: np.ndarray) -> np.ndarray:
        """See `signs_edge.edge.inference.classifier.Classifier`."""
        frame = round(self._time.seconds * RATE)
        name = next((one.name for one in self._schedule if one.now(frame)), "")
        sees = self._sees.get(name)
        return self._models.get(name, self._int8).probabilities(picture if sees is None else sees(picture[None])[0])


def given(scene: Scene, n: int, schedule: tuple[Planted, ...]) -> Iterator[np.ndarray]:
    """What the camera gives: n frames with the faults of the camera."""

    def now(frame: int) -> str:
        return next((one.name for one in schedule if one.now(frame)), "")

    for number, frame in enumerate(scene.frames(n, lambda frame: now(frame) != NO_HAND)):
        change = CAMERA.get(now(number))
        yield frame if change is None else change(frame)


class Bed:
    """What all parts need: pictures, models, where to look, and what should be seen there."""

    def __init__(self, anywhere: bool) -> None:
        """With hands `anywhere` they are found by the finder, else looked for in one spot."""
        self.bench, self.anywhere = Bench(), anywhere
        finder = find_finder(None)
        assert finder is not None
        self.region: Region = TrackedRegion(HandFinder.open(finder)) if anywhere else FixedRegion(*SPOT)
        known, self._shown = self.bench.known.pictures, self.bench.pictures
        int8, float32 = self.bench.int8, self.bench.float32
        scene = Scene(known.images, 1, anywhere)
        self.expectation = expect(scene, known.labels, self.region, int8.contract, int8, float32)

    def scene(self, seed: int) -> Scene:
        """The half of the hands that is shown."""
        return Scene(self._shown, seed, self.anywhere)

    def report(self, out: Path, minutes: float) -> None:
        """Play all of it; write journal, page and table."""
        n, time_ = round(minutes * 60 * RATE), RecordedTime(RATE, BEGAN)
        bench, config = self.bench, ReplayConfig(drift=DriftConfig(blocks=BlockRule(hold=HELD[1])))
        about = {
            "version": version("signs-edge"), "runtime": bench.int8.runtime, "labels": list(bench.int8.labels),
            "camera": f"{n} frames of {'SIGNS photos' if bench.photos else 'drawn hands'}, planted faults",
            "models": {"model": hashlib.sha256(bench.model.content).hexdigest()},
        }  # fmt: skip
        path = out / "journal.db"
        for old in out.glob(f"{path.name}*"):  # its log too
            old.unlink()
        journal = Journal(path, {"camera": "planted faults"}, about, notice=print, clocks=time_.clocks)
        settings = RunConfig(bench.int8.contract, bench.model.abstain_below or 0.0, smoothing=SmoothingConfig())
        pipeline = Pipeline(Switched(bench, time_, SCHEDULE), settings, self.region)
        replay = RecordingReplay(time_, pipeline, bench.float32, self.expectation, config, journal)

        def frames() -> Iterator[Frame]:
            for number, image in enumerate(given(self.scene(2), n, SCHEDULE)):
                for one in SCHEDULE:
                    for minute, word in ((one.start, "begins"), (one.end, "ends")):
                        if number == round(minute * 60 * RATE):
                            journal.record_event("planted", f"{one.name} {word}")
                yield Frame(number, image, "planted faults")

        started, progress = time.monotonic(), ReplayProgress(Recording("", RATE, n, BEGAN), replay)
        replay.run(frames(), [progress])
        progress.close()
        journal.close()
        report = dataclasses.replace(JournalContents.read(path), path="two hours with planted faults")
        write_page(out / "drift-replay.html", [report])
        found = table(report)
        facts = {"frames": replay.summary.frames, "seconds": time.monotonic() - started, "faults": found}
        (out / "faults.json").write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")
        print(markdown(found))

    def models(self, out: Path) -> None:
        """The packaged models; int8 with this scene's reference in place of its own."""
        file = self.bench.model
        sealed = ModelFile.pack(
            file.flatbuffer, file.labels, file.contract, file.abstain_below, temperature=file.temperature,
            provenance=file.provenance, golden=file.golden, expectation=self.expectation,
        )  # fmt: skip
        (out / INT8_NAME).write_bytes(sealed.content)
        (out / FLOAT32_NAME).write_bytes(self.bench._path.with_name(FLOAT32_NAME).read_bytes())

    def clip(self, path: Path, minutes: float) -> None:
        """A lossless video with one fault: Motion JPEG alone would move this scene's colours by twice their spread."""
        schedule = (Planted("dimmed light", 0.7 * minutes, 0.9 * minutes),)
        writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"FFV1"), RATE, (WIDTH, HEIGHT))
        assert writer.isOpened(), f"{path} cannot be written: give a path ending in .mkv"
        for frame in given(self.scene(3), round(minutes * 60 * RATE), schedule):
            writer.write(frame)
        writer.release()

    def frames(self, folder: Path, n: int = 320, good: int = 260) -> None:
        """Lossless frames, each of another hand."""
        folder.mkdir(parents=True, exist_ok=True)
        scene = self.scene(4)
        for number in range(n):
            (frame,) = scene.held(number, 1)
            if number >= good:
                frame = CAMERA["dimmed light"](frame)
            cv2.imwrite(str(folder / f"{number:04d}.png"), frame)


def table(report: JournalContents, schedule: tuple[Planted, ...] = SCHEDULE) -> list[dict[str, object]]:
    """Of each planted fault, what was said when; times in minutes of the recording."""
    verdicts = [event for event in report.events if event.kind == "verdict"]
    rows: list[dict[str, object]] = []
    for place, one in enumerate(schedule):
        until = schedule[place + 1].start if place + 1 < len(schedule) else float("inf")
        said = [event for event in verdicts if one.start <= event.mono / 60 < until]
        during = [event for event in said if event.value["status"] == "drift" and event.mono / 60 < one.end]
        after = [event for event in said if event.mono / 60 >= one.end]
        before = [event for event in verdicts if event.mono / 60 < one.start]
        first = during[0] if during else None
        moved = [f"{moved['statistic']} {moved['direction']}" for moved in first.value["moved"]] if first else []
        rows.append(
            {
                "fault": one.name, "expected": one.expected, "start": one.start, "end": one.end,
                "before": before[-1].value["status"] if before else None,
                "found": first.mono / 60 if first else None,
                "frames": round(first.mono * RATE - one.start * 60 * RATE) if first else None,
                "named": [event.value["fault"] for event in during],
                "moved": moved,
                "after": [[event.mono / 60, event.value["status"], event.value["fault"]] for event in after],
            }
        )  # fmt: skip
    return rows


def markdown(rows: list[dict[str, object]]) -> str:
    """The table for people."""
    lines = [
        "| planted | minutes | before | drift said at | delay | named | what moved | drift ended | ok again |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        ended = next((when for when, status, _ in row["after"] if status != "drift"), None)
        ok = next((when for when, status, _ in row["after"] if status == "ok"), None)
        delay = "" if row["found"] is None else f"{row['frames']} frames, {row['found'] - row['start']:.1f} min"
        named = ", ".join(dict.fromkeys(map(str, row["named"]))) or "nothing"
        lines.append(
            f"| {row['fault']} ({row['expected']}) | {row['start']:g} to {row['end']:g} | {row['before']} | "
            f"{_minute(row['found'])} | {delay} | {named} | {', '.join(row['moved'][:2])} | {_minute(ended)} | {_minute(ok)} |"
        )
    return "\n".join(lines)


def _minute(when: float | None) -> str:
    return "" if when is None else f"{when:.1f}"


def main() -> None:
    """Do one part."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("part", choices=("report", "models", "clip", "frames"))
    parser.add_argument("out", type=Path)
    parser.add_argument("--minutes", type=float, help="of the recording: 120 of report, 5 of clip")
    options = parser.parse_args()
    out: Path = options.out
    (out.parent if options.part == "clip" else out).mkdir(parents=True, exist_ok=True)
    bed = Bed(anywhere=options.part != "report")
    if options.part == "report":
        bed.report(out, options.minutes or 120)
    elif options.part == "clip":
        bed.clip(out, options.minutes or 5)
    elif options.part == "models":
        bed.models(out)
    else:
        bed.frames(out)


if __name__ == "__main__":
    main()
