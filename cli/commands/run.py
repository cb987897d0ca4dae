"""`signs-edge run`: frames in, counts and drift out."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from signs_edge.cli.options.config_file import ConfigFile, PrintConfig
from signs_edge.edge.errors import SourceError
from signs_edge.edge.session.settings import RunSettings

if TYPE_CHECKING:
    from signs_edge.edge.session.session import Session


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
            help="An exported .tflite file or export folder, or packaged: the model that comes with the installation. "
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
        Path | None, typer.Option(help="The .tflite file that finds hands. [default: the packaged finder]")
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
    settings = RunSettings(**{name: value for name, value in locals().items() if name != "print_config"})
    count(settings)


def count(settings: RunSettings) -> None:
    """Run some settings to their end, and print what was seen; Ctrl-C ends the run after the frame in hand."""
    from signs_edge.cli.output.messages import notice, print_unless_quiet
    from signs_edge.cli.output.summary import print_summary, write_summary
    from signs_edge.cli.signals import stopping_on_signals
    from signs_edge.edge.session.outputs import DASH
    from signs_edge.edge.session.preflight import prepare
    from signs_edge.edge.session.session import start

    stop, lost = threading.Event(), None
    with stopping_on_signals(stop), start(prepare(settings, stop, notice, warm=True)) as session:
        for line in _first_lines(session):
            print_unless_quiet(line)
        try:
            seen = session.run()
        except SourceError as error:  # what weeks have shown is printed also where the camera has gone for good
            if not session.summary.frames:
                raise
            seen, lost = session.summary, error
    out = sys.stderr if DASH in (settings.jsonl, str(settings.summary)) else sys.stdout
    print_summary(seen, out)
    if session.verdict is not None:
        print(f"verdict  {session.verdict}", file=out)
    if settings.summary:
        write_summary(settings.summary, seen, session.verdict)
    if lost:
        raise lost


def _first_lines(session: Session) -> Iterator[str]:
    """What a run says when it starts: the model and why, the page's address, the least confidence, doubts about its files."""
    from signs_edge.edge.region.tracked import TrackedRegion

    prepared = session.prepared
    yield f"model: {prepared.models}"
    if session.page is not None:
        yield f"page: {session.page}"
    least, found = prepared.config.min_confidence, prepared.config.least(found=True)
    if least:
        where = ""
        if isinstance(prepared.region, TrackedRegion) and found != least:
            where = f", of {found:.4g} where the finder saw a hand"
        yield f"no count below a confidence of {least:.4g}{where}"
    yield from prepared.models.warnings
