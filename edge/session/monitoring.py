"""What `signs-edge run` watches beside the count: drift and its journal, as the options say."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from signs_edge.edge.session.settings import EVERY, FLOOR, SHADOW, WatchOptions, budget

if TYPE_CHECKING:
    from contextlib import ExitStack

    from signs_edge.edge.inference.classifier import TFLiteClassifier
    from signs_edge.edge.journal.writer import Clocks, Journal
    from signs_edge.edge.run.shadow import Shadow


def check_journal(options: WatchOptions) -> None:
    """Refuse a journal that `open_journal` would refuse, without opening it to write: UsageError or DataError."""
    if options.journal is None:
        return
    from signs_edge.edge.journal.database import read_only
    from signs_edge.edge.journal.retention import Retention
    from signs_edge.edge.session.outputs import check_target

    Retention(options.days, options.megabytes)
    check_target("--journal", options.journal)
    if options.journal.is_file() and options.journal.stat().st_size:
        read_only(options.journal).close()


def open_journal(
    stack: ExitStack,
    options: WatchOptions,
    source: str,
    roi: str,
    models: dict[str, Path],
    classifier: TFLiteClassifier,
    notice: Callable[[str], None],
    clocks: Clocks | None = None,
) -> Journal | None:
    """The journal, closed with the stack; None where none is asked for. Its time is that of `clocks`, else the machine's."""
    if options.journal is None:
        return None
    from importlib.metadata import version

    from signs_edge.edge.device.board import read_board
    from signs_edge.edge.journal.retention import Retention
    from signs_edge.edge.journal.writer import Journal, JournalConfig
    from signs_edge.edge.util.address import without_password

    digests = {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in models.items()}
    camera = without_password(source)
    facts = {
        "version": version("signs-edge"), "models": digests, "runtime": classifier.runtime, "camera": camera,
        "board": read_board().to_json(), "labels": list(classifier.labels),
        "drift": {"floor": options.drift_floor, "ok_floor": options.drift_ok_floor},
    }  # fmt: skip
    same = {**digests, "camera": camera, "roi": roi}
    if options.drift_floor != FLOOR:  # evidence against another floor is no evidence against this one
        same["drift_floor"] = f"{options.drift_floor!r}"
    journal = Journal(
        options.journal, same, facts,
        JournalConfig(Retention(options.days, options.megabytes)), notice, clocks,
    )  # fmt: skip
    stack.callback(journal.close)
    return journal


def open_watch(
    stack: ExitStack, options: WatchOptions, source: str, classifier: TFLiteClassifier, journal: Journal | None
) -> Shadow:
    """What judges drift; its state is kept, and heat asked for no more, when the stack closes."""
    from signs_edge.edge.device.heat import HeatWatch
    from signs_edge.edge.drift.agreement import AgreementConfig
    from signs_edge.edge.drift.config import DriftConfig
    from signs_edge.edge.drift.sampler import ShadowConfig
    from signs_edge.edge.drift.sequential.blocks import BlockRule
    from signs_edge.edge.run.shadow import Shadow, ShadowOptions

    folder = Path(source).is_dir()  # separate pictures: no hand is held over several
    every = options.float_every
    if every is None and folder and options.shadow is None:
        every = EVERY
    config = ShadowOptions(
        DriftConfig(
            AgreementConfig(options.drift_floor, options.drift_ok_floor),
            blocks=BlockRule(1, 0) if folder else BlockRule(),
        ),
        ShadowConfig(budget(options.shadow or SHADOW)), every,
    )  # fmt: skip
    heat = HeatWatch() if journal is None else HeatWatch(journal.record_fact)
    stack.callback(heat.close)
    watch = Shadow(classifier.labels, classifier.expectation, config, journal, heat.throttled)
    stack.callback(watch.save)
    return watch
