"""Preflight: everything that can be wrong with a run is found before its camera opens."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

from signs_edge.edge.session.settings import RunSettings

if TYPE_CHECKING:
    from signs_edge.edge.cameras.config import LiveConfig
    from signs_edge.edge.region.region import Region
    from signs_edge.edge.run.config import RunConfig
    from signs_edge.edge.session.models import Models
    from signs_edge.edge.session.views import PageRequest
    from signs_edge.edge.sources.request import Frames


@dataclass(frozen=True)
class Prepared:
    """A run that can start: its models are open, and nothing else.

    Attributes:
        settings: as given.
        models: the open models, which passed their self-tests.
        config: how frames are counted.
        region: where the model looks first.
        frames: of the source, not entered, so no camera is open yet; None of `auto`, which `start` looks for.
        live: how a camera is kept alive.
        page: of the run; None: none is asked for.
        stop: ends the run after the frame in hand when it is set.
        notice: gets a line of text where something happens that a person should know, such as a lost camera.
    """

    settings: RunSettings
    models: Models
    config: RunConfig
    region: Region
    frames: Frames | None
    live: LiveConfig
    page: PageRequest | None
    stop: threading.Event
    notice: Callable[[str], None]


def prepare(
    settings: RunSettings,
    stop: threading.Event | None = None,
    notice: Callable[[str], None] = lambda _text: None,
    *,
    warm: bool = False,
) -> Prepared:
    """Check a run, and open its models; no camera, port, journal or output is opened.

    Args:
        settings: of the run.
        stop: ends the run when it is set; None: a new one.
        notice: gets a line of text where something happens that a person should know.
        warm: start the process that reads the camera while the models load; the camera stays closed. For a run that
            starts in any case.

    Raises:
        SignsEdgeError: what `start` would fail with at once: a model that is not there, an output that cannot be
            written, a value that is not allowed.
    """
    from signs_edge.edge.cameras.config import LiveConfig
    from signs_edge.edge.cameras.watchdog import WatchConfig
    from signs_edge.edge.session.models import open_models, run_config
    from signs_edge.edge.session.monitoring import check_journal
    from signs_edge.edge.session.outputs import check_outputs
    from signs_edge.edge.session.region import open_region
    from signs_edge.edge.session.views import requested_page
    from signs_edge.edge.sources.live import LiveFrames

    check_outputs(settings)
    page = requested_page(settings)
    live = LiveConfig(WatchConfig(frozen_after=settings.frozen_after), settings.give_up)
    stop = stop or threading.Event()
    # A camera may be plugged in later, so `auto` is not looked for yet.
    frames = None if settings.source == "auto" else open_frames(settings, live, stop, notice)
    with ExitStack() as failed:
        if warm and isinstance(frames, LiveFrames):
            failed.callback(frames.close)
            frames.warm()
        models = open_models(settings)
        check_journal(settings)
        region = open_region(settings, notice)
        config = run_config(settings, models.classifier)
        failed.pop_all()
    return Prepared(settings, models, config, region, frames, live, page, stop, notice)


def open_frames(
    settings: RunSettings, live: LiveConfig, stop: threading.Event, notice: Callable[[str], None]
) -> Frames:
    """The frames of a run's source; entering the context opens it."""
    from signs_edge.edge.sources.open import open_source

    return open_source(
        settings.source, stopped=stop.is_set, realtime=settings.realtime, live=live, notice=notice
    )  # fmt: skip
