"""What `signs-edge run` watches beside the count: drift and its journal, as the options say."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from signs_edge.edge.errors import UsageError

if TYPE_CHECKING:
    from contextlib import ExitStack

    from signs_edge.edge.inference.classifier import TFLiteClassifier
    from signs_edge.edge.journal.writer import Clocks, Journal
    from signs_edge.edge.run.shadow import DriftWatch

SHADOW = "10%"
FLOOR, OK_FLOOR = 0.99, 0.98  # of AgreementConfig, which is not imported to show help
EVERY = 10  # of a folder's pictures, the twin sees each tenth


@dataclass(frozen=True)
class WatchOptions:
    """As they were given.

    Attributes:
        shadow: share of one core's time for the twin, such as "10%"; None: not given.
        float_every: in its place, every k-th frame; None: not given.
        journal: the file; None: no journal.
        days, megabytes: what it may hold.
        drift_floor, drift_ok_floor: agreement below the one is drift, surely above the other it is ok, 0..1.
    """

    shadow: str | None
    float_every: int | None
    journal: Path | None
    days: float
    megabytes: float
    drift_floor: float = FLOOR
    drift_ok_floor: float = OK_FLOOR

    def __post_init__(self) -> None:
        """Refuse what says two things at once, or none."""
        if not 0 < self.drift_ok_floor <= self.drift_floor < 1:
            raise UsageError(
                f"--drift-floor {self.drift_floor:g} and --drift-ok-floor {self.drift_ok_floor:g} are not allowed: give "
                f"shares above 0 and below 1, and an ok-floor of at most the floor, such as {FLOOR} and {OK_FLOOR}"
            )
        if self.shadow is not None and self.float_every is not None:
            raise UsageError("--shadow and --float-every both say which frames the twin sees: give one of them")
        budget(self.shadow or SHADOW)


def watch_options(
    float_model: Path | None,
    shadow: str | None,
    float_every: int | None,
    journal: Path | None,
    journal_days: float,
    journal_mb: float,
    drift_floor: float | None,
    drift_ok_floor: float | None,
) -> WatchOptions:
    """Of the options of these names; None: not given.

    Raises:
        UsageError: a value is not allowed, or is about the float twin, and there is none.
    """
    of_twin = {
        "--shadow": shadow, "--float-every": float_every, "--drift-floor": drift_floor, "--drift-ok-floor": drift_ok_floor,
    }  # fmt: skip
    options = WatchOptions(
        shadow, float_every, journal, journal_days, journal_mb,
        FLOOR if drift_floor is None else drift_floor, OK_FLOOR if drift_ok_floor is None else drift_ok_floor,
    )  # fmt: skip
    idle = [option for option, value in of_twin.items() if value is not None]
    if idle and float_model is None:
        named = " and ".join(idle)
        raise UsageError(
            f"{named} {'is' if len(idle) == 1 else 'are'} about the float twin, and none is given: give --float-model too, "
            f"such as --float-model packaged, or leave out {named}"
        )
    return options


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


def budget(text: str, of: str = "one core's time") -> float:
    """A share, 0..1, from "10%" or "0.1"; `of` says what it is a share of.

    Raises:
        UsageError: it is neither.
    """
    try:
        share = float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    except ValueError:
        share = float("nan")
    if not 0 < share <= 1:
        raise UsageError(f"shadow {text!r} is not allowed: give a share of {of} above 0, such as 10%")
    return share


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
    from signs_edge.edge.journal.writer import Journal, JournalConfig, Retention
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
) -> DriftWatch:
    """What judges drift; its state is kept, and heat asked for no more, when the stack closes."""
    from signs_edge.edge.device.heat import HeatWatch
    from signs_edge.edge.drift.agreement import AgreementConfig
    from signs_edge.edge.drift.config import DriftConfig
    from signs_edge.edge.drift.sampler import ShadowConfig
    from signs_edge.edge.drift.sequential.blocks import BlockRule
    from signs_edge.edge.run.shadow import DriftWatch, DriftWatchConfig

    folder = Path(source).is_dir()  # separate pictures: no hand is held over several
    every = options.float_every
    if every is None and folder and options.shadow is None:
        every = EVERY
    config = DriftWatchConfig(
        DriftConfig(
            AgreementConfig(options.drift_floor, options.drift_ok_floor),
            blocks=BlockRule(1, 0) if folder else BlockRule(),
        ),
        ShadowConfig(budget(options.shadow or SHADOW)), every,
    )  # fmt: skip
    heat = HeatWatch() if journal is None else HeatWatch(journal.record_fact)
    stack.callback(heat.close)
    watch = DriftWatch(classifier.labels, classifier.expectation, config, journal, heat.gives_way)
    stack.callback(watch.save)
    return watch
