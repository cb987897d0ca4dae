"""Preflight: everything that can be wrong with a run is found before its camera opens."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from signs_edge.edge.session.settings import RunSettings

if TYPE_CHECKING:
    from signs_edge.edge.cameras.config import LiveConfig
    from signs_edge.edge.region.region import Region
    from signs_edge.edge.run.config import RunConfig
    from signs_edge.edge.session.models import Models
    from signs_edge.edge.session.views import PageRequest


@dataclass(frozen=True)
class Prepared:
    """A run that can start: nothing is open but the models.

    Attributes:
        settings: as given.
        models: open, and right in their self-tests.
        config: how frames are counted.
        region: where the model looks first.
        live: how a camera is kept alive.
        page: of the run; None: none is asked for.
    """

    settings: RunSettings
    models: Models
    config: RunConfig
    region: Region
    live: LiveConfig
    page: PageRequest | None


def prepare(settings: RunSettings, notice: Callable[[str], None] = lambda _text: None) -> Prepared:
    """Check a run, and open its models; no camera, port, journal or output is opened.

    Args:
        settings: of the run.
        notice: gets a line about what is done in another way than asked, such as without a finder.

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
    from signs_edge.edge.sources.open import open_source

    check_outputs(settings)
    page = requested_page(settings)
    live = LiveConfig(WatchConfig(frozen_after=settings.frozen_after), settings.give_up)
    if settings.source != "auto":  # a camera may be plugged in later
        open_source(
            settings.source, realtime=settings.realtime, live=live
        )  # its context, which opens it, is not entered
    models = open_models(settings)
    check_journal(settings)
    region = open_region(settings, notice)
    return Prepared(settings, models, run_config(settings, models.classifier), region, live, page)
