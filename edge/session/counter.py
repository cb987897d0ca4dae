"""Count fingers from Python: one frame, a stream of frames, or a whole run."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from os import PathLike
from pathlib import Path

import numpy as np

from signs_edge.edge.arrays import Image
from signs_edge.edge.drift.config import DriftConfig
from signs_edge.edge.drift.sequential.blocks import BlockRule
from signs_edge.edge.drift.verdict import Verdict
from signs_edge.edge.errors import UsageError
from signs_edge.edge.frame import Frame
from signs_edge.edge.region.region import Region
from signs_edge.edge.run.config import RunConfig
from signs_edge.edge.run.loop import run as run_loop
from signs_edge.edge.run.pipeline import Pipeline
from signs_edge.edge.run.result import FrameResult
from signs_edge.edge.run.shadow import Shadow
from signs_edge.edge.run.shadow_options import ShadowOptions
from signs_edge.edge.run.sink import Sink
from signs_edge.edge.run.smoothing import SmoothingConfig
from signs_edge.edge.run.summary import RunSummary
from signs_edge.edge.session.models import Models, open_models, run_config
from signs_edge.edge.session.region import make_region
from signs_edge.edge.session.settings import RunSettings
from signs_edge.edge.sources.open import open_source

StrPath = str | PathLike[str]


def load(
    model: StrPath = "packaged",
    float_model: StrPath | None = None,
    *,
    finder: StrPath | None = None,
    roi: str = "auto",
    min_confidence: float | None = None,
    threads: int = 1,
    runtime: str | None = None,
    trust: bool = False,
) -> Counter:
    """Open a model and make it ready to count; it passes its self-test first.

    Args:
        model: a .tflite file, an export folder, or "packaged" for the model that comes with the package.
        float_model: the float32 twin of the same export, to measure drift with; None: drift is not measured.
        finder: the .tflite file that finds hands; None: the packaged one.
        roi: where in the frame to look: auto finds the hand, center, or x,y,w,h in pixels.
        min_confidence: the least probability, 0..1, of an answer; None: the model's own.
        threads: of the runtime.
        runtime: litert, tflite-runtime or tensorflow; None: the first that is installed.
        trust: take a .tflite file of other origin, or one that answers wrongly here.

    Raises:
        ModelError: a file is not there, cannot be used, or answers wrongly.
        RuntimeMissingError: no runtime is installed.
        UsageError: a value is not allowed.

    >>> import signs_edge
    >>> signs_edge.load().labels
    ('0', '1', '2', '3', '4', '5')
    """
    settings = RunSettings(
        model=Path(model), float_model=None if float_model is None else Path(float_model),
        finder=None if finder is None else Path(finder), roi=roi, min_confidence=min_confidence, threads=threads,
        runtime=runtime, trust=trust,
    )  # fmt: skip
    return Counter(open_models(settings), settings)


class Counter:
    """A model that counts the fingers of a hand; made by `load`. Not safe to call from several threads at once.

    Attributes:
        labels: the names of the classes.
        verdict: of the drift monitor after the newest frame; None before the first, and without a float model.
    """

    def __init__(self, models: Models, settings: RunSettings) -> None:
        """Take open models, and the settings that say where to look and what an answer needs."""
        self._models, self._settings = models, settings
        self._config = run_config(replace(settings, smooth=0.0), models.classifier)
        self._single: Pipeline | None = None
        self._shadow: Shadow | None = None
        self._frames = 0

    @property
    def labels(self) -> tuple[str, ...]:
        """The names of the classes, in the order of the scores."""
        return self._models.classifier.labels

    @property
    def verdict(self) -> Verdict | None:
        """What the drift monitor says after the newest frame; None before the first, and without a float model."""
        return None if self._shadow is None else self._shadow.verdict

    def count(self, frame: Image) -> FrameResult:
        """Count the fingers on one picture, by itself.

        Args:
            frame: (height, width, 3) uint8 BGR, as OpenCV gives it; the whole picture, with the hand anywhere in it.

        Returns:
            The result: `count` is 0 to 5, or None where no hand was found or the model is not sure enough.

        Raises:
            UsageError: the array is no such picture.

        >>> import numpy as np
        >>> import signs_edge
        >>> counter = signs_edge.load()
        >>> print(counter.count(np.zeros((480, 640, 3), np.uint8)).count)
        None
        """
        if not (isinstance(frame, np.ndarray) and frame.dtype == np.uint8 and frame.ndim == 3 and frame.shape[2] == 3):
            received = f"{frame.dtype} {frame.shape}" if isinstance(frame, np.ndarray) else type(frame).__name__
            raise UsageError(f"frame is {received}: give a (height, width, 3) uint8 array in BGR order")
        if 0 in frame.shape:
            raise UsageError(f"frame of shape {frame.shape} holds no pixels: give a picture")
        if self._single is None:
            self._shadow = self._new_shadow(separate=True, every=1)
            self._single = Pipeline(self._models.classifier, self._config, self._region(), self._shadow)
        self._frames += 1
        alone = Frame(self._frames, frame, f"picture {self._frames}")
        return next(self._single.results([alone], RunSummary()))

    def stream(
        self, source: str = "0", *, smooth: float = 2.0, realtime: bool | None = None, max_frames: int | None = None
    ) -> Iterator[FrameResult]:
        """Count fingers on the frames of a source, one result for each; the camera is closed when the iterator is.

        Args:
            source: as `--source` of `signs-edge run`: a camera number, a file, folder, pattern or address, or synthetic.
            smooth: half-life of a score in frames; 0: each frame by itself.
            realtime: only the newest frame; False: every frame. None: as suits the source.
            max_frames: end after so many frames; None: at the end of the source.

        Raises:
            SourceError: the source cannot be opened, or is lost.

        >>> import signs_edge
        >>> counter = signs_edge.load()
        >>> len([result.count for result in counter.stream("synthetic", max_frames=3)])
        3
        """
        pipeline = self._pipeline(source, smooth, max_frames)
        with open_source(str(source), realtime=realtime) as frames:
            yield from pipeline.results(frames, RunSummary())

    def run(
        self, source: str, sinks: Iterable[Sink] = (), *, stop: threading.Event | None = None, smooth: float = 2.0,
        realtime: bool | None = None, max_frames: int | None = None,
    ) -> RunSummary:  # fmt: skip
        """Count fingers on the frames of a source until it ends; see `signs_edge.run`."""
        pipeline, stopped = self._pipeline(source, smooth, max_frames), stop or threading.Event()
        with ExitStack() as stack:
            opened = [stack.enter_context(sink) for sink in sinks]
            frames = stack.enter_context(open_source(str(source), stopped=stopped.is_set, realtime=realtime))
            return run_loop(frames, pipeline, opened)

    def _pipeline(self, source: str, smooth: float, max_frames: int | None) -> Pipeline:
        config: RunConfig = replace(self._config, smoothing=SmoothingConfig(smooth), max_frames=max_frames)
        self._shadow = self._new_shadow(separate=Path(source).is_dir(), every=None)
        return Pipeline(self._models.classifier, config, self._region(), self._shadow)

    def _region(self) -> Region:
        return make_region(self._settings, self._settings.roi, lambda _text: None)

    def _new_shadow(self, separate: bool, every: int | None) -> Shadow | None:
        """The float twin with a new drift monitor; None without a float model."""
        if self._models.twin is None:
            return None
        drift = DriftConfig(blocks=BlockRule(1, 0) if separate else BlockRule())
        classifier = self._models.classifier
        return Shadow(self._models.twin, classifier.labels, classifier.expectation, ShadowOptions(drift, every=every))


def run(
    source: str, counter: Counter, sinks: Iterable[Sink] = (), *, stop: threading.Event | None = None,
    smooth: float = 2.0, realtime: bool | None = None, max_frames: int | None = None,
) -> RunSummary:  # fmt: skip
    """Count fingers on the frames of a source until it ends, and hand each result to the sinks.

    Args:
        source: as `--source` of `signs-edge run`.
        counter: by `load`.
        sinks: get every result, and are closed at the end.
        stop: ends the run after the frame in hand when it is set; None: the source's end does.
        smooth: half-life of a score in frames; 0: each frame by itself.
        realtime: only the newest frame; False: every frame. None: as suits the source.
        max_frames: end after so many frames; None: at the end of the source.

    Returns:
        What was seen, in figures.

    Raises:
        SourceError: the source cannot be opened, or is lost.

    >>> import signs_edge
    >>> signs_edge.run("synthetic", signs_edge.load(), max_frames=3).frames
    3
    """
    return counter.run(source, sinks, stop=stop, smooth=smooth, realtime=realtime, max_frames=max_frames)
