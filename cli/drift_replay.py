"""`signs-edge drift replay`: the whole way of a frame and the drift watch over a recording, faster than real time."""

from __future__ import annotations

import sys
import threading
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from signs_edge.cli.replay_progress import ReplayProgress
from signs_edge.edge.errors import SourceError, UsageError

if TYPE_CHECKING:
    from signs_edge.edge.journal_report import JournalReport

_SHARE = "10%"
_JOURNAL = "replay.db"  # where none is named, in a folder that goes when the report is there


def replay(
    video: Annotated[
        str, typer.Argument(help="A video, a folder of frames in order, or a pattern of several such as 'clips/*.mp4'.")
    ],
    model: Annotated[
        Path | None,
        typer.Option(
            help="An exported .tflite file or export folder, or packaged. [default: the newest export, else packaged]"
        ),
    ] = None,
    float_model: Annotated[
        Path | None, typer.Option(help="Its float32 twin, or packaged. [default: the one beside the model]")
    ] = None,
    shadow: Annotated[
        str | None,
        typer.Option(
            metavar="SHARE", help=f"Of the frames, for the twin, drawn at random; hard ones twice as often. [default: {_SHARE}]"
        ),
    ] = None,
    float_every: Annotated[int | None, typer.Option(help="The twin sees every k-th frame instead.")] = None,
    seed: Annotated[int, typer.Option(help="Of the frames drawn.")] = 0,
    hold: Annotated[
        int, typer.Option(help="Frames that a hand is held for at most; 0: each frame is a picture of its own.")
    ] = 60,
    fps: Annotated[
        float | None, typer.Option(help="Frames a second of the recording. [default: as the video says, else 30]")
    ] = None,
    began: Annotated[
        str | None,
        typer.Option(
            metavar="TIME", help="When it began, such as 2026-05-01T14:00. [default: from the date of its first file]"
        ),
    ] = None,
    journal: Annotated[
        Path | None, typer.Option(metavar="PATH", help="Keep what happened in this SQLite file. [default: not kept]")
    ] = None,
    html: Annotated[Path | None, typer.Option(metavar="PATH", help="Also write a page to look at.")] = None,
    json: Annotated[Path | None, typer.Option(metavar="PATH", help="Also write all of it as JSON.")] = None,
    roi: Annotated[str, typer.Option(help="Where to look: auto, center, or x,y,w,h in pixels.")] = "auto",
    finder: Annotated[
        Path | None, typer.Option(help="The .tflite file that finds hands. [default: the one that came along]")
    ] = None,
    min_confidence: Annotated[
        float | None,
        typer.Option(help="Below this probability a frame gets no count; 0: all get one. [default: from the model]"),
    ] = None,
    max_frames: Annotated[int | None, typer.Option(help="Stop after so many frames.")] = None,
    threads: Annotated[int, typer.Option(help="Threads of the TFLite runtime.")] = 1,
    runtime: Annotated[
        str | None, typer.Option(help="litert, tflite-runtime or tensorflow. [default: the first that is installed]")
    ] = None,
    trust: Annotated[
        bool, typer.Option("--trust/--no-trust", help="Also a .tflite of other origin, or one that answers wrongly here.")
    ] = False,
) -> None:
    """Run the whole drift watch over a recording, in the recording's time, and report what a device would have said."""
    from tempfile import TemporaryDirectory

    from signs_edge.cli.region import open_region
    from signs_edge.cli.run import _check_target, _check_twins, _notice, _stopping_on_signals
    from signs_edge.cli.watching import WatchOptions, budget, open_journal
    from signs_edge.edge.abstention import choose_threshold
    from signs_edge.edge.classifier import TFLiteClassifier
    from signs_edge.edge.drift_config import DriftConfig
    from signs_edge.edge.drift_replay import Replay, ReplayConfig
    from signs_edge.edge.held_frames import BlockRule
    from signs_edge.edge.journal_report import JournalReport
    from signs_edge.edge.model_store import find_model, find_twin
    from signs_edge.edge.recording import RecordedTime, Recording
    from signs_edge.edge.replay import check_replay
    from signs_edge.edge.runner import RunConfig
    from signs_edge.edge.smoothing import SmoothingConfig

    for option, target in (("--html", html), ("--json", json), ("--journal", journal)):
        _check_target(option, target)
    blocks = BlockRule(hold=hold) if hold else BlockRule(1, 0)
    share = budget(shadow or _SHARE, of="the frames")
    config = ReplayConfig(share, float_every, seed, DriftConfig(blocks=blocks))
    recording = Recording.of(video, fps, None if began is None else _seconds(began))
    stop, broken = threading.Event(), None
    with ExitStack() as stack:
        path = find_model(model)
        twin_path = find_twin(float_model or path.parent)
        classifier, twin = (
            TFLiteClassifier.open(file, threads=threads, runtime=runtime, trust=trust) for file in (path, twin_path)
        )
        _check_twins(path, classifier, twin_path, twin)
        warnings = [check_replay(classifier, str(path), trust), check_replay(twin, str(twin_path), trust)]
        for warning in filter(None, warnings):
            print(warning, file=sys.stderr)
        least = choose_threshold(min_confidence, classifier.abstain_below)
        settings = RunConfig(classifier.contract, least, max_frames=max_frames, smoothing=SmoothingConfig(2.0))
        region = open_region(roi, finder, threads, runtime)
        time = RecordedTime(recording.rate, recording.began)
        file = journal or Path(stack.enter_context(TemporaryDirectory())) / _JOURNAL
        with ExitStack() as writing:
            book = open_journal(
                writing, WatchOptions(shadow, float_every, file, 90.0, 1000.0), f"recording {video}", roi,
                {"model": path, "float": twin_path}, classifier, _notice, time.clocks,
            )  # fmt: skip
            assert book is not None
            played = Replay(time, classifier.labels, classifier.expectation, config, book)
            frames = writing.enter_context(recording.open(stop.is_set))
            print(f"{path} ({classifier.input_dtype}) on {classifier.runtime}; {config}", file=sys.stderr)
            writing.enter_context(_stopping_on_signals(stop))
            progress = ReplayProgress(played, recording)
            try:
                played.run(frames, classifier, twin, settings, region, [progress])
            except SourceError as error:
                if not played.summary.frames:
                    raise
                broken = error
            progress.close(stop.is_set())
        report = JournalReport.read(file)
    print(report if journal else str(report).replace(str(file), video, 1))
    print(played.report.guess or "no guess of the accuracy")
    _write(report, played.report.to_json(), html, json)
    if broken:
        raise broken
