"""`signs-edge drift replay`: the whole way of a frame and the drift watch over a recording, faster than real time."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from signs_edge.cli.commands.drift.output import DriftOutput, Html, Json
from signs_edge.edge.errors import SourceError, UsageError

if TYPE_CHECKING:
    from signs_edge.edge.session.recording import Recording
    from signs_edge.edge.session.replay import ReplayConfig
    from signs_edge.edge.session.settings import RunSettings

_SHARE = "10%"
_DAYS, _MEGABYTES = 3650.0, 1000.0  # a recording is looked at as a whole: nothing of it is forgotten
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
        Path | None, typer.Option(help="Its float32 twin, or packaged. [default: beside the model]")
    ] = None,
    shadow: Annotated[
        str | None,
        typer.Option(
            metavar="SHARE",
            help=f"Of the frames, for the twin, drawn at random; hard ones twice as often. [default: {_SHARE}]",
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
    html: Html = None,
    json: Json = None,
    drift_floor: Annotated[float, typer.Option(help="Agreement of int8 and float below this is drift.")] = 0.99,
    drift_ok_floor: Annotated[float, typer.Option(help="Agreement surely above this is ok.")] = 0.98,
    roi: Annotated[str, typer.Option(help="Where to look: auto, center, or x,y,w,h in pixels.")] = "auto",
    finder: Annotated[
        Path | None, typer.Option(help="The .tflite file that finds hands. [default: the packaged finder]")
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
        bool,
        typer.Option("--trust/--no-trust", help="Also a .tflite of other origin, or one that answers wrongly here."),
    ] = False,
) -> None:
    """Run the drift monitor over a recording, in the recording's time, and report what a device would have said."""
    from tempfile import TemporaryDirectory

    from signs_edge.edge.bundle.store import find_model
    from signs_edge.edge.drift.agreement import AgreementConfig
    from signs_edge.edge.drift.config import DriftConfig
    from signs_edge.edge.drift.sequential.blocks import BlockRule
    from signs_edge.edge.journal.contents import JournalContents
    from signs_edge.edge.session.outputs import check_apart
    from signs_edge.edge.session.recording import Recording
    from signs_edge.edge.session.replay import ReplayConfig
    from signs_edge.edge.session.settings import RunSettings, share_of

    output = DriftOutput(html, json)
    output.check()
    check_apart(
        {"--journal": journal, **output.files},
        {"the recording": Path(video), "--model": model, "--float-model": float_model, "--finder": finder},
    )
    agreement = AgreementConfig(drift_floor, drift_ok_floor)
    drift = DriftConfig(agreement, blocks=BlockRule(hold=hold) if hold else BlockRule(1, 0))
    config = ReplayConfig(share_of(shadow or _SHARE, of="the frames"), float_every, seed, drift)
    recording = Recording.of(video, fps, None if began is None else _seconds(began))
    settings = RunSettings(
        source=video, model=model, float_model=float_model or find_model(model).parent, shadow=shadow,
        float_every=float_every,
        journal_days=_DAYS, journal_mb=_MEGABYTES, drift_floor=drift_floor, drift_ok_floor=drift_ok_floor, headless=True,
        roi=roi, finder=finder, min_confidence=min_confidence, max_frames=max_frames, threads=threads, runtime=runtime,
        trust=trust,
    )  # fmt: skip
    with TemporaryDirectory() as folder:
        file = journal or Path(folder) / _JOURNAL
        broken = _play(replace(settings, journal=file), recording, config)
        report = JournalContents.read(file)
    output.write([report if journal is not None else replace(report, path=video)])
    if broken:
        raise broken


def _play(settings: RunSettings, recording: Recording, config: ReplayConfig) -> SourceError | None:
    """Fill the journal of the settings; returns the error of a recording that broke off after its first frame."""
    from signs_edge.cli.output.messages import notice
    from signs_edge.cli.progress.replay import ReplayProgress
    from signs_edge.cli.signals import stopping_on_signals
    from signs_edge.edge.run.pipeline import Pipeline
    from signs_edge.edge.session.monitoring import open_journal
    from signs_edge.edge.session.preflight import prepare
    from signs_edge.edge.session.recording import RecordedTime
    from signs_edge.edge.session.replay import RecordingReplay

    prepared = prepare(settings, notice=notice)
    models, time, stop = prepared.models, RecordedTime(recording.rate, recording.began), prepared.stop
    book = open_journal(replace(settings, source=f"recording {settings.source}"), models, notice, time.clocks)
    assert book is not None, "the settings name a file"
    assert models.twin is not None, "the settings name a float model"
    separate = config.drift.blocks.hold == 0
    with book, recording.open(stop.is_set, separate, notice) as frames, stopping_on_signals(stop):
        print(f"{models}; {config}", file=sys.stderr)
        for warning in models.warnings:
            print(warning, file=sys.stderr)
        pipeline = Pipeline(models.classifier, prepared.config, prepared.region)
        replay = RecordingReplay(time, pipeline, models.twin, models.classifier.expectation, config, book)
        progress = ReplayProgress(recording, replay)
        try:
            replay.run(frames, [progress])
        except SourceError as error:  # what was seen until then is reported
            if not replay.summary.frames:
                raise
            return error
        finally:
            progress.close()
    return None


def _seconds(began: str) -> float:
    """Since 1970, of a time as ISO 8601 has it; UTC where it names no zone."""
    from datetime import UTC, datetime

    try:
        when = datetime.fromisoformat(began)
    except ValueError:
        raise UsageError(
            f"--began {began!r} is no time: give one such as 2026-05-01T14:00, UTC if it says no more"
        ) from None
    return (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()
