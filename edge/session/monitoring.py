"""What watches a run beside the count: the journal, and the float twin with its drift monitor."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from signs_edge.edge.session.settings import EVERY, FLOOR, SHADOW, RunSettings, share_of

if TYPE_CHECKING:
    from contextlib import ExitStack

    from signs_edge.edge.journal.writer import Clocks, Journal
    from signs_edge.edge.run.shadow import Shadow
    from signs_edge.edge.session.models import Models


def check_journal(settings: RunSettings) -> None:
    """Refuse a journal that `open_journal` would refuse, without opening it to write: UsageError or DataError."""
    if settings.journal is None:
        return
    from signs_edge.edge.journal.database import read_only
    from signs_edge.edge.journal.retention import Retention
    from signs_edge.edge.session.outputs import check_target

    Retention(settings.journal_days, settings.journal_mb)
    check_target("--journal", settings.journal)
    if settings.journal.is_file() and settings.journal.stat().st_size:
        read_only(settings.journal).close()


def open_journal(
    settings: RunSettings, models: Models, notice: Callable[[str], None], clocks: Clocks | None = None
) -> Journal | None:
    """The journal of a run; None where none is asked for. Its time is that of `clocks`, the machine's where None."""
    if settings.journal is None:
        return None
    from importlib.metadata import version

    from signs_edge.edge.device.board import read_board
    from signs_edge.edge.journal.retention import Retention
    from signs_edge.edge.journal.writer import Journal, JournalConfig
    from signs_edge.edge.util.address import without_password

    digests = {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in models.files.items()}
    camera = without_password(settings.source)
    facts = {
        "version": version("signs-edge"), "models": digests, "runtime": models.classifier.runtime, "camera": camera,
        "board": read_board().to_json(), "labels": list(models.classifier.labels),
        "drift": {"floor": settings.floor, "ok_floor": settings.ok_floor},
    }  # fmt: skip
    same = {**digests, "camera": camera, "roi": settings.roi}
    if settings.floor != FLOOR:  # evidence against another floor is no evidence against this one
        same["drift_floor"] = f"{settings.floor!r}"
    keep = JournalConfig(Retention(settings.journal_days, settings.journal_mb))
    return Journal(settings.journal, same, facts, keep, notice, clocks)


def open_shadow(stack: ExitStack, settings: RunSettings, models: Models, journal: Journal | None) -> Shadow | None:
    """The float twin and its drift monitor, whose state is kept when the stack closes; None where there is no twin."""
    if models.twin is None:
        return None
    from signs_edge.edge.device.heat import HeatWatch
    from signs_edge.edge.drift.agreement import AgreementConfig
    from signs_edge.edge.drift.config import DriftConfig
    from signs_edge.edge.drift.sampler import ShadowConfig
    from signs_edge.edge.drift.sequential.blocks import BlockRule
    from signs_edge.edge.run.shadow import Shadow
    from signs_edge.edge.run.shadow_options import ShadowOptions

    folder = Path(settings.source).is_dir()  # separate pictures: no hand is held over several
    every = settings.float_every
    if every is None and folder and settings.shadow is None:
        every = EVERY
    agreement = AgreementConfig(settings.floor, settings.ok_floor)
    drift = DriftConfig(agreement, blocks=BlockRule(1, 0) if folder else BlockRule())
    options = ShadowOptions(drift, ShadowConfig(share_of(settings.shadow or SHADOW)), every)
    heat = HeatWatch() if journal is None else HeatWatch(journal.record_fact)
    stack.callback(heat.close)
    classifier = models.classifier
    shadow = Shadow(
        models.twin, classifier.labels, classifier.expectation, options, journal, heat.throttled
    )  # fmt: skip
    stack.callback(shadow.save)
    return shadow
