"""`signs-edge run`: frames in, counts and drift out."""

from __future__ import annotations

import sys
import threading
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from signs_edge.cli.options.config_file import ConfigFile, PrintConfig
from signs_edge.edge.errors import SourceError

if TYPE_CHECKING:
    from signs_edge.edge.run.sink import Sink

_DASH = "-"  # in place of a file: the standard output


def run(
    source: Annotated[
        str,
        typer.Option(
            help="Camera number or /dev/videoN, auto, picamera, video or picture file, folder, pattern such as "
            "'clips/*.mp4', http/https/rtsp URL, or synthetic.",
        ),
    ] = "0",
    model: Annotated[
        Path | None,
        typer.Option(
            help="An exported .tflite file or export folder, or packaged: the one that came with the installation. "
            "[default: the newest export, else packaged]"
        ),
    ] = None,
    float_model: Annotated[
        Path | None, typer.Option(help="Its float32 twin, to measure drift with; or packaged.")
    ] = None,
    shadow: Annotated[
        str | None,
        typer.Option(metavar="SHARE", help="Of one core's time, for the twin: it sees frames drawn. [default: 10%]"),
    ] = None,
    float_every: Annotated[
        int | None, typer.Option(help="The twin sees every k-th frame instead. [default: 10 for a folder]")
    ] = None,
    journal: Annotated[
        Path | None, typer.Option(metavar="PATH", help="Remember minutes, events and verdicts in this SQLite file.")
    ] = None,
    journal_days: Annotated[float, typer.Option(help="Days of running time that the journal holds.")] = 90.0,
    journal_mb: Annotated[float, typer.Option(help="Megabytes that it may take; the oldest goes first.")] = 96.0,
    drift_floor: Annotated[
        float | None, typer.Option(help="Agreement of int8 and float below this is drift. [default: 0.99]")
    ] = None,
    drift_ok_floor: Annotated[
        float | None, typer.Option(help="Agreement surely above this is ok. [default: 0.98]")
    ] = None,
    headless: Annotated[bool, typer.Option("--headless/--no-headless", help="No window.")] = False,
    mirror: Annotated[
        bool,
        typer.Option("--mirror/--no-mirror", help="Show frames as a mirror would; the model sees them as they are."),
    ] = False,
    web: Annotated[
        str | None,
        typer.Option(
            metavar="[HOST:]PORT", help="Serve a page to look at and steer the run; on this machine without HOST."
        ),
    ] = None,
    web_token: Annotated[
        str | None,
        typer.Option(metavar="TOKEN", help="Ask viewers of the page for it. [default: with HOST, a new one]"),
    ] = None,
    jsonl: Annotated[
        str | None,
        typer.Option(
            metavar="PATH|-", help="Add one JSON object a frame to a file, or write them to the standard output."
        ),
    ] = None,
    on_count: Annotated[
        str | None,
        typer.Option(
            metavar="COMMAND",
            help="Run a shell command when the count changes, with $SIGNS_EDGE_COUNT and $SIGNS_EDGE_PREVIOUS (empty: none).",
        ),
    ] = None,
    summary: Annotated[
        Path | None,
        typer.Option(metavar="PATH|-", help="Write the summary as JSON to a file, or to the standard output."),
    ] = None,
    roi: Annotated[
        str,
        typer.Option(
            help="Where to look: auto finds the hand in the whole frame; center; or x,y,w,h in pixels of the frame."
        ),
    ] = "auto",
    finder: Annotated[
        Path | None, typer.Option(help="The .tflite file that finds hands. [default: the one that came along]")
    ] = None,
    smooth: Annotated[
        float,
        typer.Option(
            help="Smooth counts over frames of one source: half-life of a score in frames; 0: each by itself."
        ),
    ] = 2.0,
    min_confidence: Annotated[
        float | None,
        typer.Option(help="Below this probability a frame gets no count; 0: all get one. [default: from the model]"),
    ] = None,
    realtime: Annotated[
        bool | None,
        typer.Option(
            "--realtime/--no-realtime",
            help="Only the newest frame, of files at their own speed; or every frame, to the end of a stream. "
            "[default: the newest of cameras and streams, every one of files]",
        ),
    ] = None,
    frozen_after: Annotated[
        float, typer.Option(help="A live picture that has not changed for so many seconds is frozen; 0: never.")
    ] = 5.0,
    give_up: Annotated[
        float | None,
        typer.Option(
            help="End with an error after so many seconds without a picture; 0: never. "
            "[default: at once where a camera does not open at the start, else never]"
        ),
    ] = None,
    max_frames: Annotated[int | None, typer.Option(help="Stop after so many frames.")] = None,
    threads: Annotated[int, typer.Option(help="Threads of the TFLite runtime and of OpenCV.")] = 1,
    runtime: Annotated[
        str | None, typer.Option(help="litert, tflite-runtime or tensorflow. [default: the first that is installed]")
    ] = None,
    trust: Annotated[
        bool,
        typer.Option(
            "--trust/--no-trust",
            help="Also a .tflite of other origin, without a digest, or one that answers wrongly here.",
        ),
    ] = False,
    keep_frames: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            help="Store labelled and doubtful pictures, a bounded number, in a folder for train --data. [default: none is stored]",
        ),
    ] = None,
    config: ConfigFile = None,
    print_config: PrintConfig = False,
) -> None:
    """Count fingers on live frames."""
    del print_config  # ConfiguredCommand has done what it asks
    import cv2

    from signs_edge.cli.output.messages import notice
    from signs_edge.cli.output.summary import print_summary, write_summary
    from signs_edge.cli.signals import stopping_on_signals
    from signs_edge.edge.cameras.config import LiveConfig
    from signs_edge.edge.cameras.watchdog import WatchConfig
    from signs_edge.edge.region.tracked import TrackedRegion
    from signs_edge.edge.run.control import Control
    from signs_edge.edge.run.labelling import Labeller
    from signs_edge.edge.run.loop import run as run_frames
    from signs_edge.edge.run.summary import RunSummary
    from signs_edge.edge.session.models import open_models
    from signs_edge.edge.session.monitoring import open_journal, open_watch
    from signs_edge.edge.session.outputs import check_outputs
    from signs_edge.edge.session.region import open_region, regions
    from signs_edge.edge.session.settings import run_config, watch_options
    from signs_edge.edge.session.views import listen_web, open_web, open_window
    from signs_edge.edge.sinks.command import OnCount
    from signs_edge.edge.sinks.jsonl import RunLog
    from signs_edge.edge.sinks.kept_frames import KeepFrames
    from signs_edge.edge.sources.open import open_source

    # Found out now, not after an hour of frames.
    read = {"--source": source, "--config": config, "--model": model, "--float-model": float_model, "--finder": finder}
    check_outputs(journal, jsonl, summary, read)
    watching = watch_options(
        float_model, shadow, float_every, journal, journal_days, journal_mb, drift_floor, drift_ok_floor
    )
    stop = threading.Event()
    with ExitStack() as stack:
        stack.enter_context(stopping_on_signals(stop))
        page = listen_web(stack, web, web_token)
        live = LiveConfig(WatchConfig(frozen_after=frozen_after), give_up)
        # First, for a camera opens while the model is loaded.
        frames = stack.enter_context(
            open_source(source, stopped=stop.is_set, realtime=realtime, live=live, notice=notice)
        )
        models, watch = open_models(model, float_model, threads, runtime, trust), None
        classifier, twin = models.classifier, models.twin
        stack.callback(cv2.setNumThreads, cv2.getNumThreads())
        cv2.setNumThreads(threads)  # for pictures of this size, OpenCV's many only wake and wait
        book = open_journal(stack, watching, source, roi, models.files, classifier, notice)
        region = open_region(roi, finder, threads, runtime)
        settings = run_config(classifier, min_confidence, float_every, max_frames, smooth)
        sinks: list[Sink] = []
        takers: list[Sink] = []  # of frames that a person labels
        if jsonl is not None:
            log = RunLog(jsonl, stop.set)
            stack.callback(log.close)
            sinks.append(log)
        if keep_frames:
            sinks.append(KeepFrames(keep_frames, classifier.labels, notice))
        takers += sinks
        if on_count is not None:
            caller = OnCount(on_count, notice)
            stack.callback(caller.close)
            sinks.append(caller)
        if book is not None:
            sinks.append(book)
            takers.append(book.label)
        if twin is not None:
            watch = open_watch(stack, watching, source, classifier, book)
            takers.append(watch.label)
        control = Control(
            region, regions(finder, threads, runtime), roi,
            book.record_event if book is not None else lambda _kind, _text: None,
            (lambda there: watch.restart(f"looking at {there} now")) if watch is not None else lambda _roi: None, notice,
        )  # fmt: skip
        labeller = Labeller(classifier, settings.contract, twin, takers)
        sinks.append(labeller)
        if not headless:
            sinks += open_window(stack, control, labeller, stop.set, mirror, notice)
        if page is not None:
            sinks += open_web(stack, page, control, labeller, watch, mirror, notice)
        least, found = settings.min_confidence, settings.least(found=True)
        below = f", no count below a confidence of {least:.4g}" if least else ""
        if isinstance(region, TrackedRegion) and found != least:
            below += f", of {found:.4g} where the finder saw a hand"
        print(f"{models.files['model']} ({classifier.input_dtype}) on {classifier.runtime}{below}", file=sys.stderr)
        for warning in models.warnings:
            print(warning, file=sys.stderr)
        seen, given_up = RunSummary(), None
        try:
            steered = control.steered(frames, stop.is_set)
            run_frames(steered, classifier, settings, sinks, twin, seen, control, watch)
        except SourceError as error:  # what weeks have shown is told also where the camera has gone for good
            if not seen.frames:
                raise
            given_up = error
    out = sys.stderr if _DASH in (jsonl, str(summary)) else sys.stdout
    print_summary(seen, out)
    if watch is not None:
        print(f"verdict  {watch.verdict}", file=out)
    if summary:
        write_summary(summary, seen, None if watch is None else watch.verdict)
    if given_up:
        raise given_up
